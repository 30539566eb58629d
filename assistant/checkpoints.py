"""Where the agent's memory of threads is stored: LangGraph's savers, which also prune."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from tools.errors import SetupError
from tools.postgres import connection_info, open_pool, set_up
from tools.sqlite_wal import truncate_wal

if TYPE_CHECKING:
    from psycopg import Connection

MEMORY = "memory"
_FILE = "threads.sqlite"
_CONNECTIONS = 4
_POSTGRES = (
    "POUNCE_THREADS names a PostgreSQL server, which needs a package more. Run: "
    "pip install langgraph-checkpoint-postgres 'psycopg[binary]'"
)


class PrunedSqliteSaver(AsyncSqliteSaver):
    """LangGraph's own saver, with pruning, and with deletion that leaves nothing in its files."""

    async def setup(self) -> None:
        """Make the tables, once. What is deleted is overwritten."""
        if not self.is_setup:
            await super().setup()
            async with self.lock:
                await self.conn.execute_fetchall("PRAGMA secure_delete=ON")

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete a thread, and empty the log of writes, which holds it until then."""
        await self.setup()
        await super().adelete_thread(thread_id)
        async with self.lock:
            await truncate_wal(self.conn)

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Keep the newest checkpoint of each thread, with what was written since.

        A checkpoint is the whole state and each turn writes one, so that the file would
        grow by megabytes in every long conversation.
        """
        if strategy != "keep_latest":
            raise NotImplementedError(strategy)
        await self.setup()
        async with self.lock:
            for thread in thread_ids:
                for table in ("checkpoints", "writes"):
                    await self.conn.execute(
                        f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_id < (SELECT"
                        " max(newest.checkpoint_id) FROM checkpoints AS newest WHERE"
                        f" newest.thread_id = {table}.thread_id"
                        f" AND newest.checkpoint_ns = {table}.checkpoint_ns)",
                        (thread,),
                    )
            await self.conn.commit()


class PrunedMemorySaver(InMemorySaver):
    """LangGraph's own saver, with pruning."""

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Keep the newest checkpoint of each thread."""
        if strategy != "keep_latest":
            raise NotImplementedError(strategy)
        for thread in thread_ids:
            newest = self.get_tuple({"configurable": {"thread_id": thread}})
            if newest is None:
                continue
            writes: dict[str, list[tuple[str, Any]]] = {}
            for task, channel, value in newest.pending_writes or ():
                writes.setdefault(task, []).append((channel, value))
            self.delete_thread(thread)
            config: Any = {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}
            versions = newest.checkpoint["channel_versions"]
            config = self.put(config, newest.checkpoint, newest.metadata, versions)
            for task, each in writes.items():
                self.put_writes(config, each, task)


@asynccontextmanager
async def open_checkpointer(
    where: str, home: Path, database_url: str = ""
) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """The saver that `where` names: "memory", "sqlite:FILE", the address of a PostgreSQL server, or
    "" for the database of all stores, and without one for a file in the home.

    Raises SetupError for a package that is missing, and for a file or server that cannot be opened.
    """
    if where == MEMORY:
        yield PrunedMemorySaver()
    elif database_url and not where:
        async with _open_shared(database_url) as saver:
            yield saver
    elif where.startswith("postgres"):
        async with _open_postgres(where) as saver:
            yield saver
    else:
        async with PrunedSqliteSaver.from_conn_string(str(_file(where, home))) as saver:
            yield saver


def _file(where: str, home: Path) -> Path:
    path = Path(where.removeprefix("sqlite:")).expanduser() if where else home / _FILE
    if not path.parent.is_dir():
        raise SetupError(
            f"POUNCE_THREADS={where}: there is no folder {path.parent}. Make it, or name another."
        )
    return path


@asynccontextmanager
async def _open_shared(url: str) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """The saver in the database of all stores. LangGraph's own prunes, too."""
    connection_info(url)
    if not _has_postgres():
        raise SetupError(_POSTGRES)
    from langgraph.checkpoint.postgres import PostgresSaver
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg.rows import dict_row

    def make(connection: Connection[Any]) -> None:
        connection.row_factory = dict_row
        PostgresSaver(connection).setup()

    await asyncio.to_thread(set_up, url, make)
    async with open_pool(url, _CONNECTIONS, row_factory=dict_row, prepare_threshold=0) as pool:
        yield AsyncPostgresSaver(pool)


@asynccontextmanager
async def _open_postgres(address: str) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    if not importlib.util.find_spec("psycopg") or not _has_postgres():
        raise SetupError(_POSTGRES)
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg import OperationalError

    try:
        async with AsyncPostgresSaver.from_conn_string(address) as saver:
            await saver.setup()
            yield saver
    except OperationalError as error:
        # Its own words, without the address, which holds a password.
        raise SetupError(f"The PostgreSQL server of POUNCE_THREADS does not answer: {error}") from (
            error
        )


def _has_postgres() -> bool:
    return importlib.util.find_spec("langgraph.checkpoint.postgres") is not None
