"""Earlier lists of a conversation, shown again as they were numbered then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.errors import RequestError
from tools.filter_codec import filters_of_row
from tools.product import Filters, Match
from tools.search.arguments import SearchArguments
from tools.search.fitting import found_again
from tools.search.replies import SearchReply
from tools.search.rows import ListRow, SearchRow, ShownRow, shown_row
from tools.search.searchable_shop import SearchableShop


@dataclass(frozen=True, slots=True)
class EarlierList:
    """A list without the products that the shop no longer has."""

    matches: tuple[Match, ...]
    """With scores of 0."""
    ids: tuple[str, ...]
    """Of all products that it had."""
    search: SearchRow | None
    """What found it; None for the shortlist."""
    currency: str

    @property
    def words(self) -> str:
        """Of its search."""
        return self.search["words"] if self.search else ""

    @property
    def filters(self) -> Filters:
        """Of its search."""
        return filters_of_row(self.search) if self.search else Filters()

    @property
    def rows(self) -> list[ShownRow]:
        """Its cards, as the catalogue has the products now."""
        return [shown_row(match) for match in self.matches]

    def reply(self) -> SearchReply:
        """What is said of it."""
        return SearchReply(
            products=tuple(self.rows),
            searched=len(self.ids),
            filters=self.filters,
            currency=self.currency,
            shown_again=True,
        )


def earlier_list(
    asked: SearchArguments, lists: Sequence[ListRow], shop: SearchableShop
) -> EarlierList:
    """The list whose number is asked for. Blocking.

    Raises RequestError for a number that no list has, and for any argument beside it.
    """
    if asked != SearchArguments(list=asked.list):
        raise RequestError("`list` shows an earlier list as it was: give no other argument.")
    if not lists:
        raise RequestError("No list has been shown yet.")
    if asked.list is None or not 1 <= asked.list <= len(lists):
        known = "only list 1" if len(lists) == 1 else f"lists 1 to {len(lists)}"
        raise RequestError(f"There is no list {asked.list}; there are {known}.")
    row = lists[asked.list - 1]
    ids = tuple(each["id"] for each in row["rows"])
    products = [shop.product(each) for each in ids]
    filters = filters_of_row(row["search"]) if row["search"] else Filters()
    matches = tuple(found_again(product, filters) for product in products if product is not None)
    return EarlierList(matches, ids, row["search"], shop.vocabulary.currency)
