"""What the arguments of a search may refer to: pictures by number, shown products, settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.search.rows import ShownRow

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class TurnPhoto:
    """A picture that a search of this turn may start from.

    Either a photo of the shopper (`ref`) or the picture of a product that an earlier search
    started from (`product_id`); the other one is "".
    """

    name: str
    ref: str = ""
    product_id: str = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the shopper has set once for all turns; words that say otherwise win."""

    results: int | None = None
    """Products that a search shows; None for the shop's own number."""
    rerank: bool = True
    """Whether a vision model may look at what was found."""
    min_price: int | None = None
    """Minor units of the catalogue's currency, as `max_price`. Both hold for a search that names
    no price of its own."""
    max_price: int | None = None
    in_stock: bool = False
    """Whether only what is in stock is shown."""


def _no_photo(photo: TurnPhoto) -> Image:
    raise LookupError(f"nothing opens {photo.name!r}")


@dataclass(frozen=True, slots=True)
class SearchContext:
    """The default refers to nothing: a search by words and filters alone."""

    photos: Sequence[TurnPhoto] = ()
    """Named by their place, from 1."""
    open: Callable[[TurnPhoto], Image] = _no_photo
    """Gives the shopper's photo, decoded. Raises PhotoError when it is gone."""
    shown: Sequence[ShownRow] = ()
    """The newest list; named by place, from 1."""
    seen: Sequence[str] = ()
    """Ids that the newest search and its further pages have shown."""
    wishes: Wishes = field(default_factory=Wishes)
    last_words: str = ""
    """The words of the newest search: what they were taken for has been said."""
    said: str = ""
    """The shopper's newest message, and the one before it."""
    said_before: str = ""
    first_time: Callable[[str], bool] = lambda _: True
    """Whether a name that the catalogue does not know is asked for the first time: then the
    search is refused with the nearest names, else the name goes into the words."""
