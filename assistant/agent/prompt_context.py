"""What every chat model is told of the moment, in one place and one shape.

It stands in the system message as JSON between tags. The built-in model reads the very same
text, so nothing reaches it that a real one would not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from pydantic import BaseModel, Field

from assistant.agent.turn import Turn
from tools.filter_codec import arguments_of_filters, filters_of_row
from tools.money import to_decimal
from tools.search.arguments import SearchArguments
from tools.search.rows import ListRow, SearchRow
from tools.search.search_context import TurnPhoto
from tools.search.searchable_shop import SearchableShop

_OPEN, _CLOSE = "<situation>", "</situation>"
_MOST_NAMES = 60
_LONGEST_ABOUT = 60


class PhotoNote(BaseModel):
    """A picture that `photo` can name."""

    number: int
    name: str
    new: bool = False
    """It came with the newest message."""
    of_product: bool = False
    """The picture of a product of the shop, which the newest search started from."""


class ShownNote(BaseModel):
    """A card of the newest list, that `like` can name."""

    number: int
    title: str
    category: str = ""
    price: Decimal | None = None
    currency: str = "USD"
    color: str = ""
    brand: str = ""
    rating: float | None = None


class ListNote(BaseModel):
    """A list that was shown before, that `list` can name; the newest one is the last."""

    number: int
    found: int
    about: str = ""
    """What its search asked for; "" for the shortlist."""


class Situation(BaseModel):
    """The moment in which the model answers."""

    photos: list[PhotoNote] = Field(default_factory=list)
    shown: list[ShownNote] = Field(default_factory=list)
    lists: list[ListNote] = Field(default_factory=list)
    kept: list[str] = Field(default_factory=list)
    """Titles on the shortlist."""
    last_search: dict[str, Any] | None = None
    """The arguments that would repeat the newest search now."""
    catalogue: dict[str, Any] = Field(default_factory=dict)


def describe_catalogue(shop: SearchableShop) -> dict[str, Any]:
    """What a model needs to know of a shop, bounded: the commonest names only. Blocking."""
    words = shop.vocabulary
    prices = [
        None if minor is None else str(to_decimal(minor, words.currency))
        for minor in (words.min_price, words.max_price)
    ]
    return {
        "name": shop.name,
        "products": shop.count(),
        "currency": words.currency,
        "prices": prices,
        "categories": _commonest(words.categories),
        "colors": _commonest(words.colors),
        "brands": _commonest(words.brands),
        "rated": words.rated,
    }


def situation_of(turn: Turn, state: Mapping[str, Any]) -> Situation:
    """The moment, from the turn and from the thread's state as it is now."""
    search: SearchRow | None = state.get("search")
    currency = turn.catalogue.get("currency", "USD")
    return Situation(
        photos=[
            PhotoNote(
                number=number,
                name=photo.name,
                new=number <= turn.new_photos,
                of_product=bool(photo.product_id),
            )
            for number, photo in enumerate(turn.photos, start=1)
        ],
        shown=[
            ShownNote.model_validate({"number": number, **row})
            for number, row in enumerate(state.get("shown") or (), start=1)
        ],
        lists=[
            ListNote(number=number, found=len(row["rows"]), about=_about(row))
            for number, row in enumerate(state.get("lists") or (), start=1)
        ],
        kept=[row["title"] for row in state.get("shortlist") or ()],
        last_search=arguments_of(search, turn.photos, currency).given() if search else None,
        catalogue=dict(turn.catalogue),
    )


def render(situation: Situation) -> str:
    """The block of the system message."""
    text = json.dumps(situation.model_dump(mode="json"), ensure_ascii=False)
    # Titles and file names are strangers' words: none of them may close the block.
    return _OPEN + text.replace("<", "\\u003c") + _CLOSE


def read(system: str) -> Situation:
    """The situation in a system message; an empty one when it holds none."""
    if _OPEN not in system:
        return Situation()
    return Situation.model_validate_json(system.split(_OPEN, 1)[1].split(_CLOSE, 1)[0])


def _about(row: ListRow) -> str:
    search = row["search"]
    if search is None:
        return ""
    return " ".join([*search["colors"], *search["brands"], search["words"]])[:_LONGEST_ABOUT]


def arguments_of(search: SearchRow, photos: Sequence[TurnPhoto], currency: str) -> SearchArguments:
    """The arguments that would repeat a search, with its pictures among `photos`."""
    number = next(
        (
            place
            for place, photo in enumerate(photos, start=1)
            if (photo.ref and photo.ref == search["photo"])
            or (photo.product_id and photo.product_id == search["product"])
        ),
        None,
    )
    second = next(
        (
            place
            for place, photo in enumerate(photos, start=1)
            if photo.ref and photo.ref == search.get("second")
        ),
        None,
    )
    return SearchArguments.unchecked(
        {
            "words": search["words"],
            "photo": number,
            **arguments_of_filters(filters_of_row(search), currency),
            "sort": search.get("sort"),
            "second_photo": second,
        }
    )


def _commonest(names: Mapping[str, int]) -> list[str]:
    ordered: Iterable[str] = sorted(names, key=lambda name: (-names[name], name))
    return list(islice(ordered, _MOST_NAMES))
