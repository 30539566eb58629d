"""One turn of a thread at a time: in this process, and among all replicas of one database.

A replica's locks belong to a session of the database, so that they end with the replica. When the
session is lost, what runs under its locks is ended: another replica may hold them already.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakValueDictionary

from tools.postgres import connect, connection_errors

if TYPE_CHECKING:
    from psycopg import AsyncConnection

_ASK_S = 0.05
"""Between two attempts to take a lock that another replica has."""
_CHECK_S = 2.0
"""Between two looks whether the session lives, while locks are held."""


class LockLostError(ConnectionError):
    """The session of the database that a lock belonged to is gone."""


class ThreadLocks(Protocol):
    """Locks by thread."""

    def hold(self, thread_id: str, /) -> AbstractAsyncContextManager[None]:
        """The lock of a thread, as long as the block runs.

        Raises ConnectionError where the database does not answer.
        """
        ...


class LocalLocks:
    """ThreadLocks of this process alone."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, thread_id: str) -> AsyncIterator[None]:
        """The lock of a thread; whoever came first has it first."""
        async with self._locks.setdefault(thread_id, asyncio.Lock()):
            yield


class PostgresLocks:
    """ThreadLocks among all replicas: advisory locks of one session. See `open_locks`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._here = LocalLocks()
        self._session: AsyncConnection[Any] | None = None
        self._connecting = asyncio.Lock()
        self._held: set[asyncio.Timeout] = set()
        self._ending: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def hold(self, thread_id: str) -> AsyncIterator[None]:
        """The lock of a thread among all replicas.

        Raises ConnectionError where the database does not answer, and LockLostError, which ends the
        block at once, where the session is lost meanwhile.
        """
        key = _key(thread_id)
        async with self._here.hold(thread_id):
            while not await self._take(key):  # noqa: ASYNC110 - another process tells nobody
                await asyncio.sleep(_ASK_S)
            try:
                async with asyncio.timeout(None) as alive:
                    self._held.add(alive)
                    yield
            except TimeoutError as error:
                if alive.expired():
                    raise LockLostError("the session that held a conversation is lost") from error
                raise
            finally:
                self._held.discard(alive)
                if not alive.expired():
                    await self._to_the_end(self._free(key))

    async def watch(self) -> None:
        """Look whether the session lives, for ever, so that a lost one is noticed."""
        while True:
            await asyncio.sleep(_CHECK_S)
            if self._held:
                with contextlib.suppress(ConnectionError):  # those who hold a lock are told
                    await self._asked("SELECT %s = 0", 0)

    async def close(self) -> None:
        """End the session, and with it its locks."""
        if self._session is not None:
            await self._session.close()

    async def _take(self, key: int) -> bool:
        """Whether the lock is taken. One that is taken while the caller is cancelled is freed."""
        asked = asyncio.create_task(self._taken(key))
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            with contextlib.suppress(ConnectionError):
                if await asked:
                    await self._to_the_end(self._free(key))
            raise

    async def _taken(self, key: int) -> bool:
        """Whether the lock is taken, by a new session where that of before has ended meanwhile."""
        question = "SELECT pg_try_advisory_lock(%s)"
        try:
            return await self._asked(question, key)
        except ConnectionError:
            return await self._asked(question, key)

    async def _free(self, key: int) -> None:
        with contextlib.suppress(ConnectionError):  # a lost session has no locks
            await self._asked("SELECT pg_advisory_unlock(%s)", key)

    async def _to_the_end(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something that goes on when the caller is cancelled."""
        task = asyncio.create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        await asyncio.shield(task)

    async def _asked(self, question: Any, key: int) -> bool:
        """The answer of the session, which is opened where there is none."""
        from psycopg import OperationalError

        session = self._session
        try:
            async with self._connecting:
                if self._session is None:
                    self._session = await connect(self._url)
                session = self._session
            answer = await session.execute(question, (key,))
            return (await answer.fetchone()) == (True,)
        except OperationalError as error:
            if session is not None and session is self._session:
                await self._lose(session)
            raise ConnectionError("the PostgreSQL server of conversations is gone") from error

    async def _lose(self, session: AsyncConnection[Any]) -> None:
        """Give up a session, and end what runs under its locks."""
        self._session = None
        for alive in self._held:
            alive.reschedule(asyncio.get_running_loop().time())
        self._held.clear()
        await session.close()


@asynccontextmanager
async def open_locks(url: str) -> AsyncIterator[ThreadLocks]:
    """The locks of all replicas of a database, or without an address those of this process.

    Raises SetupError where the server cannot be used.
    """
    if not url:
        yield LocalLocks()
        return
    with connection_errors():
        async with await connect(url):
            pass
    locks = PostgresLocks(url)
    watching = asyncio.create_task(locks.watch())
    try:
        yield locks
    finally:
        watching.cancel()
        await locks.close()


def _key(thread_id: str) -> int:
    """64 bits of a thread's id, signed; two threads that share them wait for each other."""
    return int.from_bytes(hashlib.sha256(thread_id.encode()).digest()[:8], signed=True)
