"""The three tools over one shop, without any protocol: arguments in, an answer out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.errors import RequestError
from tools.mcp_server.answers import Answer, compared_answer, details_answer, found_answer
from tools.mcp_server.arguments import CompareProducts, GetProduct, SearchProducts, read
from tools.media.given_photo import open_given_photo
from tools.product import Product
from tools.search.arguments import SearchArguments
from tools.search.comparison import compare
from tools.search.planning import plan_search
from tools.search.relaxation import Relaxation, relaxations
from tools.search.rows import shown_row_of
from tools.search.search_context import SearchContext, TurnPhoto
from tools.search.searchable_shop import SearchableShop

SEARCH = "search_products"
DETAILS = "get_product"
COMPARE = "compare_products"
_LONGEST_ID = 80
"""Characters of an unknown id that are repeated in the error."""
_ITS_OWN = ("photo", "like", "limit")
"""Arguments of a search that do not go on as they are."""


@dataclass(frozen=True, slots=True)
class ShopTools:
    """What an agent may call. Blocking, and safe from any thread."""

    shop: SearchableShop
    results: int = 9
    """Products of a search that names no limit."""
    max_photo_mb: float = 10
    allowed_hosts: Sequence[str] = ()
    """Hosts ("host:port") of photos that may have addresses that are not public."""

    def call(self, name: str, arguments: Mapping[str, Any]) -> Answer:
        """The answer of the tool of that name.

        Raises ShopperError with a sentence that says what to do, also for an unknown tool.
        """
        if name == SEARCH:
            return self._search(read(SearchProducts, arguments, "The search cannot be run"))
        if name == DETAILS:
            asked = read(GetProduct, arguments, "The product cannot be looked up")
            return details_answer(self._product(asked.id))
        if name == COMPARE:
            return self._compare(read(CompareProducts, arguments, "The comparison cannot be run"))
        raise RequestError(f"There is no such tool. Call {SEARCH}, {DETAILS} or {COMPARE}.")

    def _search(self, asked: SearchProducts) -> Answer:
        for option in asked.options:
            option_name, _, value = option.partition("=")
            if not option_name.strip() or not value.strip():
                raise RequestError("Each of `options` is NAME=VALUE, such as size=M.")
        like = self._product(asked.like) if asked.like else None
        photo = None
        if asked.photo:
            photo = open_given_photo(
                asked.photo, max_mb=self.max_photo_mb, allowed_hosts=self.allowed_hosts
            )
        given = {name: value for name, value in dict(asked).items() if name not in _ITS_OWN}
        pictures = {"photo": 1 if photo else None, "like": 1 if like else None}
        context = SearchContext(
            photos=[TurnPhoto("photo", ref="photo")] if photo else (),
            shown=[shown_row_of(like)] if like else (),
        )
        if photo is not None:
            opened = photo
            context = SearchContext(context.photos, lambda _: opened, context.shown)
        plan = plan_search(SearchArguments.unchecked(given | pictures), self.shop, context)
        plan = plan.told(self.shop)
        limit = asked.limit or self.results
        result = self.shop.search(plan.query, limit)
        relaxed: tuple[Relaxation, ...] = ()
        if not result.matches:
            relaxed = relaxations(self.shop, plan.query, limit)
        unmentioned = result.unmentioned and bool(asked.words.strip())
        return found_answer(plan, result.matches, relaxed, unmentioned=unmentioned)

    def _compare(self, asked: CompareProducts) -> Answer:
        ids = list(dict.fromkeys(asked.ids))
        if len(ids) < 2:
            raise RequestError("These are one product. Give the ids of two or more different ones.")
        products = [self._product(each) for each in ids]
        return compared_answer(compare(range(1, len(ids) + 1), products))

    def _product(self, product_id: str) -> Product:
        product = self.shop.product(product_id)
        if product is None:
            raise RequestError(
                f"This shop has no product with the id {product_id[:_LONGEST_ID]!r}. "
                f"Take the id from an answer of {SEARCH}."
            )
        return product
