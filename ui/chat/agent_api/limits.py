"""How often and how many at a time one caller may ask. Not covered: several processes, which
count apart."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tools.errors import ShopperError

_WINDOW_S = 60.0
_MOST_CALLERS = 20_000


class TooManyRequestsError(ShopperError):
    """A request comes too soon. `wait_s` is when to try again."""

    def __init__(self, sentence: str, wait_s: float) -> None:
        super().__init__(sentence)
        self.wait_s = max(1, int(wait_s + 0.999))


@dataclass(slots=True)
class _Caller:
    times: deque[float] = field(default_factory=deque)
    """When the requests of the last minute came."""
    running: int = 0


class CallerLimits:
    """Counts the requests of each caller over the last minute, and those that run."""

    def __init__(
        self, per_minute: int, at_once: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_minute = per_minute
        self._at_once = at_once
        self._clock = clock
        self._callers: dict[str, _Caller] = {}

    @contextmanager
    def admitted(self, name: str) -> Iterator[None]:
        """Counts one request of a caller, which runs inside the block.

        Raises TooManyRequestsError for one over a limit, which is not counted.
        """
        now = self._clock()
        self._forget(now)
        caller = self._callers.setdefault(name, _Caller())
        while caller.times and caller.times[0] <= now - _WINDOW_S:
            caller.times.popleft()
        if len(caller.times) >= self._per_minute:
            wait = caller.times[0] + _WINDOW_S - now
            raise TooManyRequestsError(
                f"More than {self._per_minute} requests in a minute. Try again in "
                f"{max(1, int(wait + 0.999))} seconds.",
                wait,
            )
        if caller.running >= self._at_once:
            raise TooManyRequestsError(
                f"{self._at_once} of your requests are being answered. Send the next one after an "
                "answer.",
                1,
            )
        caller.times.append(now)
        caller.running += 1
        try:
            yield
        finally:
            caller.running -= 1

    def _forget(self, now: float) -> None:
        if len(self._callers) < _MOST_CALLERS:
            return
        self._callers = {
            name: each
            for name, each in self._callers.items()
            if each.running or (each.times and each.times[-1] > now - _WINDOW_S)
        }
