"""Conversations that outlive their page: listed, resumed, judged, handed out, deleted."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sqlite3
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from assistant.records.store import RecordStore
from tests.support.chat_client import (
    RunningChat,
    Shopper,
    attached,
    color_chat,
    connected,
    shopper,
    titles,
)
from tests.support.command_line import run
from tools.errors import SetupError
from ui.chat.conversations.store import open_threads

NOWHERE = "6f3c1f0e-5d1b-4a52-9c1e-0b8f2d6a7e11"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory, shop: Path) -> Iterator[RunningChat]:
    with color_chat(tmp_path_factory.mktemp("home"), shop) as running:
        yield running


async def name_of(someone: Shopper) -> str:
    return next(str(t["name"]) for t in await someone.threads() if t["id"] == someone.thread)


async def test_thread_is_called_what_it_is_about(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        await someone.ask("hello there")
        assert await name_of(someone) == "hello there"
        await someone.ask("red phone cases under $12")
        assert await name_of(someone) == "Phone Cases, red, under $12"
        # What the page needs to ask for the list again.
        assert someone.named("first_interaction")[-1]["interaction"] == await name_of(someone)


async def test_name_that_the_shopper_gave_stays(chat: RunningChat) -> None:
    async with shopper(chat) as someone, someone.http() as http:
        await someone.ask("a red mug")
        new = {"threadId": someone.thread, "name": "  <b>Mum's</b>\nbirthday " + "x" * 200}
        assert (await http.put("/project/thread", json=new)).status_code == 200
        await someone.ask("a blue mug")
        name = await name_of(someone)
    assert name.startswith("<b>Mum's</b> birthday xxx")  # text, which the page shows as it is
    assert len(name) == 80


async def test_sidebar_finds_a_thread_by_its_words(chat: RunningChat) -> None:
    async with shopper(chat) as someone, someone.http() as http:
        await someone.ask("a backpack for 100% rain_proof walks")
        for words, found in (("100% rain_", 1), ("100_ rain", 0), ("never said", 0)):
            asked = {"pagination": {"first": 20}, "filter": {"search": words}}
            rows = (await http.post("/project/threads", json=asked)).json()["data"]
            assert len([row for row in rows if row["id"] == someone.thread]) == found


async def test_restarted_chat_has_cards_photo_shortlist_and_memory_and_removes_unsent_photos(
    tmp_path: Path, shop: Path
) -> None:
    with color_chat(tmp_path, shop) as before:
        async with shopper(before) as someone:
            await attached(someone, "green")
            await someone.ask("a phone case with this", (await attached(someone, "red"),))
            await someone.ask("keep the first")
            thread, shown, old = someone.thread, titles(someone), photos(before)
    for name in old:
        os.utime(tmp_path / "photos" / name, (0, time.time() - 2 * 86_400))
    with closing(sqlite3.connect(tmp_path / "conversations.sqlite")) as database, database:
        database.execute("UPDATE attached SET at = at - 2 * 86400")
    with color_chat(tmp_path, shop) as after:
        async with shopper(after, threadId=thread) as again, again.http() as http:
            (resumed,) = again.named("resume_thread")
            elements: dict[str, Any] = {e["name"]: e for e in resumed["elements"]}
            cards = elements["ProductGallery"]["props"]["cards"]
            assert [card["title"] for card in cards] == shown
            photo = await http.get(elements["red.png"]["url"])
            assert photo.headers["content-type"] == "image/jpeg"
            said = [step["output"] for step in resumed["steps"] if step["type"] == "user_message"]
            assert said == ["a phone case with this", "keep the first"]
            await attached(again, "blue")  # this one may still be sent
            async with asyncio.timeout(180):
                while len(photos(after)) > 2:  # noqa: ASYNC110 - files tell nobody
                    await asyncio.sleep(0.05)
            assert len(old & photos(after)) == 1
            await again.ask("a mug with this photo")
            assert titles(again)[0].startswith("Red Mug")
            await again.ask("show what I kept")
            assert titles(again) == shown[:1]
    assert len(photos(after)) == 2


async def test_thread_is_resumed_where_the_first_socket_was_lost_before_it_was_ready(
    chat: RunningChat,
) -> None:
    """The page waited for its conversation, and the server took it for one that was shown."""
    async with shopper(chat) as someone:
        await someone.ask("a red mug")
    first = Shopper(chat, cookies=someone.cookies)
    await first.open_socket(threadId=someone.thread)
    second = Shopper(chat, first.session, cookies=someone.cookies)
    async with connected(second, threadId=someone.thread):
        (resumed,) = second.named("resume_thread")
    await first.close_socket()
    assert resumed["id"] == someone.thread


async def test_deleting_a_thread_removes_all_of_it_and_no_photo_of_another(
    chat: RunningChat,
) -> None:
    async with shopper(chat) as other, shopper(chat) as someone, someone.http() as http:
        await other.ask("a mug with this", (await attached(other, "blue"),))
        blue = photos(chat)
        await someone.ask("a mug with this", (await attached(someone, "blue"),))
        await someone.ask("and like this", (await attached(someone, "green"),))
        assert len(photos(chat)) > len(blue)
        deleted = await http.request("DELETE", "/project/thread", json={"threadId": someone.thread})
        assert deleted.status_code == 200
        assert kept_of(chat, other.thread)
        assert kept_of(chat, someone.thread) == []
        await someone.ask("one more")
        assert "This conversation was deleted" in someone.said()
        assert kept_of(chat, someone.thread) == []
    assert blue <= photos(chat)


def photos(chat: RunningChat) -> set[str]:
    return {path.name for path in (chat.home / "photos").iterdir()}


def kept_of(chat: RunningChat, thread: str) -> list[str]:
    """Where anything of a thread is still on disk."""
    places = []
    for name in ("conversations.sqlite", "threads.sqlite"):
        with sqlite3.connect(chat.home / name) as db:
            tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                rows = db.execute(f"SELECT * FROM {table}").fetchall()
                if table != "deleted" and thread in str(rows):
                    places.append(f"{name}: {table}")
    records = RecordStore(chat.home / "turns").newest(1000).records
    return places + [record.id for record in records if record.thread == f"chat-{thread}"]


async def test_photo_goes_with_the_last_thread_that_shows_it(chat: RunningChat) -> None:
    before = photos(chat)
    async with shopper(chat) as someone:
        await someone.ask("like this", (await attached(someone, "green"),))
    (new,) = photos(chat) - before
    async with shopper(chat) as later, later.http() as http:
        assert (await http.get(f"/photos/{new}")).status_code == 200
        await later.send("clear_session")
        await http.request("DELETE", "/project/thread", json={"threadId": someone.thread})
        assert (await http.get(f"/photos/{new}")).status_code == 404


async def test_thumb_is_kept_with_the_turns_record_and_exported(chat: RunningChat) -> None:
    async with shopper(chat) as someone, someone.http() as http:
        await someone.ask("a green mug")
        assert titles(someone)[0].startswith("Green Mug")
        answers = someone.named("new_message", "update_message")
        answer = [step for step in answers if step["type"] == "assistant_message"][-1]
        thumb = {"forId": answer["id"], "value": 0, "comment": 'Too "small",\nand =1+1'}
        given = await http.put("/feedback", json={"feedback": thumb, "sessionId": someone.session})
        assert given.status_code == 200
        (row,) = [row for row in await feedback(chat) if row["thread"] == someone.thread]
        assert (row["thumb"], row["comment"]) == ("down", 'Too "small",\nand =1+1')
        assert row["asked"] == "a green mug"
        assert "Green Mug" in json.dumps(row["shown"])
        records = RecordStore(chat.home / "turns")
        assert records.feedback(row["turn"]) == {"value": 0, "comment": thumb["comment"]}
        async with shopper(chat, threadId=someone.thread) as again:
            (resumed,) = again.named("resume_thread")
            assert [s["feedback"]["value"] for s in resumed["steps"] if s.get("feedback")] == [0]
        taken = {"feedbackId": given.json()["feedbackId"]}
        await http.request("DELETE", "/feedback", json=taken)
        assert not [row for row in await feedback(chat) if row["thread"] == someone.thread]
        assert records.feedback(row["turn"]) is None


async def feedback(chat: RunningChat) -> list[dict[str, Any]]:
    """What `pounce feedback` prints while the chat runs."""
    # Beside this loop: the command runs one of its own.
    told = await asyncio.to_thread(run, "feedback", "--json", home=chat.home)
    assert told.returncode == 0, told.stderr
    return [json.loads(line) for line in told.stdout.splitlines()]


@pytest.mark.parametrize("thread", [NOWHERE, "../x", "x' OR 1=1", {"a": 1}], ids=str)
async def test_thread_that_is_not_there_is_said_and_a_new_one_begins(
    chat: RunningChat, thread: object
) -> None:
    async with shopper(chat, threadId=thread) as someone:
        assert someone.named("resume_thread_error") == ["Thread not found."]
        await someone.ask("a red mug")
        assert someone.thread != thread


async def test_history_file_that_is_none_is_said_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "conversations.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(SetupError, match=r"conversations\.sqlite cannot be opened.*move it away"):
        async with open_threads(path):
            pass
    assert path.read_bytes() == b"not a database" * 100


async def test_own_data_is_handed_out_and_deleted_at_once(chat: RunningChat) -> None:
    async with shopper(chat) as someone, someone.http() as http:
        await someone.ask("a mug with this", (await attached(someone, "red"),))
        page = (await http.get("/your-data")).text
        assert f"{len(await someone.threads())} conversation" in page
        answer = await http.get("/your-data.zip")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
            told = json.loads(file.read("conversations.json"))
            refs = {ref for each in told for ref in each["photos"]}
            assert {f"photos/{ref}.jpg" for ref in refs} == set(file.namelist()[1:])
        said = [step["output"] for each in told for step in each["steps"]]
        assert "a mug with this" in said
        assert (await http.post("/your-data/delete")).headers["location"] == "/your-data"
        assert "no conversation" in (await http.get("/your-data")).text
        assert await someone.threads() == []


async def test_no_file_holds_a_word_of_what_was_deleted_while_the_server_runs(
    chat: RunningChat,
) -> None:
    """The log of writes held deleted words while a statement was read or another file was used."""
    async with shopper(chat) as reader, shopper(chat) as someone, someone.http() as http:
        for number in range(3):
            await someone.ask(f"a mug of zebrawood {number}", (await attached(someone, "red"),))
        await reader.ask("zebrawood bags")
        answer = someone.named("new_message")[-1]["id"]
        thumb = {"feedback": {"forId": answer, "value": 1, "comment": "zebrawood"}}
        assert (await http.put("/feedback", json={**thumb, "sessionId": "x"})).status_code == 200
        name = {"threadId": someone.thread, "name": "My zebrawood"}
        assert (await http.put("/project/thread", json=name)).status_code == 200
        assert len(files_with(chat.home, b"zebrawood")) > 3
        # The page asks for its lists meanwhile.
        await asyncio.gather(
            http.post("/your-data/delete"),
            *(reader.threads() for _ in range(20)),
            *(http.get(f"/project/thread/{someone.thread}") for _ in range(20)),
        )
        assert files_with(chat.home, b"zebrawood") == []


def files_with(home: Path, word: bytes) -> list[Path]:
    """The files under a home, but the server's log, that hold a word."""
    files = [path for path in home.rglob("*") if path.is_file() and path.suffix != ".log"]
    return [path for path in files if word in path.read_bytes()]


def test_every_file_of_the_home_is_its_owners_alone(chat: RunningChat) -> None:
    shared = [
        path
        for path in (chat.home, *chat.home.rglob("*"))
        if path.suffix != ".log" and path.lstat().st_mode & 0o077 and not path.is_symlink()
    ]
    assert not shared
