"""Finds the statement of a shop that answers a question, or none.

A statement answers by its words, other words for them and endings left aside, and else by meaning:
the tool names the
nearest statements. What answers neither way is not stated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from assistant.models.rules.lexicon.materials import COLOR, MATERIAL
from assistant.models.rules.lexicon.numbers import CARDINALS
from assistant.models.rules.lexicon.quantities import Quantity, dimension_of, number_of
from assistant.models.rules.lexicon.same_things import SAID_BY, SAME
from assistant.models.rules.parse.question_topic import Measure, Topic
from assistant.models.rules.reply.statements import Clause, Statement, plain, statements_of
from tools.index.stemming import search_terms
from tools.search.replies import DetailsReply

Sureness = Literal["yes", "no", "said", "near"]

_ALL, _LOOSELY, _MOSTLY = 0.99, 0.8, 0.6
_NEAR, _SURE = 0.35, 0.45
_LIKE, _LONG = 0.86, 5
"""From this likeness on a word is a slip of another, of words this long."""
_DENIED = re.compile(
    r"(?:\b(?:not|no|without|never|non|isn't|doesn't|cannot|can't|don't|lacks?|neither|nor|free "
    r"(?:of|from)"
    r"|zero)\b[\s-]*(?:[\w'-]+\s+){0,3}|\bun)$",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:not|never|cannot|can't|isn't|doesn't|don't|without|neither)\b", re.IGNORECASE
)
_HEDGED = re.compile(
    r"\b(?:may|might|traces?|optional(?:ly)?|separately|some|except|almost|nearly|partly|"
    r"resistant)\b",
    re.IGNORECASE,
)
"""With these in a clause neither yes nor no is said."""
_FREE = re.compile(r"^[\s-]*free\b", re.IGNORECASE)
_ABSENT_WORDS = frozenset(["free", "without", "no", "non"])
_WEAK = frozenset(
    ["safe", "good", "proof", "friendly", "type", "kind", "mode", "function", "level",
     "setting", "easy", "quality", "day", "side", "back", "control", "steer", "operate",
     "connect", "top", "place", "time", "home", "house", "person", "people", "machine", "real",
     "genuine", "small", "big"]
)  # fmt: skip
"""Words that say little by themselves."""
_AGE = re.compile(
    r"\bages?\b(?! of)|\b(?:from|over|under|up to) \d+ (?:years?|months?)\b|\b\d+ ?\+|"
    r"\b\d+[ -](?:years?|months?)[ -](?:olds?|and up)\b|\b(?:adult|puppy|puppies|bab(?:y|ies)|"
    r"newborn|toddler)s?\b",
    re.IGNORECASE,
)
_AUTHOR = re.compile(r"^(?:author|writer|artist|designer)\b|\b[bB]y (?:[A-Z][\w.'-]+ ?){1,3}")
_SIZED = re.compile(
    r"\d\s?(?:cm|mm|m|in|\")?\s?[x×]\s?\d+(?:[.,]\d+)?\s?(?:[x×]|cm|mm|m\b|in\b|\")"
)
_OF_A_PART = {"material": MATERIAL, "color": COLOR}
"""Words by which a text says such a fact."""
_MADE = re.compile(
    r"\b(?:made|constructed?|construction|crafted|built|woven|knit(?:ted)?|filled|material|fabric|"
    r"frame|upper|shell|body)\b",
    re.IGNORECASE,
)
_FACT_NAMES = frozenset(["color", "colour", "material", "fabric", "shade", "outer", "main"])
_CONTAINERS = frozenset(
    ["tank", "reservoir", "container", "jug", "jar", "carafe", "basket", "bowl", "bottle",
     "pot", "cup", "bag", "can", "pack", "box", "tub", "tube", "water", "content", "kettle",
     "glass", "drum", "capacity"]
)  # fmt: skip
"""What a volume in a title is the volume of."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The statement that answers, and how."""

    statement: Statement
    sureness: Sureness
    """"yes" and "no" for a question that is answered so; "near" where it is only alike."""
    quantity: Quantity | None = None
    number: float | None = None
    """A number of things, for "how many"."""


def evidence_for(topic: Topic, reply: DetailsReply) -> Evidence | None:
    """What the shop states of one product that answers the question; None where it is silent."""
    statements = statements_of(reply)
    kind = frozenset(
        (*plain(reply.facts.get("title") or ""), *plain(reply.facts.get("category") or ""))
    )
    if topic.measure is not None and topic.measure.dimensions == ("age",):
        return _first(statements, _AGE)
    if topic.fact == "author":
        return _first(statements, _AUTHOR)
    if topic.measure is not None:
        found = _measured(topic, topic.measure, statements, kind)
        return found or _alike(statements, reply, numbered=True)
    if topic.fact in _OF_A_PART:
        return _of_part(topic, statements, kind)
    if topic.counted:
        found = _counted(topic, statements)
        return found or _alike(statements, reply, numbered=True)
    return _worded(topic, statements, kind, reply)


