"""A server with its event loop watched: which callbacks held it, and for how long.

Run as `python -m tests.watched_loop FILE MODULE ARGUMENTS`; at the end FILE holds JSON, the longest
callbacks with the time they began at. Counted is the processor's time of the loop's own thread, so
that what other programs of the machine take is not.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import runpy
import sys
import time
from pathlib import Path

_MOST = 50


def watch() -> list[tuple[float, float, str]]:
    """The longest callbacks from now on: milliseconds, when, what."""
    longest: list[tuple[float, float, str]] = []
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        before = time.thread_time()
        run(handle)
        ms = (time.thread_time() - before) * 1000
        if ms > 5:
            heapq.heappush(longest, (ms, time.time(), repr(handle)[:300]))
            if len(longest) > _MOST:
                heapq.heappop(longest)

    setattr(asyncio.Handle, "_run", timed)  # noqa: B010 - its stub has another signature
    return longest


def main() -> None:
    """Run the module as its own program would."""
    file, module = Path(sys.argv[1]), sys.argv[2]
    sys.argv = [module, *sys.argv[3:]]
    longest = watch()
    try:
        runpy.run_module(module, run_name="__main__")
    finally:
        rows = [{"ms": round(ms, 1), "at": at, "what": what} for ms, at, what in longest]
        file.write_text(json.dumps(sorted(rows, key=lambda row: -row["ms"])))


if __name__ == "__main__":
    main()
