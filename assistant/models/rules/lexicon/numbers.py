"""English number words, and text with them as digits: "twenty-five dollars" is "25 dollars".

All number words of the package are here; the parsers take the part of them that they read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.models.rules.lexicon.bounded import bounded

CARDINALS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
          "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
          "eighteen", "nineteen")  # fmt: skip
"""By value, from "zero"."""
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
VALUES = {word: value for value, word in enumerate(CARDINALS)}
VALUES |= {word: 10 * place for place, word in enumerate(_TENS, start=2)}
"""The value of each word up to "ninety"."""
_VALUES = VALUES | {"dozen": 12, "fourty": 40}
_WORD = "|".join(sorted(_VALUES, key=len, reverse=True))
_SCALE = {"hundred": 100, "thousand": 1000}
_NUMERAL = bounded(
    rf"\b(?:an?\s+(?=dozen|hundred|thousand))?(?:{_WORD}|hundred|thousand)"
    rf"(?:(?:\s+and\s+|[\s-]+)(?:{_WORD}|hundred|thousand|point)(?!\w))*\b",
    re.IGNORECASE,
)
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
             "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth",
             "seventeenth", "eighteenth", "nineteenth", "twentieth")  # fmt: skip
"""In their order, from "first"."""
ORDINAL = "|".join(ORDINALS)
"""Of a pattern: the ordinals that have a word of their own."""


def in_digits(text: str, most_kept: int = -1) -> str:
    """The text with its number words as digits; those up to `most_kept` stay words."""

    def digits(match: re.Match[str]) -> str:
        numbers = _numbers(re.findall(r"[a-z]+", match[0].lower()))
        if all("." not in each and int(each) <= most_kept for each in numbers):
            return match[0]
        return _joined(numbers)

    replace: Callable[[re.Match[str]], str] = digits
    return _NUMERAL.sub(replace, text)


def place_of(ordinal: str) -> int:
    """3 for "third" and "3rd"."""
    word = ordinal.lower()
    return ORDINALS.index(word) + 1 if word in ORDINALS else int(re.sub(r"\D", "", word))


def _numbers(words: list[str]) -> list[str]:
    """The numbers that follow each other: ["19", "99"] for "nineteen ninety-nine"."""
    found: list[str] = []
    value: int | None = None
    behind = ""  # the digits after "point"
    pointed = False

    def close() -> None:
        nonlocal value, behind, pointed
        if value is not None:
            found.append(f"{value}.{behind}" if behind else str(value))
        value, behind, pointed = None, "", False

    for word in words:
        if word in ("a", "an", "and"):
            continue
        if word == "point":
            pointed = value is not None
        elif pointed:
            behind += str(_VALUES.get(word, ""))
        elif word in _SCALE:
            value = (1 if value is None else value) * _SCALE[word]
        elif word == "dozen" and value is not None:
            value *= 12
        else:
            more = _VALUES[word]
            fits = (
                value is not None
                and value % 10 == 0
                and value >= 20
                and more < (10 if value % 100 else 100)
            )
            if value is not None and not fits:
                close()
            value = more if value is None else value + more
    close()
    return found


def _joined(numbers: list[str]) -> str:
    """Prices are said as two numbers: "nineteen ninety-nine"."""
    if len(numbers) == 2 and len(numbers[1]) == 2 and "." not in numbers[0]:
        return ".".join(numbers)
    return " ".join(numbers)
