"""Where conversations are kept is a setting."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.base import empty_checkpoint

from assistant.checkpoints import open_checkpointer
from assistant.settings import load_settings
from tests.support.postgres import PostgresServer
from tools.errors import SetupError


async def _written(saver: Any, times: int) -> list[Any]:
    """The checkpoints of a thread that were written and then pruned."""
    config: Any = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}
    for step in range(times):
        checkpoint = empty_checkpoint()
        checkpoint["channel_values"] = {"step": step}
        checkpoint["channel_versions"] = {"step": step + 1}
        config = await saver.aput(config, checkpoint, {"step": step}, {"step": step + 1})
    await saver.aput_writes(config, [("step", "later")], "task")
    await saver.aprune(["t"])
    return [each async for each in saver.alist({"configurable": {"thread_id": "t"}})]


def _all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_shared_database_prunes_and_deletes_as_the_file_does(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = postgres.new_database()
    async with open_checkpointer("", tmp_path, url) as saver:
        config: Any = {"configurable": {"thread_id": "other", "checkpoint_ns": ""}}
        await saver.aput(config, empty_checkpoint(), {}, {})
        (kept,) = await _written(saver, 4)
        assert kept.checkpoint["channel_values"] == {"step": 3}
    async with open_checkpointer("", tmp_path, url) as again:
        found = await again.aget_tuple({"configurable": {"thread_id": "t"}})
        assert found is not None
        assert found.checkpoint["channel_values"] == {"step": 3}
        assert [(channel, value) for _, channel, value in found.pending_writes or ()] == [
            ("step", "later")
        ]
        await again.adelete_thread("t")
        assert await again.aget_tuple({"configurable": {"thread_id": "t"}}) is None
        assert await again.aget_tuple({"configurable": {"thread_id": "other"}}) is not None
    assert _all_bytes(tmp_path) == b""


async def test_replicas_that_start_at_once_make_the_tables_once(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = postgres.new_database()

    async def start() -> None:
        async with open_checkpointer("", tmp_path, url) as saver:
            assert await saver.aget_tuple({"configurable": {"thread_id": "t"}}) is None

    await asyncio.gather(*(start() for _ in range(4)))


async def test_deleted_thread_leaves_no_word_in_any_file(tmp_path: Path) -> None:
    async with open_checkpointer("", tmp_path) as saver:
        for thread in ("kept", "deleted"):
            config: Any = {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}
            for step in range(30):
                checkpoint = empty_checkpoint()
                checkpoint["channel_values"] = {"words": f"zebrawood of {thread} " * 200}
                checkpoint["channel_versions"] = {"words": step}
                config = await saver.aput(config, checkpoint, {}, {"words": step})
                await saver.aput_writes(config, [("words", f"zebrawood of {thread}")], "task")
            await saver.aprune([thread])
        await saver.adelete_thread("deleted")
        left = _all_bytes(tmp_path)
    assert b"zebrawood of deleted" not in left
    assert b"zebrawood of kept" in left


@pytest.mark.parametrize("where", ["", "memory", "sqlite:"])
async def test_old_steps_go_and_the_newest_stays(tmp_path: Path, where: str) -> None:
    named = f"sqlite:{tmp_path / 'other.db'}" if where == "sqlite:" else where
    async with open_checkpointer(named, tmp_path) as saver:
        (kept,) = await _written(saver, 4)
    assert kept.checkpoint["channel_values"] == {"step": 3}
    assert (tmp_path / "threads.sqlite").exists() == (where == "")
    assert (tmp_path / "other.db").exists() == (where == "sqlite:")


async def test_threads_in_memory_are_gone_with_the_program(tmp_path: Path) -> None:
    async with open_checkpointer("memory", tmp_path) as saver:
        await _written(saver, 1)
    async with open_checkpointer("memory", tmp_path) as saver:
        assert await saver.aget({"configurable": {"thread_id": "t"}}) is None


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"there is no folder .*nowhere"):
        async with open_checkpointer(f"sqlite:{tmp_path}/nowhere/t.db", tmp_path):
            pass


async def test_a_postgres_without_its_package_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SetupError, match="pip install langgraph-checkpoint-postgres") as raised:
        async with open_checkpointer("postgresql://shop:hunter2@db/threads", tmp_path):
            pass
    assert "hunter2" not in str(raised.value)


def test_another_place_is_refused_when_the_settings_are_read() -> None:
    with pytest.raises(SetupError, match=r"POUNCE_THREADS=redis://…@cache: it is memory, sqlite"):
        load_settings(threads="redis://me:hunter2@cache")
