"""The part of a shop that a conversation and the agent's tools use."""

from __future__ import annotations

from typing import Protocol

from tools.catalogue.vocabulary import Vocabulary
from tools.product import Product, Query, SearchResult


class SearchableShop(Protocol):
    """A catalogue that can be searched. Methods block and are safe from any thread."""

    @property
    def name(self) -> str:
        """Of the active catalogue."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The catalogue's own words, as they are now."""

    def search(self, query: Query, limit: int = 9) -> SearchResult:
        """The best matches within the filters, best first."""

    def product(self, product_id: str, /) -> Product | None:
        """One product, or None when the catalogue has none with that id."""

    def count(self) -> int:
        """Products in the catalogue."""
