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
from tools.product import Product
from tools.search.shop import Shop
from tools.workspace import Workspace

BUILT_IN = journeys("built_in.yaml")
OTHER = journeys("other_words.yaml")


@pytest.fixture(scope="module")
def demo_shop(demo_home: Path) -> Shop:
    return Workspace(demo_home).open_shop()


@pytest.fixture(scope="module")
def demo_products(demo_shop: Shop) -> list[Product]:
    return list(demo_shop._index.all_products())


@pytest.fixture(scope="module")
def other_products(other_shop: Shop) -> list[Product]:
    return list(other_shop._index.all_products())


async def walk(shop: Shop, products: list[Product], journey: Journey, folder: Path) -> list[str]:
    assistant = Assistant(
        shop=shop,
        chat_model=OfflineChatModel(vocabulary=lambda: shop.vocabulary),
        checkpointer=InMemorySaver(),
        photos=PhotoStore(folder / "photos"),
    )
    return await Walk(assistant, photo_of, products, journey.name).go(journey)


@pytest.mark.parametrize("journey", BUILT_IN, ids=lambda journey: journey.name)
async def test_journey_in_the_built_in_shop(
    demo_shop: Shop, demo_products: list[Product], journey: Journey, tmp_path: Path
) -> None:
    assert await walk(demo_shop, demo_products, journey, tmp_path) == []


@pytest.mark.parametrize("journey", OTHER, ids=lambda journey: journey.name)
async def test_journey_in_a_shop_of_other_words(
    other_shop: Shop, other_products: list[Product], journey: Journey, tmp_path: Path
) -> None:
    assert await walk(other_shop, other_products, journey, tmp_path) == []
