"""Which variants of a product satisfy all constraints at once: the exact truth behind filters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from tools.catalogue.colors import plain_color
from tools.catalogue.sizes import is_size_name, same_size
from tools.product import Availability, Product, Variant
from tools.text import fold

BUYABLE: frozenset[Availability] = frozenset({"in stock", "few left"})
"""What counts as in stock: a backorder does not, nor does what the shop does not say."""
SOLD_OUT: frozenset[Availability] = frozenset({"out of stock", "discontinued"})
_COLOR_NAMES = frozenset({
    "color", "colour", "colors", "colours", "farbe", "couleur", "colore", "cor", "kleur", "farg",
    "färg", "farve", "väri", "kolor", "barva", "цвет",
})  # fmt: skip
_FACTS = ("color", "material", "pattern", "gender", "age_group", "condition", "brand")
"""Facts of a product that can be asked for as options are."""
_PARTS = re.compile(r"\s*[/,;|&+]\s*")
_LISTED = re.compile(r"\s*[,;|]\s*")
_PEOPLE = {
    "male": "male men man mens men's boy boys boy's herren herr homme hombre uomo heren",
    "female": "female women woman womens women's ladies lady girl girls girl's damen dame femme "
    "mujer donna dames",
    "unisex": "unisex",
}
_GENDERS = {word: gender for gender, words in _PEOPLE.items() for word in words.split()}


def as_variants(product: Product) -> tuple[Variant, ...]:
    """The variants of a product; one with its own facts for a product without any."""
    return product.variants or (
        Variant(
            product.id,
            tuple(("Color", color) for color in listed(product.color)),
            product.price_minor,
            product.was,
            product.sale_until,
            product.availability,
            product.quantity,
            product.link,
            product.image,
            product.codes,
        ),
    )


def fitting_variants(
    product: Product,
    options: Mapping[str, Sequence[str]],
    max_price: int | None = None,
    min_price: int | None = None,
    in_stock: bool = False,
) -> tuple[Variant, ...]:
    """The variants that satisfy all of it, in the shop's order; () for a product that does not fit.

    `options` is name → values, of which any will do. A name is that of an option, of a fact
    ("material") or of an attribute of the shop. Bounds are minor units of the product's currency
    and inclusive; a variant without a price passes none. What is unknown is not in stock.
    """
    return tuple(
        variant
        for variant in as_variants(product)
        if _priced(variant, min_price, max_price)
        and (not in_stock or variant.availability in BUYABLE)
        and all(
            any(_same(name, asked, stated) for asked in values for stated in found)
            for name, values in options.items()
            if values
            for found in [values_of(product, variant, name)]
        )
    )


def values_of(product: Product, variant: Variant, name: str) -> tuple[str, ...]:
    """What a variant states under a name: its own option, else the product's fact or attribute."""
    own = [value for option, value in variant.options if same_name(option, name)]
    if own:
        return tuple(own)
    key = option_key(name)
    if key == "tags":
        return product.tags
    # The color of a product with variants is that of one of them.
    if key in _FACTS and (key != "color" or not _varies(product, "color")):
        stated = getattr(product, key)
        if stated:
            return with_parts(stated)
    found = [value for other, value in product.attributes if same_name(other, name)]
    return tuple(part for value in found for part in with_parts(value))


def _varies(product: Product, name: str) -> bool:
    return any(same_name(option, name) for v in product.variants for option, _ in v.options)


def same_name(one: str, other: str) -> bool:
    """Whether two names of options mean the same: "Colour" and "color", "Größe" and "size"."""
    return option_key(one) == option_key(other)


@lru_cache(maxsize=4096)
def option_key(name: str) -> str:
    """What names of options and facts are compared by: "Colour" is "color", "Größe" is "size",
    "Age Group" is "age_group"."""
    key = fold(name).replace("_", " ")
    if key in _COLOR_NAMES:
        return "color"
    if is_size_name(name):
        return "size"
    return key.replace(" ", "_")


def _same(name: str, asked: str, stated: str) -> bool:
    key = option_key(name)
    if key == "size":
        return same_size(asked, stated)
    if key == "color":
        return plain_color(asked) == plain_color(stated)
    if key == "gender":
        return gender_of(asked) == gender_of(stated) or gender_of(stated) == "unisex"
    return fold(asked) == fold(stated)


def gender_of(said: str) -> str:
    """ "male", "female" or "unisex" for the words of shops and shoppers; others folded."""
    words = fold(said)
    return _GENDERS.get(words.replace("’", "'"), words)


def listed(value: str) -> tuple[str, ...]:
    """The values of a cell that may list several: "S, M, L"; "black/white" is one color."""
    return tuple(dict.fromkeys(part for part in _LISTED.split(value) if part))


def with_parts(value: str) -> tuple[str, ...]:
    """A value, and each part of one that lists several: "Cotton / Elastane"."""
    parts = [part for part in _PARTS.split(value) if part]
    return tuple(dict.fromkeys((value, *parts)))


def _priced(variant: Variant, low: int | None, high: int | None) -> bool:
    if low is None and high is None:
        return True
    price = variant.price
    return price is not None and (low is None or price >= low) and (high is None or price <= high)


def option_values(variants: Iterable[Variant]) -> dict[str, tuple[str, ...]]:
    """Option → its values in all variants, each once, in the shop's order."""
    found: dict[str, dict[str, None]] = {}
    for variant in variants:
        for name, value in variant.options:
            found.setdefault(name, {})[value] = None
    return {name: tuple(values) for name, values in found.items()}


def price_range(product: Product) -> tuple[int, int] | None:
    """The lowest and highest price of its variants, of those in stock where any is, for "from $12";
    None without a price. A coarse filter needs `all_prices`."""
    variants = as_variants(product)
    buyable = [variant for variant in variants if variant.availability in BUYABLE] or variants
    return _range(variant.price for variant in buyable)


def all_prices(product: Product) -> tuple[int, int] | None:
    """The lowest and highest price of all variants, sold out or not, and after their sales."""
    prices = [price for v in as_variants(product) for price in (v.price, v.was)]
    return _range(prices)


def _range(prices: Iterable[int | None]) -> tuple[int, int] | None:
    known = [price for price in prices if price is not None]
    return (min(known), max(known)) if known else None


def with_sales_ended(product: Product, now: datetime | None = None) -> Product:
    """The product with the prices of after each sale whose end has passed."""
    if not product.sale_until and not any(v.sale_until for v in product.variants):
        return product
    moment = now or datetime.now(UTC)
    variants = tuple(
        replace(v, price=v.was, was=None, sale_until="") if _over(v.sale_until, moment) else v
        for v in product.variants
    )
    if not _over(product.sale_until, moment):
        return replace(product, variants=variants)
    return replace(product, price_minor=product.was, was=None, sale_until="", variants=variants)


def _over(until: str, now: datetime) -> bool:
    return bool(until) and datetime.fromisoformat(until) < now
