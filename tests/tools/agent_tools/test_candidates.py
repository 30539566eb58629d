"""Looking at more products than are shown: real agent loop, real shop, a vision model of colors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from assistant.conversation import Assistant
from assistant.events import Event, Message
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from tests.support.color_vision import ColorVision
from tests.support.conversation import found, hear, history, ranked, send_photo, words
from tools.agent_tools.multimodal_search import MOST_CANDIDATES, make_multimodal_search
from tools.agent_tools.rerank import make_rerank
from tools.errors import ModelError
from tools.product import Match, Query, SearchResult
from tools.rerank.captions import CaptionCache
from tools.search.search_context import Wishes
from tools.search.shop import Shop
from ui.chat.cards import props as cards


class RedLast:
    """The real shop with the red products behind all others, and the limits that it was asked."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.name, self.product, self.count = shop.name, shop.product, shop.count
        self.kind_meant, self.seen_in = shop.kind_meant, shop.seen_in
        self.says_elsewhere, self.beyond_kind = shop.says_elsewhere, shop.beyond_kind
        self.products, self.product_with_variant = shop.products, shop.product_with_variant
        self.named = shop.named
        self.answering, self.acts_in = shop.answering, shop.acts_in
        self.limits: list[int] = []

    @property
    def vocabulary(self) -> Any:
        return self._shop.vocabulary

    def search(self, query: Query, limit: int = 9) -> SearchResult:
        self.limits.append(limit)
        result = self._shop.search(query, 18)
        matches = sorted(result.matches, key=lambda match: match.product.color == "red")
        return SearchResult(tuple(matches[:limit]), result.filters, result.timings_ms)


@pytest.fixture(scope="module")
def colors(color_shop: Shop) -> Shop:
    return color_shop


@pytest.fixture
def shop(colors: Shop) -> RedLast:
    return RedLast(colors)


@pytest.fixture
def store(tmp_path: Path) -> PhotoStore:
    return PhotoStore(tmp_path / "photos")


def looking(
    shop: RedLast, store: PhotoStore, *, candidates: int = 0, vision: ColorVision | None = None
) -> Assistant:
    vision = vision or ColorVision()
    captions = CaptionCache(vision)
    return Assistant(
        shop=shop,
        chat_model=OfflineChatModel(vocabulary=lambda: shop.vocabulary),
        checkpointer=InMemorySaver(),
        photos=store,
        results=3,
        candidates=candidates,
        more_tools=[make_rerank(vision, captions, trust=1.0, timeout_s=30)],
        captions=captions,
    )


def colors_of(matches: tuple[Match, ...]) -> set[str]:
    return {match.product.color for match in matches}


def ids(matches: tuple[Match, ...]) -> list[str]:
    return [match.product.id for match in matches]


async def test_what_is_shown_comes_from_the_order_of_all_candidates(
    shop: RedLast, store: PhotoStore
) -> None:
    assistant = looking(shop, store, candidates=6)
    events = await hear(assistant, "a phone case with this", send_photo(store, "red"))
    before, after = found(events), ranked(events)
    assert shop.limits[0] == 6
    assert (len(before.matches), len(after.matches)) == (3, 3)
    assert "red" not in colors_of(before.matches)
    assert [match.product.color for match in after.matches[:2]] == ["red", "red"]
    assert after.moved[:2] == (None, None)
    assert all(match.reason for match in after.matches)
    assert f"Number 1 is {after.matches[0].product.title} at $" in words(events)


async def test_the_thread_knows_what_is_shown_now_and_repeats_none_of_it(
    shop: RedLast, store: PhotoStore
) -> None:
    assistant = looking(shop, store, candidates=6)
    events = await hear(assistant, "a phone case with this", send_photo(store, "red"))
    before, after = ids(found(events).matches), ids(ranked(events).matches)
    state = await history(assistant)
    assert [row["id"] for row in state["shown"]] == after
    assert set(state["seen"]) == {*before, *after}
    more = await hear(assistant, "show me more")
    assert not set(ids(found(more).matches)) & {*before, *after}
    again = await hear(assistant, "back to the first ones")
    assert ids(found(again).matches) == after


async def test_the_chat_model_hears_the_facts_of_what_was_not_shown_before(
    shop: RedLast, store: PhotoStore
) -> None:
    assistant = looking(shop, store, candidates=6)
    events = await hear(assistant, "a phone case with this", send_photo(store, "red"))
    messages = (await history(assistant))["messages"]
    said = json.loads(next(m.text for m in messages if m.name == "rerank"))["products"]
    assert [row["number"] for row in said] == [1, 2, 3]
    assert [row["was"] for row in said[:2]] == [None, None]
    assert said[0]["id"] == ids(ranked(events).matches)[0]
    assert (said[0]["price"], said[0]["color"]) == ("10.99", "red")


async def test_cards_and_steps_say_which_products_are_new(shop: RedLast, store: PhotoStore) -> None:
    assistant = looking(shop, store, candidates=6)
    events = await hear(assistant, "a phone case with this", send_photo(store, "red"))
    before, after = found(events), ranked(events)
    shown = cards.ranked_gallery(after, cards.skeleton(3), "shop")
    assert [(card["number"], card["was"]) for card in shown["cards"][:2]] == [(1, 1), (2, 2)]
    assert [card["moved"] for card in shown["cards"][:2]] == ["new", "new"]
    assert "(not shown before)" in cards.ranking_details(after)
    assert len(before.matches) == len(shown["cards"])


async def test_a_model_that_fails_leaves_what_was_shown(shop: RedLast, store: PhotoStore) -> None:
    vision = ColorVision(error=ModelError("No memory."))
    assistant = looking(shop, store, candidates=6, vision=vision)
    events = await hear(assistant, "a phone case with this", send_photo(store, "red"))
    assert ids(ranked(events).matches) == ids(found(events).matches)
    assert ranked(events).moved == (0, 0, 0)


async def test_no_more_is_found_than_shown_unless_it_is_asked_for(
    shop: RedLast, store: PhotoStore
) -> None:
    photo = send_photo(store, "red")
    events = await hear(looking(shop, store), "a phone case with this", photo)
    assert shop.limits == [3]
    assert sorted(ids(ranked(events).matches)) == sorted(ids(found(events).matches))


async def test_a_shopper_who_wants_no_look_waits_for_no_candidates(
    shop: RedLast, store: PhotoStore
) -> None:
    assistant = looking(shop, store, candidates=6)
    message = Message("phone cases", wishes=Wishes(rerank=False))
    events: list[Event] = [event async for event in assistant.turn("t", message)]
    assert shop.limits == [3]
    assert len(found(events).matches) == 3


def test_more_candidates_than_a_search_can_find_are_refused(shop: RedLast) -> None:
    with pytest.raises(ValueError, match="at most 50 candidates"):
        make_multimodal_search(shop, candidates=MOST_CANDIDATES + 1)
