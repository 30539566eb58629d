"""Sizes as shops and shoppers write them: "9", "9.0", "US 9", "M", "Medium", "EU 38".

A size is read as a whole, so that 9 is never found inside 39 or "9 oz". Not covered: conversion
between systems (EU 38 is not US 7.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

_REMEMBERED = 1 << 14
SIZE_NAMES = frozenset({
    "size", "sizes", "groesse", "grosse", "taille", "talla", "tamano", "tamanho", "taglia",
    "misura", "maat", "storlek", "storrelse", "ramstorlek", "koko", "rozmiar", "velikost",
    "numero", "pointure", "shoesize", "schuhgrosse", "konfektionsgrosse",
})  # fmt: skip
"""Names of the option in shops' languages, as `is_size_name` folds them."""


_NO_SIZE = frozenset({"type", "system", "chart", "guide", "unit"})
"""Words beside "size" that name something about sizes."""


class Size(NamedTuple):
    """One reading of a size."""

    system: str
    """"us", "eu", …, or the unit it is measured in ("ml", "years"); "" where none is said."""
    value: str


_LETTERS = {
    "xxxs": "3xs", "xxs": "2xs", "xs": "xs", "s": "s", "m": "m", "l": "l", "xl": "xl",
    "xxl": "2xl", "xxxl": "3xl", "xxxxl": "4xl", "xxxxxl": "5xl",
    "sm": "s", "med": "m", "lg": "l", "lrg": "l", "sml": "s", "mdm": "m", "xlg": "xl", "xsm": "xs",
}  # fmt: skip
_WORDS = {
    "small": "s", "medium": "m", "large": "l", "klein": "s", "mittel": "m", "gross": "l",
    "petit": "s", "moyen": "m", "grand": "l", "pequeno": "s", "mediano": "m", "grande": "l",
}  # fmt: skip
_ONE = re.compile(
    r"one size(?: fits (?:all|most))?|onesize|os|o s|osfa|free size|einheitsgro(?:ss|ß)e|"
    r"taille unique|talla unica|taglia unica|tamanho unico|uni size|universal"
)
_SYSTEMS = {
    "us": "us", "usa": "us", "uk": "uk", "gb": "uk", "eu": "eu", "eur": "eu", "euro": "eu",
    "fr": "fr", "de": "de", "it": "it", "jp": "jp", "jpn": "jp", "au": "au", "aus": "au",
    "br": "br", "cn": "cn", "mx": "mx", "mex": "mx", "ca": "ca", "es": "es", "in": "in",
}  # fmt: skip
_UNITS = {
    "y": "years", "yr": "years", "yrs": "years", "year": "years", "years": "years",
    "jahre": "years", "mo": "months", "mos": "months", "mth": "months", "mths": "months",
    "month": "months", "months": "months", "monate": "months", "t": "toddler", "inch": "in",
    "inches": "in", "zoll": "in", "litre": "l", "liter": "l", "litres": "l", "gram": "g",
    "grams": "g", "ounce": "oz",
}  # fmt: skip
_PEOPLE = re.compile(
    r"\b(?:sizes?|gr(?:o(?:ss|ß)e|oesse)?|taille|talla|taglia|maat|storlek|mens?|women'?s?|wmns|"
    r"ladies|adults?|kids?|youth|unisex|men'?s)\b[.:]?|'s\b"
)
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}
_NUMBER = r"\d+(?:[.,]\d+)?"
_MEASURED = re.compile(
    rf"(?P<before>[a-z]+)?\.?\s*(?P<low>{_NUMBER})\s*(?:(?:-|–|to)\s*(?P<high>{_NUMBER})\s*)?"
    r"(?P<after>[a-z\"]*)\.?"
)
_WAIST = re.compile(r"w?\s*(\d{2})\s*w?\s*[x/ ]\s*l?\s*(\d{2})\s*l?")
_X_WORD = re.compile(
    r"(?:(?P<times>\d)\s*x|(?P<exes>x+)|(?P<extra>(?:extra[ -]*)+))[ -]*"
    r"(?P<word>small|large|s|l|big|petite)?"
)


