"""What a record of a turn holds: plain values, the same in memory, on disk and printed.

A shopper's words and the names of their photos are in it, and the pictures beside it show the
photos: it is for whoever runs the shop, never for another shopper. What broke stands in it as the
log has it, so it may name servers and files.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter

from assistant.events import FallbackReason
from tools.product import Filters

FORMAT = 1
"""Goes up when a field changes its meaning or goes away; a new one with a default is no change."""


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """A photo of the shopper; `ref` is its key in the photo store."""

    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product by its id and title."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A product that a search found, in the search's own order."""

    number: int
    id: str
    title: str
    category: str
    price: str | None
    """Major units as a decimal; None when the catalogue does not say."""
    currency: str
    color: str
    rating: float | None
    score: float | None
    """Of the search; comparable inside one list only."""
    brand: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    """Other facts that the shop states, by name."""


@dataclass(frozen=True, slots=True)
class LookRow:
    """One time that a vision model looked."""

    picture: str
    """The very picture it saw: a PNG in the record's folder."""
    products: tuple[str, ...]
    """Ids of the products numbered 1, 2, ... in the picture."""
    prompt: str
    answer: str
    """Raw."""
    scores: tuple[float | None, ...]
    """Log-probability of each number; None for one that got none. () where the order was written,
    or there was no answer."""
    order: tuple[str, ...]
    """Ids, best first; as they were seen where the model gave no order."""
    outcome: Literal["complete", "repaired", "fell back", "failed"]
    why: str
    """What had to be mended, or what failed; "" when nothing."""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One place of the final order."""

    number: int
    was: int
    """Its number before; that of the search, unless the list was ranked twice."""
    id: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class RankingRow:
    """A found list that a vision model was asked to put in order."""

    model: str
    fingerprint: str
    trust: float
    """What the model's order counts against the search's, 0 to 1."""
    instruction: str
    words: str
    """What stood in the cell of the query; "" where a picture did."""
    caption: str
    caption_why: str
    """Why there is no caption; "" where there is one or none was asked for."""
    looks: tuple[LookRow, ...]
    outcome: Literal["complete", "repaired", "fell back", "not asked", "stopped"]
    """`stopped`: the turn ended before the look did."""
    why: str
    told: str
    """What the shopper was told of it; "" when nothing was wrong."""
    late: bool
    confidence: float | None
    """What the model says of itself; not calibrated."""
    model_order: tuple[str, ...]
    """Ids in the model's own order; () where it was stopped."""
    final: tuple[PlaceRow, ...]
    seconds: float
    timings_s: dict[str, float]
    """Seconds by stage: caption, pictures, grid, ranking, reasons."""


@dataclass(frozen=True, slots=True)
class SearchRow:
    """One search, what it leaned on and what it found."""

    words: str
    photo: PhotoRow | None
    like: ProductRow | None
    """The product whose picture stood for the photo."""
    filters: Filters
    """As the search took them: prices in minor units."""
    list_id: str
    """ "" for a search that never came to an end."""
    searched: int
    """Products in the catalogue."""
    found: tuple[CandidateRow, ...]
    timings_s: dict[str, float]
    rankings: tuple[RankingRow, ...]
    second: PhotoRow | None = None
    """Another photo that counted as much."""
    unmentioned: bool = False
    """Whether no product's text held any of the words; what was found is only the nearest."""


@dataclass(frozen=True, slots=True)
class CallRow:
    """A tool that the chat model called."""

    tool: str
    arguments: dict[str, Any]
    seconds: float
    error: str
    """What the chat model was told, or what broke; "" when it went well."""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn of a conversation, from the message to the end."""

    id: str
    started_at: str
    """ISO 8601, UTC."""
    thread: str
    """Of the conversation; turns of one conversation share it."""
    text: str
    photos: tuple[PhotoRow, ...]
    catalogue: str
    chat_model: str
    prompt_version: int
    outcome: Literal["done", "failed", "stopped"]
    """`stopped`: by the shopper, or because they left."""
    sentence: str
    """What the shopper was told when it failed."""
    incident: str
    """Finds the log's trace; "" where nothing broke."""
    calls: tuple[CallRow, ...]
    searches: tuple[SearchRow, ...]
    answer: str
    """The chat model's words."""
    seconds: float
    timings_s: dict[str, float]
    """Seconds by part: the chat model in all its calls, then each tool in all of its."""
    fell_back: FallbackReason = ""
    """Why the built-in chat model finished the turn; "" where it did not."""
    format: int = FORMAT

    def pictures(self) -> list[str]:
        """The names of its pictures, in the order in which they were looked at."""
        rankings = (ranking for search in self.searches for ranking in search.rankings)
        return [look.picture for ranking in rankings for look in ranking.looks]

    def to_json(self) -> bytes:
        """UTF-8, one field a line, always in the same order; half characters become "?"."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1, allow_nan=False)
        return text.encode("utf-8", "replace")


def from_json(data: bytes) -> TurnRecord:
    """The record that was written. Raises ValueError for anything else, and another format."""
    record = _adapter().validate_json(data)
    if record.format != FORMAT:
        raise ValueError(f"it has format {record.format}, and this program reads {FORMAT}")
    return record


@cache
def _adapter() -> TypeAdapter[TurnRecord]:
    """Made once: it takes longer than reading hundreds of records."""
    return TypeAdapter(TurnRecord)
