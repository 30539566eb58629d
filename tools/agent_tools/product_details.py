"""The tool `product_details`: what the catalogue says of one shown product.

It names the product by its number on the newest list, and says nothing that the catalogue does not.
Not covered: numbers of older lists; such a list is shown again first.
"""

from __future__ import annotations

import asyncio
from typing import Any

from langchain.tools import ToolRuntime, tool
from langchain_core.tools import BaseTool

from tools.agent_tools.context import TurnContext
from tools.search.arguments import DetailsArguments, checked
from tools.search.replies import DetailsReply
from tools.search.rows import shown_id
from tools.search.searchable_shop import SearchableShop, product_of

NAME = "product_details"


def make_product_details(shop: SearchableShop) -> BaseTool:
    """The tool over one shop. Raises RequestError for a number that no card has."""

    @tool(NAME, args_schema=DetailsArguments.model_json_schema())
    async def product_details(
        runtime: ToolRuntime[TurnContext, dict[str, Any]], **arguments: Any
    ) -> str:
        """Everything that the catalogue says of one shown product: for questions about it."""
        asked = checked(DetailsArguments, arguments, "The look at a product cannot be run")
        product_id = shown_id(asked.number, runtime.state.get("shown") or ())
        product = await asyncio.to_thread(product_of, shop, product_id)
        runtime.context.detailed(asked.number, product)
        return DetailsReply.of(asked.number, product).json()

    return product_details
