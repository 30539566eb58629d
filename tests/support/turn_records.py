"""Generated records of turns: conversations that search, refine, click and judge.

Everything that a shopper or a model could have written holds SECRET, so that a test can look for it
in what is printed; the filters hold the catalogue's names.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from assistant.events import LinkClick
from assistant.records.record import (
    CallRow,
    CandidateRow,
    PhotoRow,
    PlaceRow,
    ProductRow,
    RankingRow,
    SearchRow,
    TurnRecord,
)
from tools.product import Filters

SECRET = "zebrawords"
KINDS = ("Mugs", "Women > Dresses", "Rugs", "Table Lamps")
COLORS = (("blue",), ("black", "matte black"), ("red",), ("light blue", "blue"))
BRANDS = ("Lumen", "Fern & Co")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class GeneratedTurn:
    """A record, and what the shopper did after it."""

    record: TurnRecord
    clicks: tuple[LinkClick, ...]
    thumb: dict[str, Any] | None


def generated_turns(count: int, *, days: float = 30, seed: int = 0) -> Iterator[GeneratedTurn]:
    """So many turns that end now, evenly over these days, from conversations of several turns."""
    chance = random.Random(seed)
    start = datetime.now(UTC) - timedelta(days=days)
    searches: dict[int, Filters] = {}
    for number in range(count):
        at = start + timedelta(days=days) * (number / count)
        thread = chance.randrange(number // 5 + 1, number // 5 + 9)
        yield _turn(chance, at, thread, searches)


def write_turns(turns: Iterator[GeneratedTurn], folder: Path) -> int:
    """Write the folders that the store writes, without its cap; gives how many bytes of JSON."""
    folder.mkdir(parents=True)
    size = 0
    for turn in turns:
        at = datetime.fromisoformat(turn.record.started_at)
        here = folder / f"{at:%Y%m%dT%H%M%S%fZ}-{turn.record.id}"
        here.mkdir()
        size += (here / "record.json").write_bytes(turn.record.to_json())
        if turn.clicks:
            rows = [{**asdict(click), "query": SECRET} for click in turn.clicks]
            (here / "clicks.json").write_text(json.dumps(rows), "utf-8")
        if turn.thumb:
            (here / "feedback.json").write_text(json.dumps(turn.thumb), "utf-8")
    return size


def _turn(
    chance: random.Random, at: datetime, thread: int, searches: dict[int, Filters]
) -> GeneratedTurn:
    calls, rows = [], []
    if chance.random() < 0.8:
        if chance.random() < 0.1:
            calls.append(_refused(chance))
        filters = _refined(chance, searches.get(thread, Filters(currency="USD")))
        searches[thread] = filters
        rows.append(_search(chance, filters))
        again = chance.random() < 0.05
        calls.append(CallRow("multimodal_search", {"list": 1} if again else {}, 0.1, ""))
    clicks = tuple(
        LinkClick(row.list_id, chance.choice(row.found).number, "m1", cart=chance.random() < 0.3)
        for row in rows
        if row.found and row.list_id
        for _ in range(chance.choice((0, 0, 1, 2)))
    )
    thumb = chance.choice((None, None, None, 0, 1))
    record = TurnRecord(
        id="".join(chance.choices(_LETTERS, k=12)),
        started_at=at.isoformat(timespec="microseconds"),
        thread=f"{SECRET}-{thread}",
        text=f"{SECRET} please",
        photos=(PhotoRow("0" * 64, f"{SECRET}.jpg"),) if chance.random() < 0.2 else (),
        catalogue="demo",
        chat_model="offline",
        prompt_version=5,
        outcome=chance.choices(("done", "failed", "stopped"), (90, 6, 4))[0],
        sentence=SECRET,
        incident="",
        calls=tuple(calls),
        searches=tuple(rows),
        answer=f"Here is {SECRET}. " * 12,
        seconds=0.5,
        timings_s={"chat model": 0.1},
        fell_back=chance.choices(("", "late", "failed"), (90, 6, 4))[0],
    )
    given = None if thumb is None else {"value": thumb, "comment": SECRET}
    return GeneratedTurn(record, clicks, given)


def _refused(chance: random.Random) -> CallRow:
    field = chance.choice(("color", "brand", "category", "heel height"))
    name = f"{SECRET}{chance.randrange(3)}"
    sentence = f"This shop has no {field} {name!r}. The nearest are: blue. Use one of these."
    return CallRow("multimodal_search", {"colors": [name]}, 0.0, sentence)


def _refined(chance: random.Random, filters: Filters) -> Filters:
    """The filters with one of them set, changed or taken away."""
    ways: tuple[dict[str, Any], ...] = (
        {"categories": (chance.choice(KINDS),)},
        {"colors": chance.choice(COLORS)},
        {"colors": ()},
        {"brands": (chance.choice(BRANDS),)},
        {"max_price": chance.choice((2000, 5000))},
        {"max_price": None},
        {"min_price": 1000},
        {"exclude_words": (SECRET,)},
        {"in_stock": True},
        {"exclude_ids": (*filters.exclude_ids, "m1")[-9:]},
        {},
    )
    return replace(filters, **chance.choice(ways))


def _search(chance: random.Random, filters: Filters) -> SearchRow:
    found = tuple(map(_candidate, range(1, chance.choice((0, 3, 9, 9)) + 1)))
    return SearchRow(
        words=f"{SECRET} {chance.randrange(9)}",
        photo=PhotoRow("0" * 64, f"{SECRET}.jpg") if chance.random() < 0.1 else None,
        like=ProductRow("m1", "Mug 1") if chance.random() < 0.1 else None,
        filters=filters,
        list_id="" if chance.random() < 0.03 else f"{chance.randrange(16**8):08x}",
        searched=900,
        found=found,
        timings_s={"total": 0.02},
        rankings=(_ranking(chance),) if found and chance.random() < 0.5 else (),
        unmentioned=chance.random() < 0.1,
    )


def _candidate(number: int) -> CandidateRow:
    return CandidateRow(
        number, f"m{number}", f"Mug {number} in Clay", "Mugs", "19.99", "USD", "blue", 4.5, 0.5,
        "Lumen", {"material": "clay", "capacity": "300 ml"},
    )  # fmt: skip


def _ranking(chance: random.Random) -> RankingRow:
    places = tuple(PlaceRow(n, n, f"m{n}", f"Mug {n} in Clay", SECRET * 4) for n in range(1, 10))
    outcome: Literal["complete", "fell back"] = "fell back" if chance.random() < 0.1 else "complete"
    return RankingRow(
        "phi3", "0" * 64, 1.0, SECRET, SECRET, SECRET, "", (), outcome, "", "", False, 0.5,
        tuple(f"m{n}" for n in range(1, 10)), places, 0.4, {"ranking": 0.3},
    )  # fmt: skip
