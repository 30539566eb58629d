"""Limits of one caller, by a clock of the test."""

from __future__ import annotations

import pytest

from ui.chat.agent_api.limits import CallerLimits, TooManyRequestsError


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def ask(limits: CallerLimits, name: str) -> None:
    with limits.admitted(name):
        pass


def test_requests_of_a_minute_are_counted_for_each_caller() -> None:
    clock = Clock()
    limits = CallerLimits(3, 1, clock)
    for _ in range(3):
        ask(limits, "a")
        clock.now += 10
    with pytest.raises(TooManyRequestsError, match="Try again in 30 seconds") as raised:
        ask(limits, "a")
    assert raised.value.wait_s == 30
    ask(limits, "b")
    clock.now += 30
    ask(limits, "a")
    with pytest.raises(TooManyRequestsError):
        ask(limits, "a")


def test_one_more_than_may_run_at_a_time_is_refused() -> None:
    limits = CallerLimits(100, 2, Clock())
    with limits.admitted("a"), limits.admitted("a"):
        with pytest.raises(TooManyRequestsError, match="being answered"):
            ask(limits, "a")
        ask(limits, "b")
    ask(limits, "a")


def test_failed_request_runs_no_longer() -> None:
    limits = CallerLimits(100, 1, Clock())
    with pytest.raises(RuntimeError), limits.admitted("a"):
        raise RuntimeError
    ask(limits, "a")


def test_callers_of_long_ago_are_forgotten() -> None:
    clock = Clock()
    limits = CallerLimits(1, 1, clock)
    for number in range(20_000):
        ask(limits, str(number))
    clock.now += 61
    ask(limits, "new")
    assert len(limits._callers) == 1
