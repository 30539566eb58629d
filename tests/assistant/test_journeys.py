"""Whole conversations with the built-in models, on the built-in shop and on one in other words."""

from __future__ import annotations

from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from assistant.conversation import Assistant
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from tests.support.color_shop import photo_of
from tests.support.journeys import Journey, Walk, journeys
from tests.support.other_shop import open_other_shop
from tools.search.shop import Shop
from tools.workspace import Workspace

BUILT_IN = journeys("built_in.yaml")
OTHER = journeys("other_words.yaml")


@pytest.fixture(scope="module")
def demo_shop(demo_home: Path) -> Shop:
    return Workspace(demo_home).open_shop()


@pytest.fixture(scope="module")
def other_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_other_shop(tmp_path_factory.mktemp("other"))


async def walk(shop: Shop, journey: Journey, folder: Path) -> list[str]:
    assistant = Assistant(
        shop=shop,
        chat_model=OfflineChatModel(vocabulary=lambda: shop.vocabulary),
        checkpointer=InMemorySaver(),
        photos=PhotoStore(folder / "photos"),
    )
    products = list(shop._index.all_products())
    return await Walk(assistant, photo_of, products, journey.name).go(journey)


@pytest.mark.parametrize("journey", BUILT_IN, ids=lambda journey: journey.name)
async def test_journey_in_the_built_in_shop(
    demo_shop: Shop, journey: Journey, tmp_path: Path
) -> None:
    assert await walk(demo_shop, journey, tmp_path) == []


@pytest.mark.parametrize("journey", OTHER, ids=lambda journey: journey.name)
async def test_journey_in_a_shop_of_other_words(
    other_shop: Shop, journey: Journey, tmp_path: Path
) -> None:
    assert await walk(other_shop, journey, tmp_path) == []
