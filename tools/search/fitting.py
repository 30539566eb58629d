"""The exact check behind Milvus' filters: all of them hold for one variant of a product.

A product is then shown as that variant: with its price, availability, link and color. Its picture
is that of its `Match`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tools.catalogue.options import options_by_key
from tools.catalogue.variants import (
    BUYABLE,
    SOLD_OUT,
    as_variants,
    fitting_variants,
    option_key,
)
from tools.product import Filters, Match, Product, Variant
from tools.search.exclusions import has, stated_colors


@dataclass(frozen=True, slots=True)
class Shown:
    """A product as its card shows it."""

    product: Product
    variant: Variant | None = None
    """The one that it is shown as; None for the product as the shop states it."""

    @property
    def sold_out(self) -> bool:
        """Whether nothing of what is shown can be bought or ordered."""
        if self.variant is not None:
            return self.variant.availability in SOLD_OUT
        return is_sold_out(self.product)


def is_sold_out(product: Product) -> bool:
    """Whether every variant is sold out; what the shop does not state is not."""
    return all(variant.availability in SOLD_OUT for variant in as_variants(product))


def narrows(filters: Filters) -> bool:
    """Whether any filter takes the product itself to check: what its variants differ in, and what
    is not wanted."""
    priced = filters.min_price is not None or filters.max_price is not None
    differs = filters.varied and (priced or filters.colors)
    variants = filters.options or filters.in_stock or filters.on_sale or differs
    return bool(variants or filters.exclude_words)


def shown_as(product: Product, filters: Filters) -> Shown | None:
    """The product as the variant that fits the filters best; None where none fits, or where the
    product has what is not wanted.

    What can be bought comes first, then the cheapest, then the shop's order. A product without
    variants is shown as it is.
    """
    found = fitting(product, filters)
    if not found or any(has(product, unwanted) for unwanted in filters.exclude_words):
        return None
    if not product.variants:
        return Shown(product)
    best = min(found, key=_rank)
    return Shown(as_variant(product, best), best)


def found_again(product: Product, filters: Filters) -> Match:
    """A product of an earlier list, as the variant that its search found if there still is one."""
    asks = narrows(replace(filters, varied=bool(product.variants)))
    shown = (shown_as(product, filters) if asks else None) or Shown(product)
    return Match(shown.product, 0.0, variant=shown.variant)


def fitting(product: Product, filters: Filters) -> tuple[Variant, ...]:
    """The variants for which all filters hold that variants differ in."""
    priced = filters.min_price is not None or filters.max_price is not None
    if priced and filters.currency and product.currency != filters.currency:
        return ()
    options = options_by_key(filters)
    if filters.colors and not (filters.uncolored and not stated_colors(product)):
        options["color"] = list(filters.colors)
    found = fitting_variants(
        product, options, filters.max_price, filters.min_price, filters.in_stock
    )
    return tuple(variant for variant in found if variant.was is not None or not filters.on_sale)


def _rank(variant: Variant) -> tuple[int, bool, int]:
    buyable = 0 if variant.availability in BUYABLE else 2
    if variant.availability not in (*BUYABLE, *SOLD_OUT):
        buyable = 1
    return buyable, variant.price is None, variant.price or 0


def as_variant(product: Product, variant: Variant) -> Product:
    """The product with the price, availability, link and color of a variant."""
    color = next((value for name, value in variant.options if option_key(name) == "color"), "")
    return replace(
        product,
        price_minor=variant.price,
        was=variant.was,
        sale_until=variant.sale_until,
        availability=variant.availability,
        quantity=variant.quantity,
        link=variant.link or product.link,
        color=color or product.color,
    )


def in_stock_first(shown: Iterable[Shown], asked_for: frozenset[str]) -> list[Shown]:
    """The same with what is sold out at the end, but for the ids that were asked for by name."""
    first: list[Shown] = []
    last: list[Shown] = []
    for each in shown:
        gone = each.sold_out and each.product.id not in asked_for
        (last if gone else first).append(each)
    return first + last
