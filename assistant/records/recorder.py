"""Collects what happens in one turn, and makes the turn's record at the end.

It stores references and makes rows of them once, at the end, so that no turn waits for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant.events import Done, Failed, FallbackReason, Message, Photo
from assistant.records.record import (
    CallRow,
    CandidateRow,
    LookRow,
    PhotoRow,
    PlaceRow,
    ProductRow,
    RankingRow,
    SearchRow,
    TurnRecord,
)
from tools.agent_tools.context import Ranking
from tools.product import Filters, Match, Product, SearchResult
from tools.search.rows import shown_row
from tools.search.search_context import TurnPhoto

if TYPE_CHECKING:
    from langchain_core.messages import ToolCall
    from PIL.Image import Image

    from tools.rerank.rerank import RerankResult
    from tools.rerank.session import VisionCall

_MOST_TEXT = 4000
"""Of a message; a longer one is refused, and its beginning tells which it was."""

MODEL = "chat model"
"""Its stage in the timings of a turn."""


@dataclass(eq=False)
class _Search:
    words: str
    photo: PhotoRow | None
    like: ProductRow | None
    filters: Filters
    second: PhotoRow | None = None
    list_id: str = ""
    searched: int = 0
    found: tuple[Match, ...] = ()
    timings_s: dict[str, float] = field(default_factory=dict)
    rankings: list[Ranking] = field(default_factory=list)
    unmentioned: bool = False


@dataclass(frozen=True, slots=True)
class UnsavedRecord:
    """A record and the pictures that it names, not yet written to files."""

    record: TurnRecord
    pictures: Mapping[str, Image]


class Recorder:
    """Collects one turn, on the event loop."""

    def __init__(
        self,
        turn_id: str,
        thread: str,
        message: Message,
        *,
        catalogue: str,
        chat_model: str,
        prompt_version: int,
    ) -> None:
        """`turn_id` is "" for a turn whose record is not stored."""
        self.turn_id = turn_id
        self.currency = ""
        """The catalogue's currency, that of the price limits; "" until it is known."""
        self.fell_back: FallbackReason = ""
        """Why the built-in chat model finished the turn; "" where it did not."""
        self.finished_calls: set[str | None] = set()
        """Ids of the tool calls that have ended."""
        self._thread, self._message = thread, message
        self._catalogue, self._chat_model = catalogue, chat_model
        self._prompt_version = prompt_version
        self._at = datetime.now(UTC)
        self._searches: list[_Search] = []
        self._calls: list[CallRow] = []
        self._words: list[str] = []
        self._timings_s: dict[str, float] = {}

    def search_started(
        self,
        text: str,
        photo: TurnPhoto | None,
        like: Product | None,
        filters: Filters,
        second: TurnPhoto | None = None,
    ) -> None:
        """A search is about to run."""
        product = ProductRow(like.id, like.title) if like else None
        bounds = replace(filters, currency=filters.currency or self.currency)
        first, other = (_photo_row(each) if each else None for each in (photo, second))
        self._searches.append(_Search(text, first, product, bounds, other))

    def search_finished(self, list_id: str, result: SearchResult, searched: int) -> None:
        """The newest search is done."""
        search = self._searches[-1]
        search.list_id, search.searched, search.found = list_id, searched, result.matches
        search.unmentioned = result.unmentioned
        search.timings_s = {stage: ms / 1000 for stage, ms in result.timings_ms.items()}

    def ranking_started(self, ranking: Ranking) -> None:
        """A vision model is about to rank a list; `finish` reads the result."""
        for search in self._searches:
            if search.list_id == ranking.list_id:
                search.rankings.append(ranking)

    def tool_finished(self, call: ToolCall, seconds: float, error: str) -> None:
        """A tool call ended, or was refused."""
        tool = call["name"]
        self.finished_calls.add(call["id"])
        self._calls.append(CallRow(tool, dict(call["args"]), _seconds(seconds), error))
        self._timings_s[tool] = self._timings_s.get(tool, 0.0) + seconds

    def model_finished(self, seconds: float) -> None:
        """A call of the chat model ended."""
        self._timings_s[MODEL] = self._timings_s.get(MODEL, 0.0) + seconds

    def add_words(self, words: str) -> None:
        """The next piece of the answer."""
        self._words.append(words)

    def finish(self, end: Done | Failed | None, seconds: float) -> UnsavedRecord:
        """The record of the turn; `end` is None for a turn that was stopped from outside."""
        failed = end if isinstance(end, Failed) else None
        pictures: dict[str, Image] = {}
        record = TurnRecord(
            id=self.turn_id,
            started_at=self._at.isoformat(timespec="microseconds"),
            thread=self._thread,
            text=self._message.text[:_MOST_TEXT],
            photos=tuple(map(_photo_row, self._message.photos)),
            catalogue=self._catalogue,
            chat_model=self._chat_model,
            prompt_version=self._prompt_version,
            outcome="failed" if failed else "done" if end else "stopped",
            sentence=failed.sentence if failed else "",
            incident=failed.incident if failed else "",
            calls=tuple(self._calls),
            searches=tuple(_search_row(search, pictures) for search in self._searches),
            answer="".join(self._words),
            seconds=_seconds(seconds),
            timings_s=_timings(self._timings_s),
            fell_back=self.fell_back,
        )
        return UnsavedRecord(record, pictures)


