"""Numbers with units in words and in products' texts, compared as quantities.

"1 litre", "1000 ml" and "33.8 fl oz" are the same; so are "55 inch" and "140 cm". A number without
a unit is compared as it is written ("iPhone 14", "4-Slice", "two people"). Not covered: units of
fields of their own (lumen, rpm), which are compared as the word that they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tools.product import Product

_UNITS: dict[str, tuple[str, float]] = {}
for _dimension, _factors in {
    "volume": "ml milliliter millilitre=1 cl centiliter centilitre=10 l liter litre ltr=1000 "
    "floz=29.5735 "
    "pint=473 gallon=3785",
    "weight": "mg=0.001 g gram gramme gr=1 kg kilo kilogram kilogramme=1000 oz ounce=28.3495 lb "
    "lbs pound=453.59",
    "length": "mm millimeter millimetre=1 cm centimeter centimetre=10 m meter metre=1000 inch "
    "in=25.4 ft foot "
    "feet=304.8",
    "area": "m2 m² sqm qm squarem squaremeter squaremetre sqmeter sqmetre=1 "
    "sqft squarefoot squarefeet=0.0929",
    "time": "min minute=1 h hr hour=60 day=1440",
    "power": "w watt=1 kw kilowatt=1000",
    "charge": "mah=1 ah=1000",
    "memory": "mb=0.001 gb gigabyte=1 tb terabyte=1000",
    "angle": "degree=1",
    "voltage": "v volt=1",
    "people": "person people adult player guest=1",
    "age": "year yr=1",
}.items():
    _names: list[str] = []
    for _word in _factors.split():
        _name, _, _factor = _word.partition("=")
        _names.append(_name)
        if _factor:
            _UNITS |= dict.fromkeys(_names, (_dimension, float(_factor)))
            _names = []
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
          "eleven", "twelve")  # fmt: skip
_NO_LESS = r"no (?:less|fewer|smaller|shorter|lower|lighter)"
_NO_MORE = r"no (?:more|bigger|longer|heavier|larger|higher|wider|taller|deeper)"
_NUMBER = re.compile(
    rf"(?P<cue>\b(?:{_NO_LESS} than|{_NO_MORE} than|at least|minimum|"
    r"min|more than|over|above|from|bigger than|longer than|at most|"
    r"up to|max|maximum|under|below|less than|smaller than|shorter than)\s+(?:of\s+)?)?"
    r"(?<![\w.,])(?:(?P<n>\d{1,3}(?:,\d{3})+|\d+(?:[.,]\d+)?)|(?P<word>an?(?=\s+(?:hour|litre|"
    r"liter|kilo))|"
    rf"{'|'.join(_WORDS[1:])})(?![a-z]))"
    r"(?:[\s-]?(?P<unit>m[2²]|sq(?:uare|\.)?[\s-]?(?:m(?:et(?:er|re)s?)?|f(?:oo|ee)?t)\b|"
    r"fl\.?\s?oz|fluid ounces?|[\"”″]|in(?!-\d)\b|"
    r"(?!in-)[a-z]+))?(?P<behind>\s?\+|\s+(?:or|and) "
    r"(?:more|up|bigger|over|above|longer|larger|less|under|below|smaller|down))?",
    re.IGNORECASE,
)
_LEAST = re.compile(
    rf"^{_NO_LESS}|least|min|more|over|above|from|bigger|"
    r"longer|\+|up$|larger"
)
_RANGE = re.compile(
    r"(?:(?<![\w.,])(?P<low>\d+(?:[.,]\d+)?)\s?(?:[a-z]{1,6}\s?)?(?:to|-|–|and)|\bup to)\s?"
    r"(?P<high>\d+(?:[.,]\d+)?)[\s-]?(?P<unit>[a-z]+)"
)
_CLOSE = 0.03
_ROOM_FOR_MORE = 1.5
"""A tent for six does for four, and is too much for two."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in base units."""

    value: float
    dimension: str = ""
    """"volume", ...; "" for a number alone."""
    bound: str = ""
    """"least" or "most"; "" for the number itself."""
    said: str = ""

    def met_by(self, other: Quantity) -> bool:
        """Whether a product's quantity is what is asked for."""
        if self.dimension and other.dimension != self.dimension:
            return False
        if self.bound == "least":
            return bool(self.dimension) and other.value >= self.value * (1 - _CLOSE)
        if self.bound == "most":
            return bool(self.dimension) and other.value <= self.value * (1 + _CLOSE)
        if self.dimension == "area":
            # What is for a larger room does for a smaller one.
            return other.value >= self.value * (1 - _CLOSE)
        if self.dimension == "people":
            return self.value <= other.value <= self.value * _ROOM_FOR_MORE
        if not self.dimension:
            return self.value in (other.value, _as_said(other))
        return abs(other.value - self.value) <= _CLOSE * self.value


