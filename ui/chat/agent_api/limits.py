"""How often and how many at a time one caller may ask.

Requests of a minute are counted over all replicas of a database, where they share one. Those that
run are counted in each process, whose threads they take.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from tools.errors import ShopperError

_WINDOW_S = 60.0
_MOST_CALLERS = 20_000
_LONGEST_WAIT_S = 60


class TooManyRequestsError(ShopperError):
    """A request comes too soon. `wait_s` is when to try again."""

    def __init__(self, sentence: str, wait_s: float) -> None:
        super().__init__(sentence)
        self.wait_s = _whole_seconds(wait_s)


class NotCountedError(ShopperError):
    """A request cannot be counted: the database does not answer."""


class RequestCounts(Protocol):
    """The requests of each caller in the last minute. `RateCounts` of the store fills it."""

    async def take_request(self, caller: str, /, *, at: float, per_minute: int) -> float:
        """Count one more request of a caller at a time in seconds, if it is within the limit.

        Returns 0, or the seconds until one will be. Raises ConnectionError where the counts cannot
        be reached.
        """
        ...


class LocalCounts:
    """RequestCounts of this process alone."""

    def __init__(self) -> None:
        self._times: dict[str, deque[float]] = {}

    async def take_request(self, caller: str, *, at: float, per_minute: int) -> float:
        """See RequestCounts."""
        self._forget(at)
        times = self._times.setdefault(caller, deque())
        while times and times[0] <= at - _WINDOW_S:
            times.popleft()
        if len(times) >= per_minute:
            return times[0] + _WINDOW_S - at
        times.append(at)
        return 0.0

    def _forget(self, now: float) -> None:
        if len(self._times) >= _MOST_CALLERS:
            since = now - _WINDOW_S
            self._times = {
                name: times for name, times in self._times.items() if times and times[-1] > since
            }


class CallerLimits:
    """The limits of each caller: requests in the last minute, and those that run."""

    def __init__(
        self,
        per_minute: int,
        at_once: int,
        counts: Callable[[], RequestCounts] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`counts` is asked at each request; without it they are those of this process."""
        self._per_minute = per_minute
        self._at_once = at_once
        local = LocalCounts()
        self._counts = counts or (lambda: local)
        self._clock = clock
        self._running: Counter[str] = Counter()

    @asynccontextmanager
    async def admitted(self, name: str) -> AsyncIterator[None]:
        """Counts one request of a caller, which runs inside the block.

        Raises TooManyRequestsError for one over a limit, which is not counted, and NotCountedError.
        """
        if self._running[name] >= self._at_once:
            raise TooManyRequestsError(
                f"{self._at_once} of your requests are being answered. Send the next one after an "
                "answer.",
                1,
            )
        self._running[name] += 1
        try:
            await self._count(name)
            yield
        finally:
            self._running[name] -= 1
            if not self._running[name]:
                del self._running[name]

    async def _count(self, name: str) -> None:
        try:
            wait = await self._counts().take_request(
                name, at=self._clock(), per_minute=self._per_minute
            )
        except ConnectionError as error:
            raise NotCountedError(
                "The shop cannot answer at the moment. Try again in some seconds."
            ) from error
        if wait > 0:
            raise TooManyRequestsError(
                f"More than {self._per_minute} requests in a minute. Try again in "
                f"{_whole_seconds(wait)} seconds.",
                wait,
            )


def _whole_seconds(wait_s: float) -> int:
    """At least one, and no more than a minute, however wrong the clock of another replica is."""
    return min(max(1, int(wait_s + 0.999)), _LONGEST_WAIT_S)
