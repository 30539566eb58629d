"""What an empty search would find with one of its constraints let go.

Every answer comes from a search of its own, so it costs one search for each constraint that is
set. Not covered: letting go of two constraints at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tools.money import to_decimal
from tools.product import Filters, Query
from tools.turn import SearchableShop

Constraint = Literal["price", "categories", "colors", "brands", "min_rating", "without"]


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What is there without one constraint."""

    without: Constraint
    found: int
    """How many, up to the limit of the search."""
    cheapest: str | None
    """Lowest price among them, major units as a decimal; None when none has a price."""
    currency: str


def relaxations(shop: SearchableShop, query: Query, limit: int) -> tuple[Relaxation, ...]:
    """One for each constraint that alone stands in the way; () when none does alone."""
    filters, found = query.filters, []
    # In the order in which shoppers give way most readily.
    without: dict[Constraint, Filters] = {
        "without": replace(filters, exclude_words=()),
        "colors": replace(filters, colors=()),
        "price": replace(filters, min_price=None, max_price=None),
        "min_rating": replace(filters, min_rating=None),
        "brands": replace(filters, brands=()),
        "categories": replace(filters, categories=()),
    }
    for constraint, relaxed in without.items():
        if relaxed == filters:
            continue
        matches = shop.search(replace(query, filters=relaxed), limit).matches
        if not matches:
            continue
        priced = [m.product for m in matches if m.product.price_minor is not None]
        cheapest = min(priced, key=lambda product: product.price_minor or 0, default=None)
        price = None
        if cheapest is not None and cheapest.price_minor is not None:
            price = str(to_decimal(cheapest.price_minor, cheapest.currency))
        currency = cheapest.currency if cheapest else ""
        found.append(Relaxation(constraint, len(matches), price, currency))
    return tuple(found)
