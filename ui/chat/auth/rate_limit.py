"""How often a password may be tried: delays that grow, by name and by address.

Nobody is locked out: a shopper whose name others try from elsewhere is not slowed where they have
logged in before, and waits some seconds where they have not.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Literal, Protocol

from tools.errors import ShopperError

Kind = Literal["pair", "address", "name", "known"]
"""What failures are counted of; "known" stands for a network that a name has logged in from."""

_FREE: dict[Kind, int] = {"pair": 5, "address": 20, "name": 50}
"""Failures without a delay: of one name from one address, of an address, of a name."""
_LONGEST_S: dict[Kind, float] = {"pair": 15, "address": 15, "name": 5}
_SHARED: tuple[Kind, ...] = ("address", "name")
"""What others count for as well, so that a right password forgives one failure alone."""
_FIRST_S = 0.05
"""The first delay; each failure doubles it."""
_HELD_S = 3.0
"""Seconds that an attempt is held for; one that must wait longer is refused and not counted."""
FORGOTTEN_S = 900.0
"""Seconds without an attempt after which failures no longer count."""
_MOST_KEYS = 20_000
_MANY = 10
"""Failures of one name from one address that are worth a line in the log."""

Key = tuple[Kind, str, str]


class TooManyLoginsError(ShopperError):
    """A login comes too soon after others. `wait_s` is when to try again."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = max(1, round(wait_s + 0.5))
        super().__init__(
            f"That was a lot of logins. Please wait {self.wait_s} seconds and try again."
        )


@dataclass(slots=True)
class Failures:
    """Attempts that failed; times in seconds."""

    count: int = 0
    last: float = 0.0
    next_at: float = 0.0
    """When the next attempt may be checked."""


@dataclass(frozen=True, slots=True)
class LoginRecord:
    """What is known of the logins of one name from one network."""

    failures: dict[Kind, Failures] = field(default_factory=dict)


class FailureStore(Protocol):
    """Where failures are counted."""

    def changing(self, name: str, network: str, /) -> AbstractAsyncContextManager[LoginRecord]:
        """The record of a name and a network; what the block changes is stored, unless it raises.

        Nobody else changes it meanwhile.
        """
        ...


def key_of(kind: Kind, name: str, network: str) -> Key:
    """The key of what a kind counts."""
    return kind, "" if kind == "address" else name, "" if kind == "name" else network


class LocalFailures:
    """FailureStore of this process alone; the oldest are forgotten past a number of them."""

    def __init__(self) -> None:
        self._failures: dict[Key, Failures] = {}
        self._known: dict[Key, Failures] = {}
        """The newest last."""

    @asynccontextmanager
    async def changing(self, name: str, network: str) -> AsyncIterator[LoginRecord]:
        """See FailureStore. The block must not wait for anything."""
        self._forget()
        keys = [key_of(kind, name, network) for kind in _FREE]
        known = key_of("known", name, network)
        record = LoginRecord({key[0]: self._failures[key] for key in keys if key in self._failures})
        if known in self._known:
            record.failures["known"] = self._known[known]
        yield record
        for key in keys:
            self._failures.pop(key, None)
            if key[0] in record.failures:
                self._failures[key] = record.failures[key[0]]
        if "known" in record.failures:
            self._known.pop(known, None)
            self._known[known] = record.failures["known"]
            while len(self._known) > _MOST_KEYS:
                del self._known[next(iter(self._known))]

    def _forget(self) -> None:
        if len(self._failures) < _MOST_KEYS:
            return
        newest_first = sorted(self._failures.items(), key=lambda item: -item[1].last)
        since = newest_first[0][1].last - FORGOTTEN_S
        kept = [item for item in newest_first if item[1].last > since]
        self._failures = dict(kept[: _MOST_KEYS // 2])


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that is counted."""

    wait_s: float
    """What it must be held for."""
    many: bool
    """Whether it follows many failures of this name from this address."""


class LoginThrottle:
    """Counts login attempts. Each counts as a failure until `succeeded` is called for it."""

    def __init__(
        self,
        store: Callable[[], FailureStore] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`store` is asked at each attempt; without it failures are those of this process."""
        local = LocalFailures()
        self._store = store or (lambda: local)
        self._clock = clock

    async def attempt(self, name: str, address: str) -> Attempt:
        """Count one more attempt.

        Raises TooManyLoginsError for one that would have to be held for long, and ConnectionError
        where the failures cannot be reached.
        """
        async with self._store().changing(name, network_of(address)) as record:
            now = self._clock()
            failures, known = record.failures, "known" in record.failures
            kinds = [kind for kind in _FREE if not (kind == "name" and known)]
            for kind in kinds:
                if kind not in failures or failures[kind].last < now - FORGOTTEN_S:
                    failures[kind] = Failures()
            start = max(now, *(_next_at(kind, failures[kind], now) for kind in kinds))
            if start - now > _HELD_S:
                raise TooManyLoginsError(start - now)
            for kind in kinds:
                each = failures[kind]
                each.count += 1
                each.last = start
                each.next_at = start + _delay_s(kind, each.count)
            return Attempt(start - now, failures["pair"].count > _MANY)

    async def succeeded(self, name: str, address: str) -> None:
        """Forget the failures of a name from an address, from which it logged in."""
        async with self._store().changing(name, network_of(address)) as record:
            record.failures.pop("pair", None)
            for kind in _SHARED:
                if each := record.failures.get(kind):
                    each.count -= 1
                    each.next_at = 0.0
            record.failures["known"] = Failures(last=self._clock())


def network_of(address: str) -> str:
    """The address, or the network of an IPv6 address that one household has all of."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64))
    return str(ip)


def _next_at(kind: Kind, failures: Failures, now: float) -> float:
    """When an attempt may be checked; 0 for a time that only a wrong clock can have given."""
    return failures.next_at if failures.next_at <= now + _HELD_S + _LONGEST_S[kind] else 0.0


def _delay_s(kind: Kind, count: int) -> float:
    """Seconds before the next attempt after so many failures."""
    over = count - _FREE[kind]
    return 0.0 if over < 0 else min(_FIRST_S * 2.0 ** min(over, 20), _LONGEST_S[kind])
