"""What Milvus filters products with variants by: tokens and the range of their prices.

They stand in the JSON column beside the facts and are no facts: they let through every product
that one of its variants may pass for, and some more.
"""

from __future__ import annotations

from typing import Any

from tools.catalogue.colors import plain_color
from tools.catalogue.option_counts import options_stated
from tools.catalogue.variants import BUYABLE, all_prices, as_variants
from tools.product import Product
from tools.text import fold

_TOKENS, _LOW, _HIGH = "sieve_tokens", "sieve_low", "sieve_high"
DOCUMENT = "facts"
"""The JSON column of all facts without a column of their own, and of these."""
TOKENS, LOW, HIGH = (f'{DOCUMENT}["{name}"]' for name in (_TOKENS, _LOW, _HIGH))
"""As expressions name them."""
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
    variants = as_variants(product)
    if any(variant.availability in BUYABLE for variant in variants):
        tokens[IN_STOCK] = None
    if any(variant.was is not None for variant in variants):
        tokens[ON_SALE] = None
    codes = (*product.codes, *(code for variant in product.variants for code in variant.codes))
    tokens |= {token(CODE, code): None for code in codes}
    entries: dict[str, Any] = {_TOKENS: list(tokens)[:_MOST_TOKENS]} if tokens else {}
    if (product.variants or product.sale_until) and (prices := all_prices(product)):
        entries |= {_LOW: prices[0], _HIGH: prices[1]}
    return entries
