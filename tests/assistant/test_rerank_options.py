"""The options of the tool `rerank`, through the agent: looks twice, or has the answer written."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.photo_store import PhotoStore
from tests.support.color_vision import ColorVision
from tests.support.conversation import found, hear, ranked, send_photo
from tests.support.reranking import ids, looking
from tests.support.shops import Backwards
from tools.rerank.answer_schema import ANSWER_START
from tools.rerank.vision_model import CAPTION_PROMPT
from tools.search.shop import Shop

WORDS = "a phone case with this"


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Backwards:
    return Backwards(color_shop)


@pytest.fixture
def store(tmp_path: Path) -> PhotoStore:
    return PhotoStore(tmp_path / "photos")


def looks(vision: ColorVision) -> list[str]:
    """What each answer about a grid was to begin with."""
    return [asked.answer_start for asked in vision.asked if asked.prompt != CAPTION_PROMPT]


async def test_liking_for_late_places_is_cancelled_by_a_second_look_backwards(
    shop: Backwards, store: PhotoStore
) -> None:
    """One look turns the list round for its places alone; two bring the red cases up."""
    orders = []
    for both_orders in (False, True):
        vision = ColorVision(likes_late=99)
        assistant = looking(shop, store, vision, both_orders=both_orders, reasons=0)
        events = await hear(assistant, WORDS, send_photo(store, "red"))
        assert looks(vision) == [ANSWER_START] * (1 + both_orders)
        orders.append((ids(found(events).matches), ranked(events)))
    (before, once), (_, twice) = orders
    assert ids(once.matches) == before[::-1]
    assert [match.product.color for match in twice.matches[:2]] == ["red", "red"]
    assert twice.outcome == "complete"


async def test_written_answer_is_asked_for_once_and_brings_order_and_reasons(
    shop: Backwards, store: PhotoStore
) -> None:
    vision = ColorVision()
    assistant = looking(shop, store, vision, way="generated")
    after = ranked(await hear(assistant, WORDS, send_photo(store, "red")))
    assert looks(vision) == [ANSWER_START]
    assert [match.product.color for match in after.matches[:2]] == ["red", "red"]
    assert [bool(match.reason) for match in after.matches[:4]] == [True, True, True, False]
    assert (after.outcome, after.why) == ("complete", "")


async def test_written_nonsense_keeps_the_order_of_the_search(
    shop: Backwards, store: PhotoStore
) -> None:
    vision = ColorVision(answer="I like them all.")
    assistant = looking(shop, store, vision, way="generated", both_orders=True)
    events = await hear(assistant, WORDS, send_photo(store, "red"))
    after = ranked(events)
    assert ids(after.matches) == ids(found(events).matches)
    assert (after.outcome, after.why) == ("fell back", "The vision model gave no order.")
    assert looks(vision) == [ANSWER_START] * 2


async def test_model_that_is_not_trusted_is_asked_nothing_and_the_shopper_is_told(
    shop: Backwards, store: PhotoStore
) -> None:
    """Nor for a caption: a look that counts for nothing is not paid for."""
    vision = ColorVision()
    assistant = looking(shop, store, vision, trust=0.0)
    events = await hear(assistant, WORDS, send_photo(store, "red"))
    after = ranked(events)
    assert vision.asked == []
    assert ids(after.matches) == ids(found(events).matches)
    assert (after.outcome, after.kept) == ("not asked", True)
    assert "not trusted" in after.why
