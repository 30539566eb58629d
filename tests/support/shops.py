"""The real shop with one thing changed."""

from __future__ import annotations

from typing import Any

from tools.product import Product, Query, SearchResult
from tools.search.shop import Shop


class Overseen:
    """The real shop with something done before each search; for faults and for timing."""

    def __init__(self, shop: Shop, before: Any) -> None:
        self.shop, self.before = shop, before
        self.name, self.kind_meant, self.seen_in = shop.name, shop.kind_meant, shop.seen_in
        self.says_elsewhere, self.beyond_kind = shop.says_elsewhere, shop.beyond_kind
        self.products, self.product_with_variant = shop.products, shop.product_with_variant
        self.named = shop.named
        self.answering, self.acts_in = shop.answering, shop.acts_in

    @property
    def vocabulary(self) -> Any:
        return self.shop.vocabulary

    def search(self, query: Query, limit: int = 9) -> SearchResult:
        self.before()
        return self.shop.search(query, limit)

    def product(self, product_id: str, /) -> Product | None:
        return self.shop.product(product_id)

    def count(self) -> int:
        return self.shop.count()


class Backwards:
    """The real shop with its lists turned round, so that there is something to put in order."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.name, self.product, self.count = shop.name, shop.product, shop.count
        self.kind_meant, self.seen_in = shop.kind_meant, shop.seen_in
        self.says_elsewhere, self.beyond_kind = shop.says_elsewhere, shop.beyond_kind
        self.products, self.product_with_variant = shop.products, shop.product_with_variant
        self.named = shop.named
        self.answering, self.acts_in = shop.answering, shop.acts_in

    @property
    def vocabulary(self) -> Any:
        return self._shop.vocabulary

    def search(self, query: Query, limit: int = 9) -> SearchResult:
        result = self._shop.search(query, limit)
        return SearchResult(result.matches[::-1], result.filters, result.timings_ms)
