"""Quantities in a text: "1.7L", "35-minute runtime", "up to six people", in one unit a dimension.

Not covered: ranges ("40-100C" counts as its upper end) and units that shops do not use of goods.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.numbers import CARDINALS

Dimension = Literal[
    "length", "area", "volume", "mass", "time", "power", "pressure", "voltage", "sound",
    "temperature", "charge", "energy", "storage", "pixels", "frequency", "flow", "turns", "speed",
    "people", "age",
]  # fmt: skip

_UNITS: tuple[tuple[Dimension, float, str], ...] = (
    ("flow", 1, r"g/min"),
    ("speed", 1, r"km/h|kph|mph"),
    ("turns", 1, r"rpm"),
    ("area", 1, r"m2|m²|sqm|sq\.? ?m(?:et(?:er|re)s?)?|square met(?:er|re)s?"),
    ("area", 0.0929, r"sq\.? ?(?:ft|feet)|square f(?:ee|oo)t"),
    ("volume", 29.5735, r"fl\.? ?oz|fluid ounces?"),
    ("volume", 1000, r"l|lit(?:er|re)s?|ltr"),
    ("volume", 1, r"ml|millilit(?:er|re)s?"),
    ("volume", 10, r"cl|centilit(?:er|re)s?"),
    ("volume", 3785.41, r"gal(?:lons?)?"),
    ("volume", 473.176, r"pints?"),
    ("volume", 946.353, r"quarts?"),
    ("mass", 1000, r"kgs?|kilos?|kilograms?"),
    ("mass", 1, r"g|gr|grams?|grammes?"),
    ("mass", 0.001, r"mg"),
    ("mass", 28.3495, r"oz|ounces?"),
    ("mass", 453.592, r"lbs?|pounds?"),
    ("frequency", 1, r"hz"),
    ("pixels", 1, r"mp|megapixels?"),
    ("storage", 1024, r"tb"),
    ("storage", 1, r"gb"),
    ("charge", 1, r"mah"),
    ("energy", 1, r"wh"),
    ("power", 1000, r"kw"),
    ("power", 1, r"w|watts?"),
    ("voltage", 1, r"v|volts?"),
    ("pressure", 1e5, r"bars?"),
    ("pressure", 1, r"pa"),
    ("sound", 1, r"db(?:a|\(a\))?|decibels?"),
    ("temperature", 1, r"°\s?c|°|c|degrees?|celsius"),
    ("time", 1 / 60, r"s|secs?|seconds?"),
    ("time", 1, r"min|mins|minutes?"),
    ("time", 60, r"h|hrs?|hours?"),
    ("time", 1440, r"days?"),
    ("time", 10080, r"weeks?"),
    ("time", 43800, r"months?"),
    ("time", 525600, r"years?"),
    ("people", 1, r"persons?|people|man|adults?|guests?"),
    ("length", 0.1, r"mm|millimet(?:er|re)s?"),
    ("length", 1, r"cm|centimet(?:er|re)s?"),
    ("length", 100, r"m|met(?:er|re)s?"),
    ("length", 100000, r"km|kilomet(?:er|re)s?"),
    ("length", 160934, r"miles?"),
    ("length", 2.54, r"\"|″|''|in|inch(?:es)?"),
    ("length", 30.48, r"ft|feet|foot"),
    ("length", 91.44, r"yards?|yds?"),
)
_TURNS = (90, 180, 270, 360)
_WORDS = {word: float(value) for value, word in enumerate(CARDINALS) if 0 < value <= 20}
_NUMBER = rf"\d{{1,3}}(?:,\d{{3}})+|\d+(?:[.,]\d+)?|{'|'.join(_WORDS)}"
_ALL = "|".join(f"(?P<u{place}>{unit})" for place, (_, _, unit) in enumerate(_UNITS))
_QUANTITY = bounded(
    rf"(?<![\w.])(?:(?P<low>{_NUMBER})\s?(?:-|–|to)\s?)?(?P<number>{_NUMBER})[\s-]?(?:{_ALL})"
    r"(?![\w²/]|-\d)",
    re.IGNORECASE,
)
_ONE_OF = bounded(rf"\b(?:{_ALL})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity of a text."""

    dimension: Dimension
    value: float
    """In the dimension's own unit: cm, m², ml, g, minutes, W, Pa and so on."""
    said: str
    """As the text has it."""
    start: int
    end: int


def quantities(text: str) -> Iterator[Quantity]:
    """The quantities of a text in its order."""
    for match in _QUANTITY.finditer(text):
        dimension, factor = _unit(match)
        value = number_of(match["number"])
        if dimension == "temperature" and value in _TURNS and "deg" in match[0].lower():
            continue  # "360-degree swivel base"
        yield Quantity(dimension, value * factor, match[0].strip(), match.start(), match.end())


def dimension_of(unit: str) -> Dimension | None:
    """The dimension of a word that is a unit: "litres" are a volume."""
    match = _ONE_OF.fullmatch(unit)
    return None if match is None or len(unit) < 2 else _unit(match)[0]


def number_of(said: str) -> float:
    """The number that digits or a word say."""
    if said.lower() in _WORDS:
        return _WORDS[said.lower()]
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", said):
        return float(said.replace(",", ""))
    return float(said.replace(",", "."))


def _unit(match: re.Match[str]) -> tuple[Dimension, float]:
    place = next(n for n in range(len(_UNITS)) if match[f"u{n}"] is not None)
    return _UNITS[place][0], _UNITS[place][1]
