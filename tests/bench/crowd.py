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
from pathlib import Path

from tests.support.chat_client import RunningChat, watched_chat
from tests.support.crowd import Wanted, visit

LIMIT_S = 5.0
HELD_MS = 100.0
"""Milliseconds of processor time that one callback may hold the loop for, at most."""


def in_the_shop(products: Path) -> list[Wanted]:
    """Colors and kinds of the built-in shop, by its own catalogue: each has products."""
    with products.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    there = {(row["color"].lower(), row["category"].split(" > ")[-1].lower()) for row in rows}
    return sorted(pair for pair in there if " " not in pair[0] and pair[0] in _COLORS)


_COLORS = frozenset({"red", "blue", "green", "black", "white", "gray", "pink", "yellow"})


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
