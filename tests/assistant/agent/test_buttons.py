"""Buttons of shown lists: real agent loop, real shop, the built-in chat model."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from PIL.Image import Image

from assistant.conversation import Assistant
from assistant.events import (
    Act,
    Compared,
    Done,
    Event,
    Failed,
    Found,
    Message,
    Pick,
    Understood,
    Words,
)
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from tests.support.color_shop import ColorEmbedder, open_color_shop
from tests.support.scripted_model import ScriptedModel, search
from tools.embedding.base import FloatArray, Item, MessageActs
from tools.errors import ShopperError
from tools.product import Filters, Product, Query
from tools.search.search_context import Wishes
from tools.search.searchable_shop import Elsewhere
from tools.search.shop import Shop


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Shop:
    return color_shop


class Thread:
    """One conversation, typed and clicked."""

    def __init__(self, shop: Any, folder: Path, model: Any = None) -> None:
        model = model or OfflineChatModel(vocabulary=lambda: shop.vocabulary)
        self.assistant = Assistant(
            shop=shop,
            chat_model=model,
            checkpointer=InMemorySaver(),
            photos=PhotoStore(folder / "photos"),
        )
        self.events: list[Event] = []

    async def say(self, text: str, wishes: Wishes | None = None) -> Found:
        """The newest list after a typed message."""
        await self._turn(Message(text, wishes=wishes or Wishes()))
        return self.found()

    async def press(
        self, act: Act, on: Found, *numbers: int, limits: Filters | None = None
    ) -> None:
        ids = tuple(match.product.id for match in on.matches)
        pick = Pick(act, on.list_id, ids, numbers, limits or Filters())
        await self._turn(Message(f"{act} {numbers}", pick=pick))

    async def _turn(self, message: Message) -> None:
        self.events = [event async for event in self.assistant.turn("t", message)]

    def found(self) -> Found:
        return [event for event in self.events if isinstance(event, Found)][-1]

    def understood(self) -> Understood:
        return [event for event in self.events if isinstance(event, Understood)][-1]

    def words(self) -> str:
        return "".join(event.delta for event in self.events if isinstance(event, Words))


@pytest.fixture
def thread(shop: Shop, tmp_path: Path) -> Thread:
    return Thread(shop, tmp_path)


def ids(found: Found) -> list[str]:
    return [match.product.id for match in found.matches]


async def test_more_like_starts_from_the_card_of_the_list_that_it_stands_on(thread: Thread) -> None:
    mugs = await thread.say("mugs")
    await thread.say("red bags")
    await thread.press("more like", mugs, 2)
    assert thread.understood().like == mugs.matches[1].product.title
    assert thread.understood().filters.categories == ("Mugs",)
    assert ids(mugs)[1] not in ids(thread.found())
    assert isinstance(thread.events[-1], Done)


async def test_compare_means_the_cards_of_an_older_list(thread: Thread) -> None:
    mugs = await thread.say("mugs")
    await thread.say("red bags")
    await thread.press("compare", mugs, 1, 3)
    (table,) = [event.table for event in thread.events if isinstance(event, Compared)]
    assert [p.id for p in table.products] == [ids(mugs)[0], ids(mugs)[2]]
    assert table.numbers == (1, 3)
    assert "Numbers 1 and 3" in thread.words()


async def test_what_is_not_wanted_does_not_come_back(thread: Thread) -> None:
    mugs = await thread.say("mugs")
    await thread.press("not this", mugs, 2)
    after = thread.found()
    assert ids(mugs)[1] not in ids(after)
    await thread.press("not this", after, 1)
    assert not {ids(mugs)[1], ids(after)[0]} & set(ids(thread.found()))
    again = await thread.say("show me all mugs")
    assert not {ids(mugs)[1], ids(after)[0]} & set(ids(again))


async def test_after_something_is_not_wanted_an_unknown_thing_is_still_known_to_be_unknown(
    shop: Shop, tmp_path: Path
) -> None:
    # As a filter, what is not wanted would hide that no product says the words.
    script = [search(words="mug"), "Mugs.", "Others.", search(words="rocket ship"), "None."]
    model = ScriptedModel(script=script)
    thread = Thread(shop, tmp_path, model)
    mugs = await thread.say("mugs")
    await thread.press("not this", mugs, 2)
    await thread.say("a rocket ship")
    told = [str(m.text) for m in model.heard[-1] if m.type == "tool"][-1]
    assert '"mentioned_by_no_product":"rocket ship"' in told


async def test_chip_narrows_the_search_of_its_own_list(thread: Thread) -> None:
    mugs = await thread.say("mugs")
    await thread.say("red bags")
    await thread.press("refine", mugs, limits=Filters(colors=("blue",)))
    assert thread.understood().filters.categories == ("Mugs",)
    assert {m.product.color for m in thread.found().matches} == {"blue"}


async def test_price_band_takes_the_place_of_another(thread: Thread) -> None:
    cheap = await thread.say("mugs under $10")
    await thread.press("refine", cheap, limits=Filters(min_price=1100))
    filters = thread.understood().filters
    assert (filters.min_price, filters.max_price) == (1100, None)


async def test_removed_tag_lets_go_of_that_filter_alone(thread: Thread) -> None:
    found = await thread.say("blue or red mugs under $30")
    assert set(thread.understood().filters.colors) == {"blue", "red"}
    await thread.press("relax", found, limits=Filters(colors=("Blue",)))
    assert thread.understood().filters.colors == ("red",)
    assert thread.understood().filters.max_price == 3000
    await thread.press("relax", thread.found(), limits=Filters(max_price=3000))
    assert thread.understood().filters.max_price is None
    assert thread.understood().filters.colors == ("red",)


async def test_tag_of_a_list_that_found_nothing_can_be_removed(thread: Thread) -> None:
    nothing = await thread.say("mugs under $1")
    assert not nothing.matches
    await thread.press("relax", nothing, limits=Filters(max_price=100))
    assert thread.found().matches


async def test_list_of_long_ago_says_that_it_cannot_be_changed(thread: Thread) -> None:
    await thread.say("mugs")
    second = await thread.say("bags")
    for _ in range(8):
        await thread.say("shirts")
        await thread.say("bags")
    await thread.press("refine", second, limits=Filters(colors=("blue",)))
    failed = thread.events[-1]
    assert isinstance(failed, Failed)
    assert "too long ago" in failed.sentence
    assert not failed.incident


async def test_button_asks_no_model_what_it_means(shop: Shop, tmp_path: Path) -> None:
    model = ScriptedModel(script=["Hello.", "They differ."])
    thread = Thread(shop, tmp_path, model)
    await thread._turn(Message("hello"))
    two = Found("x", tuple(m for m in shop.search(query("mug"), 2).matches), 18)
    await thread.press("compare", two, 1, 2)
    assert [type(e) for e in thread.events if isinstance(e, Compared)]
    assert len(model.heard) == 2  # the greeting, and the words about the table


def query(text: str) -> Any:
    from tools.product import Query

    return Query(text=text)


class Emptied:
    """The real shop without the products that a test takes out.

    The chat model wants a `CatalogueMeaning`, whose methods Python 3.12 looks for without
    `__getattr__`.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop, self.gone = shop, set[str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shop, name)

    def kind_meant(self, said: str, /) -> str:
        return self._shop.kind_meant(said)

    def says_elsewhere(self, said: str, within: Filters, wider: Filters, /) -> Elsewhere:
        return self._shop.says_elsewhere(said, within, wider)

    def beyond_kind(self, query: Query, /) -> float:
        return self._shop.beyond_kind(query)

    def acts_in(self, text: str, /) -> MessageActs | None:
        return self._shop.acts_in(text)

    def product(self, product_id: str, /) -> Product | None:
        return None if product_id in self.gone else self._shop.product(product_id)


