"""The situation of a turn, made from the thread's state and the shop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from assistant.agent.turn import Turn
from assistant.prompt.situation import ListNote, PhotoNote, ShownNote, Situation
from tools.filter_codec import arguments_of_filters, filters_of_row
from tools.money import to_decimal
from tools.search.arguments import SearchArguments
from tools.search.rows import ListRow, SearchRow
from tools.search.search_context import TurnPhoto
from tools.search.searchable_shop import SearchableShop

_MOST_NAMES = 60
_MOST_VALUES = 30
"""Of one option."""
_LONGEST_ABOUT = 60


def describe_catalogue(shop: SearchableShop) -> dict[str, Any]:
    """The shop in short, with its most frequent names only. Blocking."""
    words = shop.vocabulary
    prices = [
        None if minor is None else str(to_decimal(minor, words.currency))
        for minor in (words.min_price, words.max_price)
    ]
    options = {key: _commonest(values)[:_MOST_VALUES] for key, values in words.options.items()}
    states = [name for name in ("availability", "sale prices") if name not in words.lacking]
    more: dict[str, Any] = {"options": options} if options else {}
    more |= {"states": states} if states else {}
    return {
        "name": shop.name,
        "products": shop.count(),
        "currency": words.currency,
        "prices": prices,
        "categories": _commonest(words.categories),
        "colors": _commonest(words.colors),
        "brands": _commonest(words.brands),
        "rated": words.rated,
        **more,
    }


def situation_of(turn: Turn, state: Mapping[str, Any]) -> Situation:
    """The situation of this moment, from the turn and from the thread's state."""
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
    places = {photo.ref: place for place, photo in enumerate(photos, start=1) if photo.ref}
    return SearchArguments.unchecked(
        {
            "words": search["words"],
            "photo": number,
            **arguments_of_filters(filters_of_row(search), currency),
            "sort": search.get("sort"),
            "second_photo": places.get(search.get("second", "")),
            "misread_photo": places.get(search.get("misread", "")),
        }
    )


def _commonest(names: Mapping[str, int]) -> list[str]:
    ordered: Iterable[str] = sorted(names, key=lambda name: (-names[name], name))
    return list(islice(ordered, _MOST_NAMES))
