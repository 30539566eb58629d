"""What may be asked of the agent's tools: typed arguments, and the check of what a model gave.

Their JSON schemas are what a chat model reads, descriptions included.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema

from tools.errors import RequestError
from tools.product import SortOrder
from tools.search.loose_arguments import read_loosely

T = TypeVar("T", bound=BaseModel)

MOST_COMPARED = 6

# A provider's schema dialect may not take the pattern that pydantic gives a Decimal.
Money = Annotated[Decimal, Field(ge=0, lt=10**9), WithJsonSchema({"type": "number", "minimum": 0})]
Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=20)]

# A color that is part of many names ("black, white") stands for all of them.
Colors = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=200)]


class SearchArguments(BaseModel):
    """What the model may ask for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: str = Field("", max_length=500, description="What the product is, in a few words.")
    photo: int | None = Field(
        None, description="Number of a photo of this turn (see the situation) to search from."
    )
    like: int | None = Field(
        None, description="Number on the newest list: search from that product's picture."
    )
    min_price: Money | None = Field(None, description="Lowest price, inclusive, major units.")
    max_price: Money | None = Field(None, description="Highest price, inclusive, major units.")
    categories: Names = Field([], description="Only these; names that the catalogue uses.")
    colors: Colors = Field([], description="Only these; names that the catalogue uses.")
    brands: Names = Field([], description="Only these; names that the catalogue uses.")
    min_rating: float | None = Field(None, ge=0, le=5, description="Stars, 0 to 5.")
    without: Names = Field(
        [], description="Words that no product found may say: material, pattern, anything."
    )
    options: Names = Field(
        [],
        description="NAME=VALUE of options and facts that the catalogue lists, as size=M, "
        "gender=female, condition=new, material=cotton. Values of one name are alternatives; all "
        "names hold for one variant.",
    )
    in_stock: bool = Field(False, description="Only what can be bought now.")
    on_sale: bool = Field(False, description="Only what costs less than before.")
    sort: SortOrder | None = Field(
        None, description="For superlatives: orders everything that passes, over the whole shop."
    )
    second_photo: int | None = Field(
        None, description="Number of a second photo that counts too ('this shape, that pattern')."
    )
    not_photo: int | None = Field(None, description="Number of a photo that is not wanted.")
    misread_photo: int | None = Field(
        None,
        description="Number of the photo searched from that does not show what it was taken for: "
        "it counts by its shapes and colors alone.",
    )
    not_like: int | None = Field(
        None, description="Number on the newest list that is not wanted, nor what looks like it."
    )
    list: int | None = Field(
        None, description="Number of an earlier list, to show it again; nothing else is given then."
    )
    limit: int | None = Field(None, ge=1, le=24, description="How many; leave out as a rule.")
    skip_shown: bool = Field(
        False, description="Leave out what the last search has shown ('show me more')."
    )

    @classmethod
    def unchecked(cls, given: Mapping[str, Any]) -> SearchArguments:
        """Arguments whose limits the tool will check when they are used, from JSON or values.

        None and "" set nothing. Raises TypeError for a name that is no argument, and ValueError
        for a price that is no number.
        """
        strange = given.keys() - cls.model_fields.keys()
        if strange:
            raise TypeError(f"the search has no argument {', '.join(sorted(strange))}")
        values = {name: value for name, value in given.items() if value not in (None, "")}
        for name in ("min_price", "max_price"):
            if name in values:
                values[name] = _decimal(values[name])
        return cls.model_construct(**values)

    def changed(self, **changes: Any) -> SearchArguments:
        """A copy with these arguments instead, as `unchecked` takes them; None removes one."""
        return self.unchecked({**self._set(), **changes})

    def given(self) -> dict[str, Any]:
        """What is set, as plain JSON in the order of the arguments."""
        return {
            name: float(value) if isinstance(value, Decimal) else value
            for name, value in self._set().items()
        }

    def _set(self) -> dict[str, Any]:
        """The arguments that differ from their defaults."""
        every = {name: getattr(self, name) for name in type(self).model_fields}
        defaults = {name: each.default for name, each in type(self).model_fields.items()}
        return {name: value for name, value in every.items() if value != defaults[name]}


class RerankArguments(BaseModel):
    """What the model may ask for."""

    model_config = ConfigDict(extra="forbid")

    instruction: str = Field(
        "", max_length=500, description="What the shopper wants, in one short sentence."
    )


class DetailsArguments(BaseModel):
    """What the model may ask for."""

    model_config = ConfigDict(extra="forbid")

    number: int | None = Field(None, description="Number on the newest list.")
    numbers: Annotated[list[int], Field(max_length=24)] = Field(
        [], description="In place of number, for a question about several: their numbers."
    )
    question: str = Field(
        "",
        max_length=300,
        description="What is asked, in English: the nearest statements are named.",
    )


class CompareArguments(BaseModel):
    """What the model may ask for."""

    model_config = ConfigDict(extra="forbid")

    numbers: Annotated[list[int], Field(max_length=24)] = Field(
        description=f"Two to {MOST_COMPARED} different numbers on the newest list."
    )


class ShortlistArguments(BaseModel):
    """What the model may ask for."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["add", "remove", "show"] = Field(
        description="add and remove take numbers; show lists what is kept."
    )
    numbers: Annotated[list[int], Field(max_length=24)] = Field(
        [], description="Numbers on the newest list; for remove also those they were kept under."
    )


def checked(model: type[T], arguments: Mapping[str, Any], what: str) -> T:
    """The arguments with their types, read as `read_loosely` does.

    `what` names the tool's work in a sentence: "The search cannot be run". Raises RequestError
    naming each argument that is wrong.
    """
    try:
        return model.model_validate(read_loosely(model, arguments))
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()
        )
        raise RequestError(f"{what} as asked ({wrong}).") from error


def _decimal(amount: Decimal | float | str) -> Decimal:
    return amount if isinstance(amount, Decimal) else Decimal(str(amount))
