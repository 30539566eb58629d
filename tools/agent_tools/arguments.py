"""What a chat model gave a tool, checked: types first, then numbers of shown products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from tools.agent_tools.context import ShownRow
from tools.errors import RequestError
from tools.product import Product
from tools.search.searchable_shop import SearchableShop

T = TypeVar("T", bound=BaseModel)


def checked(model: type[T], arguments: Mapping[str, Any], what: str) -> T:
    """The arguments with their types. Raises RequestError naming each that is wrong."""
    # Some models write null for what they leave out.
    given = {name: value for name, value in arguments.items() if value is not None}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()
        )
        raise RequestError(f"The {what} cannot be run as asked ({wrong}).") from error


def shown_id(number: int, shown: Sequence[ShownRow]) -> str:
    """The id of a card. Raises RequestError naming the range for a number that no card has."""
    if not shown:
        raise RequestError("No products have been shown yet, so there is no number to go by.")
    if not 1 <= number <= len(shown):
        known = "has only number 1" if len(shown) == 1 else f"has the numbers 1 to {len(shown)}"
        raise RequestError(f"There is no number {number}: the newest list {known}.")
    return shown[number - 1]["id"]


def product_of(shop: SearchableShop, product_id: str) -> Product:
    """The product as the catalogue has it now. Raises RequestError when it is gone. Blocking."""
    product = shop.product(product_id)
    if product is None:
        raise RequestError("That product is no longer in the shop. Please pick another one.")
    return product
