"""A thread of sixty turns: what a model is sent, what is kept and what a turn costs stay small."""

from __future__ import annotations

import asyncio
import cProfile
import io
import json
import sqlite3
import statistics
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from assistant.checkpoints import open_checkpointer
from assistant.conversation import Assistant
from assistant.events import Event, Failed, Message, Photo, Understood
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from assistant.prompt.history import CHARACTERS_SENT
from tests.support.color_shop import photo_of
from tests.support.conversation import history
from tests.support.scripted_model import ScriptedModel, search
from tools.search.shop import Shop

WISHES = ("mugs", "red", "cheaper", "phone cases under $20", "keep 1", "1 against 2", "more",
          "back to the first ones", "backpacks", "what is the first made of?")  # fmt: skip


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Shop:
    return color_shop


def photo(store: PhotoStore, color: str) -> Photo:
    buffer = io.BytesIO()
    photo_of(color).save(buffer, "PNG")
    return store.add(buffer.getvalue(), f"{color}.png")


async def hear(assistant: Assistant, text: str, *photos: Photo, thread: str = "t") -> list[Event]:
    return [event async for event in assistant.turn(thread, Message(text, photos))]


async def longest_prompt(shop: Shop, folder: Path, texts: list[str], results: int) -> list[int]:
    """Characters of each call of the chat model, which searches and answers in each turn."""
    script: list[Any] = []
    for number in range(len(texts)):
        script += [search(words=f"mug {number}", limit=results), "Here they are."]
    model = ScriptedModel(script=script)
    assistant = Assistant(
        shop=shop,
        chat_model=model,
        checkpointer=InMemorySaver(),
        photos=PhotoStore(folder / "photos"),
    )
    for text in texts:
        await hear(assistant, text)
    return [sum(len(str(m.text)) for m in heard) for heard in model.heard]


async def test_a_prompt_does_not_grow_with_the_thread(shop: Shop, tmp_path: Path) -> None:
    # Never the same wish twice, each as long as a shopper writes it.
    texts = [f"wish {number} " + "and words " * 40 for number in range(60)]
    sizes = await longest_prompt(shop, tmp_path, texts, results=6)
    assert max(sizes[-20:]) <= 1.05 * max(sizes[20:40])


async def test_a_prompt_is_bounded_whatever_a_shopper_writes(shop: Shop, tmp_path: Path) -> None:
    texts = [f"{number} " + "words " * 660 for number in range(10)]
    sizes = await longest_prompt(shop, tmp_path, texts, results=18)
    alone = await longest_prompt(shop, tmp_path, ["mugs"], results=18)
    assert max(sizes) <= max(alone) + CHARACTERS_SENT + 8000  # the newest turn is always whole


async def calls_during(work: Awaitable[None]) -> int:
    """Python functions called on this thread until the work is done."""
    profiler = cProfile.Profile(builtins=False)
    with profiler:
        await work
    return sum(entry.callcount for entry in profiler.getstats())


@dataclass
class Long:
    """What a thread of sixty turns was seen to do."""

    failed: list[Event] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    """Functions called on the thread of the loop in each of its last ten turns."""
    early: list[int] = field(default_factory=list)
    """The same of turns 5 to 14 of another thread, each beside one of `late` with its wish."""
    state: list[int] = field(default_factory=list)
    """Characters of the state after each turn."""
    kept: list[int] = field(default_factory=list)
    """Bytes that the file keeps of the thread after each turn."""
    before: Photo | None = None
    understood: Photo | None = None
    """The photo that the first turn after a restart searched from."""


@pytest.fixture(scope="module")
def long(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Long:
    return asyncio.run(_talk(shop, tmp_path_factory.mktemp("home")))


async def _talk(shop: Shop, home: Path) -> Long:
    seen = Long()

    def assistant(saver: Any) -> Assistant:
        model = OfflineChatModel(vocabulary=lambda: shop.vocabulary)
        store = PhotoStore(home / "photos")
        return Assistant(shop=shop, chat_model=model, checkpointer=saver, photos=store)

    async with open_checkpointer("", home) as saver:
        first = assistant(saver)

        async def say(number: int, thread: str) -> None:
            events = await hear(first, WISHES[number % len(WISHES)], thread=thread)
            seen.failed += [event for event in events if isinstance(event, Failed)]

        async def counted(number: int, thread: str) -> int:
            return await calls_during(say(number, thread))

        for number in range(58):
            if number < 48:
                await say(number, "t")
            else:
                seen.late.append(await counted(number, "t"))
                seen.early.append(await counted(number, "other"))
            if number == 44:
                for place in range(4):
                    await say(place, "other")
            values = await history(first)
            messages = [message.model_dump() for message in values.pop("messages")]
            seen.state.append(len(json.dumps([values, messages])))
            seen.kept.append(_bytes(home / "threads.sqlite", "t"))
        seen.before = photo(first.photos, "red")
        await hear(first, "a mug with this", seen.before)
        await hear(first, "a mug with this", photo(first.photos, "blue"))
    async with open_checkpointer("", home) as saver:
        events = await hear(assistant(saver), "a phone case with the photo from before")
    seen.understood = next(e.photo for e in events if isinstance(e, Understood))
    return seen


def _bytes(file: Path, thread: str) -> int:
    with sqlite3.connect(file) as connection:
        return sum(
            connection.execute(
                f"SELECT coalesce(sum(length({what})), 0) FROM {table} WHERE thread_id = ?",
                (thread,),
            ).fetchone()[0]
            for table, what in (("checkpoints", "checkpoint"), ("writes", "value"))
        )


def test_every_turn_is_answered(long: Long) -> None:
    assert long.failed == []


def test_a_late_turn_takes_no_more_steps_than_an_early_one(long: Long) -> None:
    # Wish by wish, as wishes differ more than threads do.
    pairs = zip(long.late, long.early, strict=True)
    assert statistics.median(late / early for late, early in pairs) <= 1.2


def test_the_state_stays_small(long: Long) -> None:
    assert max(long.state[-20:]) <= 1.1 * max(long.state[:30])


def test_the_file_keeps_no_old_steps(long: Long) -> None:
    assert max(long.kept[-20:]) <= 1.1 * max(long.kept[:30])
    assert max(long.kept) < 100_000


def test_the_photo_from_before_outlives_a_restart(long: Long) -> None:
    assert long.understood == long.before