def _as_said(quantity: Quantity) -> float:
    found = re.search(r"\d+(?:\.\d+)?", quantity.said.replace(",", ""))
    return float(found[0]) if found else quantity.value


@lru_cache(maxsize=4096)
def quantities_in(text: str) -> tuple[Quantity, ...]:
    """All quantities of a text, in its order."""
    found = []
    for match in _NUMBER.finditer(text.casefold()):
        number, said = match["n"], match[0].strip()
        value = (
            float(_plain(number))
            if number
            else float(1 if match["word"] in ("a", "an") else _WORDS.index(match["word"]))
        )
        unit = match["unit"] or ""
        if match["word"] and unit == "in":
            # "One in red", "two in one": inches are counted in digits.
            unit, said = "", match["word"]
        dimension, factor = _unit(unit)
        if match["word"] in ("one", "a", "an") and not dimension:
            continue
        cue = (match["cue"] or "") + (match["behind"] or "")
        bound = "" if not cue else "least" if _LEAST.search(cue.strip()) else "most"
        if re.match(_NO_MORE, cue):
            bound = "most"
        found.append(Quantity(value * factor, dimension, bound, said))
    return tuple(found)


def unmet(wanted: Iterable[Quantity], product: Product) -> tuple[Quantity, ...]:
    """What is asked for and the product does not state."""
    text = _text_of(product)
    stated, ranges = quantities_in(text), _ranges_in(text)
    return tuple(
        q
        for q in wanted
        if not any(q.met_by(other) for other in stated)
        and not any(each.holds(q) for each in ranges)
    )


def without_remeasured(words: str, newer: str) -> str:
    """Words without an amount that newer words measure anew: the tent for five is one for two now.
    Where the words have two of a dimension, as a width and a depth, both stay."""
    again = {each.dimension for each in quantities_in(newer)} - {""}
    older = quantities_in(words)
    for dimension in again:
        measured = [each for each in older if each.dimension == dimension]
        if len(measured) == 1 and measured[0].said:
            said = re.escape(measured[0].said)
            words = re.sub(rf"(?<!\w){said}(?!\w)", " ", words, flags=re.IGNORECASE)
    return " ".join(words.split())


@dataclass(frozen=True, slots=True)
class _Range:
    """What a product is made for: "for heads of 51 to 55 cm", "up to 18 kg"."""

    low: float
    high: float
    dimension: str

    def holds(self, wanted: Quantity) -> bool:
        """Whether a quantity that is asked for by itself, without a bound, lies within."""
        if wanted.bound or wanted.dimension != self.dimension:
            return False
        return self.low * (1 - _CLOSE) <= wanted.value <= self.high * (1 + _CLOSE)


@lru_cache(maxsize=4096)
def _ranges_in(text: str) -> tuple[_Range, ...]:
    found = []
    for match in _RANGE.finditer(text.casefold()):
        dimension, factor = _unit(match["unit"])
        if dimension:
            low, high = (float(_plain(match[name] or "0")) * factor for name in ("low", "high"))
            found.append(_Range(low, high, dimension))
    return tuple(each for each in found if each.low < each.high)


def _text_of(product: Product) -> str:
    facts = " | ".join(value for _, value in product.attributes)
    return f"{product.title} | {facts} | {product.description}"[:4000]


def _plain(number: str) -> str:
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", number):
        return number.replace(",", "")
    return number.replace(",", ".")


def _unit(said: str) -> tuple[str, float]:
    word = re.sub(r"[\s.-]", "", said)
    if word in ('"', "”", "″"):
        return "length", 25.4
    if word.startswith("fluidounce"):
        word = "floz"
    return (
        _UNITS.get(word)
        or _UNITS.get(word.removesuffix("s"))
        or _UNITS.get(word.removesuffix("es"))
        or ("", 1.0)
    )
