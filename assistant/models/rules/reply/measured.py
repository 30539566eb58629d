"""Finds the quantity or the number of things that a question asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.models.rules.lexicon.numbers import CARDINALS
from assistant.models.rules.lexicon.quantities import Quantity, dimension_of, number_of, quantities
from assistant.models.rules.lexicon.same_things import SAID_BY
from assistant.models.rules.parse.measures import Measure
from assistant.models.rules.parse.question_topic import Topic
from assistant.models.rules.reply.statements import Clause, Evidence, Statement, first_with, plain
from assistant.models.rules.reply.word_match import matches, means, says_of

_A_NUMBER = rf"(?:\d+|{'|'.join(CARDINALS[1:13])})"
_PEOPLE = re.compile(
    rf"\b(?:famil(?:y|ies)|households?|groups?|parties) of (?:up to )?{_A_NUMBER}|"
    rf"\b(?:serves?|feeds?|sleeps?|seats?)\b.{{0,16}}\b{_A_NUMBER}\b|"
    rf"\b{_A_NUMBER}(?:\s?(?:-|–|to|or)\s?{_A_NUMBER})?[- ](?:(?:[a-z]+ )?(?:players?|servings?|"
    rf"portions?|persons?|"
    r"people|adults|children|kids|guests)|man|men|seater|berth|places? settings?)\b",
    re.IGNORECASE,
)
"""For how many a product is: "feeds families of 4-6", "for 2 to 4 players"."""
_TEMPERATURE = re.compile(r"\bminus \d+|[-–]\d+ ?°|\d+ ?° ?[CF]?\b|\d+ degrees", re.IGNORECASE)
_AN_AGE = re.compile(
    r"\b(?:from|over|until|ages?|aged|old|child(?:ren)?|kids?|bab(?:y|ies)|toddlers?)\b",
    re.IGNORECASE,
)
SUBSTANCES = frozenset(
    ["protein", "sugar", "fat", "salt", "caffeine", "fiber", "fibre", "carb", "carbohydrate",
     "alcohol", "sodium", "cocoa", "calory", "calorie", "vitamin"]
)  # fmt: skip
"""What a product has an amount of in it, which is not its own weight."""
_MOST_TIMES = 10
"""How many times a quantity may be another one that it is compared with."""
_IS_OLD = re.compile(r"year|month", re.IGNORECASE)
_WEIGHS = frozenset(["weigh", "weight", "weighs"])
_AMONG_UNITS = frozenset(
    ["each", "apiece", "per", "piece", "in", "all", "total", "together", "of", "content",
     "capacity", "size", "big", "large", "volume", "a", "net", "weight", "every", "one", "about"]
)  # fmt: skip
"""Words behind a quantity of the product itself: "580 ml each"."""
_OF_ITS_OWN = frozenset(
    ["warranty", "guarantee", "delivery", "shipping", "return", "refund", "expiry", "shelf",
     "expire", "arrive", "service", "lifespan", "life", "charge", "charging"]
)  # fmt: skip
"""Times that no other time is near to."""

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
        if (word not in kind or word in SUBSTANCES)
        and not matches(word, measure.words)
        and dimension_of(word) is None
    ]
    if measure.whole:
        subject = []
    # "How high are the heels" of a boot whose name has its heel
    asked_of = [word for word in topic.words if word in kind and word not in measure.words]
    best: tuple[float, Evidence] | None = None
    for statement in statements:
        labelled = statement.label not in ("", "title")
        for quantity, clause in statement.quantities():
            if quantity.dimension not in measure.dimensions or _of_another(
                quantity, measure, clause
            ):
                continue
            around = frozenset(clause.words)
            if labelled:
                around |= frozenset(plain(statement.label))
            names_measure = any(matches(word, around) for word in measure.words)
            titled = statement.label == "title" and not measure.untitled
            held = quantity.dimension == "volume" and set(subject) <= _CONTAINERS
            about = [word for word in subject if matches(word, around)]
            lasts = quantity.dimension == "time" and names_measure and measure.only
            substance = SUBSTANCES & set(subject)
            lacks = bool(substance) and (statement.label == "title" or not substance & set(about))
            if lacks or (subject and not about and not (titled and held) and not lasts):
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
    warm = measure.dimensions == ("temperature",) and not subject
    if warm and (found := first_with(statements, _TEMPERATURE)):
        return found
    if measure.dimensions == ("people",) and (found := first_with(statements, _PEOPLE)):
        return found
    sized = (
        None if subject or "length" not in measure.dimensions else first_with(statements, _SIZED)
    )
    if sized is not None:
        return Evidence(sized.statement, "near")
    return _only_time(topic, measure, statements) or _said_otherwise(topic, measure, statements)


def _of_another(quantity: Quantity, measure: Measure, clause: Clause) -> bool:
    """Whether a clause says a quantity of another measure: "for users up to 110 kg" is no weight
    of the product, and "from 12 years" no time that a game takes."""
    old = quantity.dimension == "time" and _IS_OLD.search(quantity.said)
    if old and _AN_AGE.search(clause.text):
        return True
    if measure.never is None or not measure.never.search(clause.text):
        return False
    return not (frozenset(clause.words) & _WEIGHS & measure.words)


def answers(clause: str, measure: Measure) -> bool:
    """Whether a clause has a quantity of the sort that a measure asks for."""
    if measure.never is not None and measure.never.search(clause):
        return False
    if measure.dimensions == ("people",) and _PEOPLE.search(clause):
        return True
    return any(each.dimension in measure.dimensions for each in quantities(clause))


def _only_time(topic: Topic, measure: Measure, statements: Sequence[Statement]) -> Evidence | None:
    """The one sentence that says how long anything takes, where a time is asked for."""
    if measure.dimensions != ("time",):
        return None
    own = (_OF_ITS_OWN & set(topic.words)) | (measure.words & {"recharging"})
    timed = [
        each
        for each in statements
        if any(
            q.dimension == "time" and not _of_another(q, measure, c) for q, c in each.quantities()
        )
        and (not own or any(matches(word, each.words) for word in own))
    ]
    return Evidence(timed[0], "near") if len(timed) == 1 else None


def _of_a_part(quantity: Quantity, clause: Clause, kind: frozenset[str]) -> bool:
    """Whether a quantity is of a part or an output of the product: "8m power cord"."""
    if quantity.dimension not in ("length", "mass", "volume", "time"):
        return False
    behind = set(plain(clause.text[quantity.end :])) - _AMONG_UNITS
    return bool(behind) and not (behind & (kind | _CONTAINERS))


def _said_otherwise(
    topic: Topic, measure: Measure, statements: Sequence[Statement]
) -> Evidence | None:
    """What a text says without a number: "lightweight", "ultra-quiet", "long battery life"."""
    asked = [word for word in plain(topic.text) if word in SAID_BY]
    if topic.yes_no:
        asked += [word for word in topic.words if word in measure.words and word == "battery"]
    labels = ("", "title") if topic.yes_no else ("",)
    for statement in statements:
        if statement.label in labels and any(says_of(word, statement.words) for word in asked):
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
            number = _number_beside(noun, clause.text)
            if number is not None:
                return Evidence(statement, "said", number=number)
            spoken = spoken or Evidence(statement, "near")
        if statement.label not in ("", "title") and matches(
            noun, frozenset(plain(statement.label))
        ):
            return Evidence(statement, "said")
    return spoken


def _number_beside(noun: str, text: str) -> float | None:
    """3 in "3 speed settings", asked for settings or speeds; 50 in "SPF 50"."""
    words = re.findall(r"\d+(?:[.,]\d+)?|[a-z']+", text.lower().replace("-", " "))
    for place, word in enumerate(words):
        if not means(noun, plain(word)[0] if plain(word) else word):
            continue
        for before in reversed(words[max(0, place - 3) : place]):
            if before.isdigit() or before in _SPELLED:
                return number_of(before)
        behind = words[place + 1 : place + 2]
        if behind and behind[0].isdigit():
            return number_of(behind[0])  # "SPF 50"
    return None


_SPELLED = frozenset(CARDINALS[1:13])


def within(topic: Topic, statements: Sequence[Statement]) -> Evidence | None:
    """The statement with a quantity of the sort that the question itself has: "will it fit a head
    of 58 cm?" is answered by "54 to 61 cm", and by no yes or no."""
    asked = {each.dimension: each.value for each in quantities(topic.text)}
    best: tuple[int, Evidence] | None = None
    for statement in statements:
        if statement.label == "title":
            continue
        for quantity, clause in statement.quantities():
            value = asked.get(quantity.dimension, 0.0)
            if not value / _MOST_TIMES <= quantity.value <= value * _MOST_TIMES or not value:
                continue
            around = frozenset(clause.words)
            near = sum(matches(word, around) for word in topic.words)
            if best is None or near > best[0]:
                best = near, Evidence(statement, "said", quantity)
    return None if best is None else best[1]
