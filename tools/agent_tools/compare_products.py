"""The tool `compare_products`: the catalogue's facts of shown products, side by side.

It names products by their numbers on the newest list. Not covered: numbers of older lists; such a
list is shown again first.
"""

from __future__ import annotations

import asyncio
from typing import Any

from langchain.tools import ToolRuntime, tool
from langchain_core.tools import BaseTool

from tools.agent_tools.context import TurnContext
from tools.errors import RequestError
from tools.search.arguments import MOST_COMPARED, CompareArguments, checked
from tools.search.comparison import compare
from tools.search.replies import ComparisonReply
from tools.search.rows import shown_id
from tools.search.searchable_shop import SearchableShop, product_of

NAME = "compare_products"


def make_compare_products(shop: SearchableShop) -> BaseTool:
    """The tool over one shop. Raises RequestError for numbers that cannot be compared."""

    @tool(NAME, args_schema=CompareArguments.model_json_schema())
    async def compare_products(
        runtime: ToolRuntime[TurnContext, dict[str, Any]], **arguments: Any
    ) -> str:
        """Put shown products side by side. The shopper sees the table at once."""
        asked = checked(CompareArguments, arguments, "The comparison cannot be run")
        numbers = list(dict.fromkeys(asked.numbers))
        if not 2 <= len(numbers) <= MOST_COMPARED:
            raise RequestError(
                f"Between 2 and {MOST_COMPARED} different products are compared, "
                f"not {len(numbers)}. Say their numbers, for example 1 and 2."
            )
        shown = runtime.state.get("shown") or ()
        ids = [shown_id(number, shown) for number in numbers]
        products = await asyncio.to_thread(lambda: [product_of(shop, each) for each in ids])
        table = compare(numbers, products)
        runtime.context.compared(table)
        return ComparisonReply.of(table).json()

    return compare_products
