"""How often agents ask and how often logins fail, counted over all replicas of a database."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from ui.chat.auth.rate_limit import FORGOTTEN_S, Failures, Kind, LoginRecord, key_of
from ui.chat.conversations.database import Database, Statements

_AGENT = "agent:"
"""Before a caller's name in the table of what was asked; begins no identifier of a shopper."""
_WINDOW_S = 60.0
_KNOWN_S = 30 * 86_400.0
"""How long an address is known from which a name has logged in."""
_KINDS: tuple[Kind, ...] = ("pair", "address", "name", "known")


class RateCounts:
    """Fills RequestCounts and FailureStore. Lives on one event loop."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._db = database
        self._clock = clock

    async def take_request(self, caller: str, *, at: float, per_minute: int) -> float:
        """Count one more request of an agent at a time in seconds, if it is within the limit.

        Returns 0, or the seconds until one will be. Raises ConnectionError where the database does
        not answer.
        """
        user = f"{_AGENT}{caller}"
        async with self._db.locked("asked") as database:
            await database.run(
                'DELETE FROM asked WHERE "user" = ?1 AND at <= ?2', user, at - _WINDOW_S
            )
            added = await database.run(
                "INSERT INTO asked SELECT ?1, ?2 "
                'WHERE (SELECT count(*) FROM asked WHERE "user" = ?1) < ?3',
                user, at, per_minute,
            )  # fmt: skip
            if added:
                return 0.0
            ((oldest,),) = await database.rows('SELECT min(at) FROM asked WHERE "user" = ?1', user)
        return max(float(oldest) + _WINDOW_S - at, 1.0)

    @asynccontextmanager
    async def changing(self, name: str, network: str) -> AsyncIterator[LoginRecord]:
        """What is known of a name's logins from a network; what the block changes is stored.

        No other replica reads or changes it meanwhile. Raises ConnectionError where the database
        does not answer.
        """
        async with self._db.locked("login_attempts") as database:
            record = LoginRecord()
            for kind in _KINDS:
                for count, last, next_at in await database.rows(
                    "SELECT count, last, next_at FROM login_attempts "
                    "WHERE kind = ?1 AND name = ?2 AND network = ?3",
                    *key_of(kind, name, network),
                ):
                    record.failures[kind] = Failures(count, last, next_at)
            yield record
            for kind in _KINDS:
                await self._store(database, kind, name, network, record.failures.get(kind))

    async def _store(
        self, database: Statements, kind: Kind, name: str, network: str, failures: Failures | None
    ) -> None:
        key = key_of(kind, name, network)
        if failures is None:
            await database.run(
                "DELETE FROM login_attempts WHERE kind = ?1 AND name = ?2 AND network = ?3", *key
            )
            return
        await database.run(
            "INSERT INTO login_attempts VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
            "ON CONFLICT (kind, name, network) DO UPDATE "
            "SET count = excluded.count, last = excluded.last, next_at = excluded.next_at",
            *key, failures.count, failures.last, failures.next_at,
        )  # fmt: skip

    async def forget(self) -> None:
        """Remove what no longer counts, of everybody."""
        now = self._clock()
        await self._db.run(
            f"DELETE FROM asked WHERE at <= ?1 AND \"user\" LIKE '{_AGENT}%'", now - _WINDOW_S
        )
        await self._db.run(
            "DELETE FROM login_attempts WHERE last <= ?1 AND (kind <> 'known' OR last <= ?2)",
            now - FORGOTTEN_S, now - _KNOWN_S,
        )  # fmt: skip
