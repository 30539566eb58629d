"""A product that the shopper looks at on the shop's page: it acts as a card of the newest list."""

from __future__ import annotations

from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from assistant.conversation import Assistant
from assistant.events import Detailed, Found, Message, Understood
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from tests.support.conversation import history, send_photo
from tools.search.shop import Shop

LOOKED_AT = "red-mug-plus"


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Shop:
    return color_shop


class Thread:
    """One conversation."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.assistant = Assistant(
            shop=shop,
            chat_model=OfflineChatModel(vocabulary=lambda: shop.vocabulary),
            checkpointer=InMemorySaver(),
            photos=PhotoStore(folder / "photos"),
        )

    async def say(self, message: Message) -> list[object]:
        return [event async for event in self.assistant.turn("t", message)]


@pytest.fixture
def thread(shop: Shop, tmp_path: Path) -> Thread:
    return Thread(shop, tmp_path)


def titles(events: list[object]) -> list[str]:
    (newest,) = [event for event in events if isinstance(event, Found)]
    return [match.product.title for match in newest.matches]


@pytest.mark.parametrize(
    "text", ["is this in stock?", "tell me more about this", "how much is it?"]
)
async def test_question_is_about_the_product_of_the_page(thread: Thread, text: str) -> None:
    events = await thread.say(Message(text, page=LOOKED_AT))
    (looked,) = [event for event in events if isinstance(event, Detailed)]
    assert looked.product.id == LOOKED_AT
    assert not [event for event in events if isinstance(event, Found)]


@pytest.mark.parametrize("text", ["similar but cheaper", "cheaper", "something cheaper like this"])
async def test_cheaper_is_below_its_price_and_like_it(thread: Thread, text: str) -> None:
    events = await thread.say(Message(text, page=LOOKED_AT))
    (understood,) = [event for event in events if isinstance(event, Understood)]
    assert understood.like == "Red Mug Plus"
    assert understood.filters.max_price == 1398
    assert understood.text == ""
    assert titles(events)[0] == "Red Mug Basic"


@pytest.mark.parametrize(
    "text",
    ["what goes with this", "Anything that would go well with it?", "what goes with number 1"],
)
async def test_what_goes_with_it_looks_alike_and_is_of_another_kind(
    thread: Thread, text: str
) -> None:
    """It was taken for a question about a fact: "the shop does not say (goe)"."""
    events = await thread.say(Message(text, page=LOOKED_AT))
    (newest,) = [event for event in events if isinstance(event, Found)]
    kinds = [match.product.category[-1] for match in newest.matches]
    assert kinds
    assert "Mugs" not in kinds
    assert newest.matches[0].product.color == "red"


async def test_in_blue_is_like_it_in_blue(thread: Thread) -> None:
    events = await thread.say(Message("in blue", page=LOOKED_AT))
    assert titles(events)[0].startswith("Blue")


async def test_newer_list_counts_from_then_on(thread: Thread) -> None:
    await thread.say(Message("is this in stock?", page=LOOKED_AT))
    await thread.say(Message("green backpacks"))
    state = await history(thread.assistant)
    assert {row["color"] for row in state["shown"]} == {"green"}


async def test_page_after_a_search_is_the_newest_list_and_lifts_its_limits(thread: Thread) -> None:
    await thread.say(Message("green phone cases under $12"))
    events = await thread.say(Message("cheaper", page=LOOKED_AT))
    assert titles(events)[0] == "Red Mug Basic"
    back = await thread.say(Message("back to the first ones"))
    assert titles(back) == ["Green Phone Case Basic"]


@pytest.mark.parametrize("text", ["a phone case", "phone case with this", "phone cases"])
async def test_words_with_a_liked_product_are_as_with_its_photo(thread: Thread, text: str) -> None:
    events = await thread.say(Message(text, like=LOOKED_AT))
    (understood,) = [event for event in events if isinstance(event, Understood)]
    assert understood.like == "Red Mug Plus"
    assert titles(events)[0].startswith("Red Phone Case")


async def test_photo_beside_a_liked_product_comes_first(thread: Thread) -> None:
    photo = send_photo(thread.assistant.photos, "blue")
    events = await thread.say(Message("a mug with this", (photo,), like=LOOKED_AT))
    (understood,) = [event for event in events if isinstance(event, Understood)]
    assert understood.photo == photo


@pytest.mark.parametrize(
    "message", [Message("red mugs", page="gone"), Message("red mugs", like="gone")]
)
async def test_product_that_is_gone_is_left_out(thread: Thread, message: Message) -> None:
    events = await thread.say(message)
    assert titles(events) == ["Red Mug Basic", "Red Mug Plus"]