def _first(statements: Sequence[Statement], pattern: re.Pattern[str]) -> Evidence | None:
    """The first statement that has what a pattern says."""
    said = (each for each in statements if pattern.search(f"{each.label}: {each.text}"))
    found = next(said, None)
    return None if found is None else Evidence(found, "said")


def _measured(
    topic: Topic, measure: Measure, statements: Sequence[Statement], kind: frozenset[str]
) -> Evidence | None:
    """The quantity that is meant: the subject of the question stands beside it."""
    subject = [
        word
        for word in topic.words
        if word not in kind and not matches(word, measure.words) and dimension_of(word) is None
    ]
    best: tuple[float, Evidence] | None = None
    for statement in statements:
        labelled = statement.label not in ("", "title")
        for quantity, clause in statement.quantities():
            if quantity.dimension not in measure.dimensions:
                continue
            around = frozenset(clause.words)
            if labelled:
                around |= frozenset(plain(statement.label))
            names_measure = any(matches(word, around) for word in measure.words)
            titled = statement.label == "title"
            held = quantity.dimension == "volume" and set(subject) <= _CONTAINERS
            about = [word for word in subject if matches(word, around)]
            lasts = quantity.dimension == "time" and names_measure and measure.only
            if subject and not about and not (titled and held) and not lasts:
                continue
            unnamed = not subject and not names_measure and not titled
            if unnamed and (measure.only or _of_a_part(quantity, clause, kind)):
                continue
            place = measure.dimensions.index(quantity.dimension)
            score = 2.0 * len(about) + names_measure + titled * 0.5 + labelled - 0.3 * place
            if best is None or score > best[0]:
                best = score, Evidence(statement, "said", quantity)
    if best is not None:
        return best[1]
    sized = None if subject or "length" not in measure.dimensions else _first(statements, _SIZED)
    if sized is not None:
        return Evidence(sized.statement, "near")
    return _said_otherwise(topic, measure, statements)


def _alike(
    statements: Sequence[Statement], reply: DetailsReply, *, numbered: bool
) -> Evidence | None:
    """The statement with the clause that is nearest in meaning; one with a number where one is
    asked for."""
    for near in reply.nearest:  # the nearest first
        if near.cosine < _NEAR or (numbered and not re.search(r"\d", near.text)):
            continue
        said = (each for each in statements if each.label == "" and near.text in each.text)
        statement = next(said, None)
        if statement is not None:
            return Evidence(statement, "said" if near.cosine >= _SURE else "near")
    return None


def _of_part(
    topic: Topic, statements: Sequence[Statement], kind: frozenset[str]
) -> Evidence | None:
    """What a text says of the material or the color of the product, or of the part asked for."""
    word = _OF_A_PART[topic.fact]
    part = [each for each in topic.words if each not in kind and each not in _FACT_NAMES]
    for statement in statements:
        if statement.label not in ("", "title"):
            continue
        for clause in statement.clauses:
            said = frozenset(clause.words)
            if part and not any(matches(each, said) for each in part):
                continue
            if word.search(clause.text) and (
                part or topic.fact == "color" or _MADE.search(clause.text)
            ):
                return Evidence(statement, "said")
    if part or topic.fact == "color":
        return None
    named = (each for each in statements if each.label in ("", "title") and word.search(each.text))
    found = next(named, None)
    return None if found is None else Evidence(found, "said")


def _of_a_part(quantity: Quantity, clause: Clause, kind: frozenset[str]) -> bool:
    """Whether a quantity is of a part or an output of the product: "8m power cord"."""
    if quantity.dimension not in ("length", "mass", "volume", "time"):
        return False
    behind = plain(clause.text[quantity.end :])
    return bool(behind) and not (set(behind) & (kind | _CONTAINERS))


def _said_otherwise(
    topic: Topic, measure: Measure, statements: Sequence[Statement]
) -> Evidence | None:
    """What a text says without a number: "lightweight", "ultra-quiet", "long battery life"."""
    asked = [word for word in plain(topic.text) if word in SAID_BY]
    asked += [word for word in topic.words if word in measure.words and word == "battery"]
    for statement in statements:
        if statement.label in ("", "title") and any(_says(word, statement.words) for word in asked):
            return Evidence(statement, "near")
    return None


