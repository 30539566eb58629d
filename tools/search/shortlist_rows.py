"""The shortlist of a conversation: rows added, removed and looked up.

A product is kept with the number that it was shown under, so that "drop 5" still means it when
other lists have been shown. Not covered: a shortlist over several conversations.
"""

from __future__ import annotations

from collections.abc import Sequence

from tools.errors import RequestError
from tools.product import Product
from tools.search.rows import KeptRow, ShownRow, shown_id
from tools.search.searchable_shop import SearchableShop, product_of

MOST_KEPT = 24


def added_rows(
    shop: SearchableShop,
    numbers: Sequence[int],
    shown: Sequence[ShownRow],
    kept: Sequence[KeptRow],
) -> list[KeptRow]:
    """New rows for the shown products that are not kept yet. Blocking.

    Raises RequestError for a number that no card has, a product that is gone, and a full shortlist.
    """
    known = {row["id"] for row in kept}
    rows = []
    for number in dict.fromkeys(numbers):
        product = product_of(shop, shown_id(number, shown))
        if product.id not in known:
            rows.append(KeptRow(id=product.id, title=product.title, number=number))
    if len(kept) + len(rows) > MOST_KEPT:
        raise RequestError(f"At most {MOST_KEPT} products are kept. Let go of some first.")
    return rows


def kept_row(number: int, shown: Sequence[ShownRow], kept: Sequence[KeptRow]) -> KeptRow:
    """The kept product that a number means: on the newest list, else as it was kept.

    Raises RequestError for a number that means none.
    """
    if not kept:
        raise RequestError("Nothing is kept yet.")
    if 1 <= number <= len(shown):
        for row in kept:
            if row["id"] == shown[number - 1]["id"]:
                return row
    for row in reversed(kept):
        if row["number"] == number:
            return row
    under = " and ".join(str(row["number"]) for row in kept)
    raise RequestError(f"Number {number} is not kept. What is kept was shown as {under}.")


def kept_still(shop: SearchableShop, kept: Sequence[KeptRow]) -> list[Product]:
    """The kept products that the shop still has, in the order of keeping. Blocking."""
    found = [shop.product(row["id"]) for row in kept]
    return [product for product in found if product is not None]
