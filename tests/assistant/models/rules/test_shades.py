"""A color that nothing of the kind has is sought in its shades, before it is let go of."""

from __future__ import annotations

from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from assistant.conversation import Assistant
from assistant.events import Event, Found, Message, Shortlisted, Words
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from tests.support.generated_variants import open_generated_shop
from tools.catalogue.colors import shades_besides
from tools.product import Product
from tools.search.shop import Shop

PRODUCTS = (
    Product("s1", "Patent Shoes, Cherry", ("Shoes",), price_minor=6200, color="cherry"),
    Product("s2", "Patent Shoes, Black", ("Shoes",), price_minor=6200, color="black"),
    Product("s3", "Clogs, Forest", ("Shoes",), price_minor=6600, color="forest"),
    Product("l1", "Lamp, Amber", ("Lamps",), price_minor=3700, color="amber"),
    Product("l2", "Lamp, Milky White", ("Lamps",), price_minor=3700, color="milky white"),
    Product("e1", "Espresso Machine, Black", ("Coffee",), price_minor=9000, color="black"),
    Product("e2", "Chili Sauce", ("Food",), price_minor=300),
    Product("b1", "Beamer, Black", ("Electronics",), price_minor=12000, color="black"),
    Product("r1", "Rug, Persian Red", ("Rugs",), price_minor=4800, color="persian red"),
    Product("r2", "Rug, Burnt Orange", ("Rugs",), price_minor=4800, color="burnt orange"),
    Product("r3", "Rug, Glossy Green", ("Rugs",), price_minor=4800, color="glossy green"),
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_generated_shop(tmp_path_factory.mktemp("shades"), PRODUCTS)


async def hear(shop: Shop, folder: Path, *texts: str) -> list[Event]:
    assistant = Assistant(
        shop=shop,
        chat_model=OfflineChatModel(vocabulary=lambda: shop.vocabulary, meaning=shop),
        checkpointer=InMemorySaver(),
        photos=PhotoStore(folder / "photos"),
    )
    events: list[Event] = []
    for text in texts:
        events = [event async for event in assistant.turn("t", Message(text))]
    return events


def ids(events: list[Event]) -> list[str]:
    found = [event for event in events if isinstance(event, Found)]
    return [match.product.id for match in found[-1].matches]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("red shoes", ["s1"]), ("green shoes", ["s3"]), ("an orange lamp", ["l1"])],
)
async def test_shade_is_found_where_no_name_of_the_color_is(
    shop: Shop, tmp_path: Path, text: str, wanted: list[str]
) -> None:
    events = await hear(shop, tmp_path, text)
    assert ids(events) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"), [("an espresso machine", "e1"), ("chili sauce please", "e2")]
)
async def test_thing_that_a_shade_is_called_after_is_no_color(
    shop: Shop, tmp_path: Path, text: str, wanted: str
) -> None:
    assert ids(await hear(shop, tmp_path, text))[0] == wanted


async def test_name_of_the_color_comes_alone_where_there_is_one(shop: Shop, tmp_path: Path) -> None:
    assert ids(await hear(shop, tmp_path, "a red rug")) == ["r1"]


async def test_color_without_a_shade_is_still_said_to_be_missing(
    shop: Shop, tmp_path: Path
) -> None:
    events = await hear(shop, tmp_path, "an orange shoe")
    said = "".join(event.delta for event in events if isinstance(event, Words))
    assert "no shoes" in said.lower()


@pytest.mark.parametrize(
    ("colors", "more"),
    [
        (["persian red"], ("cherry",)),
        (["black"], ()),
        (["milky white"], ()),
        (["glossy green", "forest"], ()),
    ],
)
def test_shades_of_what_is_named(colors: list[str], more: tuple[str, ...]) -> None:
    known = sorted({product.color for product in PRODUCTS})
    assert shades_besides(colors, known) == more


@pytest.mark.parametrize(
    "text",
    [
        "keep everything but in green",
        "keep the same but in black please",
        "a beamer, and 130 is what I've put aside",
        "a beamer. 150 is all i have set aside",
    ],
)
async def test_talk_of_keeping_is_no_wish_to_keep_a_card(
    shop: Shop, tmp_path: Path, text: str
) -> None:
    events = await hear(shop, tmp_path, "a lamp", text)
    assert not [event for event in events if isinstance(event, Shortlisted)]
    said = "".join(event.delta for event in events if isinstance(event, Words))
    assert "kept" not in said.lower()
