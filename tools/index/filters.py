"""Typed filters as a Milvus expression. The only place where one is written.

Milvus Lite has no filter templates, so values are quoted here; nothing of a shopper's words
reaches an expression but through a quoted literal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from tools.catalogue.options import options_by_key
from tools.catalogue.vocabulary import LEVELS
from tools.index import sieve
from tools.index.sieve import SCHEMA_VERSION
from tools.index.stemming import search_terms
from tools.product import Filters
from tools.text import fold

CATEGORY_COLUMNS = tuple(f"category_{level}" for level in range(1, 7))
"""A plain column a level: an array column costs three times as much to filter by."""
_MOST_COLORS_SAID = 12


HAS_PICTURE = 'image != ""'
"""Matches products with a picture."""


def category_columns(path: tuple[str, ...], others: tuple[str, ...] = ()) -> dict[str, str]:
    """The folded levels by column; the last column holds the deepest level of a longer path.

    Names of other categories take the columns that are left.
    """
    levels = [fold(name) for name in path]
    if len(levels) > len(CATEGORY_COLUMNS):
        levels = [*levels[: len(CATEGORY_COLUMNS) - 1], levels[-1]]
    levels = [*levels, *map(fold, others)][: len(CATEGORY_COLUMNS)]
    levels += [""] * (len(CATEGORY_COLUMNS) - len(levels))
    return dict(zip(CATEGORY_COLUMNS, levels, strict=True))


def expression(filters: Filters, version: int = SCHEMA_VERSION) -> str:
    """The filters as an expression over the columns of a schema version; "" for no filters.

    Of products with variants it lets more through than passes: each bound and each option holds
    for some variant, but not all for the same one. `tools.search.fitting` looks at the variants,
    and at what is not wanted.
    """
    parts: list[str] = []
    if filters.min_price is not None:
        least = int(filters.min_price)
        also = f"{_named(sieve.HIGH, version)} >= {least}" if filters.varied else ""
        parts.append(_either(f"price_minor >= {least}", also))
    if filters.max_price is not None:
        most = int(filters.max_price)
        also = f"{_named(sieve.LOW, version)} <= {most}" if filters.varied else ""
        parts.append(_either(f"price_minor <= {most}", also))
    if filters.currency and (filters.min_price is not None or filters.max_price is not None):
        parts.append(f"currency == {_quoted(filters.currency)}")
    if filters.min_rating is not None and math.isfinite(filters.min_rating):
        parts.append(f"rating >= {float(filters.min_rating)!r}")
    if filters.categories:
        parts.append(_in_categories(filters.categories))
    if filters.colors:
        own = f"color_key in {_list(map(fold, filters.colors))}"
        tokens = [sieve.token("color", color) for color in filters.colors]
        either = _either(own, _has_any(tokens, version) if filters.varied else "")
        parts.append(_either(either, _in_words(filters.colors) if filters.uncolored else ""))
    if filters.brands:
        parts.append(f"brand_key in {_list(map(fold, filters.brands))}")
    if filters.exclude_ids:
        parts.append(f"id not in {_list(filters.exclude_ids)}")
    for key, values in options_by_key(filters).items():
        parts.append(_has_any([sieve.token(key, value) for value in values], version))
    if filters.in_stock:
        parts.append(_has_any([sieve.IN_STOCK], version))
    if filters.on_sale:
        parts.append(_has_any([sieve.ON_SALE], version))
    return " and ".join(parts)


def _either(own: str, also: str) -> str:
    return f"({own} or {also})" if also else own


def _in_words(colors: tuple[str, ...]) -> str:
    """Matches products that state no color and name one of these in their words."""
    said = " or ".join(filter(None, map(says, colors[:_MOST_COLORS_SAID])))
    return f'(color_key == "" and ({said}))' if said else ""


def _named(entry: str, version: int) -> str:
    """Where an entry of the sieve stands."""
    in_document = version <= sieve.LAST_IN_DOCUMENT
    return f'{sieve.DOCUMENT}["{entry}"]' if in_document else entry


def _has_any(tokens: list[str], version: int) -> str:
    """Matches products that hold any of these tokens."""
    column = _named(sieve.TOKENS, version)
    if version <= sieve.LAST_IN_DOCUMENT:
        return f"json_contains_any({column}, {_list(tokens)})"
    lines = [f"%\n{sieve.as_line(token)}\n%" for token in tokens]
    return "(" + " or ".join(f"{column} like {_quoted(line)}" for line in lines) + ")"


def codes_expression(codes: Iterable[str], version: int = SCHEMA_VERSION) -> str:
    """Matches products that have, or one of whose variants has, one of these codes."""
    return _has_any([sieve.token(sieve.CODE, code) for code in codes], version)


def _in_categories(categories: tuple[str, ...]) -> str:
    """Any of the names on any level; of a path all its levels."""
    single = [fold(name) for name in categories if LEVELS not in name]
    paths = [name.split(LEVELS) for name in categories if LEVELS in name]
    ways = [f"{column} in {_list(single)}" for column in CATEGORY_COLUMNS if single]
    for levels in paths:
        each = [
            "(" + " or ".join(f"{column} == {_quoted(fold(level))}" for column in CATEGORY_COLUMNS)
            + ")"
            for level in levels
        ]  # fmt: skip
        ways.append("(" + " and ".join(each) + ")")
    return "(" + " or ".join(ways) + ")"


def says(phrase: str) -> str:
    """Matches products whose text has this word or phrase, in any form; "" for no word at all.

    `terms` holds what full text searches: stemmed words parted by single blanks, so that a whole
    word is found by the blanks around it. An underscore is LIKE's own sign for any letter.
    """
    terms = search_terms(phrase)
    if not terms:
        return ""
    ways = (terms, f"{terms} %", f"% {terms}", f"% {terms} %")
    return "(" + " or ".join(f"terms like {_quoted(way)}" for way in ways) + ")"


def ids_expression(ids: Iterable[str]) -> str:
    """Matches exactly these products."""
    return f"id in {_list(ids)}"


def beyond_expression(identity: str) -> str:
    """Matches the products whose ids come behind this one, in Milvus' order of ids."""
    return f"id > {_quoted(identity)}"


def _list(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(_quoted, values)) + "]"


def _quoted(value: str) -> str:
    """A string literal. The escapes are those that Milvus and Milvus Lite both know."""
    for raw, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        value = value.replace(raw, escaped)
    return f'"{value}"'
