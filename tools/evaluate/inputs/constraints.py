"""Which constraints a labelled query states, and whether a product breaks one of them.

Checked on the product's own facts and not by the index, whose filters are what is measured.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from tools.catalogue.vocabulary import LEVELS, Unknown, Vocabulary, resolve
from tools.evaluate.inputs.labels import StatedConstraints
from tools.filter_codec import filters_of_arguments
from tools.product import Filters, Product
from tools.text import fold


@dataclass(frozen=True, slots=True)
class ResolvedFilters:
    """Filters in a catalogue's own names, and the names that it does not know."""

    filters: Filters
    unknown: tuple[Unknown, ...]


def resolve_constraints(stated: StatedConstraints, vocabulary: Vocabulary) -> ResolvedFilters:
    """What is stated, as the chat would hand it to the search."""
    low, high, currency = stated.min_price, stated.max_price, vocabulary.currency
    asked = filters_of_arguments(asdict(stated), currency)
    filters, unknown = resolve(asked, vocabulary)
    if low is not None or high is not None:
        filters = replace(filters, currency=currency)
    return ResolvedFilters(filters, unknown)


def violates(product: Product, filters: Filters) -> bool:
    """Whether the product lies outside the filters. What is unknown of it does not pass a bound."""
    price, rating = product.price_minor, product.rating
    if filters.min_price is not None or filters.max_price is not None:
        low = filters.min_price if filters.min_price is not None else 0
        if price is None or price < low or product.currency != filters.currency:
            return True
        if filters.max_price is not None and price > filters.max_price:
            return True
    if filters.min_rating is not None and (rating is None or rating < filters.min_rating):
        return True
    levels = {fold(level) for level in product.category}
    return (
        (bool(filters.categories) and not any(_on(levels, name) for name in filters.categories))
        or (bool(filters.colors) and fold(product.color) not in map(fold, filters.colors))
        or (bool(filters.brands) and fold(product.brand) not in map(fold, filters.brands))
    )


def _on(levels: set[str], name: str) -> bool:
    """Whether a product on these levels stands under a name, or under all levels of a path."""
    return all(fold(level) in levels for level in name.split(LEVELS))