def is_size_name(name: str) -> bool:
    """Whether an option of this name is a size, in the languages of `SIZE_NAMES`."""
    words = re.findall(r"[a-z]+", _plain(name))
    if _NO_SIZE.intersection(words):
        return False
    return "".join(words) in SIZE_NAMES or not SIZE_NAMES.isdisjoint(words)


def same_size(asked: str, stated: str) -> bool:
    """Whether a size that is asked for is the one stated, or one of those stated ("S/M").

    A system counts only where both name one: "US 9" is "9" and is not "EU 9".
    """
    return any(
        one.value == other.value
        and (one.system == other.system or (_loose(one) and _loose(other)))
        and not (one.system and other.system and one.system != other.system)
        for one in sizes_in(asked)
        for other in sizes_in(stated)
    )


def sizes_meant(asked: str, known: Iterable[str]) -> tuple[str, ...]:
    """Those of the catalogue's sizes that are the one asked for, in their order."""
    return tuple(name for name in known if same_size(asked, name))


def _loose(size: Size) -> bool:
    """Whether the size may leave its system out: a shoe's may, a measure may not."""
    return not size.system or size.system in _SYSTEMS.values()


@lru_cache(_REMEMBERED)
def sizes_in(text: str) -> tuple[Size, ...]:
    """The sizes that a value states: one, or each part of "S/M" and "EU 38 / US 7.5"."""
    plain = _plain(text)
    if _ONE.fullmatch(plain):
        return (Size("", "one size"),)
    if waist := _WAIST.fullmatch(plain):
        low, high = waist.groups()
        if "/" in plain and int(high) == int(low) + 2 and int(low) >= 34:
            return Size("", low), Size("", high)
        return Size("", f"{low}x{high}"), Size("", low)
    whole = _one(plain)
    if whole:
        return (whole,)
    parts = [part.strip(" ()") for part in re.split(r"[/|;,()]|\s-\s", plain)]
    found = tuple(filter(None, map(_one, parts)))
    return found or (Size("", plain),)


def _one(plain: str) -> Size | None:
    """The size that is all of a text; None where it is something else."""
    text = _PEOPLE.sub(" ", plain)
    text = " ".join(text.split()).strip(" .:-")
    if not text:
        return None
    if text in _WORDS:
        return Size("", _WORDS[text])
    if text in _LETTERS:
        return Size("", _LETTERS[text])
    if (many := _X_WORD.fullmatch(text)) and (many["word"] or many["times"] or many["exes"]):
        return Size("", _letters_of(many))
    measured = _MEASURED.fullmatch(text)
    if measured is None:
        return None
    before, after = measured["before"] or "", measured["after"]
    if (before and after) or (before and before not in _SYSTEMS):
        return None
    mark = before or after
    system = _SYSTEMS.get(mark) or _UNITS.get(mark, "in" if mark == '"' else mark)
    value = _number(measured["low"])
    if measured["high"]:
        value += f"-{_number(measured['high'])}"
        system = "months" if system == "m" else system
    return Size(system, value)


def _letters_of(many: re.Match[str]) -> str:
    times = int(many["times"] or 0) or len(many["exes"] or "") or many["extra"].count("extra")
    letter = (many["word"] or "large")[0].replace("b", "l").replace("p", "s")
    return f"{times if times > 1 else ''}x{letter}"


def _number(text: str) -> str:
    whole, _, part = text.replace(",", ".").partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def _plain(text: str) -> str:
    plain = text.casefold().replace("’", "'")
    for sign, digits in _FRACTIONS.items():
        plain = re.sub(rf"\s*{sign}", digits, plain)
    plain = re.sub(r"(\d)\s+1/2\b", r"\1.5", plain)
    for letter, written in (
        ("ö", "o"),
        ("ø", "o"),
        ("ñ", "n"),
        ("é", "e"),
        ("ú", "u"),
        ("ß", "ss"),
    ):
        plain = plain.replace(letter, written)
    return " ".join(plain.split())
