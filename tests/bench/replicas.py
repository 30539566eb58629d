"""Two chats over one PostgreSQL, behind a proxy: conversations move in the middle, and one chat is
killed often.

Run as `python -m tests.bench.replicas [CONVERSATIONS] [KILLS]`; the last line is JSON. It exits
with 1 for a conversation that is lost or mixed, and for an ended turn that is lost or doubled.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.support.postgres import running_postgres, why_none
from tests.support.replicas import Conversation, Replicas, faults

_TURNS = 4
_AT_ONCE = 24
"""Shoppers who are in the chats at a time."""


def main() -> None:
    """Measure and print."""
    count, kills = (int(sys.argv[i]) if len(sys.argv) > i else d for i, d in ((1, 200), (2, 10)))
    if why := why_none():
        raise SystemExit(why)
    with tempfile.TemporaryDirectory() as folder, running_postgres() as server:
        url = server.new_database()
        (Path(folder) / "shop").mkdir()
        replicas = Replicas(Path(folder), Path(folder) / "shop", url)
        talks = [Conversation(number) for number in range(count)]
        start = time.perf_counter()
        try:
            asyncio.run(_visit(replicas, talks, kills))
        finally:
            replicas.close()
        seconds = time.perf_counter() - start
        found = asyncio.run(faults(talks, url, _TURNS))
    result = {
        "conversations": len({talk.thread for talk in talks}),
        "moved": sum(_homes(talk)[0] != _homes(talk)[1] for talk in talks),
        "kills": replicas.killed,
        "connections_passed_over": replicas.proxy.passed_over,
        "turns_ended": sum(len(talk.ended) for talk in talks),
        "turns_cut": sum(len(talk.cut) for talk in talks),
        "seconds": round(seconds, 1),
        "faults": found,
    }
    sys.stdout.write(json.dumps({"replicas": result}) + "\n")
    if found or len({talk.thread for talk in talks}) != count:
        raise SystemExit(1)


def _homes(talk: Conversation) -> tuple[int, int]:
    """The chat of the first half of a conversation, and of the second: half of them move."""
    return talk.number % 2, (talk.number + talk.number // 2) % 2


async def _visit(replicas: Replicas, talks: Sequence[Conversation], kills: int) -> None:
    free = asyncio.Semaphore(_AT_ONCE)

    async def half(talk: Conversation, number: int) -> None:
        async with free:
            turns = range(number * _TURNS // 2, (number + 1) * _TURNS // 2)
            await talk.ask(replicas, _homes(talk)[number], turns)

    killing = asyncio.create_task(_kill(replicas, talks, kills))
    for number in (0, 1):
        await asyncio.gather(*(half(talk, number) for talk in talks))
    await killing


async def _kill(replicas: Replicas, talks: Sequence[Conversation], kills: int) -> None:
    """Kill the second chat so many times, evenly over all turns."""
    for number in range(kills):
        due = (number + 1) * len(talks) * _TURNS // (kills + 1)
        while sum(len(talk.ended) for talk in talks) < due:  # noqa: ASYNC110 - in full swing
            await asyncio.sleep(0.01)
        await asyncio.to_thread(replicas.kill, 1)


if __name__ == "__main__":
    main()
