"""How often a password may be tried: delays that grow, and nobody locked out.

The same over failures of this process and over those that all replicas of a database share.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from tests.support.clock import Clock
from tests.support.postgres import PostgresServer
from ui.chat.auth.rate_limit import (
    Attempt,
    LocalFailures,
    LoginThrottle,
    TooManyLoginsError,
    network_of,
)
from ui.chat.conversations.database import open_database
from ui.chat.conversations.rate_counts import RateCounts

HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def url(postgres: PostgresServer) -> str:
    return postgres.new_database()


class ByTurns:
    """A throttle that is asked at one replica and at another by turns."""

    def __init__(self, *replicas: LoginThrottle) -> None:
        self._next = itertools.cycle(replicas)

    async def attempt(self, name: str, address: str) -> Attempt:
        return await next(self._next).attempt(name, address)

    async def succeeded(self, name: str, address: str) -> None:
        await next(self._next).succeeded(name, address)


@pytest.fixture(params=["one process", "two replicas"])
async def throttle(
    request: pytest.FixtureRequest, clock: Clock
) -> AsyncIterator[LoginThrottle | ByTurns]:
    if request.param == "one process":
        yield LoginThrottle(clock=clock)
        return
    url = request.getfixturevalue("url")
    async with (
        open_database(Path("unused"), url) as one,
        open_database(Path("unused"), url) as other,
    ):
        await one.run("DELETE FROM login_attempts")
        stores = [RateCounts(database, clock) for database in (one, other)]
        yield ByTurns(*(LoginThrottle(partial(_same, store), clock) for store in stores))


def _same(store: RateCounts) -> RateCounts:
    return store


async def waits(
    throttle: LoginThrottle | ByTurns, clock: Clock, name: str, address: str, times: int
) -> list[float]:
    """Seconds that each of so many attempts was made to wait, one behind the other."""
    waited = []
    for _ in range(times):
        try:
            waited.append(await held(throttle, name, address))
        except TooManyLoginsError as error:
            waited.append(float(error.wait_s))
            clock.now += error.wait_s
            await throttle.attempt(name, address)
        else:
            clock.now += waited[-1]
    return waited


async def held(throttle: LoginThrottle | ByTurns, name: str, address: str) -> float:
    """Seconds that one more attempt is held for."""
    return (await throttle.attempt(name, address)).wait_s


async def test_delays_of_one_name_from_one_address_grow_up_to_a_limit(
    throttle: LoginThrottle | ByTurns, clock: Clock
) -> None:
    waited = await waits(throttle, clock, "anna", HOME, 40)
    assert waited[:5] == [0.0] * 5
    assert 0 < waited[5] < waited[6] < waited[7] < waited[8] < waited[9] < 3
    assert max(waited) <= 16


async def test_right_password_after_many_wrong_ones_waits_some_seconds_and_no_more(
    throttle: LoginThrottle | ByTurns, clock: Clock
) -> None:
    await waits(throttle, clock, "anna", HOME, 100)
    clock.now += 16
    assert await held(throttle, "anna", HOME) == 0
    await throttle.succeeded("anna", HOME)
    assert await held(throttle, "anna", HOME) == 0


async def test_wrong_passwords_from_elsewhere_do_not_slow_a_shopper_at_home(
    throttle: LoginThrottle | ByTurns, clock: Clock
) -> None:
    await held(throttle, "anna", HOME)
    await throttle.succeeded("anna", HOME)
    await waits(throttle, clock, "anna", ELSEWHERE, 300)
    assert await held(throttle, "anna", HOME) == 0
    # Where she has never been, she waits a moment.
    assert await held(throttle, "ben", HOME) == 0
    fresh = LoginThrottle(clock=clock)
    await waits(fresh, clock, "anna", ELSEWHERE, 10)
    assert await held(fresh, "anna", HOME) == 0


async def test_many_names_from_one_address_are_slowed(
    throttle: LoginThrottle | ByTurns, clock: Clock
) -> None:
    waited = [(await waits(throttle, clock, f"name{n}", ELSEWHERE, 1))[0] for n in range(60)]
    assert waited[:20] == [0.0] * 20
    assert waited[40] > 1
    assert await held(throttle, "name1", HOME) == 0


async def test_one_name_from_many_addresses_is_slowed(
    throttle: LoginThrottle | ByTurns, clock: Clock
) -> None:
    waited = [(await waits(throttle, clock, "anna", f"10.0.{n}.1", 1))[0] for n in range(90)]
    assert waited[:50] == [0.0] * 50
    assert 1 < max(waited) <= 6


async def test_burst_is_slowed_before_any_of_it_has_failed(
    throttle: LoginThrottle | ByTurns,
) -> None:
    waited: list[float] = []

    async def burst() -> None:
        nonlocal waited
        for _ in range(20):
            waited += [await held(throttle, "anna", HOME)]

    with pytest.raises(TooManyLoginsError, match=r"wait \d+ seconds"):
        await burst()
    assert len(waited) > 5
    assert waited == sorted(waited)


async def test_failures_are_forgotten(throttle: LoginThrottle | ByTurns, clock: Clock) -> None:
    await waits(throttle, clock, "anna", HOME, 12)
    clock.now += 1000
    assert await held(throttle, "anna", HOME) == 0


async def test_failures_never_fill_the_memory(clock: Clock) -> None:
    failures = LocalFailures()
    throttle = LoginThrottle(lambda: failures, clock)
    for number in range(30_000):
        await throttle.attempt(f"n{number}", f"2001:db8:{number:x}::1")
    assert len(failures._failures) < 25_000


async def test_clock_of_another_replica_that_is_wrong_locks_nobody_out(url: str) -> None:
    async with open_database(Path("unused"), url) as database:
        await database.run("DELETE FROM login_attempts")
        ahead, right = Clock(now=90_000.0), Clock(now=100.0)
        for clock, times in ((ahead, 30), (right, 1)):
            store = RateCounts(database, clock)
            await waits(LoginThrottle(partial(_same, store), clock), clock, "anna", HOME, times)
        assert right.now < 130


async def test_what_no_longer_counts_is_removed(url: str) -> None:
    clock = Clock()
    async with open_database(Path("unused"), url) as database:
        await database.run("DELETE FROM login_attempts")
        counts = RateCounts(database, clock)
        throttle = LoginThrottle(lambda: counts, clock)
        await throttle.attempt("anna", HOME)
        await throttle.succeeded("anna", HOME)
        await throttle.attempt("ben", ELSEWHERE)
        left = []
        for seconds in (800, 200, 31 * 86_400):
            clock.now += seconds
            await counts.forget()
            rows = await database.rows("SELECT kind, name FROM login_attempts ORDER BY kind, name")
            left.append([tuple(row) for row in rows])
    assert ("pair", "ben") in left[0]
    assert left[1:] == [[("known", "anna")], []]


def test_household_with_a_network_of_its_own_is_one_address() -> None:
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::9")
    assert network_of("2001:db8:1:2::9") != network_of("2001:db8:1:3::9")
    assert network_of("::ffff:203.0.113.7") == network_of("203.0.113.7")
    assert network_of("testclient") == "testclient"
