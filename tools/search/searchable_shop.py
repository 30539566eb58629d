"""The part of a shop that a conversation uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from tools.catalogue.vocabulary import Vocabulary
from tools.errors import RequestError
from tools.product import Filters, Product, Query, SearchResult

if TYPE_CHECKING:
    from PIL.Image import Image

    from tools.embedding.base import MessageActs


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """By how much the best product within wider filters fits words better than the best within
    narrower ones; 0 where one of those fits best."""

    share: float = 0.0
    """Of the words that it says, 0 to 1."""
    nearness: float = 0.0
    """Of meanings, as a difference of cosines."""


@runtime_checkable
class CatalogueMeaning(Protocol):
    """What a catalogue tells of words that may mean its things. Blocking, safe from any thread."""

    def kind_meant(self, said: str, /) -> str:
        """The category that words mean which no product says; "" for none."""

    def says_elsewhere(self, said: str, within: Filters, wider: Filters, /) -> Elsewhere:
        """How much better products that pass `wider` fit the words than those within `within`."""

    def beyond_kind(self, query: Query, /) -> float:
        """How much likelier the likeliest product outside the categories of a query is than the
        likeliest within; minus infinity where that cannot be told."""

    def acts_in(self, text: str, /) -> MessageActs | None:
        """What a message does; None where that cannot be told."""


class SearchableShop(CatalogueMeaning, Protocol):
    """`tools.search.shop.Shop` fills it. Blocking, and safe from any thread."""

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

    def products(self, product_ids: Sequence[str], /) -> dict[str, Product]:
        """Those of these ids that the catalogue has."""

    def product_with_variant(self, variant_id: str, /) -> Product | None:
        """The product that has a variant of this id, or None where none is known."""

    def named(self, names: Sequence[str], /) -> Product | None:
        """The product that one of these ids or codes names; None for none and for several."""

    def answering(self, asked: str, texts: Sequence[str], /) -> Sequence[float]:
        """How surely each of some short texts answers a question, in their order: as log odds
        against none of them doing so; empty where the embedder was not taught it."""

    def seen_in(self, photo: Image, /) -> str:
        """What a photo shows, in words; "" where that is not sure."""

    def count(self) -> int:
        """Products in the catalogue."""


def product_of(shop: SearchableShop, product_id: str) -> Product:
    """The product as the catalogue has it now. Raises RequestError when it is gone. Blocking."""
    product = shop.product(product_id)
    if product is None:
        raise RequestError("That product is no longer in the shop. Please pick another one.")
    return product
