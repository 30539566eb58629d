"""The shortlist of a thread, for a front end that edits it by buttons.

The tool `shortlist` does the same for words; both write the same rows of the thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.errors import ShopperError
from tools.product import Product
from tools.search.rows import KeptRow
from tools.search.searchable_shop import SearchableShop
from tools.search.shortlist_rows import MOST_KEPT


@dataclass(frozen=True, slots=True)
class ShortlistItem:
    """One product on the shortlist."""

    id: str
    title: str
    product: Product | None
    """None when the shop no longer has it."""


def shortlist_items(rows: Sequence[KeptRow], shop: SearchableShop) -> tuple[ShortlistItem, ...]:
    """The shortlist in its order, as the catalogue has it now. Blocking."""
    return tuple(ShortlistItem(row["id"], row["title"], shop.product(row["id"])) for row in rows)


def with_added(
    rows: Sequence[KeptRow], product_id: str, number: int, shop: SearchableShop
) -> list[KeptRow]:
    """The rows with one more product; unchanged when it is on the list already. Blocking.

    Raises ShopperError for a product that is gone, and when the list is full.
    """
    if any(row["id"] == product_id for row in rows):
        return list(rows)
    product = shop.product(product_id)
    if product is None:
        raise ShopperError("That product is no longer in the shop.")
    if len(rows) >= MOST_KEPT:
        raise ShopperError(f"At most {MOST_KEPT} products are kept. Let go of some first.")
    return [*rows, KeptRow(id=product.id, title=product.title, number=number)]
