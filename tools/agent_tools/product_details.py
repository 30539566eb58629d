"""The tool `product_details`: what the catalogue says of shown products, mostly of one.

It names the products by their numbers on the newest list, and says nothing that the catalogue does
not.
Not covered: numbers of older lists; such a list is shown again first.
"""

from __future__ import annotations

import asyncio
from typing import Any

from langchain.tools import ToolRuntime, tool
from langchain_core.tools import BaseTool

from tools.agent_tools.context import TurnContext
from tools.product import Product
from tools.search.arguments import DetailsArguments, checked
from tools.search.replies import DetailsReply, SeveralDetailsReply
from tools.search.rows import shown_id
from tools.search.searchable_shop import SearchableShop, product_of
from tools.search.statements import NearStatement, nearest_statements

NAME = "product_details"


def make_product_details(shop: SearchableShop) -> BaseTool:
    """The tool over one shop. Raises RequestError for a number that no card has."""

    @tool(NAME, args_schema=DetailsArguments.model_json_schema())
    async def product_details(
        runtime: ToolRuntime[TurnContext, dict[str, Any]], **arguments: Any
    ) -> str:
        """Everything that the catalogue says of a shown product, or of several: for questions."""
        asked = checked(DetailsArguments, arguments, "The look at a product cannot be run")
        one = [] if asked.number is None else [asked.number]
        # No number is read from 0 and from nothing: the error names the numbers that there are.
        numbers = list(dict.fromkeys(one or asked.numbers)) or [0]
        shown = runtime.state.get("shown") or ()
        ids = [shown_id(number, shown) for number in numbers]

        def look() -> tuple[list[Product], list[tuple[NearStatement, ...]]]:
            products = [product_of(shop, each) for each in ids]
            return products, nearest_statements(shop, asked.question, products)

        products, nearest = await asyncio.to_thread(look)
        if len(products) > 1:
            return SeveralDetailsReply.of(numbers, products, nearest).json()
        runtime.context.detailed(numbers[0], products[0])
        return DetailsReply.of(numbers[0], products[0], nearest[0]).json()

    return product_details
