"""Finds the statement of a shop that answers a question, or none.

A statement answers by its words, other words for them and endings left aside, and else by meaning:
the tool names the nearest clauses. What answers neither way is not stated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from assistant.models.rules.lexicon.materials import COLOR, MATERIAL
from assistant.models.rules.parse.measures import Measure
from assistant.models.rules.parse.question_topic import Topic
from assistant.models.rules.reply.measured import answers, counted, measured, within
from assistant.models.rules.reply.statements import (
    Evidence,
    Statement,
    Sureness,
    first_with,
    plain,
    statements_of,
)
from assistant.models.rules.reply.word_match import is_denied, matches, says_of
from tools.search.replies import DetailsReply

_ALL, _LOOSELY, _MOSTLY = 0.99, 0.75, 0.6
_NEAR, _SURE = 0.35, 0.6
"""Likelihoods from which a clause is quoted as the nearest, and as the answer. Of six sets of
thirty questions as many are answered rightly from .6 as from .85, and fewer from .25 than .35."""
_NOT = re.compile(
    r"\b(?:not|never|cannot|can't|isn't|doesn't|don't|without|neither)\b", re.IGNORECASE
)
_HEDGED = re.compile(
    r"\b(?:may|might|traces?|optional(?:ly)?|separately|some|except|almost|nearly|partly|"
    r"resistant)\b",
    re.IGNORECASE,
)
"""With these in a clause neither yes nor no is said."""
_NOT_WITH_IT = re.compile(
    r"\bnot (?:included|supplied|provided|in the box)\b|\b(?:sold|bought) separately\b",
    re.IGNORECASE,
)
"""Behind what a product needs: "takes three batteries, not included"."""
_ABSENT_WORDS = frozenset(
    ["free", "without", "no", "non", "anti", "proof", "resistant", "repellent"]
)
_WEAK = frozenset(
    ["safe", "allergic", "allergy", "good", "proof", "friendly", "type", "kind", "mode",
     "function", "level", "setting", "easy", "quality", "day", "side", "back", "control",
     "steer", "operate", "connect", "top", "place", "time", "home", "house", "person", "people",
     "machine", "run", "real", "genuine", "small", "big", "stove", "hob", "cooker", "cooktop",
     "plate"]
)  # fmt: skip
"""Words that say little by themselves."""
_AGE = re.compile(
    r"\bages?\b(?! of)|\b(?:from|over|under|to|until|till) \d+ (?:years?|months?)\b|\b\d+ ?\+|"
    r"\b\d+[ -](?:years?|months?)[ -](?:olds?|and up)\b|\b(?:adult|puppy|puppies|bab(?:y|ies)|"
    r"newborn|toddler)s?\b|\bfrom birth\b",
    re.IGNORECASE,
)
_AUTHOR = re.compile(r"^(?:author|writer|artist|designer)\b|\b[bB]y (?:[A-Z][\w.'-]+ ?){1,3}")
_OF_A_PART = {"material": MATERIAL, "color": COLOR}
"""Words by which a text says such a fact."""
_MADE = re.compile(
    r"\b(?:made|constructed?|construction|crafted|built|woven|knit(?:ted)?|filled|material|fabric|"
    r"frame|upper|shell|body)\b",
    re.IGNORECASE,
)
_ABLE = re.compile(r"^\W*(?:and |so |but |ok )?(?:can|could|may|might) ", re.IGNORECASE)
"""Asks what can be done with a thing: that it is there does not answer it."""
_ORIGIN = re.compile(
    r"\b(?:[Mm]ade|[Pp]roduced|[Mm]anufactured|[Gg]rown|[Ww]oven|[Bb]rewed|[Hh]arvested) in [A-Z]|"
    r"\b(?:Canadian|Italian|English|German|Japanese|Greek|Spanish|Portuguese|Swedish|Danish|"
    r"British|"
    r"Scottish|Irish|Brazilian|Colombian|Ethiopian|Peruvian|Mexican|Belgian|Austrian|Norwegian)\b"
)
"""Words by which a text says where something is from."""
_LISTED = re.compile(r"(?:,[^,]+){2}|,.*\band\b")
_FITS = re.compile(
    r"\b(?:fits? (?!in\b|into\b|on\b|under\b|over\b|through\b|all\b|up to\b|most\b|any\b)|"
    r"fit\s*(?:$|[.,;])|[a-z]+[- ]fit\b|fitted|true to size|oversized?|tailored|"
    r"runs? (?:small|large|big|narrow|wide)(?! [a-z]+s\b)|"
    r"(?:cut|sized) (?:small|large|generously|wide|narrow|"
    r"loose"
    r"\w*|close\w*)|(?:loose|slim|straight|wide|relaxed|generous|close|boxy|narrow|a-line)[- ]?"
    r"(?:cut|fitting|legs?)?\b)",
    re.IGNORECASE,
)
"""How clothes fit."""
_CARE = re.compile(
    r"\b(?:machine[- ]wash\w*|hand[- ]?wash\w*|wash(?:able|es|ed)?\b|dry[- ]clean\w*|wipes?|vacuum "
    r"only|spot clean\w*|(?:do not|don't|never) (?:wash|iron|bleach|tumble)|tumble[- ]dr\w+|"
    r"wool programme|\d+ degrees|dishwasher\w*)\b",
    re.IGNORECASE,
)
_CLEANED = frozenset(
    ["wash", "washing", "washed", "washer", "washable", "laundry", "launder", "tumble", "bleach",
     "clean", "cleaned", "cleaning", "dishwasher", "spin", "rinse"]
)  # fmt: skip
"""Words by which a question asks how a product is cleaned."""
_SIDES = frozenset(
    ["wide", "width", "tall", "high", "height", "deep", "depth", "thick", "thickness", "long",
     "length", "diameter"]
)  # fmt: skip
_FACT_NAMES = frozenset(["color", "colour", "material", "fabric", "shade", "outer", "main"])


def evidence_for(topic: Topic, reply: DetailsReply) -> Evidence | None:
    """What the shop states of one product that answers the question; None where it is silent."""
    statements = statements_of(reply)
    kind = frozenset(
        (*plain(reply.facts.get("title") or ""), *plain(reply.facts.get("category") or ""))
    )
    if topic.measure is not None and topic.measure.dimensions == ("age",):
        return first_with(statements, _AGE)
    if topic.yes_no and (found := within(topic, statements)) is not None:
        return found
    if topic.fact == "author":
        return first_with(statements, _AUTHOR)
    if topic.fact == "fit":
        return first_with([each for each in statements if each.label != "title"], _FITS)
    if topic.measure is not None:
        found = measured(topic, topic.measure, statements, kind)
        if found is None and topic.yes_no:  # "will my 13 inch laptop fit in it?"
            found = _worded(topic, statements, kind, reply)
            return found if found is None else replace(found, sureness="near")
        return found or _alike(topic, statements, reply, measure=topic.measure)
    if topic.fact in _OF_A_PART:
        return _of_part(topic, statements, kind)
    if topic.counted:
        found = counted(topic, statements)
        return found or _alike(topic, statements, reply, numbered=True)
    found = _worded(topic, statements, kind, reply)
    if found is None and topic.words in (("origin",), ("ingredient",), ("included",)):
        pattern = _ORIGIN if topic.words == ("origin",) else _LISTED
        told = first_with([each for each in statements if each.label == ""], pattern)
        return None if told is None else Evidence(told.statement, "near")
    if found is None and _CLEANED & set(topic.words):
        cared = first_with([each for each in statements if each.label != "title"], _CARE)
        return None if cared is None else Evidence(cared.statement, "near")
    return found


def _alike(
    topic: Topic,
    statements: Sequence[Statement],
    reply: DetailsReply,
    *,
    numbered: bool = False,
    measure: Measure | None = None,
) -> Evidence | None:
    """The statement with the clause that is nearest in meaning; one with a number, or with a
    quantity of the measure, where that is asked for. A quantity is never said to be the one that
    is meant."""
    for near in reply.nearest:  # the likeliest first
        if near.likelihood < _NEAR or (numbered and not re.search(r"\d", near.text)):
            continue
        if measure is not None and not answers(near.text, measure):
            continue
        if measure is not None and measure.only and _other_side(near.text, measure):
            continue
        said = (each for each in statements if each.label == "" and near.text in each.text)
        statement = next(said, None)
        if statement is not None:
            if measure is not None:
                return Evidence(statement, "near")
            if topic.several and near.likelihood < _SURE:
                return None  # of many clauses some are near by chance
            return Evidence(statement, "said" if near.likelihood >= _SURE else "alike")
    return None


def _other_side(clause: str, measure: Measure) -> bool:
    """Whether a clause measures another side: "210 cm wide" where the depth is asked for."""
    named = _SIDES & set(plain(clause))
    return measure.dimensions[0] == "length" and bool(named) and not named & measure.words


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


def _worded(
    topic: Topic, statements: Sequence[Statement], kind: frozenset[str], reply: DetailsReply
) -> Evidence | None:
    wanted = [word for word in topic.words if not (topic.negated and word in _ABSENT_WORDS)]
    if any(word not in kind | _WEAK for word in wanted):
        wanted = [word for word in wanted if word not in kind]
    if not wanted:
        return _alike(topic, statements, reply)
    weights = {word: 0.4 if word in _WEAK else 1.0 for word in wanted}
    shares = [_share(weights, statement, matches) for statement in statements]
    best = max(range(len(statements)), key=lambda place: shares[place])
    if shares[best] >= _ALL:
        return Evidence(statements[best], _verdict(topic, wanted, statements[best]))
    alike = _alike(topic, statements, reply)
    worse = alike is None or alike.statement is statements[best] or alike.sureness == "alike"
    if shares[best] >= _MOSTLY and worse:
        same = alike is not None and alike.statement is statements[best]
        return Evidence(statements[best], "said" if same else "near")
    if alike is not None:
        return alike
    loose = [_share(weights, statement, says_of) for statement in statements]
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
    if not topic.yes_no or (len(wanted) == 1 and _ABLE.search(topic.text)):
        return "said"
    for clause in statement.clauses:
        words = frozenset(clause.words)
        if statement.label not in ("", "title"):
            words |= frozenset(plain(statement.label))
        if not all(matches(word, words) for word in wanted):
            continue
        denied = any(is_denied(word, clause.text) for word in wanted)
        hedged = _HEDGED.search(clause.text) or _NOT.search(clause.text)
        if not denied and (hedged or _NOT_WITH_IT.search(statement.text)):
            return "said"
        denied = denied or (statement.label != "" and clause.words[:1] in (("no",), ("none",)))
        return "no" if denied != topic.negated else "yes"
    return "said"
