"""Each limit in force is kept with where it came from."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from assistant.conversation import Assistant
from assistant.events import Event, Found, Message, Photo, Pick, Understood
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from assistant.records.store import RecordStore
from assistant.records.writer import RecordWriter
from tests.support.color_shop import photo_of
from tests.support.conversation import history
from tests.support.scripted_model import ScriptedModel, search
from tools.product import Filters
from tools.search.shop import Shop


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Shop:
    return color_shop


def over(shop: Shop, folder: Path, model: Any = None, records: Any = None) -> Assistant:
    return Assistant(
        shop=shop,
        chat_model=model or OfflineChatModel(vocabulary=lambda: shop.vocabulary),
        checkpointer=InMemorySaver(),
        photos=PhotoStore(folder / "photos"),
        records=records,
    )


async def hear(assistant: Assistant, message: Message) -> list[Event]:
    return [event async for event in assistant.turn("t", message)]


async def constraints(assistant: Assistant) -> dict[tuple[str, Any], tuple[int, str, str]]:
    state = await history(assistant)
    return {
        (row["name"], row["value"]): (row["turn"], row["origin"], row["words"])
        for row in state["constraints"]
    }


async def test_a_limit_keeps_its_origin_while_it_is_carried(shop: Shop, tmp_path: Path) -> None:
    assistant = over(shop, tmp_path)
    for text in ("mugs", "red", "under twenty dollars", "blue instead"):
        await hear(assistant, Message(text))
    assert await constraints(assistant) == {
        ("categories", "Mugs"): (1, "words", "mugs"),
        ("colors", "blue"): (4, "words", "blue instead"),
        ("max_price", 2000): (3, "words", "under twenty dollars"),
    }


async def test_a_bound_below_a_card_comes_from_the_card(shop: Shop, tmp_path: Path) -> None:
    assistant = over(shop, tmp_path)
    events = await hear(assistant, Message("red mugs"))
    matches = next(event.matches for event in events if isinstance(event, Found))
    dearest = max(range(len(matches)), key=lambda place: matches[place].product.price_minor or 0)
    await hear(assistant, Message(f"cheaper than number {dearest + 1}"))
    bound = ("max_price", (matches[dearest].product.price_minor or 0) - 1)
    assert (await constraints(assistant))[bound][:2] == (2, "card")


async def test_a_limit_by_a_button_comes_from_the_button(shop: Shop, tmp_path: Path) -> None:
    assistant = over(shop, tmp_path)
    events = await hear(assistant, Message("mugs"))
    found = next(event for event in events if isinstance(event, Found))
    ids = tuple(match.product.id for match in found.matches)
    pick = Pick("refine", found.list_id, ids, limits=Filters(colors=("green",)))
    await hear(assistant, Message("Only green", pick=pick))
    assert (await constraints(assistant))["colors", "green"] == (2, "chip", "Only green")


async def test_a_limit_that_nobody_said_is_the_models(shop: Shop, tmp_path: Path) -> None:
    model = ScriptedModel(script=[search(words="mug", colors=["red"], max_price=9), "There."])
    assistant = over(shop, tmp_path, model)
    await hear(assistant, Message("a red mug for my aunt"))
    origins = {name: row[1] for (name, _), row in (await constraints(assistant)).items()}
    assert origins == {"colors": "words", "max_price": "model"}


def _photo(assistant: Assistant, color: str) -> Photo:
    buffer = io.BytesIO()
    photo_of(color).save(buffer, "PNG")
    return assistant.photos.add(buffer.getvalue(), f"{color}.png")


async def test_the_second_photo_of_a_search_is_told_and_recorded(
    shop: Shop, tmp_path: Path
) -> None:
    store = RecordStore(tmp_path / "turns")
    keeper = RecordWriter(store)
    model = ScriptedModel(script=[search(words="mug", photo=1, second_photo=2), "There."])
    assistant = over(shop, tmp_path, model, keeper)
    photos = (_photo(assistant, "red"), _photo(assistant, "blue"))
    events = await hear(assistant, Message("this shape, that color", photos))
    understood = next(event for event in events if isinstance(event, Understood))
    assert (understood.photo, understood.second) == photos
    await keeper.flush()
    row = store.newest(1).records[0].searches[0]
    assert row.second is not None
    assert row.second.name == "blue.png"
