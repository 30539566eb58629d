"""From message to first card, in the server, without any model.

The real server and Chainlit with the scripted assistant, over a real websocket. Counts what the
chat adds: the script's own pause of 20 ms between understanding and finding is taken off. Run as
`python -m tests.bench.chat`; the last line is JSON.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.support.chat_client import RunningChat, Shopper, scripted_chat, shopper

LIMIT_MS = 200
_SCRIPT_MS = 20
_TURNS = 30


async def _turn(someone: Shopper) -> float:
    shown = len(someone.galleries())
    start = time.perf_counter()
    await someone.say("a case")
    await someone.until(lambda: len(someone.galleries()) > shown)
    elapsed = (time.perf_counter() - start) * 1000
    await someone.until(lambda: someone.said().count("[a case|0|1]") > shown)
    return elapsed - _SCRIPT_MS


async def _measure(chat: RunningChat) -> list[float]:
    async with shopper(chat) as someone:
        await _turn(someone)  # the first one warms up
        return [await _turn(someone) for _ in range(_TURNS)]


def main() -> None:
    """Measure and print; exits with 1 above the limit."""
    with tempfile.TemporaryDirectory() as home, scripted_chat(Path(home)) as chat:
        times = asyncio.run(_measure(chat))
    p95 = statistics.quantiles(times, n=20)[-1]
    result = {"p50_ms": round(statistics.median(times), 1), "p95_ms": round(p95, 1)}
    sys.stdout.write(f"message to first card, {_TURNS} turns (limit {LIMIT_MS} ms at p95)\n")
    sys.stdout.write(json.dumps({"chat_first_card": result, "limit_ms": LIMIT_MS}) + "\n")
    if p95 > LIMIT_MS:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
