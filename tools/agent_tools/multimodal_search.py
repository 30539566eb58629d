"""The tool `multimodal_search`: words, a photo, or both, with hard limits, as a chat model asks.

Pictures never pass through the model: it names them by number. Ordering by looking at the pictures
is the tool `rerank`.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from langchain.tools import ToolRuntime, tool
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool
from langgraph.types import Command

from tools.agent_tools.context import TurnContext, search_context
from tools.product import SearchResult
from tools.search.arguments import SearchArguments, checked
from tools.search.earlier_lists import earlier_list
from tools.search.planning import plan_search, search_without
from tools.search.relaxation import Relaxation, relaxations
from tools.search.replies import SearchReply
from tools.search.rows import ListRow, SearchRow, ShownRow, shown_row
from tools.search.searchable_shop import SearchableShop

NAME = "multimodal_search"
MOST_CANDIDATES = 50
MOST_SEEN = 200
_MOST_REJECTED = 50

Runtime = ToolRuntime[TurnContext, dict[str, Any]]


def make_multimodal_search(
    shop: SearchableShop, *, results: int = 9, candidates: int = 0
) -> BaseTool:
    """The tool over one shop.

    `results` is how many products it shows when the model does not say. `candidates` is how many it
    finds for `rerank` to look at, where that is more than it shows; they cost the shopper nothing
    to wait for. Its messages and state updates are plain JSON. Raises RequestError and PhotoError
    with a sentence that the model can act on; other errors are the shop's.
    Raises ValueError for more than MOST_CANDIDATES candidates.
    """
    if candidates > MOST_CANDIDATES:
        raise ValueError(f"at most {MOST_CANDIDATES} candidates can be found, not {candidates}")

    # As JSON schema, so that the arguments are checked here, where a wrong one gets a sentence.
    @tool(NAME, args_schema=SearchArguments.model_json_schema())
    async def multimodal_search(runtime: Runtime, **arguments: Any) -> Command[Any]:
        """Search the shop by words, a photo, or both. The shopper sees the cards at once."""
        asked = checked(SearchArguments, arguments, "The search cannot be run")
        context, state = runtime.context, runtime.state
        if asked.list is not None:
            return await _shown_again(shop, asked, runtime)
        plan = await asyncio.to_thread(plan_search, asked, shop, search_context(context, state))
        query = plan.query
        sees = ""
        if query.photo is not None and not query.misread:
            sees = await asyncio.to_thread(shop.seen_in, query.photo)
        context.understood(query.text, plan.photo, plan.like, query.filters, plan.second, sees)
        limit = asked.limit or context.wishes.results or results
        wide = max(limit, candidates) if context.wishes.rerank else limit
        rejected = tuple(state.get("rejected") or ())
        every = await asyncio.to_thread(search_without, shop, query, wide, rejected)
        result = replace(every, matches=every.matches[:limit])
        list_id = uuid.uuid4().hex
        context.found(list_id, result, plan.searched, every.matches[limit:])
        relaxed: tuple[Relaxation, ...] = ()
        if not result.matches:
            relaxed = await asyncio.to_thread(relaxations, shop, query, limit)
        rows = [shown_row(match) for match in result.matches]
        row = plan.row(list_id)
        update: dict[str, Any] = {"search": row}
        if plan.unlike:
            update["rejected"] = [*rejected, plan.unlike][-_MOST_REJECTED:]
        if rows:  # the numbers that a shopper can see stay good when a search finds nothing
            seen = [*query.filters.exclude_ids, *(row["id"] for row in rows)]
            update |= _newest(rows, row, seen[-MOST_SEEN:])
        plan = await asyncio.to_thread(plan.told, shop)
        reply = plan.reply(rows, relaxed, unmentioned=result.unmentioned, unstated=result.unstated)
        return _command(runtime, reply, list_id, update)

    return multimodal_search


async def _shown_again(
    shop: SearchableShop, asked: SearchArguments, runtime: Runtime
) -> Command[Any]:
    """An earlier list, as it was numbered then, without what the shop no longer has."""
    lists = runtime.state.get("lists") or ()
    earlier = await asyncio.to_thread(earlier_list, asked, lists, shop)
    context, list_id = runtime.context, uuid.uuid4().hex
    context.understood(earlier.words, None, None, earlier.filters)
    result = SearchResult(earlier.matches, earlier.filters, {})
    context.found(list_id, result, len(earlier.ids))
    update: dict[str, Any] = {}
    search = earlier.search
    if search is not None:
        search = SearchRow(**{**search, "list_id": list_id})
        update["search"] = search
    if earlier.rows:
        update |= _newest(earlier.rows, search, list(earlier.ids))
    return _command(runtime, earlier.reply(), list_id, update)


def _newest(rows: list[ShownRow], search: SearchRow | None, seen: list[str]) -> dict[str, Any]:
    """The state with these rows as the newest list."""
    return {"shown": rows, "lists": [ListRow(rows=rows, search=search)], "seen": seen}


def _command(
    runtime: Runtime, reply: SearchReply, list_id: str, update: Mapping[str, Any]
) -> Command[Any]:
    message = ToolMessage(
        reply.json(),
        name=NAME,
        tool_call_id=runtime.tool_call_id or "",
        artifact={"list_id": list_id, "ids": [row["id"] for row in reply.products]},
    )
    return Command(update={"messages": [message], **update})