def _counted(topic: Topic, statements: Sequence[Statement]) -> Evidence | None:
    """The number that stands before the noun, or the sentence that has the noun."""
    noun = topic.counted.split()[-1]
    spoken: Evidence | None = None
    for statement in statements:
        for clause in statement.clauses:
            if not any(_means(noun, word) for word in clause.words):
                continue
            number = _number_before(noun, clause.text)
            if number is not None:
                return Evidence(statement, "said", number=number)
            spoken = spoken or Evidence(statement, "near")
        if statement.label not in ("", "title") and matches(
            noun, frozenset(plain(statement.label))
        ):
            return Evidence(statement, "said")
    return spoken


def _number_before(noun: str, text: str) -> float | None:
    """3 in "3 speed settings", asked for settings or speeds."""
    words = re.findall(r"\d+(?:[.,]\d+)?|[a-z']+", text.lower().replace("-", " "))
    for place, word in enumerate(words):
        if not _means(noun, plain(word)[0] if plain(word) else word):
            continue
        for before in reversed(words[max(0, place - 3) : place]):
            if before.isdigit() or before in _SPELLED:
                return number_of(before)
    return None


_SPELLED = frozenset(CARDINALS[1:13])


def _worded(
    topic: Topic, statements: Sequence[Statement], kind: frozenset[str], reply: DetailsReply
) -> Evidence | None:
    wanted = [word for word in topic.words if not (topic.negated and word in _ABSENT_WORDS)]
    wanted = [word for word in wanted if word not in kind] or wanted
    if not wanted:
        return None
    weights = {word: 0.4 if word in _WEAK else 1.0 for word in wanted}
    shares = [_share(weights, statement, matches) for statement in statements]
    best = max(range(len(statements)), key=lambda place: shares[place])
    if shares[best] >= _ALL:
        return Evidence(statements[best], _verdict(topic, wanted, statements[best]))
    alike = _alike(statements, reply, numbered=False)
    if shares[best] >= _MOSTLY and (alike is None or alike.statement is statements[best]):
        return Evidence(statements[best], "said" if alike else "near")
    if alike is not None:
        return alike
    loose = [_share(weights, statement, _says) for statement in statements]
    best = max(range(len(statements)), key=lambda place: loose[place])
    return Evidence(statements[best], "near") if loose[best] >= _LOOSELY else None


def _share(
    weights: Mapping[str, float],
    statement: Statement,
    said: Callable[[str, frozenset[str]], bool],
) -> float:
    """How much of the words a statement says, 0 to 1."""
    found = sum(weight for word, weight in weights.items() if said(word, statement.words))
    return found / sum(weights.values())


def _verdict(topic: Topic, wanted: Sequence[str], statement: Statement) -> Sureness:
    """Yes or no where one clause has all the words exactly."""
    if not topic.yes_no:
        return "said"
    for clause in statement.clauses:
        words = frozenset(clause.words)
        if statement.label not in ("", "title"):
            words |= frozenset(plain(statement.label))
        if not all(matches(word, words) for word in wanted):
            continue
        denied = any(_denied(word, clause.text) for word in wanted)
        if not denied and (_HEDGED.search(clause.text) or _NOT.search(clause.text)):
            return "said"
        denied = denied or (statement.label != "" and clause.words[:1] in (("no",), ("none",)))
        return "no" if denied != topic.negated else "yes"
    return "said"


def _denied(word: str, text: str) -> bool:
    """Whether a text denies a word: "no leather", "nut-free"."""
    for match in re.finditer(r"[^\W_]+", text):
        if _lacks(word, match[0].lower()):
            return True
        if _means(word, plain(match[0])[0] if plain(match[0]) else match[0].lower()):
            before, behind = text[: match.start()], text[match.end() :]
            if _DENIED.search(before) or _FREE.match(behind):
                return True
    return False


def _lacks(word: str, other: str) -> bool:
    """Whether a word of a text says that something is missing: "unlined", "sleeveless"."""
    base = other[2:] if other.startswith("un") else other.removesuffix("less")
    return base != other and len(base) > 2 and _means(word, base)


def matches(word: str, said: frozenset[str]) -> bool:
    """Whether a word of a question is among the words of a text, in any form."""
    return any(_means(word, other) or _lacks(word, other) for other in said)


def _says(word: str, said: frozenset[str]) -> bool:
    """Whether a text has a word that says something about the one that is asked for."""
    by = SAID_BY.get(word, frozenset())
    return bool(by & said) or any(_means(word, other) for other in said)


@lru_cache(maxsize=20_000)
def _means(word: str, other: str) -> bool:
    if word == other or other in SAME.get(word, ()):
        return True
    one, two = search_terms(word), search_terms(other)
    if one and one == two:
        return True
    if min(len(word), len(other)) < _LONG or word[0] != other[0]:
        return False
    return SequenceMatcher(None, word, other, autojunk=False).ratio() >= _LIKE
