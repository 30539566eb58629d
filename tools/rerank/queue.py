"""Who may look next, where many shoppers share one vision model.

A search is what a shopper waits for; a look only makes its order better. So looks wait while
anybody searches, and one that could not be done in time is left out before it begins. Lives on one
event loop. Not covered: other processes that use the same model.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

_OLD = 0.7
"""Of the running mean of how long a look takes, the share that stays at a new one."""


class VisionQueue:
    """Lets looks through in their order, `at_once` at a time, and none while a search runs."""

    def __init__(self, at_once: int = 1) -> None:
        self._at_once = self._free = at_once
        self._searching = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._look_s = 0.0

    @contextmanager
    def searching(self) -> Iterator[None]:
        """While this is open, no look begins."""
        self._searching += 1
        try:
            yield
        finally:
            self._searching -= 1
            self._wake()

    async def enter(self, timeout_s: float) -> bool:
        """Wait for a place; False when a look could not be done in so many seconds from now.

        Who got a place gives it back with `leave`.
        """
        ahead = len(self._waiting) + self._at_once - self._free
        needed_s = (ahead // self._at_once + 1) * self._look_s
        if needed_s > timeout_s:
            return False
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._wake()
        try:
            # What is left must be enough for the look itself.
            await asyncio.wait_for(asyncio.shield(place), max(timeout_s - self._look_s, 0.0))
        except TimeoutError:
            return self._gave_up(place)
        except asyncio.CancelledError:
            if not self._gave_up(place):
                raise
            self._free += 1
            self._wake()
            raise
        return True

    def leave(self, seconds: float) -> None:
        """Give a place back after a look that took so long."""
        self._look_s = _OLD * self._look_s + (1 - _OLD) * seconds if self._look_s else seconds
        self._free += 1
        self._wake()

    def _gave_up(self, place: asyncio.Future[None]) -> bool:
        """Whether the place came in the last moment; else it is wanted no longer."""
        if place.done():
            return True
        self._waiting.remove(place)
        return False

    def _wake(self) -> None:
        while self._free and not self._searching and self._waiting:
            self._free -= 1
            self._waiting.popleft().set_result(None)
