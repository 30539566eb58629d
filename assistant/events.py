"""What happens in a turn, as a front end hears of it, in order.

A turn is: `Understood` and `Found` for each search (none in small talk), `Words` as they are
written, and at the end exactly one of `Done` and `Failed`. Every fact on a card comes from
the catalogue; the words come from the chat model.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tools.product import Filters, Match


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of the thread, by reference. Bytes stay in the photo store."""

    ref: str
    """Content hash; the key in the photo store."""
    name: str
    """As the shopper called the file."""


@dataclass(frozen=True, slots=True)
class Message:
    """What the shopper sent: words, photos, or both."""

    text: str
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """A search is about to run: what it leans on."""

    text: str
    photo: Photo | None
    like: str | None
    """Title of the product whose picture stands for the photo."""
    filters: Filters


@dataclass(frozen=True, slots=True)
class Found:
    """A search is done. `matches` are numbered from 1 in this order; may be empty."""

    list_id: str
    matches: tuple[Match, ...]
    searched: int
    """Products in the catalogue."""
    timings_ms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """The next piece of the answer's text."""

    delta: str


@dataclass(frozen=True, slots=True)
class Done:
    """The turn ended well."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The turn ended without what was asked for. `sentence` is for the shopper."""

    sentence: str
    incident: str = ""
    """Finds the log's trace; "" where nothing broke and the sentence says what to do."""


Event = Understood | Found | Words | Done | Failed
