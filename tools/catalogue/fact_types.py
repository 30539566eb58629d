"""Types of facts: how a cell of a file is read, how a value is stored, and how it is shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, get_args
from urllib.parse import urlsplit

from tools.catalogue.cells import (
    MAX_NAME,
    SetAside,
    category_path,
    clean_text,
    cut,
    first_of,
    read_number,
    texts_of,
    unused,
)
from tools.catalogue.sizes import is_size_name
from tools.catalogue.variants import option_values
from tools.product import Availability, Variant

MAX_DESCRIPTION = 20_000
MAX_ADDRESS = 2_000
TEXTS = ("name", "title", "label", "value", "text")
_ADDRESSES = (
    "src", "url", "secure_url", "link", "href", "path", "file", "original", "large", "full",
)  # fmt: skip
_NOT_IN_LINKS = re.compile(r"[\s\x00-\x20\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Blanks, controls, marks of direction, half characters."""
_MOST_NAMES = 100
_MOST_SHOWN = 12
"""Values of an option in a line for a person."""
_AMOUNTS = ("amount", "value", "price", "current")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a file. What is wrong with it is added to `notes`."""

    value: object
    fact: str
    line: int
    notes: list[SetAside]


@dataclass(frozen=True, slots=True)
class FactType:
    """How the values of one kind travel."""

    read: Callable[[Cell], Any] | None
    """The value in a cell, the empty one for a cell that cannot be used. None for what the reader
    of products works out from several cells."""
    show: Callable[[Any], str] = str
    """For a person; "" for the empty value."""
    words: Callable[[Any], str] | None = None
    """For full text and the text vector; None for the same as `show`."""
    pack: Callable[[Any], Any] = lambda value: value
    """As plain JSON."""
    unpack: Callable[[Any], Any] = lambda value: value
    inside: tuple[str, ...] = TEXTS
    """Where a file has a JSON object instead of a value: the likeliest names of the value in it."""
    numeric: bool = False
    """Whether exports write NaN for an unknown value."""
    boolean: bool = False
    """Whether true and false mean something."""
    pairs: Callable[[Any], Iterable[tuple[str, str]]] | None = None
    """Label and value of each part that is shown on a line of its own; None for one value."""


def _text(cell: Cell) -> str:
    return cut(clean_text(cell.value), cell.fact, MAX_DESCRIPTION, cell.line, cell.notes)


def _name(cell: Cell) -> str:
    return cut(clean_text(cell.value), cell.fact, MAX_NAME, cell.line, cell.notes)


def _first_name(cell: Cell) -> str:
    return cut(clean_text(first_of(cell.value)), cell.fact, MAX_NAME, cell.line, cell.notes)


def _rating(cell: Cell) -> float | None:
    return read_number(cell.value, cell.fact, 0, 5, cell.line, cell.notes)


def _count(cell: Cell) -> int | None:
    count = read_number(cell.value, cell.fact, 0, 1e12, cell.line, cell.notes)
    return None if count is None else int(count)


def _link(cell: Cell) -> str:
    address = first_of(cell.value).replace("\0", "")
    if address in ("", "None"):
        return ""
    if address.startswith("//"):
        address = f"https:{address}"  # as the pages of a shop write it
    if not _is_link(address):
        todo = "Write the whole address of the product's page, with https:// before it."
        cell.notes.append(unused(cell.line, cell.fact, address, todo))
        return ""
    return address


def _is_link(address: str) -> bool:
    if len(address) > MAX_ADDRESS or _NOT_IN_LINKS.search(address):
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


_AVAILABILITY: Mapping[Availability, str] = {
    "in stock": """
        in stock|available|available for sale|in store|in store only|online only|yes|true|
        y|auf lager|lagernd|lieferbar|sofort lieferbar|verfugbar|vorratig|en stock|disponible|
        disponibile|em estoque|disponivel|op voorraad|leverbaar
    """,
    "few left": """
        few left|low stock|limited stock|limited availability|limited|almost gone|
        wenige verfugbar|nur noch wenige|stock limite|ultimas unidades
    """,
    "backorder": "backorder|back order|backordered|on backorder|on back order|available to order|"
    "nachbestellt|made to order|auf bestellung",
    "preorder": "preorder|pre order|presale|pre sale|coming soon|vorbestellbar|vorbestellung|"
    "precommande|preventa",
    "out of stock": """
        out of stock|oos|sold out|unavailable|not available|currently unavailable|
        temporarily out of stock|reserved|no|false|n|nicht auf lager|ausverkauft|nicht verfugbar|
        nicht lieferbar|nicht vorratig|vergriffen|en rupture de stock|rupture de stock|epuise|
        agotado|sin stock|esaurito|non disponibile|esgotado|indisponivel|uitverkocht|
        niet op voorraad
    """,
    "discontinued": "discontinued|end of life|retired|no longer available|eingestellt|"
    "auslaufartikel",
}
_AVAILABILITY_WORDS: Mapping[str, Availability] = {
    re.sub(r"\s", "", words): availability
    for availability, line in _AVAILABILITY.items()
    for words in line.split("|")
}
assert set(_AVAILABILITY) == set(get_args(Availability)) - {""}


def _availability(cell: Cell) -> Availability:
    """Words of feeds and shop systems, schema.org's names, true and false, or a number in stock."""
    text = clean_text(first_of(cell.value))
    if text.lower() in {"", "null", "nan", "n/a", "unknown"}:
        return ""
    plain = text.rstrip("/").rpartition("/")[2] if "://" in text else text
    try:
        return "in stock" if float(plain.replace(",", "")) > 0 else "out of stock"
    except ValueError:
        pass
    found = _AVAILABILITY_WORDS.get(_letters(plain))
    if found is None:
        todo = f"Write one of: {', '.join(_AVAILABILITY)}."
        cell.notes.append(unused(cell.line, cell.fact, text, todo))
        return ""
    return found


