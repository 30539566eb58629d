"""What Milvus filters products with variants by: tokens and the range of their prices.

They let through every product that one of its variants may pass for, and some more. They have
columns of their own; in a collection of schema version 2 they stand in the JSON column beside the
facts, which the embedded Milvus parses for every row of every search.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tools.catalogue.colors import plain_color
from tools.catalogue.option_counts import options_stated
from tools.catalogue.variants import BUYABLE, all_prices, as_variants, listed
from tools.product import Product
from tools.text import fold

TOKENS, LOW, HIGH = "sieve_tokens", "sieve_low", "sieve_high"
"""The columns: tokens, each on a line of its own, and prices in minor units."""
DOCUMENT = "facts"
"""The JSON column of all facts without a column of their own; in version 2 of these too."""
SCHEMA_VERSION = 3
"""Of a collection, see `schema`."""
LAST_IN_DOCUMENT = 2
"""The last schema version whose entries stand there."""
LONGEST = 65_535
"""Bytes of the column of tokens."""
IN_STOCK, ON_SALE = "in stock", "on sale"
CODE = "code"
_MOST_TOKENS = 4000


def token(key: str, value: str) -> str:
    """Of an option's value or a code, whatever its case."""
    if key == "color":
        return f"color={plain_color(value)}"
    return f"{key}={plain_code(value) if key == CODE else fold(value)}"


def plain_code(code: str) -> str:
    """A code for comparison: blanks, hyphens, case and leading zeros do not matter."""
    return "".join(letter for letter in code.casefold() if letter.isalnum()).lstrip("0")


def sieve_of(product: Product) -> dict[str, Any]:
    """The entries of a product; {} for one that has neither variants nor such facts."""
    tokens = {token(key, value): None for key, value in options_stated(product)}
    if len(colors := listed(product.color)) > 1:
        tokens |= {token("color", color): None for color in colors}
    variants = as_variants(product)
    if any(variant.availability in BUYABLE for variant in variants):
        tokens[IN_STOCK] = None
    if any(variant.was is not None for variant in variants):
        tokens[ON_SALE] = None
    codes = (*product.codes, *(code for variant in product.variants for code in variant.codes))
    tokens |= {token(CODE, code): None for code in codes}
    entries: dict[str, Any] = {TOKENS: list(tokens)[:_MOST_TOKENS]} if tokens else {}
    if (product.variants or product.sale_until) and (prices := all_prices(product)):
        entries |= {LOW: prices[0], HIGH: prices[1]}
    return entries


def sieve_columns(entries: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of a product as the columns hold them. Tokens beyond LONGEST are left out."""
    lines, room = [""], LONGEST - 1
    for each in map(as_line, entries.get(TOKENS, ())):
        room -= len(each.encode()) + 1
        if room < 0:
            break
        lines.append(each)
    held = "\n".join([*lines, ""]) if len(lines) > 1 else ""
    return {TOKENS: held, LOW: entries.get(LOW), HIGH: entries.get(HIGH)}


def as_line(held: str) -> str:
    """A token without what means something in a pattern of LIKE; an underscore stands for any
    letter there, so for itself too."""
    return re.sub(r"[\\%\n]", " ", held)
