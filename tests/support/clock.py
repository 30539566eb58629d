"""Clocks that a test turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass, field
from typing import TypeVarTuple, Unpack

import pytest

Ts = TypeVarTuple("Ts")
_STEPS = 100
"""Of a loop, in which it handles what it has been sent."""


@dataclass
class Clock:
    """Stands still until it is turned."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class LoopClock(Clock):
    """The clock of event loops. A task that sleeps on one turns it and goes on at once."""

    _loops: list[asyncio.AbstractEventLoop] = field(default_factory=list)

    def new_loop(self) -> asyncio.AbstractEventLoop:
        """A loop whose timers go by this clock; not to be run by two threads."""
        self._loops.append(loop := _Loop(self))
        return loop

    def turn(self, seconds: float) -> None:
        """Let time pass; timers of the loops that are then due fire. From any thread."""
        self.now += seconds
        for loop in self._loops:
            with suppress(RuntimeError):  # it is closed
                loop.call_soon_threadsafe(lambda: None)


class RunningClock:
    """The clock of the event loop that runs, which `turn` puts forward."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._loop, self._ahead = asyncio.get_running_loop(), 0.0
        time = self._loop.time
        patch.setattr(self._loop, "time", lambda: time() + self._ahead)

    def turn(self, seconds: float) -> None:
        """Let time pass once the loop has handled what came before; timers then due fire.

        From any thread. A cancellation that meets a byte in one step of the loop can be lost:
        `asyncio.wait_for` swallows it before Python 3.12.
        """

        def later(steps: int) -> None:
            if steps:
                self._loop.call_soon(later, steps - 1)
            else:
                self._ahead += seconds

        self._loop.call_soon_threadsafe(later, _STEPS)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        super().__init__()

    def time(self) -> float:
        return self._clock.now

    def call_later(
        self,
        delay: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        # Who sleeps asks by this, who sets a deadline by `call_at`.
        self._clock.now += delay
        return super().call_later(0, callback, *args, context=context)