def _photo_row(photo: Photo | TurnPhoto) -> PhotoRow:
    return PhotoRow(photo.ref, photo.name)


def _search_row(search: _Search, pictures: dict[str, Image]) -> SearchRow:
    return SearchRow(
        words=search.words,
        photo=search.photo,
        like=search.like,
        filters=search.filters,
        list_id=search.list_id,
        searched=search.searched,
        found=tuple(_candidate(number, match) for number, match in enumerate(search.found, 1)),
        timings_s=_timings(search.timings_s),
        rankings=tuple(_ranking_row(each, pictures) for each in search.rankings),
        second=search.second,
        unmentioned=search.unmentioned,
    )


def _candidate(number: int, match: Match) -> CandidateRow:
    return CandidateRow(number=number, score=_finite(match.score), **shown_row(match))


def _ranking_row(ranking: Ranking, pictures: dict[str, Image]) -> RankingRow:
    result, looking = ranking.result, ranking.looking
    ids = [match.product.id for match in ranking.candidates]
    looks = tuple(looking.calls) if looking else ()  # one moment of a list that may still grow
    timings_s = {**ranking.timings_s, **(looking.timings_s if looking else {})}
    return RankingRow(
        model=ranking.model,
        fingerprint=ranking.fingerprint,
        trust=ranking.trust,
        instruction=ranking.instruction,
        words=ranking.words,
        caption=ranking.caption,
        caption_why=ranking.caption_why,
        looks=tuple(_look_row(look, ids, pictures) for look in looks),
        outcome=result.outcome if result else "stopped",
        why=result.why if result else "The turn ended before the vision model was done.",
        told=ranking.why,
        late=result.late if result else False,
        confidence=result.confidence if result else None,
        model_order=tuple(ids[place] for place in result.model_order) if result else (),
        final=tuple(_places(result, ranking.places)) if result else (),
        seconds=_seconds(ranking.seconds),
        timings_s=_timings(timings_s),
    )


def _places(result: RerankResult, shown: int) -> Iterator[PlaceRow]:
    """The first places of the final order, as many as are shown; all of them for 0."""
    places = list(zip(result.matches, result.order, strict=True))[: shown or None]
    for number, (match, was) in enumerate(places, start=1):
        product = match.product
        yield PlaceRow(number, was + 1, product.id, product.title, match.reason)


def _look_row(look: VisionCall, ids: Sequence[str], pictures: dict[str, Image]) -> LookRow:
    name = f"{len(pictures) + 1}.png"
    pictures[name] = look.picture
    return LookRow(
        picture=name,
        products=tuple(ids[place] for place in look.places),
        prompt=look.prompt,
        answer=look.answer,
        scores=tuple(map(_finite, look.scores)),
        order=tuple(ids[place] for place in look.order),
        outcome=look.outcome,
        why=look.why,
    )


def _finite(number: float) -> float | None:
    """The number, or None for NaN and infinities, which JSON cannot hold."""
    return float(number) if math.isfinite(number) else None


def _seconds(seconds: float) -> float:
    return round(seconds, 4)


def _timings(timings_s: Mapping[str, float]) -> dict[str, float]:
    return {stage: _seconds(seconds) for stage, seconds in timings_s.items()}
