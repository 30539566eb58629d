"""Whole conversations about variants and facts, on a catalogue with and on one without them."""

from __future__ import annotations

from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from assistant.conversation import Assistant
from assistant.events import Detailed, Event, Found, Message, Understood, Words
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from tests.support.conversation import history
from tests.support.generated_variants import open_generated_shop
from tests.support.variant_shop import BARE, PRODUCTS
from tools.product import Product
from tools.search.search_context import Wishes
from tools.search.shop import Shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_generated_shop(tmp_path_factory.mktemp("facts"), PRODUCTS)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_generated_shop(tmp_path_factory.mktemp("bare"), BARE)


def over(shop: Shop, folder: Path) -> Assistant:
    return Assistant(
        shop=shop,
        chat_model=OfflineChatModel(vocabulary=lambda: shop.vocabulary),
        checkpointer=InMemorySaver(),
        photos=PhotoStore(folder / "photos"),
    )


async def hear(assistant: Assistant, text: str, wishes: Wishes | None = None) -> list[Event]:
    message = Message(text, wishes=wishes or Wishes())
    return [event async for event in assistant.turn("t", message)]


def ids(events: list[Event]) -> list[str]:
    found = [event for event in events if isinstance(event, Found)]
    return [match.product.id for match in found[-1].matches]


def said(events: list[Event]) -> str:
    return "".join(event.delta for event in events if isinstance(event, Words))


async def test_second_search_of_a_turn_is_in_place_of_the_first(tmp_path: Path) -> None:
    """Nothing that was not shown is cheaper and striped, so what was shown comes again."""
    titles = {"Striped Mug": 20, "Striped Mug in Orange": 15, "Dotted Mug": 9, "Heart Mug": 8}
    mugs = [
        Product(f"m{price}", title, ("Mugs",), price_minor=price * 100)
        for title, price in titles.items()
    ]
    assistant = over(open_generated_shop(tmp_path, mugs), tmp_path)
    first = await hear(assistant, "a striped mug", Wishes(results=2))
    assert ids(first) == ["m20", "m15"]
    cheaper = await hear(assistant, "cheaper", Wishes(results=2))
    asked = [event.instead for event in (*first, *cheaper) if isinstance(event, Understood)]
    assert asked == [False, False, True]
    assert ids(cheaper)[0] == "m15"


async def test_question_about_a_shown_product_is_answered_without_a_search(
    shop: Shop, tmp_path: Path
) -> None:
    assistant = over(shop, tmp_path)
    first = ids(await hear(assistant, "running shoes in size 9 for men"))
    assert set(first) == {"r1", "r2"}
    number = first.index("r1") + 1
    events = await hear(assistant, f"is number {number} available in red?")
    assert not any(isinstance(event, Found) for event in events)
    assert any(isinstance(event, Detailed) for event in events)
    assert "no, not in red" in said(events)
    sold_out = said(await hear(assistant, f"do you have number {number} in blue, size 9?"))
    assert "sold out" in sold_out


async def test_cards_are_of_the_variant_that_fits(shop: Shop, tmp_path: Path) -> None:
    events = await hear(over(shop, tmp_path), "blue running shoes size 10 for men")
    match = next(event for event in events if isinstance(event, Found)).matches[0]
    assert match.variant is not None
    assert match.variant.id == "r1-blue-10"
    assert match.product.price_minor == 9500


async def test_limits_of_options_carry_over_and_are_lifted(shop: Shop, tmp_path: Path) -> None:
    assistant = over(shop, tmp_path)
    await hear(assistant, "t-shirts in size M")
    await hear(assistant, "in navy")
    state = await history(assistant)
    limits = {(row["name"], row["value"]): row["origin"] for row in state["constraints"]}
    assert limits["options", "size=M"] == "words"
    assert limits["colors", "navy"] == "words"
    await hear(assistant, "any size")
    state = await history(assistant)
    assert "options" not in {row["name"] for row in state["constraints"]}


async def test_what_the_shop_does_not_state_is_said_once(bare: Shop, tmp_path: Path) -> None:
    assistant = over(bare, tmp_path)
    first = said(await hear(assistant, "running shoes in size 9, in stock"))
    assert "lists no" in first
    assert "sizes" in first
    assert "availability" in first
    then = said(await hear(assistant, "under 100"))
    assert "lists no" not in then


async def test_facts_that_are_not_there_are_not_made_up(bare: Shop, tmp_path: Path) -> None:
    assistant = over(bare, tmp_path)
    await hear(assistant, "running shoes")
    for question in (
        "is the first available in red?", "which sizes does the second come in?",
        "is the first in stock?", "what is the second made of?", "how long is the first?",
    ):  # fmt: skip
        events = await hear(assistant, question)
        assert "does not say" in said(events), question
        assert not any(isinstance(event, Found) for event in events), question


async def test_setting_shows_what_is_in_stock_alone_and_is_no_limit_of_the_search(
    shop: Shop, tmp_path: Path
) -> None:
    assistant = over(shop, tmp_path)
    assert set(ids(await hear(assistant, "jackets", Wishes(in_stock=True)))) == {"j1"}
    state = await history(assistant)
    assert state["search"]["in_stock"] is False
    assert set(ids(await hear(assistant, "jackets"))) == {"j1", "j2"}
