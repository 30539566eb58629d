"""The tool `shortlist`: what the shopper keeps over the conversation.

A product is kept with the number that it was shown under, so that "drop 5" still means it when
other lists have been shown. Showing the shortlist makes it the newest list, whose numbers every
other tool then takes. Not covered: a shortlist over several conversations.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from langchain.tools import ToolRuntime, tool
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool
from langgraph.types import Command
from pydantic import BaseModel, ConfigDict, Field

from tools.agent_tools.arguments import checked, product_of, shown_id
from tools.agent_tools.context import KeptRow, ShownRow, TurnContext, shown_row
from tools.errors import RequestError
from tools.product import Match, Product
from tools.search.searchable_shop import SearchableShop

NAME = "shortlist"
MOST_KEPT = 24


class ShortlistArguments(BaseModel):
    """What the model may ask for."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["add", "remove", "show"] = Field(
        description="add and remove take numbers; show lists what is kept."
    )
    numbers: Annotated[list[int], Field(max_length=24)] = Field(
        [], description="Numbers on the newest list; for remove also those they were kept under."
    )


def make_shortlist(shop: SearchableShop) -> BaseTool:
    """The tool over one shop. Raises RequestError with a sentence for what cannot be done."""

    @tool(NAME, args_schema=ShortlistArguments.model_json_schema())
    async def shortlist(
        runtime: ToolRuntime[TurnContext, dict[str, Any]], **arguments: Any
    ) -> Command[Any]:
        """Keep products for later, let go of them, or show what is kept as numbered cards."""
        asked = checked(ShortlistArguments, arguments, "shortlist")
        kept: list[KeptRow] = list(runtime.state.get("shortlist") or ())
        shown: Sequence[ShownRow] = runtime.state.get("shown") or ()
        update: dict[str, Any] = {}
        content: dict[str, Any]
        if asked.action == "show":
            products = await asyncio.to_thread(_still_there, shop, kept)
            matches = tuple(Match(product, 0.0) for product in products)
            list_id = uuid.uuid4().hex
            runtime.context.shortlisted(list_id, matches)
            rows = [shown_row(match) for match in matches]
            content = {"kept": _numbered(rows)}
            if len(rows) < len(kept):
                content["no_longer_in_the_shop"] = len(kept) - len(rows)
            if rows:
                update["shown"] = rows
                update["lists"] = [{"rows": rows, "search": None}]
        elif not asked.numbers:
            raise RequestError("Say which: the numbers of shown products.")
        elif asked.action == "add":
            added = await asyncio.to_thread(_added, shop, asked.numbers, shown, kept)
            kept += added
            if len(kept) > MOST_KEPT:
                raise RequestError(f"At most {MOST_KEPT} products are kept. Let go of some first.")
            update["shortlist"] = kept
            content = {"added": list(added), "kept_in_all": len(kept)}
        else:
            gone = [_kept_one(number, shown, kept) for number in dict.fromkeys(asked.numbers)]
            ids = {row["id"] for row in gone}
            kept = [row for row in kept if row["id"] not in ids]
            update["shortlist"] = kept
            content = {"removed": list(gone), "kept_in_all": len(kept)}
        message = ToolMessage(
            json.dumps(content, ensure_ascii=False, separators=(",", ":")),
            name=NAME,
            tool_call_id=runtime.tool_call_id or "",
        )
        return Command(update={**update, "messages": [message]})

    return shortlist


def _added(
    shop: SearchableShop, numbers: Sequence[int], shown: Sequence[ShownRow], kept: list[KeptRow]
) -> list[KeptRow]:
    """New rows for what is not kept yet. Blocking."""
    known = {row["id"] for row in kept}
    rows = []
    for number in dict.fromkeys(numbers):
        product = product_of(shop, shown_id(number, shown))
        if product.id not in known:
            rows.append(KeptRow(id=product.id, title=product.title, number=number))
    return rows


def _kept_one(number: int, shown: Sequence[ShownRow], kept: Sequence[KeptRow]) -> KeptRow:
    """The kept product that a number means: on the newest list, else as it was kept."""
    if not kept:
        raise RequestError("Nothing is kept yet.")
    if 1 <= number <= len(shown):
        for row in kept:
            if row["id"] == shown[number - 1]["id"]:
                return row
    for row in reversed(kept):
        if row["number"] == number:
            return row
    under = " and ".join(str(row["number"]) for row in kept)
    raise RequestError(f"Number {number} is not kept. What is kept was shown as {under}.")


def _still_there(shop: SearchableShop, kept: Sequence[KeptRow]) -> list[Product]:
    found = [shop.product(row["id"]) for row in kept]
    return [product for product in found if product is not None]


def _numbered(rows: Sequence[ShownRow]) -> list[dict[str, Any]]:
    return [{"number": number, **row} for number, row in enumerate(rows, start=1)]
