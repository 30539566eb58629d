"""A server with its event loop watched: which callbacks held it, and for how long.

Run as `python -m tests.support.watched_loop FILE MODULE ARGUMENTS`; at the end FILE holds JSON, the
longest callbacks with the time they began at and where they were after LOOK_S. Counted is the
processor's time of the loop's own thread, so that what other programs of the machine take is not.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import runpy
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

_MOST = 50
LOOK_S = 0.05
"""A callback that runs longer is looked at once: where it is says more than its name."""


@dataclass(slots=True)
class _Running:
    since: float = 0.0
    where: str = ""


def watch() -> list[tuple[float, float, str]]:
    """The longest callbacks from now on: milliseconds, when, what and where."""
    longest: list[tuple[float, float, str]] = []
    run, running, loop_thread = asyncio.Handle._run, _Running(), threading.get_ident()

    def timed(handle: asyncio.Handle) -> None:
        before = time.thread_time()
        running.since, running.where = time.monotonic(), ""
        run(handle)
        running.since = 0.0
        ms = (time.thread_time() - before) * 1000
        if ms > 5:
            what = f"{getattr(handle._callback, '__self__', handle)!r:.300} {running.where}"  # type: ignore[attr-defined]  # of CPython
            heapq.heappush(longest, (ms, time.time(), what))
            if len(longest) > _MOST:
                heapq.heappop(longest)

    def look() -> None:
        while True:
            time.sleep(LOOK_S)
            if running.since and not running.where and time.monotonic() - running.since > LOOK_S:
                frames = traceback.extract_stack(sys._current_frames()[loop_thread])[-8:]
                running.where = " < ".join(f"{f.filename}:{f.lineno}" for f in reversed(frames))

    threading.Thread(target=look, daemon=True).start()
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
