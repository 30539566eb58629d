"""What a shopper does with a shown list by a button, as the call of a tool that it stands for.

A button says exactly what it means, so no model has to read it: the agent's first step is this
call, and everything behind it, the answer too, goes as for a typed message. The list is named by
its id and by its products in the order of their numbers, so that a button of an older list still
means that list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.events import Pick
from assistant.models.rules.parse.message import plain_words
from tools.agent_tools.context import SearchRow, ShownRow, empty_row, shown_row_of
from tools.agent_tools.multimodal_search import NAME as SEARCH
from tools.agent_tools.multimodal_search import asked_for
from tools.agent_tools.product_tools import COMPARE
from tools.catalogue.vocabulary import fold
from tools.errors import ShopperError
from tools.search.searchable_shop import SearchableShop

_TOO_OLD = "That list is from too long ago to be changed. Please ask for it again."
_PRICES = ("min_price", "max_price")


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


def call_of(pick: Pick, last: Mapping[str, Any] | None, currency: str) -> Call:
    """The call that a button stands for, with `last` the arguments that would repeat its search.

    Raises ShopperError when that search is needed and no longer remembered.
    """
    if pick.act == "compare":
        return Call(COMPARE, {"numbers": list(pick.numbers)})
    if pick.act == "more like":
        kept = dict(last or {})
        for name in ("photo", "second_photo", "sort"):
            kept.pop(name, None)
        return Call(SEARCH, {**kept, "like": pick.numbers[0]})
    if last is None:
        raise ShopperError(_TOO_OLD)
    if pick.act == "not this":
        return Call(SEARCH, {**last, "not_like": pick.numbers[0]})
    change = _narrowed if pick.act == "refine" else _widened
    return Call(SEARCH, change(last, asked_for(pick.limits, currency)))


def _narrowed(last: Mapping[str, Any], limits: Mapping[str, Any]) -> dict[str, Any]:
    """The search with these limits in place of its own of the same kind."""
    arguments = dict(last)
    if any(name in limits for name in _PRICES):
        for name in _PRICES:
            arguments.pop(name, None)
    if "colors" in limits:
        arguments["words"] = plain_words(str(last.get("words", "")))
    arguments.update(limits)
    return {name: value for name, value in arguments.items() if value not in ("", [])}


def _widened(last: Mapping[str, Any], limits: Mapping[str, Any]) -> dict[str, Any]:
    """The search without these limits; of several names only those that are named go."""
    arguments = dict(last)
    gone: set[str] = set()
    for name, value in limits.items():
        if isinstance(value, list):
            names = {fold(each) for each in value}
            gone |= {part for each in names for part in each.split()}
            rest = [each for each in arguments.get(name, ()) if fold(each) not in names]
            arguments[name] = rest
        else:
            arguments.pop(name, None)
    # A search by names alone has them for its words; what is left must still say something.
    words = " ".join(w for w in str(last.get("words", "")).split() if fold(w) not in gone)
    if words or any(arguments.get(name) for name in ("photo", "colors", "brands", "categories")):
        arguments["words"] = words
    return {name: value for name, value in arguments.items() if value not in ("", [])}
