"""The tool call that a button under a shown list stands for.

A button says exactly what it means, so that no model has to interpret it. The agent's first step is
this call; the rest of the turn, the answer included, runs as for a typed message. A button names
its list by id and by the products in the order of their numbers, so that a button of an older list
still means that list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.events import Pick
from assistant.models.rules.parse.named_filters import plain_words
from tools.agent_tools.compare_products import NAME as COMPARE
from tools.agent_tools.multimodal_search import NAME as SEARCH
from tools.errors import ShopperError
from tools.filter_codec import arguments_of_constraint, arguments_of_filters
from tools.search.arguments import SearchArguments
from tools.search.rows import SearchRow, ShownRow, empty_row, shown_row_of
from tools.search.searchable_shop import SearchableShop
from tools.text import fold

_TOO_OLD = "That list is from too long ago to be changed. Please ask for it again."
_PRICES = arguments_of_constraint("price")


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one of the agent's tools."""

    tool: str
    arguments: dict[str, Any]


def search_of(list_id: str, state: Mapping[str, Any]) -> SearchRow | None:
    """The search that found a list, while the thread remembers it; None for the shortlist."""
    rows = [each["search"] for each in state.get("lists") or ()]
    rows.append(state.get("search"))
    for row in reversed(rows):
        if row is not None and row.get("list_id") == list_id:
            found: SearchRow = row
            return found
    return None


def shown_rows(ids: Sequence[str], shop: SearchableShop) -> list[ShownRow]:
    """The cards of a list as the catalogue has them now, one for each id. Blocking.

    What the shop no longer has keeps its place, so that no number moves.
    """
    rows = []
    for each in ids:
        product = shop.product(each)
        rows.append(empty_row(each) if product is None else shown_row_of(product))
    return rows


def call_of(pick: Pick, last: SearchArguments | None, currency: str) -> Call:
    """The call that a button stands for, with `last` the arguments that would repeat its search.

    Raises ShopperError when that search is needed and no longer remembered.
    """
    if pick.act == "compare":
        return Call(COMPARE, {"numbers": list(pick.numbers)})
    if pick.act == "more like":
        kept = last or SearchArguments()
        pictures = {"photo": None, "second_photo": None, "misread_photo": None}
        like = kept.changed(**pictures, sort=None, like=pick.numbers[0])
        return Call(SEARCH, like.given())
    if last is None:
        raise ShopperError(_TOO_OLD)
    if pick.act == "misread":
        if last.photo is None:
            raise ShopperError(_TOO_OLD)
        return Call(SEARCH, last.changed(misread_photo=last.photo).given())
    if pick.act == "not this":
        return Call(SEARCH, last.changed(not_like=pick.numbers[0]).given())
    change = _narrowed if pick.act == "refine" else _widened
    return Call(SEARCH, change(last, arguments_of_filters(pick.limits, currency)).given())


def _narrowed(last: SearchArguments, limits: Mapping[str, Any]) -> SearchArguments:
    """The search with these limits in place of its own of the same kind."""
    if _PRICES & limits.keys():
        last = last.changed(**dict.fromkeys(_PRICES))
    if "colors" in limits:
        last = last.changed(words=plain_words(last.words))
    return last.changed(**limits)


def _widened(last: SearchArguments, limits: Mapping[str, Any]) -> SearchArguments:
    """The search without these limits; of several names only those that are named go."""
    rest: dict[str, Any] = {}
    gone: set[str] = set()
    for name, value in limits.items():
        if isinstance(value, list):
            names = {fold(each) for each in value}
            gone |= {part for each in names for part in each.split()}
            rest[name] = [each for each in getattr(last, name) if fold(each) not in names]
        else:
            rest[name] = None
    widened = last.changed(**rest)
    # A search by names alone has them for its words; what is left must still say something.
    words = " ".join(word for word in last.words.split() if fold(word) not in gone)
    if words or widened.photo or widened.colors or widened.brands or widened.categories:
        widened = widened.changed(words=words)
    return widened
