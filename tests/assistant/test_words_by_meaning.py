"""Words that the shop does not use, in a conversation with the built-in models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from assistant.conversation import Assistant
from assistant.events import Found, Message, Understood, Words
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from tests.support.drawn_goods import open_drawn_goods
from tools.index.local_server import stop_server
from tools.search.shop import Shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("meaning")
    yield open_drawn_goods(folder)
    stop_server(folder / "home" / "milvus")


async def talk(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory, *texts: str
) -> list[tuple[str, tuple[str, ...], list[str]]]:
    """Of each turn: what is said, the categories searched in, and the ids shown."""
    model = OfflineChatModel(vocabulary=lambda: shop.vocabulary, meaning=shop)
    photos = PhotoStore(tmp_path_factory.mktemp("photos"))
    assistant = Assistant(shop=shop, chat_model=model, photos=photos, checkpointer=InMemorySaver())
    turns = []
    for text in texts:
        events = [event async for event in assistant.turn("t", Message(text))]
        said = "".join(event.delta for event in events if isinstance(event, Words))
        within = [event.filters.categories for event in events if isinstance(event, Understood)]
        shown = [m.product.id for e in events if isinstance(e, Found) for m in e.matches]
        turns.append((said, within[-1] if within else (), shown))
    return turns


async def test_kind_is_named_as_the_shop_calls_it_and_said_once(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    first, second = await talk(shop, tmp_path_factory, "a rucksack please", "under $50")
    assert first[0].startswith("The shop calls these Backpacks.")
    assert first[1:] == (("Backpacks",), ["backpack"])
    assert second[1:] == (("Backpacks",), ["backpack"])
    assert "calls these" not in second[0]


async def test_other_kind_by_meaning_is_a_new_wish(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _, second, third = await talk(
        shop, tmp_path_factory, "a backpack", "cups for coffee", "for the beach"
    )
    assert second[1] == ("Mugs",)
    assert set(second[2]) == {"red-mug", "blue-mug"}
    assert third[1] == ("Mugs",), "what it is for changes no kind"


async def test_what_the_shop_has_not_is_still_said(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ((said, within, _),) = await talk(shop, tmp_path_factory, "a rocket ship")
    assert "nothing called" in said
    assert within == ()


async def test_thing_that_is_told_by_what_it_is_for_is_a_new_wish(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _, second = await talk(shop, tmp_path_factory, "a backpack", "something to read by at night")
    assert "Backpacks" not in second[1]
    assert second[2][0] == "lamp"
