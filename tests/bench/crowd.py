"""Many shoppers at once, by real websocket clients against the real chat and the built-in shop.

Each asks for something of their own, thinks, and asks again; what comes back must be theirs. Run
as `python -m tests.bench.crowd [SHOPPERS] [TURNS] [SECONDS TO THINK]`; the last line is JSON. It
exits with 1 for a mixed-up answer, a first card past the limit, or a loop that is held too long.
"""

from __future__ import annotations

import asyncio
import csv
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chat_client import RunningChat, Shopper, shopper, watched_chat

LIMIT_S = 5.0
HELD_MS = 100.0
Wanted = tuple[str, str]
"""A color and a kind, as a shopper says them."""


def in_the_shop(products: Path) -> list[Wanted]:
    """Colors and kinds of the built-in shop, by its own catalogue: each has products."""
    with products.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    there = {(row["color"].lower(), row["category"].split(" > ")[-1].lower()) for row in rows}
    return sorted(pair for pair in there if " " not in pair[0] and pair[0] in _COLORS)


_COLORS = frozenset({"red", "blue", "green", "black", "white", "gray", "pink", "yellow"})


@dataclass
class Crowd:
    """What a crowd of shoppers saw."""

    first_card_s: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


async def visit(
    chat: RunningChat, shoppers: int, turns: int, think_s: float, wanted: Sequence[Wanted]
) -> Crowd:
    """Let so many shoppers in at once, until all are done; each asks for other ones of `wanted`."""
    crowd = Crowd()
    async with AsyncExitStack() as doors:
        people = [await doors.enter_async_context(shopper(chat)) for _ in range(shoppers)]
        await asyncio.gather(
            *(_shop(crowd, one, n, turns, think_s, wanted) for n, one in enumerate(people))
        )
    return crowd


async def _shop(
    crowd: Crowd, one: Shopper, n: int, turns: int, think_s: float, wanted: Sequence[Wanted]
) -> None:
    for turn in range(turns):
        color, kind = wanted[(n * turns + turn) % len(wanted)]
        shown, ended = len(one.galleries()), len(one.named("task_end"))
        start = time.perf_counter()
        await one.say(f"{color} {kind}")
        await one.until(
            lambda: len(one.galleries()) > shown or len(one.named("task_end")) > ended  # noqa: B023 - called before the next turn
        )
        crowd.first_card_s.append(time.perf_counter() - start)
        await one.until(lambda: len(one.named("task_end")) > ended)  # noqa: B023
        if len(one.galleries()) <= shown:
            crowd.wrong.append(f"{color} {kind}: nothing ({one.said()[-200:]})")
            continue
        cards = one.galleries()[shown]["cards"]
        strange = [card["title"] for card in cards if not _fits(card, color, kind)]
        if strange:
            crowd.wrong.append(f"{color} {kind}: {strange}")
        if turn < turns - 1:
            await asyncio.sleep(think_s)


def _fits(card: dict[str, Any], color: str, kind: str) -> bool:
    """Whether a card is of the kind and color that were asked for, by what it says itself."""
    said = dict(card["facts"])
    return bool(card["category"].lower() == kind and said.get("Color", "").lower() == color)


def memory_mb(chat: RunningChat) -> int:
    """What the server's process holds."""
    status = Path(f"/proc/{chat.process.pid}/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) // 1000


def main() -> None:
    """Measure and print."""
    shoppers, turns = (int(sys.argv[i]) if len(sys.argv) > i else d for i, d in ((1, 25), (2, 4)))
    think_s = float(sys.argv[3]) if len(sys.argv) > 3 else 5.0
    with tempfile.TemporaryDirectory() as home:
        from tools.workspace import Workspace

        Workspace(Path(home)).prepare_demo(activate=True)
        held = Path(home) / "held.json"
        with watched_chat(Path(home), held) as chat:
            wanted = in_the_shop(Path(home) / "demo" / "products.csv")
            asyncio.run(visit(chat, 2, 1, 0, wanted))  # the first turns warm up
            begun = time.time()
            crowd = asyncio.run(visit(chat, shoppers, turns, think_s, wanted))
            after = memory_mb(chat)
            again = asyncio.run(visit(chat, shoppers, turns, think_s, wanted))
            grown = memory_mb(chat) - after
        rows = [row for row in json.loads(held.read_text()) if row["at"] > begun]
    times = crowd.first_card_s + again.first_card_s
    p95 = statistics.quantiles(times, n=20)[-1]
    held_ms = float(max((row["ms"] for row in rows), default=0.0))
    result = {
        "first_card_p50_s": round(statistics.median(times), 2),
        "first_card_p95_s": round(p95, 2),
        "wrong": crowd.wrong + again.wrong,
        "memory_mb": after,
        "grown_in_a_second_round_mb": grown,
        "loop_held_ms": held_ms,
        "by": [f"{row['ms']} ms: {row['what']}" for row in rows[:3]],
    }
    sys.stdout.write(f"{shoppers} shoppers, {turns} turns each, {think_s:g} s to think, twice\n")
    sys.stdout.write(json.dumps({"crowd": result, "limit_s": LIMIT_S}) + "\n")
    if crowd.wrong or again.wrong or p95 > LIMIT_S or held_ms > HELD_MS:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
