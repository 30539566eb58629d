"""The state of a thread: plain JSON, one reducer a key, no picture bytes.

LangGraph raises an error when two tools of one step write a key that has no reducer.
"""

from __future__ import annotations

from typing import Annotated, Any, NotRequired, TypedDict

from langchain.agents import AgentState

from assistant.agent.constraints import ConstraintRow
from tools.search.rows import KeptRow, ListRow, SearchRow, ShownRow

_MOST_PHOTOS = 20
_MOST_LISTS = 8


class PhotoRow(TypedDict):
    """A photo of the thread; `ref` is its key in the photo store."""

    ref: str
    name: str


def newest(_old: Any, new: Any) -> Any:
    """The newest value replaces the old one."""
    return new


def newest_first(old: list[PhotoRow], new: list[PhotoRow]) -> list[PhotoRow]:
    """New photos before old ones, each once, the oldest dropped past twenty."""
    rows: dict[str, PhotoRow] = {}
    for row in (*new, *old):
        rows.setdefault(row["ref"], row)
    return list(rows.values())[:_MOST_PHOTOS]


def first_and_newest(old: list[ListRow], new: list[ListRow]) -> list[ListRow]:
    """The lists in their order, at most eight: the first one and the newest seven.

    A list that was reranked replaces its earlier form.
    """
    every = list(old)
    for row in new:
        if every and _list_id(row) and _list_id(row) == _list_id(every[-1]):
            every.pop()
        every.append(row)
    return every if len(every) <= _MOST_LISTS else [every[0], *every[1 - _MOST_LISTS :]]


def _list_id(row: ListRow) -> str:
    return row["search"].get("list_id", "") if row["search"] else ""


class ShopState(AgentState[Any]):
    """The messages, and the rows that references in the next message are resolved with."""

    photos: Annotated[NotRequired[list[PhotoRow]], newest_first]
    """Every photo of the thread, the newest message's first."""
    shown: Annotated[NotRequired[list[ShownRow]], newest]
    """The newest list with something in it; a card's number is its place from 1."""
    seen: Annotated[NotRequired[list[str]], newest]
    """Ids that the newest search and its "show me more" have shown."""
    search: Annotated[NotRequired[SearchRow | None], newest]
    """What the newest search asked for."""
    lists: Annotated[NotRequired[list[ListRow]], first_and_newest]
    """Lists that were shown, the oldest first: what "back to the first ones" means."""
    rejected: Annotated[NotRequired[list[str]], newest]
    """Ids that the shopper does not want to see again."""
    turns: Annotated[NotRequired[int], newest]
    """Messages of the shopper so far."""
    constraints: Annotated[NotRequired[list[ConstraintRow]], newest]
    """The limits of the newest search, each with where it came from."""
    shortlist: Annotated[NotRequired[list[KeptRow]], newest]
    """The shortlist, in the order in which it was filled."""
