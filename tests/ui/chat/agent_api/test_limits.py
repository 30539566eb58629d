"""Limits of one caller, by a clock of the test."""

from __future__ import annotations

import pytest

from tests.support.clock import Clock
from ui.chat.agent_api.limits import (
    CallerLimits,
    LocalCounts,
    NotCountedError,
    TooManyRequestsError,
)


async def ask(limits: CallerLimits, name: str) -> None:
    async with limits.admitted(name):
        pass


async def test_requests_of_a_minute_are_counted_for_each_caller() -> None:
    clock = Clock()
    limits = CallerLimits(3, 1, clock=clock)
    for _ in range(3):
        await ask(limits, "a")
        clock.now += 10
    with pytest.raises(TooManyRequestsError, match="Try again in 30 seconds") as raised:
        await ask(limits, "a")
    assert raised.value.wait_s == 30
    await ask(limits, "b")
    clock.now += 30
    await ask(limits, "a")
    with pytest.raises(TooManyRequestsError):
        await ask(limits, "a")


async def test_one_more_than_may_run_at_a_time_is_refused() -> None:
    limits = CallerLimits(100, 2)
    async with limits.admitted("a"), limits.admitted("a"):
        with pytest.raises(TooManyRequestsError, match="being answered"):
            await ask(limits, "a")
        await ask(limits, "b")
    await ask(limits, "a")


async def test_failed_request_runs_no_longer() -> None:
    limits = CallerLimits(100, 1)
    with pytest.raises(RuntimeError):
        async with limits.admitted("a"):
            raise RuntimeError
    await ask(limits, "a")


async def test_callers_of_long_ago_are_forgotten() -> None:
    clock = Clock()
    counts = LocalCounts()
    limits = CallerLimits(1, 1, lambda: counts, clock)
    for number in range(20_000):
        await ask(limits, str(number))
    clock.now += 61
    await ask(limits, "new")
    assert len(counts._times) == 1


class _Gone:
    async def take_request(self, caller: str, *, at: float, per_minute: int) -> float:
        raise ConnectionError("the database does not answer")


async def test_request_that_cannot_be_counted_is_refused_and_runs_no_longer() -> None:
    limits = CallerLimits(100, 1, _Gone)
    for _ in range(2):
        with pytest.raises(NotCountedError, match="Try again in some seconds"):
            await ask(limits, "a")
