"""The tool `shortlist`: what the shopper keeps over the conversation.

Showing the shortlist makes it the newest list, whose numbers every other tool then takes.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

from langchain.tools import ToolRuntime, tool
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool
from langgraph.types import Command

from tools.agent_tools.context import TurnContext
from tools.errors import RequestError
from tools.product import Match
from tools.search.arguments import ShortlistArguments, checked
from tools.search.replies import ShortlistReply
from tools.search.rows import KeptRow, ListRow, ShownRow, shown_row
from tools.search.searchable_shop import SearchableShop
from tools.search.shortlist_rows import added_rows, kept_row, kept_still

NAME = "shortlist"


def make_shortlist(shop: SearchableShop) -> BaseTool:
    """The tool over one shop. Raises RequestError with a sentence for what cannot be done."""

    @tool(NAME, args_schema=ShortlistArguments.model_json_schema())
    async def shortlist(
        runtime: ToolRuntime[TurnContext, dict[str, Any]], **arguments: Any
    ) -> Command[Any]:
        """Keep products for later, let go of them, or show what is kept as numbered cards."""
        asked = checked(ShortlistArguments, arguments, "The shortlist cannot be run")
        kept: list[KeptRow] = list(runtime.state.get("shortlist") or ())
        shown: Sequence[ShownRow] = runtime.state.get("shown") or ()
        update: dict[str, Any] = {}
        if asked.action == "show":
            products = await asyncio.to_thread(kept_still, shop, kept)
            matches = tuple(Match(product, 0.0) for product in products)
            runtime.context.shortlisted(uuid.uuid4().hex, matches)
            rows = [shown_row(match) for match in matches]
            reply = ShortlistReply(shown=tuple(rows), gone=len(kept) - len(rows))
            if rows:
                update = {"shown": rows, "lists": [ListRow(rows=rows, search=None)]}
        elif not asked.numbers:
            raise RequestError("Say which: the numbers of shown products.")
        elif asked.action == "add":
            added = await asyncio.to_thread(added_rows, shop, asked.numbers, shown, kept)
            kept += added
            update["shortlist"] = kept
            reply = ShortlistReply(added=tuple(added), kept_in_all=len(kept))
        else:
            gone = [kept_row(number, shown, kept) for number in dict.fromkeys(asked.numbers)]
            ids = {row["id"] for row in gone}
            kept = [row for row in kept if row["id"] not in ids]
            update["shortlist"] = kept
            reply = ShortlistReply(removed=tuple(gone), kept_in_all=len(kept))
        message = ToolMessage(reply.json(), name=NAME, tool_call_id=runtime.tool_call_id or "")
        return Command(update={**update, "messages": [message]})

    return shortlist
