"""The database under the store of conversations: an SQLite file, or a PostgreSQL server.

The store's SQL is the same for both. It numbers its parameters ("?1"), quotes "user", and calls
`json_extract` and `json_patch`, which are SQLite's own and functions of our schema in PostgreSQL.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tools.errors import SetupError
from tools.postgres import open_pool, running_errors, set_up, storable
from tools.sqlite_wal import truncate_wal

if TYPE_CHECKING:
    from aiosqlite import Connection
    from psycopg import AsyncConnection
    from psycopg_pool import AsyncConnectionPool

Row = Sequence[Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY, identifier TEXT UNIQUE NOT NULL, created TEXT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS threads (
    id TEXT PRIMARY KEY, "user" TEXT NOT NULL, name TEXT NOT NULL, named INTEGER NOT NULL,
    created TEXT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS threads_of_user ON threads ("user", created);
CREATE TABLE IF NOT EXISTS steps (
    thread TEXT NOT NULL, id TEXT NOT NULL, doc TEXT NOT NULL, {rowid}PRIMARY KEY (thread, id));
CREATE INDEX IF NOT EXISTS steps_by_id ON steps (id);
CREATE TABLE IF NOT EXISTS elements (
    thread TEXT NOT NULL, id TEXT NOT NULL, doc TEXT NOT NULL, {rowid}PRIMARY KEY (thread, id));
CREATE TABLE IF NOT EXISTS pictures (
    thread TEXT NOT NULL, ref TEXT NOT NULL, {rowid}PRIMARY KEY (thread, ref));
CREATE INDEX IF NOT EXISTS pictures_by_ref ON pictures (ref);
CREATE TABLE IF NOT EXISTS attached (
    thread TEXT NOT NULL, ref TEXT NOT NULL, at {real} NOT NULL, PRIMARY KEY (thread, ref));
CREATE INDEX IF NOT EXISTS attached_by_ref ON attached (ref);
CREATE TABLE IF NOT EXISTS feedback (
    thread TEXT NOT NULL, step TEXT NOT NULL, id TEXT NOT NULL, value INTEGER NOT NULL,
    comment TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (thread, step));
CREATE TABLE IF NOT EXISTS turns (
    thread TEXT NOT NULL, run TEXT NOT NULL, turn TEXT NOT NULL, PRIMARY KEY (thread, run));
CREATE TABLE IF NOT EXISTS asked ("user" TEXT NOT NULL, at {real} NOT NULL);
CREATE INDEX IF NOT EXISTS asked_by_user ON asked ("user", at);
CREATE TABLE IF NOT EXISTS login_attempts (
    kind TEXT NOT NULL, name TEXT NOT NULL, network TEXT NOT NULL, count INTEGER NOT NULL,
    last {real} NOT NULL, next_at {real} NOT NULL, PRIMARY KEY (kind, name, network));
CREATE TABLE IF NOT EXISTS deleted (thread TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS ended_logins (login TEXT PRIMARY KEY, until {real} NOT NULL);
"""
_SQLITE_SCHEMA = _SCHEMA.format(rowid="", real="REAL")
_POSTGRES_SCHEMA = _SCHEMA.format(
    # SQLite's rows have such a number of their own.
    rowid="rowid BIGINT GENERATED ALWAYS AS IDENTITY, ",
    real="DOUBLE PRECISION",
)
_POSTGRES_FUNCTIONS = """
CREATE OR REPLACE FUNCTION json_extract(doc text, path text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT doc::json #>> string_to_array(substr(path, 3), '.') $$;

-- RFC 7396, as SQLite has it.
CREATE OR REPLACE FUNCTION merge_patch(target jsonb, patch jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
    IF jsonb_typeof(patch) <> 'object' THEN RETURN patch; END IF;
    IF target IS NULL OR jsonb_typeof(target) <> 'object' THEN target := '{}'; END IF;
    RETURN (
        SELECT coalesce(jsonb_object_agg(key, CASE WHEN changed.value IS NULL THEN old.value
            ELSE merge_patch(old.value, changed.value) END), '{}')
        FROM jsonb_each(target) old FULL JOIN jsonb_each(patch) changed USING (key)
        WHERE changed.value IS DISTINCT FROM 'null'::jsonb);
END $$;

CREATE OR REPLACE FUNCTION json_patch(target text, patch text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT merge_patch(target::jsonb, patch::jsonb)::text $$;
"""
_BUSY_MS = 10_000
"""How long to wait for another process that writes to the file."""


