"""What an empty search would find with one of its constraints dropped.

Every answer comes from searches of its own: one for each constraint that is set, and one more for
the cheapest where there are more than are shown. Not covered: dropping two constraints at once.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tools.filter_codec import CONSTRAINTS, without_constraint
from tools.money import to_decimal
from tools.product import Query, Spoken

if TYPE_CHECKING:
    from tools.search.searchable_shop import SearchableShop


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What is there without one constraint."""

    without: str
    """One of `tools.filter_codec.CONSTRAINTS`."""
    found: int
    """How many, up to the limit of the search."""
    cheapest: str | None
    """Lowest price in the shop of what that search asks for, whether it is among them or not, in
    major units as a decimal; None when none has a price."""
    currency: str


def relaxations(shop: SearchableShop, query: Query, limit: int) -> tuple[Relaxation, ...]:
    """One for each constraint that alone stands in the way; () when none does alone. Blocking."""
    every = [(each, without_constraint(query.filters, each)) for each in CONSTRAINTS]
    relaxed = [(each, filters) for each, filters in every if filters != query.filters]
    if not relaxed:
        return ()
    bare = replace(query, spoken=Spoken())  # how many there are is asked, in no order
    with ThreadPoolExecutor(len(relaxed), thread_name_prefix="relax") as pool:
        found = pool.map(
            lambda one: _relaxation(shop, replace(bare, filters=one[1]), one[0], limit), relaxed
        )
        return tuple(each for each in found if each is not None)


def _relaxation(shop: SearchableShop, query: Query, without: str, limit: int) -> Relaxation | None:
    """What a query finds that has one constraint less; None for nothing."""
    matches = shop.search(query, limit).matches
    if not matches:
        return None
    # The nearest are not the cheapest, and who has named a price wants to know what there is.
    more = len(matches) == limit
    by_price = shop.search(replace(query, sort="cheapest"), 1).matches if more else ()
    seen = [match.product for match in (*by_price, *matches)]
    priced = [(p.price_minor, p.currency) for p in seen if p.price_minor is not None]
    minor, currency = min(priced, default=(None, ""))
    price = None if minor is None else str(to_decimal(minor, currency))
    return Relaxation(without, len(matches), price, currency)
