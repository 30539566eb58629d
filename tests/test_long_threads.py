"""A thread of sixty turns: what a model is sent and what is kept stay small."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from assistant.agent import Assistant
from assistant.events import Event, Failed, Message, Photo, Understood
from assistant.offline import OfflineChatModel
from assistant.photos import PhotoStore
from tests.color_shop import open_color_shop, photo_of
from tests.scripted_model import ScriptedModel, search
from tools.shop import Shop

WISHES = ("mugs", "red", "cheaper", "phone cases under $20", "keep 1", "1 against 2", "more",
          "back to the first ones", "backpacks", "what is the first made of?")  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_color_shop(tmp_path_factory.mktemp("colors"))


def photo(store: PhotoStore, color: str) -> Photo:
    buffer = io.BytesIO()
    photo_of(color).save(buffer, "PNG")
    return store.add(buffer.getvalue(), f"{color}.png")


async def hear(assistant: Assistant, text: str, *photos: Photo) -> list[Event]:
    return [event async for event in assistant.turn("t", Message(text, photos))]


async def test_a_prompt_does_not_grow_with_the_thread(shop: Shop, tmp_path: Path) -> None:
    store = PhotoStore(tmp_path / "photos")
    script: list[Any] = []
    for number in range(60):
        # Never the same wish twice, each as long as a shopper writes it.
        script += [search(words=f"mug {number}"), "Here they are."]
    model = ScriptedModel(script=script)
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "t.sqlite")) as saver:
        assistant = Assistant(shop=shop, chat_model=model, checkpointer=saver, photos=store)
        for number in range(60):
            await hear(assistant, f"wish {number} " + "and words " * 40)
    sizes = [sum(len(str(m.text)) for m in heard) for heard in model.heard]
    assert max(sizes[-20:]) <= 1.05 * max(sizes[20:40])


async def test_what_is_kept_stays_small_and_the_photo_from_before_outlives_a_restart(
    shop: Shop, tmp_path: Path
) -> None:
    store, path = PhotoStore(tmp_path / "photos"), str(tmp_path / "t.sqlite")
    model = OfflineChatModel(vocabulary=lambda: shop.vocabulary)
    sizes = []
    async with AsyncSqliteSaver.from_conn_string(path) as saver:
        assistant = Assistant(shop=shop, chat_model=model, checkpointer=saver, photos=store)
        for number in range(58):
            events = await hear(assistant, WISHES[number % len(WISHES)])
            assert not isinstance(events[-1], Failed), events[-1]
            state = await assistant._agent.aget_state({"configurable": {"thread_id": "t"}})
            values = dict(state.values)
            messages = [message.model_dump() for message in values.pop("messages")]
            sizes.append(len(json.dumps([values, messages])))
        red, blue = photo(store, "red"), photo(store, "blue")
        await hear(assistant, "a mug with this", red)
        await hear(assistant, "a mug with this", blue)
    assert max(sizes[-20:]) <= 1.1 * max(sizes[:30])
    async with AsyncSqliteSaver.from_conn_string(path) as saver:
        assistant = Assistant(shop=shop, chat_model=model, checkpointer=saver, photos=store)
        events = await hear(assistant, "a phone case with the photo from before")
    understood = next(event for event in events if isinstance(event, Understood))
    assert understood.photo == red
