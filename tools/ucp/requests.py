"""The requests of the three operations, checked: types as the schemas have them, and our limits.

The schemas are open: fields that are not named here pass and do nothing. A filter that does nothing
is named in the answer.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tools.ucp.errors import TransportError

T = TypeVar("T", bound=BaseModel)

MOST_IDS = 50
_MOST_PER_PAGE = 50
_LONGEST_SENTENCE = 1000
_MOST_MINOR = 10**14

Name = Annotated[str, Field(min_length=1, max_length=512)]
Amount = Annotated[int, Field(ge=0, le=_MOST_MINOR)]


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, strict=True)


class PriceFilter(_Open):
    """Minor units of `context.currency`, inclusive."""

    min: Amount | None = None
    max: Amount | None = None


class SearchFilters(_Open):
    """Filters that hold for one variant together."""

    categories: Annotated[list[Name], Field(max_length=50)] = []
    price: PriceFilter = PriceFilter()
    available: bool | None = None
    """Only what can be bought now, as Shopify's catalogues have it."""

    @property
    def given(self) -> bool:
        """Whether any filter that is known here is set."""
        bounded = self.price.min is not None or self.price.max is not None
        return bool(self.categories or bounded or self.available)

    @property
    def ignored(self) -> list[str]:
        """Names of the filters that are not known here."""
        return sorted(self.model_extra or {})


class Context(_Open):
    """Hints about the buyer, of which the currency of price filters is used."""

    currency: Annotated[str, Field(max_length=20)] | None = None


class Pagination(_Open):
    """Which page."""

    cursor: Annotated[str, Field(max_length=500)] | None = None
    limit: Annotated[int, Field(ge=1)] = 10

    @property
    def per_page(self) -> int:
        """The page size, within what is given at once."""
        return min(self.limit, _MOST_PER_PAGE)


class Picture(_Open):
    """A picture file in base64."""

    content_type: Annotated[str, Field(pattern="^image/", max_length=100)]
    data: Annotated[str, Field(min_length=1)]


class Like(_Open):
    """What a search starts from: a picture, or a product or variant of the shop."""

    image: Picture | None = None
    id: Name | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Like:
        if (self.image is None) == (self.id is None):
            raise ValueError("an entry has either `image` or `id`")
        return self


class _Request(_Open):
    filters: SearchFilters = SearchFilters()
    context: Context = Context()
    signals: dict[str, Any] = {}
    attribution: dict[str, str] = {}


class SearchRequest(_Request):
    """Of `search_catalog`."""

    query: Annotated[str, Field(max_length=500)] = ""
    like: Annotated[list[Like], Field(max_length=2)] = []
    pagination: Pagination = Pagination()

    @model_validator(mode="after")
    def _something(self) -> SearchRequest:
        if not (self.query.strip() or self.like or self.filters.given):
            raise ValueError("give `query`, `like`, or a filter that this shop knows")
        return self


class LookupRequest(_Request):
    """Of `lookup_catalog`."""

    ids: Annotated[list[Annotated[str, Field(max_length=512)]], Field(min_length=1)]


class SelectedOption(_Open):
    """One value of one option."""

    name: Name
    label: Name


class ProductRequest(_Request):
    """Of `get_product`."""

    id: Annotated[str, Field(max_length=512)]
    selected: Annotated[list[SelectedOption], Field(max_length=20)] = []
    preferences: Annotated[list[Name], Field(max_length=20)] = []

    @model_validator(mode="after")
    def _each_once(self) -> ProductRequest:
        names = [each.name.casefold() for each in self.selected]
        if len(names) != len(set(names)):
            raise ValueError("`selected` names an option twice")
        return self


def read(model: type[T], data: object) -> T:
    """The request with its types. Raises TransportError that names what is wrong."""
    if not isinstance(data, dict):
        raise TransportError("The request is no JSON object. Send one by the catalogue's schema.")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        wrong = "; ".join(_wrong(each["loc"], each["msg"]) for each in error.errors())
        if len(wrong) > _LONGEST_SENTENCE:
            wrong = f"{wrong[:_LONGEST_SENTENCE]}…"
        raise TransportError(
            f"The request cannot be processed ({wrong}). Correct it by the catalogue's schema."
        ) from error


def _wrong(place: tuple[int | str, ...], what: str) -> str:
    said = re.sub(r" or instance of \w+$", "", what.removeprefix("Value error, "))
    return f"{'.'.join(map(str, place))}: {said}" if place else said
