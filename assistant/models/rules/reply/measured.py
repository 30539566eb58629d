"""Finds the quantity or the number of things that a question asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.models.rules.lexicon.numbers import CARDINALS
from assistant.models.rules.lexicon.quantities import Quantity, dimension_of, number_of
from assistant.models.rules.lexicon.same_things import SAID_BY
from assistant.models.rules.parse.measures import Measure
from assistant.models.rules.parse.question_topic import Topic
from assistant.models.rules.reply.statements import Clause, Evidence, Statement, first_with, plain
from assistant.models.rules.reply.word_match import matches, means, says_of

_SIZED = re.compile(
    r"\d\s?(?:cm|mm|m|in|\")?\s?[x×]\s?\d+(?:[.,]\d+)?\s?(?:[x×]|cm|mm|m\b|in\b|\")"
)
_CONTAINERS = frozenset(
    ["tank", "reservoir", "container", "jug", "jar", "carafe", "basket", "bowl", "bottle",
     "pot", "cup", "bag", "can", "pack", "box", "tub", "tube", "water", "content", "kettle",
     "glass", "drum", "capacity"]
)  # fmt: skip
"""What a volume in a title is the volume of."""


def measured(
    topic: Topic, measure: Measure, statements: Sequence[Statement], kind: frozenset[str]
) -> Evidence | None:
    """The quantity that is meant: the subject of the question stands beside it."""
    subject = [
        word
        for word in topic.words
        if word not in kind and not matches(word, measure.words) and dimension_of(word) is None
    ]
    # "How high are the heels" of a boot whose name has its heel
    asked_of = [word for word in topic.words if word in kind and word not in measure.words]
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
            part = [word for word in asked_of if matches(word, around)] if not subject else []
            unnamed = not (subject or names_measure or titled or part)
            if unnamed and (measure.only or _of_a_part(quantity, clause, kind)):
                continue
            place = measure.dimensions.index(quantity.dimension)
            score = (
                2.0 * len(about) + len(part) + names_measure + titled * 0.5 + labelled - 0.3 * place
            )
            if best is None or score > best[0]:
                best = score, Evidence(statement, "said", quantity)
    if best is not None:
        return best[1]
    sized = (
        None if subject or "length" not in measure.dimensions else first_with(statements, _SIZED)
    )
    if sized is not None:
        return Evidence(sized.statement, "near")
    return _said_otherwise(topic, measure, statements)


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
        if statement.label in ("", "title") and any(
            says_of(word, statement.words) for word in asked
        ):
            return Evidence(statement, "near")
    return None


def counted(topic: Topic, statements: Sequence[Statement]) -> Evidence | None:
    """The number that stands before the noun, or the sentence that has the noun."""
    noun = topic.counted.split()[-1]
    spoken: Evidence | None = None
    for statement in statements:
        for clause in statement.clauses:
            if not any(means(noun, word) for word in clause.words):
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
        if not means(noun, plain(word)[0] if plain(word) else word):
            continue
        for before in reversed(words[max(0, place - 3) : place]):
            if before.isdigit() or before in _SPELLED:
                return number_of(before)
    return None


_SPELLED = frozenset(CARDINALS[1:13])
