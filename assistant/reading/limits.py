"""Price and rating limits in a shopper's words. "Cheap" is a wish, not a limit.

Not covered: amounts in words beyond the tens, and a currency other than the shop's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from assistant.reading.text import cut

_CURRENCY = r"(?:dollars?|bucks?|usd|euros?|eur|pounds?|gbp|[$€£])"
_UNIT = (
    r"(?:stars?|reviews?|ratings?|cm|mm|inch(?:es)?|\"|oz|ml|l|liters?|litres?|lbs?|kg|g|%|"
    r"years?|watts?|w|gb|mah|pieces?|pcs|pack|people|slices?|cups?|th|st|nd|rd)"
)
_DIGITS = r"\d+(?:,\d{3})*(?:\.\d+|,\d{1,2}(?!\d))?"


def _amount(name: str) -> str:
    return (
        rf"(?P<s{name}>[$€£]|usd ?|eur ?)?\s?(?P<{name}>{_DIGITS})(?![\d])"
        rf"(?!\s*-?{_UNIT}\b)(?:\s*(?P<u{name}>{_CURRENCY})(?!\w))?"
    )


_NOT = r"(?<!\bno )(?<!\bnot )"
_MOST = (
    r"(?:no more than|not more than|not over|not above|no higher than|nothing over|nothing above|"
    rf"{_NOT}(?:less than|lower than|cheaper than|under|below|up to|at most|"
    r"max(?:imum)?(?: of)?|within|budget(?: is| of)?|spend|<=?))"
)
_LEAST = (
    r"(?:no less than|not less than|not under|not below|nothing under|nothing below|"
    rf"{_NOT}(?:more than|higher than|at least|over|above|min(?:imum)?(?: of)?|"
    r"starting (?:at|from)|upwards of|from|>=?))"
)
_AROUND = r"(?:around|about|roughly|approximately|approx|circa|~)"

_BETWEEN = re.compile(
    rf"(?:(?P<lead>between|from|price[sd]?|costing)\s+)?{_amount('a')}\s*(?:-|to|"
    rf"and)\s*{_amount('b')}"
)
_MAX = re.compile(rf"(?:\b(?:price|costs?|costing|priced|for)\s+)?{_MOST}\s*{_amount('a')}")
_MAX_AFTER = re.compile(
    rf"{_amount('a')}\s*(?:or|and)?\s*"
    r"(?:less|under|below|cheaper|max(?:imum)?|at most|tops|budget)\b"
)
_MIN = re.compile(rf"(?:\b(?:price|costs?|costing|priced)\s+)?{_LEAST}\s*{_amount('a')}")
_MIN_AFTER = re.compile(rf"{_amount('a')}\s*(?:(?:or|and)\s+(?:more|up|above|over|higher)\b|\+)")
_NEAR = re.compile(rf"{_AROUND}\s*{_amount('a')}")
_FOR = re.compile(rf"\bfor\s+{_amount('a')}")

_STARS = r"(?P<n>[0-5](?:\.\d+)?)"
_RATING = re.compile(
    rf"(?:(?:rated|rating|with|and|of|a)\s+)*(?:{_LEAST}\s*)?{_STARS}\s*\+?[\s-]*(?:stars?)\b"
    r"(?:\s*(?:rating|rated))?(?:\s*(?:and|or)\s*(?:up|more|above|higher|better|over)|\s*\+)?"
    rf"|(?:rated|ratings?)\s*(?:of\s*)?(?:{_LEAST}\s*)?{_STARS.replace('<n>', '<m>')}(?!\d)"
    r"(?:\s*(?:and|or)\s*(?:up|more|above|higher|better|over)|\s*\+)?"
)
_WELL_RATED = re.compile(
    r"\b(?:well|highly|best|top|good)[ -](?:rated|reviewed|ratings?|reviews?)\b"
)
_STAR_WORDS = re.compile(r"\b(one|two|three|four|five)(?=[ -]stars?\b)")
_WORD_STARS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_WELL = Decimal(4)


@dataclass(frozen=True, slots=True)
class Limits:
    """Inclusive bounds in major units; None where nothing was said."""

    min_price: Decimal | None = None
    max_price: Decimal | None = None
    min_rating: Decimal | None = None


def read_limits(text: str) -> tuple[Limits, str]:
    """The limits in a tidied text, and the text without them."""
    rating, text = _rating(text)
    low, high, text = _prices(text)
    return Limits(low, high, rating), text


def _rating(text: str) -> tuple[Decimal | None, str]:
    text = _STAR_WORDS.sub(lambda m: _WORD_STARS[m[1]], text)
    match, text = cut(_RATING, text)
    if match is not None:
        return Decimal(match["n"] or match["m"]), text
    match, text = cut(_WELL_RATED, text)
    return (_WELL if match else None), text


def _prices(text: str) -> tuple[Decimal | None, Decimal | None, str]:
    match = _BETWEEN.search(text)
    # "20-40" may be a size; it is a price after "between", with a currency, or said alone.
    alone = match is not None and match[0].strip() == text.strip(" |")
    if match and (alone or match["lead"] or any(match[g] for g in ("sa", "sb", "ua", "ub"))):
        _, text = cut(_BETWEEN, text)
        first, second = _number(match["a"]), _number(match["b"])
        return min(first, second), max(first, second), text
    for pattern in (_NEAR, _FOR):
        match = pattern.search(text)
        if match and (match["sa"] or match["ua"]):
            value = _number(match["a"])
            _, text = cut(pattern, text)
            if pattern is _FOR:
                return None, value, text
            return value * Decimal("0.8"), value * Decimal("1.2"), text
    low: Decimal | None = None
    high: Decimal | None = None
    for pattern in (_MAX, _MAX_AFTER):
        match, text = cut(pattern, text)
        high = _number(match["a"]) if match and high is None else high
    for pattern in (_MIN, _MIN_AFTER):
        match, text = cut(pattern, text)
        low = _number(match["a"]) if match and low is None else low
    return low, high, text


def _number(digits: str) -> Decimal:
    # "12,50" is how half of the world writes twelve and a half.
    return Decimal(re.sub(r",(?=\d{1,2}$)", ".", digits).replace(",", ""))