def _letters(text: str) -> str:
    """The letters of a text in small, without accents: "InStock" and "in_stock" are one."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if letter.isalnum())


def _shown_number(value: float | None) -> str:
    return "" if value is None else f"{value:,}"


def _shown_rating(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


CODE = FactType(None)
TITLE = FactType(None)
CURRENCY = FactType(None)
PRICE = FactType(None, inside=_AMOUNTS, numeric=True)
PICTURE = FactType(None, inside=_ADDRESSES)
PICTURES = FactType(None, pack=list, unpack=tuple)
NAME = FactType(_name)
FIRST_NAME = FactType(_first_name)
"""A name; of a list of names the first."""
TEXT = FactType(_text, show=lambda text: " ".join(text.split()), words=str)
PATH = FactType(
    lambda cell: category_path(cell.value),
    show=" > ".join,
    words=" ".join,
    pack=list,
    unpack=tuple,
)
RATING = FactType(_rating, show=_shown_rating, numeric=True)
COUNT = FactType(_count, show=_shown_number, numeric=True)
LINK = FactType(_link, inside=("href", "url", "canonical", "link"))
"""An address of http or https: no other is safe to click on."""
AVAILABILITY = FactType(_availability, boolean=True)
MOMENT = FactType(None)


def _quantity(cell: Cell) -> int | None:
    """A whole number; what is sold short is none left."""
    text = clean_text(first_of(cell.value)).replace(",", "")
    try:
        return max(0, int(float(text)))
    except (ValueError, OverflowError):
        return None


def _names(cell: Cell) -> tuple[str, ...]:
    parts = [part for text in texts_of(cell.value) for part in re.split(r"[,;|]", text)]
    names = (clean_text(part)[:MAX_NAME] for part in parts)
    return tuple(dict.fromkeys(filter(None, names)))[:_MOST_NAMES]


def _option_lines(variants: Sequence[Variant]) -> list[tuple[str, str]]:
    lines = []
    for name, values in option_values(variants).items():
        more = f" and {len(values) - _MOST_SHOWN} more" if len(values) > _MOST_SHOWN else ""
        lines.append((name, ", ".join(values[:_MOST_SHOWN]) + more))
    return lines


def _shown_pairs(pairs: Sequence[tuple[str, str]]) -> str:
    return ". ".join(f"{name}: {value}" for name, value in pairs)


def _option_words(variants: Sequence[Variant]) -> str:
    """Sizes are found by a filter; as words, "9" and "M" would find what has nothing of it."""
    return "\n".join(
        f"{name} {' '.join(values)}"
        for name, values in option_values(variants).items()
        if not is_size_name(name)
    )


_VARIANT_DEFAULTS: Mapping[str, Any] = {
    each.name: None if each.default is MISSING else each.default for each in fields(Variant)
}


def _pack_variants(variants: Sequence[Variant]) -> list[dict[str, Any]]:
    return [
        {
            name: _plain_json(getattr(variant, name))
            for name, default in _VARIANT_DEFAULTS.items()
            if getattr(variant, name) != default
        }
        for variant in variants
    ]


def _plain_json(value: Any) -> Any:
    return [_plain_json(each) for each in value] if isinstance(value, tuple) else value


def _unpack_variants(packed: Sequence[Mapping[str, Any]]) -> tuple[Variant, ...]:
    return tuple(
        Variant(**{
            name: _as_tuple(value) for name, value in each.items() if name in _VARIANT_DEFAULTS
        })
        for each in packed
    )  # fmt: skip


def _as_tuple(value: Any) -> Any:
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value


QUANTITY = FactType(_quantity, show=_shown_number, numeric=True)
NAMES = FactType(_names, show=", ".join, words=" ".join, pack=list, unpack=tuple)
LEVELS = FactType(None, show=", ".join, words=" ".join, pack=list, unpack=tuple)
CODES = FactType(None, show=", ".join, words=" ".join, pack=list, unpack=tuple)
PAIRS = FactType(
    None,
    show=_shown_pairs,
    words=lambda pairs: "\n".join(f"{name} {value}" for name, value in pairs),
    pack=_plain_json,
    unpack=_as_tuple,
    pairs=list,
)
"""Names and values."""
VARIANTS = FactType(
    None,
    show=lambda variants: _shown_pairs(_option_lines(variants)),
    words=_option_words,
    pack=_pack_variants,
    unpack=_unpack_variants,
    pairs=_option_lines,
)
