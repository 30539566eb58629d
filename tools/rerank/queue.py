"""A queue for one vision model that many shoppers share.

A shopper waits for a search; a rerank only improves its order. So reranks wait while any search
runs, and one that could not finish in time is refused before it begins. Belongs to one event loop.
Not covered: other processes that use the same model.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

_SMOOTHING = 0.7
"""Share of the old mean duration that stays when a new duration comes in."""


class VisionQueue:
    """Grants places first in, first out, `at_once` at a time, and none while a search runs."""

    def __init__(self, at_once: int = 1) -> None:
        self._at_once = self._free = at_once
        self._searching = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._mean_s = 0.0
        """Running mean of how long a holder keeps its place."""

    @contextmanager
    def searching(self) -> Iterator[None]:
        """While this is open, no place is granted."""
        self._searching += 1
        try:
            yield
        finally:
            self._searching -= 1
            self._grant()

    async def acquire(self, timeout_s: float) -> bool:
        """Wait for a place; False when the work could not be done in so many seconds from now.

        The holder of a place gives it back with `release`.
        """
        ahead = len(self._waiting) + self._at_once - self._free
        needed_s = (ahead // self._at_once + 1) * self._mean_s
        if needed_s > timeout_s:
            return False
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._grant()
        try:
            # What is left must be enough for the work itself.
            await asyncio.wait_for(asyncio.shield(place), max(timeout_s - self._mean_s, 0.0))
        except TimeoutError:
            return self._granted_or_withdrawn(place)
        except asyncio.CancelledError:
            if not self._granted_or_withdrawn(place):
                raise
            self._free += 1
            self._grant()
            raise
        return True

    def release(self, seconds: float) -> None:
        """Give a place back after holding it for so many seconds."""
        old = self._mean_s
        self._mean_s = _SMOOTHING * old + (1 - _SMOOTHING) * seconds if old else seconds
        self._free += 1
        self._grant()

    def _granted_or_withdrawn(self, place: asyncio.Future[None]) -> bool:
        """Whether the place was granted in the last moment; otherwise it leaves the queue."""
        if place.done():
            return True
        self._waiting.remove(place)
        return False

    def _grant(self) -> None:
        while self._free and not self._searching and self._waiting:
            self._free -= 1
            self._waiting.popleft().set_result(None)