class Statements(Protocol):
    """Runs SQL."""

    async def run(self, statement: str, *values: object) -> int:
        """Run a statement. Returns how many rows it changed."""
        ...

    async def rows(self, query: str, *values: object) -> list[Row]:
        """All rows of a query."""
        ...


class Database(Statements, Protocol):
    """Statements that commit by themselves, in the order of the calls of this process."""

    def locked(self, *tables: str) -> AbstractAsyncContextManager[Statements]:
        """Statements of a block in which nobody else writes to these tables."""
        ...

    def document(self, doc: Mapping[str, Any]) -> str:
        """A document as it is stored: JSON in ASCII."""
        ...

    async def purge(self) -> None:
        """Remove deleted rows from the database's log of writes, where that is ours to do."""
        ...


@asynccontextmanager
async def open_database(path: Path, url: str = "") -> AsyncIterator[Database]:
    """The PostgreSQL server at `url`, or the SQLite file where that is "".

    Raises SetupError when it cannot be opened.
    """
    opened = _open_postgres(url) if url else _open_sqlite(path)
    async with opened as database:
        yield database


@asynccontextmanager
async def _open_sqlite(path: Path) -> AsyncIterator[Database]:
    import aiosqlite

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        async with aiosqlite.connect(path, isolation_level=None) as connection:
            await connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
            await connection.execute("PRAGMA journal_mode=WAL")
            await connection.execute("PRAGMA synchronous=NORMAL")
            await connection.execute("PRAGMA secure_delete=ON")  # overwrites what is deleted
            await connection.executescript(_SQLITE_SCHEMA)
            # What JSON's functions make of lone surrogates is no UTF-8.
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            yield _Sqlite(connection)
    except (sqlite3.DatabaseError, OSError) as error:
        raise SetupError(
            f"The conversations in {path} cannot be opened ({error}). Check that the file may be "
            "read and written, or move it away: a new one is made."
        ) from error


@asynccontextmanager
async def _open_postgres(url: str) -> AsyncIterator[Database]:
    await asyncio.to_thread(
        set_up, url, lambda each: each.execute(_POSTGRES_SCHEMA + _POSTGRES_FUNCTIONS)
    )
    from psycopg import AsyncRawCursor

    # One connection: writes of this process come in the order of the calls.
    async with open_pool(url, 1, cursor_factory=AsyncRawCursor) as pool:
        yield _Postgres(pool)


class _Sqlite:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def run(self, statement: str, *values: object) -> int:
        async with self._connection.execute(statement, [storable(v) for v in values]) as cursor:
            return cursor.rowcount

    async def rows(self, query: str, *values: object) -> list[Row]:
        # In one step of the connection's thread: a cursor that is left open between two steps is
        # a reader, which keeps the log of writes from being truncated.
        return [*await self._connection.execute_fetchall(query, [storable(v) for v in values])]

    @asynccontextmanager
    async def locked(self, *tables: str) -> AsyncIterator[Statements]:  # noqa: ARG002
        """The file has one writer at a time, which is enough for single statements."""
        yield self

    def document(self, doc: Mapping[str, Any]) -> str:
        return json.dumps(doc)  # ASCII: lone surrogates have no UTF-8

    async def purge(self) -> None:
        await truncate_wal(self._connection)


class _Postgres:
    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[Any]]) -> None:
        self._pool = pool

    async def run(self, statement: str, *values: object) -> int:
        with running_errors():
            async with self._pool.connection() as connection:
                return await _Session(connection).run(statement, *values)

    async def rows(self, query: str, *values: object) -> list[Row]:
        with running_errors():
            async with self._pool.connection() as connection:
                return await _Session(connection).rows(query, *values)

    @asynccontextmanager
    async def locked(self, *tables: str) -> AsyncIterator[Statements]:
        with running_errors():
            async with self._pool.connection() as connection, connection.transaction():
                names = ", ".join(tables)
                await connection.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE".encode())
                yield _Session(connection)

    def document(self, doc: Mapping[str, Any]) -> str:
        return json.dumps(storable(dict(doc)))

    async def purge(self) -> None:
        """Does nothing: vacuuming and the log are the server's."""


class _Session:
    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self._connection = connection

    async def run(self, statement: str, *values: object) -> int:
        query = statement.replace("?", "$").encode()
        return (await self._connection.execute(query, [storable(v) for v in values])).rowcount

    async def rows(self, query: str, *values: object) -> list[Row]:
        numbered = query.replace("?", "$").encode()
        found = await self._connection.execute(numbered, [storable(v) for v in values])
        return await found.fetchall()