async def test_numbers_stay_when_a_product_is_gone(shop: Shop, tmp_path: Path) -> None:
    emptied = Emptied(shop)
    thread = Thread(emptied, tmp_path)
    mugs = await thread.say("mugs")
    emptied.gone.add(ids(mugs)[0])
    await thread.press("compare", mugs, 2, 3)
    (table,) = [event.table for event in thread.events if isinstance(event, Compared)]
    assert [p.id for p in table.products] == ids(mugs)[1:3]
    await thread.press("more like", mugs, 1)
    assert "no longer in the shop" in thread.words()


async def test_kept_products_stay_over_turns_and_are_let_go(shop: Shop, tmp_path: Path) -> None:
    emptied = Emptied(shop)
    thread = Thread(emptied, tmp_path)
    mugs = await thread.say("mugs")
    first, second = ids(mugs)[:2]
    for product in (first, second, first):
        await thread.assistant.add_to_shortlist("t", product, 1)
    await thread._turn(Message("keep 3"))
    kept = [each.id for each in await thread.assistant.shortlist("t")]
    assert kept == ids(mugs)[:3]
    await thread.assistant.remove_from_shortlist("t", second)
    emptied.gone.add(first)
    assert [(e.id, e.product is None) for e in await thread.assistant.shortlist("t")] == [
        (first, True),
        (ids(mugs)[2], False),
    ]
    emptied.gone.add(second)
    with pytest.raises(ShopperError, match="no longer in the shop"):
        await thread.assistant.add_to_shortlist("t", second, 2)
    assert not await thread.assistant.shortlist("another")


