"""What an agent may ask for. The JSON schemas are what it reads, descriptions included.

Unlike the arguments in `tools.search.arguments`, products go by their ids and the photo comes with
the call: an agent of somebody else has no numbered list and no upload.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from tools.errors import RequestError
from tools.product import SortOrder
from tools.search.arguments import MOST_COMPARED, Money, Names, checked

T = TypeVar("T", bound=BaseModel)

MOST_FOUND = 24
_LONGEST_SENTENCE = 1000
"""Characters of what is said of wrong arguments: their names are the caller's."""

ProductId = Annotated[str, Field(min_length=1, max_length=512)]


class SearchProducts(BaseModel):
    """Arguments of `search_products`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: str = Field("", max_length=500, description="What the product is, in a few words.")
    photo: str = Field(
        "",
        description="A photo to search from: base64 of the file, or its public http(s) address. "
        "Words lean on it: 'a phone case with this'.",
    )
    like: ProductId | None = Field(
        None, description="Id of a product: search from its picture. Not together with a photo."
    )
    min_price: Money | None = Field(None, description="Lowest price, inclusive, major units.")
    max_price: Money | None = Field(None, description="Highest price, inclusive, major units.")
    categories: Names = Field([], description="Only these; names that the catalogue uses.")
    colors: Names = Field([], description="Only these; names that the catalogue uses.")
    brands: Names = Field([], description="Only these; names that the catalogue uses.")
    min_rating: float | None = Field(None, ge=0, le=5, description="Stars, 0 to 5.")
    without: Names = Field([], description="Words that no product found may say.")
    options: Names = Field(
        [],
        description="NAME=VALUE, such as size=M or gender=female. Values of one name are "
        "alternatives; all names hold for one variant.",
    )
    in_stock: bool = Field(False, description="Only what can be bought now.")
    on_sale: bool = Field(False, description="Only what costs less than before.")
    sort: SortOrder | None = Field(None, description="Left out: what fits best comes first.")
    limit: int | None = Field(None, ge=1, le=MOST_FOUND, description="How many products.")


class GetProduct(BaseModel):
    """Arguments of `get_product`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: ProductId = Field(description="Id of a product, as search_products gives it.")


class CompareProducts(BaseModel):
    """Arguments of `compare_products`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: Annotated[list[ProductId], Field(min_length=2, max_length=MOST_COMPARED)] = Field(
        description=f"Ids of two to {MOST_COMPARED} different products."
    )


def read(model: type[T], arguments: Mapping[str, Any], what: str) -> T:
    """The arguments with their types, see `checked`. Raises RequestError that names wrong ones."""
    try:
        return checked(model, arguments, what)
    except RequestError as error:
        said = str(error)
        if len(said) > _LONGEST_SENTENCE:
            said = f"{said[:_LONGEST_SENTENCE]}…"
        raise RequestError(
            f"{said} Correct the arguments by the tool's schema and call it again."
        ) from error
