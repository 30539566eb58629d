"""How often a password may be tried: delays that grow, and nobody locked out."""

from __future__ import annotations

import pytest

from tests.support.clock import Clock
from ui.chat.auth.rate_limit import LoginThrottle, TooManyLoginsError, network_of

HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> LoginThrottle:
    return LoginThrottle(clock)


def waits(
    throttle: LoginThrottle, clock: Clock, name: str, address: str, times: int
) -> list[float]:
    """Seconds that each of so many attempts was made to wait, one behind the other."""
    waited = []
    for _ in range(times):
        try:
            waited.append(throttle.attempt(name, address))
        except TooManyLoginsError as error:
            waited.append(float(error.wait_s))
            clock.now += error.wait_s
            throttle.attempt(name, address)
        else:
            clock.now += waited[-1]
    return waited


def test_delays_of_one_name_from_one_address_grow_up_to_a_limit(
    throttle: LoginThrottle, clock: Clock
) -> None:
    waited = waits(throttle, clock, "anna", HOME, 40)
    assert waited[:5] == [0.0] * 5
    assert 0 < waited[5] < waited[6] < waited[7] < waited[8] < waited[9] < 3
    assert max(waited) <= 16


def test_right_password_after_many_wrong_ones_waits_some_seconds_and_no_more(
    throttle: LoginThrottle, clock: Clock
) -> None:
    waits(throttle, clock, "anna", HOME, 100)
    clock.now += 16
    assert throttle.attempt("anna", HOME) == 0
    throttle.succeeded("anna", HOME)
    assert throttle.attempt("anna", HOME) == 0


def test_wrong_passwords_from_elsewhere_do_not_slow_a_shopper_at_home(
    throttle: LoginThrottle, clock: Clock
) -> None:
    throttle.attempt("anna", HOME)
    throttle.succeeded("anna", HOME)
    waits(throttle, clock, "anna", ELSEWHERE, 300)
    assert throttle.attempt("anna", HOME) == 0
    # Where she has never been, she waits a moment.
    assert throttle.attempt("ben", HOME) == 0
    fresh = LoginThrottle(clock)
    waits(fresh, clock, "anna", ELSEWHERE, 10)
    assert fresh.attempt("anna", HOME) == 0


def test_many_names_from_one_address_are_slowed(throttle: LoginThrottle, clock: Clock) -> None:
    waited = [waits(throttle, clock, f"name{n}", ELSEWHERE, 1)[0] for n in range(60)]
    assert waited[:20] == [0.0] * 20
    assert waited[40] > 1
    assert throttle.attempt("name1", HOME) == 0


def test_one_name_from_many_addresses_is_slowed(throttle: LoginThrottle, clock: Clock) -> None:
    waited = [waits(throttle, clock, "anna", f"10.0.{n}.1", 1)[0] for n in range(90)]
    assert waited[:50] == [0.0] * 50
    assert 1 < max(waited) <= 6


def test_burst_is_slowed_before_any_of_it_has_failed(throttle: LoginThrottle) -> None:
    held: list[float] = []

    def burst() -> None:
        held.extend(throttle.attempt("anna", HOME) for _ in range(20))

    with pytest.raises(TooManyLoginsError, match=r"wait \d+ seconds"):
        burst()
    assert held == sorted(held)


def test_failures_are_forgotten_and_never_fill_the_memory(
    throttle: LoginThrottle, clock: Clock
) -> None:
    waits(throttle, clock, "anna", HOME, 12)
    clock.now += 1000
    assert throttle.attempt("anna", HOME) == 0
    for number in range(30_000):
        throttle.attempt(f"n{number}", f"2001:db8:{number:x}::1")
    assert len(throttle._failures) < 25_000


def test_household_with_a_network_of_its_own_is_one_address() -> None:
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::9")
    assert network_of("2001:db8:1:2::9") != network_of("2001:db8:1:3::9")
    assert network_of("::ffff:203.0.113.7") == network_of("203.0.113.7")
    assert network_of("testclient") == "testclient"
