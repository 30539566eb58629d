"""The product whose page a shopper looks at, as the newest list of the thread.

Its card has number 1, and its picture is what the newest search started from: "is this in stock?",
"cheaper" and "in blue" lean on it as on a card.
"""

from __future__ import annotations

from typing import Any

from tools.filter_codec import row_of_filters
from tools.product import Filters
from tools.search.rows import SearchRow, shown_row_of
from tools.search.searchable_shop import SearchableShop

LIST_ID = "page"
"""Of a list that consists of such a product. Buttons of its card need no search behind it."""


def page_list(product_id: str, shop: SearchableShop) -> dict[str, Any]:
    """The keys of the state with this product as the newest list; {} when it is gone. Blocking."""
    product = shop.product(product_id)
    if product is None:
        return {}
    search = SearchRow(
        words="",
        photo="",
        product=product.id,
        **row_of_filters(Filters()),
        second="",
        misread="",
        sort="",
        list_id=LIST_ID,
    )
    return {
        "shown": [shown_row_of(product)],
        "search": search,
        "seen": [product.id],
        "constraints": [],
    }