async def test_keeping_waits_for_the_turn_that_runs(thread: Thread) -> None:
    mugs = await thread.say("mugs")
    _, _ = await asyncio.gather(
        thread.say("red bags"), thread.assistant.add_to_shortlist("t", ids(mugs)[0], 1)
    )
    assert [each.id for each in await thread.assistant.shortlist("t")] == ids(mugs)[:1]
    assert await thread.say("in blue")  # the thread goes on as before


class Named(ColorEmbedder):
    """Is sure of every photo, and remembers whether the last one was misread."""

    misread = False

    def photo_words(self, photo: Image) -> str:
        return "cup, red"

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        self.misread = any(item.misread for item in batch)
        return super()._embed_batch(batch)


async def test_what_a_photo_was_taken_for_is_taken_back_by_a_click(tmp_path: Path) -> None:
    embedder = Named()
    thread = Thread(open_color_shop(tmp_path / "colors", embedder), tmp_path)
    photos = [
        thread.assistant.photos.add((tmp_path / "colors" / f"{color}.png").read_bytes(), color)
        for color in ("green", "red")
    ]
    await thread._turn(Message("mugs like this", (photos[0],)))
    first, words = thread.found(), thread.understood().text
    assert (thread.understood().sees, embedder.misread) == ("cup, red", False)
    await thread._turn(Message("mugs under $10"))
    await thread.press("misread", first)
    assert (thread.understood().sees, embedder.misread) == ("", True)
    assert (thread.understood().photo, thread.understood().text) == (photos[0], words)
    await thread.say("under $10")
    assert (thread.understood().sees, embedder.misread) == ("", True), "it stays taken back"
    await thread._turn(Message("mugs like this", (photos[1],)))
    assert (thread.understood().sees, embedder.misread) == ("cup, red", False), "another photo"


async def test_search_without_a_photo_has_nothing_to_misread(thread: Thread) -> None:
    mugs = await thread.say("mugs")
    await thread.press("misread", mugs)
    assert isinstance(thread.events[-1], Failed)


async def test_settings_hold_until_words_say_otherwise(thread: Thread) -> None:
    within = Wishes(results=2, max_price=1500)
    found = await thread.say("mugs", within)
    assert len(found.matches) == 2
    assert thread.understood().filters.max_price == 1500
    await thread.say("in blue", replace(within, max_price=None))
    assert thread.understood().filters.max_price is None
    await thread.say("mugs under $30", within)
    assert thread.understood().filters.max_price == 3000
    await thread.say("bags", within)  # what was said holds for another kind
    assert thread.understood().filters.max_price == 3000
