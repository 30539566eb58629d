"""The tools `product_details` and `compare_products`: what the catalogue says of shown products.

They name products by their number on the newest list, and say nothing that the catalogue does
not. Not covered: numbers of older lists; such a list is shown again first.
"""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

from langchain.tools import ToolRuntime, tool
from langchain_core.tools import BaseTool
from pydantic import BaseModel, ConfigDict, Field

from tools.agent_tools.arguments import checked, product_of, shown_id
from tools.agent_tools.context import TurnContext
from tools.catalogue.facts import table_of
from tools.errors import RequestError
from tools.product import Product
from tools.search.comparison import Comparison, compare
from tools.search.searchable_shop import SearchableShop

DETAILS = "product_details"
COMPARE = "compare_products"
_MOST_COMPARED = 6
_LONGEST_VALUE = 1200
"""Characters of a description that a model reads."""

Runtime = ToolRuntime[TurnContext, dict[str, Any]]


class DetailsArguments(BaseModel):
    """What the model may ask for."""

    model_config = ConfigDict(extra="forbid")

    number: int = Field(description="Number on the newest list.")


class CompareArguments(BaseModel):
    """What the model may ask for."""

    model_config = ConfigDict(extra="forbid")

    numbers: Annotated[list[int], Field(max_length=24)] = Field(
        description=f"Two to {_MOST_COMPARED} different numbers on the newest list."
    )


def make_product_details(shop: SearchableShop) -> BaseTool:
    """The tool over one shop. Raises RequestError for a number that no card has."""

    @tool(DETAILS, args_schema=DetailsArguments.model_json_schema())
    async def product_details(runtime: Runtime, **arguments: Any) -> str:
        """Everything that the catalogue says of one shown product: for questions about it."""
        asked = checked(DetailsArguments, arguments, "look at a product")
        product_id = shown_id(asked.number, runtime.state.get("shown") or ())
        product = await asyncio.to_thread(product_of, shop, product_id)
        runtime.context.detailed(asked.number, product)
        return _json({"number": asked.number, **_facts(product)})

    return product_details


def make_compare_products(shop: SearchableShop) -> BaseTool:
    """The tool over one shop. Raises RequestError for numbers that cannot be compared."""

    @tool(COMPARE, args_schema=CompareArguments.model_json_schema())
    async def compare_products(runtime: Runtime, **arguments: Any) -> str:
        """Put shown products side by side. The shopper sees the table at once."""
        asked = checked(CompareArguments, arguments, "comparison")
        numbers = list(dict.fromkeys(asked.numbers))
        if not 2 <= len(numbers) <= _MOST_COMPARED:
            raise RequestError(
                f"Between 2 and {_MOST_COMPARED} different products are compared, "
                f"not {len(numbers)}. Say their numbers, for example 1 and 2."
            )
        shown = runtime.state.get("shown") or ()
        ids = [shown_id(number, shown) for number in numbers]
        products = await asyncio.to_thread(lambda: [product_of(shop, each) for each in ids])
        table = compare(numbers, products)
        runtime.context.compared(table)
        return _json(comparison_json(table))

    return compare_products


def comparison_json(table: Comparison) -> dict[str, Any]:
    """The table as a chat model reads it."""
    facts = [
        {"name": fact.name.lower(), "values": [v[:_LONGEST_VALUE] for v in fact.values],
         "differs": fact.differs}
        for fact in table.facts
    ]  # fmt: skip
    return {"numbers": list(table.numbers), "facts": facts}


def _facts(product: Product) -> dict[str, str | None]:
    """By lower-case name; None for what the catalogue does not say, so that a model can say so."""
    return {
        name.lower(): value[:_LONGEST_VALUE] or None for name, value in table_of(product).items()
    }


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
