"""A server that keeps failing is left alone for a while, then tried once."""

from __future__ import annotations

import pytest

from tests.support.clock import Clock
from tools.circuit_breaker import CircuitBreaker
from tools.errors import ModelError


class DownError(Exception):
    """The server does not answer."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(failures=3, pause_s=30, clock=clock)


def fail(breaker: CircuitBreaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(DownError), breaker.call("The server"):
            raise DownError("no answer")


def paused(breaker: CircuitBreaker) -> bool:
    """Whether a call, that would succeed, is not let through."""
    try:
        with breaker.call("The server"):
            return False
    except ModelError:
        return True


def test_third_failure_in_a_row_begins_a_pause(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    assert not paused(breaker)
    fail(breaker, 3)
    assert paused(breaker)


def test_success_in_between_starts_the_count_anew(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    assert not paused(breaker)
    fail(breaker, 2)
    assert not paused(breaker)


def test_pause_says_how_long_it_lasts_and_what_went_wrong(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    fail(breaker, 3)
    clock.now += 10.5
    with (
        pytest.raises(ModelError, match=r"The server failed 3 times .* 20 s more.* no answer"),
        breaker.call("The server"),
    ):
        pass


def test_pause_ends_after_its_time_and_a_success_ends_it_for_good(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    fail(breaker, 3)
    clock.now += 29.9
    assert paused(breaker)
    clock.now += 0.2
    assert not paused(breaker)
    fail(breaker, 2)
    assert not paused(breaker)


def test_one_failed_probe_begins_another_pause(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 30
    fail(breaker)
    clock.now += 29
    assert paused(breaker)
    clock.now += 1
    assert not paused(breaker)


def test_only_one_call_probes(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 30
    with breaker.call("The server"):
        assert paused(breaker)
    assert not paused(breaker)


def test_interrupted_probe_does_not_close_the_way_for_ever(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    fail(breaker, 3)
    clock.now += 30
    with pytest.raises(KeyboardInterrupt), breaker.call("The server"):
        raise KeyboardInterrupt
    clock.now += 30
    assert not paused(breaker)


def test_call_from_before_the_pause_that_succeeds_ends_it(breaker: CircuitBreaker) -> None:
    with breaker.call("The server"):
        fail(breaker, 3)
        assert paused(breaker)
    assert not paused(breaker)
