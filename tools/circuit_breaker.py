"""Leaving a server alone for a while after several failures in a row.

The circuit breaker of Nygard's "Release It!": closed while calls succeed, open for a pause after
too many failures, then half open for a single probe that decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from tools.errors import ModelError


class CircuitBreaker:
    """Guards the calls to one server; safe from any thread.

    After `failures` failed calls in a row, calls are refused for `pause_s`. Then a single probe is
    let through: its success closes the breaker, its failure begins another pause.
    """

    def __init__(
        self, *, failures: int = 3, pause_s: float = 30, clock: Callable[[], float] = monotonic
    ) -> None:
        self._failures, self._pause_s, self._clock = failures, pause_s, clock
        self._lock = Lock()
        self._in_a_row = 0
        self._until: float | None = None
        """When the pause ends; None while there is none."""
        self._probing = False
        self._last = ""

    @contextmanager
    def call(self, who: str) -> Iterator[None]:
        """Around one call, which fails when it raises anything.

        `who` is the server in a sentence. Raises ModelError at once, in place of a call, while the
        server is left alone.
        """
        self._begin(who)
        try:
            yield
        except BaseException as error:
            self._failed(error)
            raise
        self._succeeded()

    def pause(self, seconds: float, why: str) -> None:
        """Refuse calls for so long, as a server has asked for; then a single probe decides."""
        with self._lock:
            self._until = max(self._until or 0.0, self._clock() + seconds)
            self._last, self._probing = why, False

    def _begin(self, who: str) -> None:
        with self._lock:
            if self._until is None:
                return
            left = self._until - self._clock()
            if left > 0 or self._probing:
                now = f"for {math.ceil(left)} s more" if left > 0 else "while one call tries it"
                times = f"failed {self._in_a_row} times in a row and " if self._in_a_row else ""
                raise ModelError(f"{who} {times}is left alone {now}. The last time: {self._last}")
            self._probing = True

    def _failed(self, error: BaseException) -> None:
        with self._lock:
            self._in_a_row += 1
            self._last = str(error) or type(error).__name__
            self._probing = False
            if self._in_a_row >= self._failures:
                self._until = self._clock() + self._pause_s

    def _succeeded(self) -> None:
        with self._lock:
            self._in_a_row, self._until, self._probing = 0, None, False
