"""Counts over the records of turns: what shoppers ask for, miss, refine and click.

Records are read one at a time; in memory stay the counts and the last search of each conversation.
A shopper's words are counted by the word only where `texts` says so. Not covered: turns whose
records were removed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from assistant.records.asked import Asked, asked_of, changes, described, limit_name, shortest
from assistant.records.record import SearchRow, TurnRecord
from assistant.records.stored_turn import StoredTurn, UnreadableTurn
from assistant.records.turn_records import TurnRecords
from tools.catalogue.vocabulary import unknown_names
from tools.product import Filters
from tools.text import fold

_SEARCH = "multimodal_search"
_FIELDS = ("category", "color", "brand", "size", "gender")
"""Fields of names that the catalogue does not know; any other is an "option"."""
Counts = Mapping[str, int]
"""By name, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place of the lists that were shown."""

    number: int
    """From 1."""
    shown: int
    """Lists that had a card there."""
    clicks: int
    """Followed links of cards there."""
    carts: int
    """Those of them that led into the shop's cart."""


@dataclass(frozen=True, slots=True)
class Insights:
    """All counts. A kind, color, brand or price limit counts once, until it is taken back."""

    first: str
    """When the oldest turn began, ISO 8601; "" where there is none."""
    last: str
    unreadable: int
    """Records that could not be read; they are in no other count."""
    turns: int
    conversations: int
    outcomes: Counts
    """Turns by how they ended: done, failed, stopped."""
    fell_back: Counts
    """Turns that the built-in chat model finished, by why."""
    rerank_fell_back: int
    """Turns in which the vision model's answer could not be used."""
    searches: int
    """That came to an end; an earlier list that is shown again is none."""
    without_result: int
    unmentioned: int
    """Searches whose words no product's text held."""
    empty: Counts
    """What the searches without a result asked for."""
    missing: Counts
    """What was asked for and no product has: words, and names that the catalogue does not know."""
    kinds: Counts
    colors: Counts
    """By the shortest names: "black" stands for "matte black" of the same search."""
    brands: Counts
    price_limits: Counts
    following: int
    """Turns that searched after an earlier turn of their conversation did."""
    refinements: Counts
    """What those turns changed; one turn may change several things."""
    positions: tuple[Position, ...]
    thumbs_up: int
    thumbs_down: int


def count_insights(
    store: TurnRecords, *, since: datetime | None = None, texts: bool = False
) -> Insights:
    """The counts over all turns that began at `since` or later. `texts` allows shoppers' words."""
    counter = _Counter(texts)
    for turn in store.stream(since):
        counter.add(turn)
    return counter.insights()


class _Counter:
    def __init__(self, texts: bool) -> None:
        self._texts = texts
        self._threads: dict[str, Asked | None] = {}
        self._first = self._last = ""
        self._totals: Counter[str] = Counter()
        self._outcomes: Counter[str] = Counter()
        self._fell_back: Counter[str] = Counter()
        self._empty: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._colors: Counter[str] = Counter()
        self._brands: Counter[str] = Counter()
        self._limits: Counter[tuple[str, int, str]] = Counter()
        self._refinements: Counter[str] = Counter()
        self._lengths: Counter[int] = Counter()
        self._clicks: Counter[int] = Counter()
        self._carts: Counter[int] = Counter()

    def add(self, turn: StoredTurn | UnreadableTurn) -> None:
        """Count one turn; those of a conversation come in their order."""
        if isinstance(turn, UnreadableTurn):
            self._totals["unreadable"] += 1
            return
        record = turn.record
        self._first, self._last = self._first or record.started_at, record.started_at
        self._totals["turns"] += 1
        self._outcomes[record.outcome] += 1
        if record.fell_back:
            self._fell_back[record.fell_back] += 1
        rankings = (ranking for search in record.searches for ranking in search.rankings)
        if any(ranking.outcome == "fell back" for ranking in rankings):
            self._totals["rerank fell back"] += 1
        if turn.thumb is not None:
            self._totals["up" if turn.thumb.value else "down"] += 1
        for click in turn.clicks:
            self._clicks[click.number] += 1
            self._carts[click.number] += click.cart
        self._count_searches(record)

    def _count_searches(self, record: TurnRecord) -> None:
        before = self._threads.setdefault(record.thread, None)
        finished = [search for search in record.searches if search.list_id]
        self._lengths.update(len(search.found) for search in finished if search.found)
        for field, name in sorted(
            {each for text in _refused(record) for each in unknown_names(text)}
        ):
            self._missing[self._missing_name(field, name)] += 1
        if before is not None and finished:
            self._totals["following"] += 1
        if any(call.tool == _SEARCH and call.arguments.get("list") for call in record.calls):
            if before is not None and finished:
                self._refinements["an earlier list"] += 1
            return
        for place, search in enumerate(finished):
            asked = asked_of(search)
            if before is not None and place == 0:
                self._refinements.update(changes(before, asked))
            self._count_search(search, before.filters if before else Filters())
            before = asked
        self._threads[record.thread] = before

    def _count_search(self, search: SearchRow, before: Filters) -> None:
        filters = search.filters
        self._totals["searches"] += 1
        if not search.found:
            self._totals["without result"] += 1
            self._empty[described(search, texts=self._texts)] += 1
        if search.unmentioned:
            self._totals["unmentioned"] += 1
            self._missing[self._missing_name("words", search.words)] += 1
        self._kinds.update(set(filters.categories) - set(before.categories))
        self._colors.update(shortest(filters.colors) - shortest(before.colors))
        self._brands.update(set(filters.brands) - set(before.brands))
        for way, price, old in (
            ("up to", filters.max_price, before.max_price),
            ("from", filters.min_price, before.min_price),
        ):
            if price is not None and price != old:
                self._limits[way, price, filters.currency] += 1

    def _missing_name(self, field: str, name: str) -> str:
        if self._texts:
            return f"{field}: {fold(name)}"
        return field if field in (*_FIELDS, "words") else "option"

    def insights(self) -> Insights:
        """The counts so far."""
        totals = self._totals
        limits = {limit_name(*limit): count for limit, count in self._limits.items()}
        return Insights(
            first=self._first,
            last=self._last,
            unreadable=totals["unreadable"],
            turns=totals["turns"],
            conversations=len(self._threads),
            outcomes=_sorted(self._outcomes),
            fell_back=_sorted(self._fell_back),
            rerank_fell_back=totals["rerank fell back"],
            searches=totals["searches"],
            without_result=totals["without result"],
            unmentioned=totals["unmentioned"],
            empty=_sorted(self._empty),
            missing=_sorted(self._missing),
            kinds=_sorted(self._kinds),
            colors=_sorted(self._colors),
            brands=_sorted(self._brands),
            price_limits=_sorted(limits),
            following=totals["following"],
            refinements=_sorted(self._refinements),
            positions=tuple(self._positions()),
            thumbs_up=totals["up"],
            thumbs_down=totals["down"],
        )

    def _positions(self) -> Iterator[Position]:
        for number in range(1, max([*self._lengths, *self._clicks], default=0) + 1):
            shown = sum(count for length, count in self._lengths.items() if length >= number)
            yield Position(number, shown, self._clicks[number], self._carts[number])


def _refused(record: TurnRecord) -> Iterator[str]:
    return (call.error for call in record.calls if call.tool == _SEARCH and call.error)


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda row: (-row[1], row[0])))
