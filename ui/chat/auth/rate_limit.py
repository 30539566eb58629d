"""How often a password may be tried: delays that grow, by name and by address.

Nobody is locked out: a shopper whose name others try from elsewhere is not slowed where they have
logged in before, and waits some seconds where they have not. Not covered: several processes, which
count apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Literal

from tools.errors import ShopperError

Kind = Literal["pair", "address", "name"]

_FREE: dict[Kind, int] = {"pair": 5, "address": 20, "name": 50}
"""Failures without a delay: of one name from one address, of an address, of a name."""
_LONGEST_S: dict[Kind, float] = {"pair": 15, "address": 15, "name": 5}
_FIRST_S = 0.05
"""The first delay; each failure doubles it."""
_HELD_S = 3.0
"""Seconds that an attempt is held for; one that must wait longer is refused and not counted."""
_FORGOTTEN_S = 900.0
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
class _Failures:
    count: int = 0
    last: float = 0.0
    next_at: float = 0.0
    """When the next attempt may be checked."""


class LoginThrottle:
    """Counts login attempts. Each counts as a failure until `succeeded` is called for it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[Key, _Failures] = {}
        self._known: dict[tuple[str, str], None] = {}
        """Names and the addresses that they have logged in from, the newest last."""

    def attempt(self, name: str, address: str) -> float:
        """Count one more attempt; the seconds that it must be held for.

        Raises TooManyLoginsError for one that would have to be held for long.
        """
        now = self._clock()
        self._forget(now)
        for key in self._keys(name, address):
            if key in self._failures and self._failures[key].last < now - _FORGOTTEN_S:
                del self._failures[key]
        known = [self._failures.setdefault(key, _Failures()) for key in self._keys(name, address)]
        start = max(now, *(each.next_at for each in known))
        if start - now > _HELD_S:
            raise TooManyLoginsError(start - now)
        for key, each in zip(self._keys(name, address), known, strict=True):
            each.count += 1
            each.last = start
            each.next_at = start + _delay_s(key[0], each.count)
        return start - now

    def many(self, name: str, address: str) -> bool:
        """Whether the newest attempt of a name from an address follows many failures."""
        failures = self._failures.get(("pair", name, network_of(address)))
        return failures is not None and failures.count > _MANY

    def succeeded(self, name: str, address: str) -> None:
        """Forget the failures of a name from an address, from which it logged in."""
        network = network_of(address)
        self._failures.pop(("pair", name, network), None)
        others: tuple[Key, ...] = ("address", "", network), ("name", name, "")
        for key in others:
            if each := self._failures.get(key):
                each.count -= 1
                each.next_at = 0.0
        self._known.pop((name, network), None)
        self._known[name, network] = None
        while len(self._known) > _MOST_KEYS:
            del self._known[next(iter(self._known))]

    def _keys(self, name: str, address: str) -> list[Key]:
        network = network_of(address)
        keys: list[Key] = [("pair", name, network), ("address", "", network)]
        return keys if (name, network) in self._known else [*keys, ("name", name, "")]

    def _forget(self, now: float) -> None:
        if len(self._failures) < _MOST_KEYS:
            return
        newest_first = sorted(self._failures.items(), key=lambda item: -item[1].last)
        kept = [item for item in newest_first if item[1].last > now - _FORGOTTEN_S]
        self._failures = dict(kept[: _MOST_KEYS // 2])


def network_of(address: str) -> str:
    """The address, or the network of an IPv6 address that one household has all of."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64))
    return str(ip)


def _delay_s(kind: Kind, count: int) -> float:
    """Seconds before the next attempt after so many failures."""
    over = count - _FREE[kind]
    return 0.0 if over < 0 else min(_FIRST_S * 2.0 ** min(over, 20), _LONGEST_S[kind])
