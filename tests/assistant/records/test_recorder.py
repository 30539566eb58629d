"""Records of turns: real agent loop, real shop, a vision model of colors, files on disk."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Flag
from typing import Any

import numpy as np
import pytest
from langgraph.checkpoint.memory import InMemorySaver
from PIL import Image

from assistant.budget import TurnLimits
from assistant.conversation import Assistant
from assistant.events import Done, Failed, Found, Message, Ranked, RankingStarted, Understood
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from assistant.prompt.system_prompt import PROMPT_VERSION
from assistant.records.insights import count_insights
from assistant.records.record import LookRow, RankingRow, TurnRecord
from assistant.records.store import RecordStore
from assistant.records.writer import RecordWriter
from tests.support.clock import RunningClock
from tests.support.color_vision import ColorVision
from tests.support.conversation import hear, send_photo, words
from tests.support.reranking import LOOK
from tests.support.scripted_model import ScriptedModel, search
from tests.support.shops import Backwards, Overseen
from tools.agent_tools.rerank import make_rerank
from tools.errors import ModelError
from tools.rerank.captions import CaptionCache
from tools.rerank.vision_model import CAPTION_PROMPT
from tools.search.shop import Shop


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Backwards:
    return Backwards(color_shop)


@pytest.fixture
def photos(tmp_path: Path) -> PhotoStore:
    return PhotoStore(tmp_path / "photos")


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    return RecordStore(tmp_path / "turns")


@pytest.fixture
def stuck() -> Iterator[Flag]:
    flag = Flag()
    yield flag
    flag.set()


def recording(
    shop: Any,
    photos: PhotoStore,
    keeper: RecordWriter,
    vision: ColorVision,
    *script: Any,
    timeout_s: float = 10,
    limits: TurnLimits | None = None,
) -> Assistant:
    """An assistant that keeps records; the built-in chat model where there is no script."""
    captions = CaptionCache(vision)
    model = (
        ScriptedModel(script=list(script))
        if script
        else OfflineChatModel(vocabulary=lambda: shop.vocabulary)
    )
    return Assistant(
        shop=shop,
        chat_model=model,
        checkpointer=InMemorySaver(),
        photos=photos,
        limits=limits,
        more_tools=[make_rerank(vision, captions, trust=1.0, timeout_s=timeout_s)],
        captions=captions,
        records=keeper,
        model_name="offline",
    )


async def newest(store: RecordStore, keeper: RecordWriter) -> TurnRecord:
    await keeper.flush()
    (record, *_), unreadable = store.newest(9).records, store.newest(9).unreadable
    assert not unreadable
    return record


def only_look(record: TurnRecord) -> tuple[RankingRow, LookRow]:
    (found,) = record.searches
    (ranking,) = found.rankings
    (look,) = ranking.looks
    return ranking, look


def seen(store: RecordStore, record: TurnRecord, look: LookRow) -> Image.Image:
    return Image.open(store.folder(record.id) / look.picture)


def same(one: Image.Image, other: Image.Image | None) -> bool:
    return other is not None and np.array_equal(np.asarray(one), np.asarray(other))


async def test_record_holds_the_whole_turn(
    shop: Backwards, photos: PhotoStore, store: RecordStore
) -> None:
    vision, keeper = ColorVision(), RecordWriter(store)
    photo = send_photo(photos, "red")
    assistant = recording(shop, photos, keeper, vision)
    events = await hear(assistant, "a phone case with this under $30", photo)
    record = await newest(store, keeper)
    understood = next(event for event in events if isinstance(event, Understood))
    found = next(event for event in events if isinstance(event, Found))
    ranked = next(event for event in events if isinstance(event, Ranked))

    assert record.id == understood.turn
    assert record.text == "a phone case with this under $30"
    assert [(row.ref, row.name) for row in record.photos] == [(photo.ref, "red.png")]
    assert (record.catalogue, record.thread) == ("colors", "t")
    assert (record.chat_model, record.prompt_version) == ("offline", PROMPT_VERSION)
    assert (record.outcome, record.sentence, record.incident) == ("done", "", "")
    assert record.answer == words(events)
    assert [(call.tool, call.error) for call in record.calls] == [
        ("multimodal_search", ""), ("rerank", "")
    ]  # fmt: skip
    assert record.calls[0].arguments["photo"] == 1
    assert record.calls[0].arguments["max_price"] == 30
    assert set(record.timings_s) == {"chat model", "multimodal_search", "rerank"}
    assert sum(record.timings_s.values()) <= record.seconds

    (row,) = record.searches
    assert row.words == understood.text
    assert row.photo == record.photos[0]
    assert (row.filters.max_price, row.filters.currency) == (3000, "USD")
    assert (row.list_id, row.searched) == (found.list_id, found.searched)
    assert [(each.id, each.score) for each in row.found] == [
        (match.product.id, match.score) for match in found.matches
    ]
    assert row.timings_s["embed"] == pytest.approx(found.timings_ms["embed"] / 1000, abs=1e-4)

    ranking, look = only_look(record)
    asked = next(each for each in vision.asked if each.prompt != CAPTION_PROMPT)
    assert (ranking.model, ranking.fingerprint, ranking.trust) == ("color", "color-1", 1.0)
    assert ranking.caption == "Something of one color."
    assert ranking.instruction in asked.prompt
    assert (ranking.outcome, ranking.why, ranking.told) == ("complete", "", "")
    assert ranking.confidence == 0.8
    assert [place.id for place in ranking.final] == [m.product.id for m in ranked.matches]
    assert [place.reason for place in ranking.final] == [m.reason for m in ranked.matches]
    assert [place.was - place.number for place in ranking.final] == list(ranked.moved)
    assert set(ranking.timings_s) == {"caption", "pictures", "grid", "ranking", "reasons"}
    assert ranking.model_order == look.order

    assert same(seen(store, record, look), asked.picture)
    assert look.prompt == asked.prompt
    assert list(look.products) == [each.id for each in row.found]
    assert len(look.scores) == len(row.found)
    assert '"reasons"' in look.answer
    assert (look.outcome, look.why) == ("complete", "")


async def test_chat_is_told_of_the_look_before_and_after_with_its_picture(
    shop: Backwards, photos: PhotoStore, store: RecordStore
) -> None:
    vision = ColorVision()
    assistant = recording(shop, photos, RecordWriter(store), vision)
    events = await hear(assistant, "a phone case with this", send_photo(photos, "red"))
    looking = next(event for event in events if isinstance(event, RankingStarted))
    ranked = next(event for event in events if isinstance(event, Ranked))
    assert looking.list_id == ranked.list_id
    assert (ranked.model, ranked.caption) == ("color", "Something of one color.")
    assert ranked.picture is vision.asked[-1].picture
    assert set(ranked.timings_s) == {"caption", "pictures", "grid", "ranking", "reasons"}


@pytest.mark.parametrize(
    ("vision", "outcome", "why", "told"),
    [
        (
            ColorVision(error=ModelError("No memory.")), "failed", "No memory.",
            "The vision model failed.",
        ),
        (
            ColorVision(deaf_to="123456789"), "fell back",
            "About the answer: 1, 2, 3, 4, 5 and 6 are missing.",
            "The vision model gave no order.",
        ),
    ],
)  # fmt: skip
async def test_record_says_why_the_order_of_the_search_was_kept(
    shop: Backwards,
    photos: PhotoStore,
    store: RecordStore,
    vision: ColorVision,
    outcome: str,
    why: str,
    told: str,
) -> None:
    keeper = RecordWriter(store)
    assistant = recording(shop, photos, keeper, vision)
    await hear(assistant, "a phone case with this", send_photo(photos, "red"))
    record = await newest(store, keeper)
    ranking, look = only_look(record)
    assert (ranking.outcome, ranking.why, ranking.told) == ("fell back", why, told)
    assert (look.outcome, look.why) == (outcome, why)
    assert same(seen(store, record, look), vision.asked[-1].picture)
    assert [place.was for place in ranking.final] == list(range(1, 7))
    assert record.outcome == "done"


async def test_caption_that_failed_is_told_with_its_reason(
    shop: Backwards, photos: PhotoStore, store: RecordStore
) -> None:
    keeper = RecordWriter(store)
    assistant = recording(shop, photos, keeper, ColorVision(error=ModelError("No memory.")))
    await hear(assistant, "a phone case with this", send_photo(photos, "red"))
    ranking, _ = only_look(await newest(store, keeper))
    assert (ranking.caption, ranking.caption_why) == ("", "No memory.")


async def test_look_that_timed_out_is_there_with_its_picture(
    shop: Backwards, photos: PhotoStore, store: RecordStore, stuck: Flag
) -> None:
    """It used to be missing: only looks that gave an answer were kept."""
    keeper, vision = RecordWriter(store), ColorVision(stuck=stuck)
    assistant = recording(shop, photos, keeper, vision, timeout_s=3)
    await hear(assistant, "a phone case with this", send_photo(photos, "red"))
    record = await newest(store, keeper)
    ranking, look = only_look(record)
    assert ranking.late
    assert (look.outcome, look.scores, look.answer) == ("failed", (), "")
    assert "was not done within" in look.why
    assert "was not done within" in ranking.why
    assert ranking.caption_why == "There was no caption within 1.5 s."
    assert look.prompt == vision.asked[-1].prompt
    assert same(seen(store, record, look), vision.asked[-1].picture)


async def test_look_that_outlasts_its_turn_is_there_with_its_picture(
    shop: Backwards,
    photos: PhotoStore,
    store: RecordStore,
    stuck: Flag,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, limits = RunningClock(monkeypatch), TurnLimits(seconds=60)

    class Waiting(ColorVision):
        def _hear(self, picture: Image.Image | None, prompt: str, answer_start: str) -> None:
            super()._hear(picture, prompt, answer_start)
            if answer_start:
                clock.turn(limits.seconds)
                stuck.wait()

    keeper, vision = RecordWriter(store), Waiting()
    script = (search(words="phone case"), LOOK, "Done.")
    assistant = recording(shop, photos, keeper, vision, *script, timeout_s=30, limits=limits)
    events = await hear(assistant, "phone cases")
    assert isinstance(events[-1], Failed)
    record = await newest(store, keeper)
    stuck.set()
    ranking, look = only_look(record)
    assert (record.outcome, record.sentence) == ("failed", events[-1].sentence)
    assert record.incident == events[-1].incident
    assert (ranking.outcome, ranking.final, ranking.words) == ("stopped", (), "phone case")
    assert (look.outcome, look.why) == ("failed", "There is no answer yet.")
    assert same(seen(store, record, look), vision.asked[-1].picture)
    assert record.calls[-1].error == "It was stopped."


async def test_turn_that_the_shopper_stops_is_recorded(
    shop: Backwards, photos: PhotoStore, store: RecordStore
) -> None:
    keeper = RecordWriter(store)
    assistant = recording(shop, photos, keeper, ColorVision())
    turn = assistant.turn("t", Message("mugs"))
    assert isinstance(await anext(turn), Understood)
    await turn.aclose()
    record = await newest(store, keeper)
    assert (record.text, record.outcome) == ("mugs", "stopped")
    assert record.searches[0].found == ()


async def test_several_searches_and_what_they_could_not_do_are_all_there(
    shop: Backwards, photos: PhotoStore, store: RecordStore
) -> None:
    keeper = RecordWriter(store)
    again = {"name": "rerank", "args": {"instruction": "once more"}}  # the same call runs once
    calls = [search(photo=7), search(words="mug"), LOOK, again, search(words="case"), LOOK]
    limits = TurnLimits(model_calls=9, tool_calls=5)
    assistant = recording(shop, photos, keeper, ColorVision(), *calls, "Done.", limits=limits)
    await hear(assistant, "this", send_photo(photos, "green"))
    record = await newest(store, keeper)
    assert [call.tool for call in record.calls] == [
        "multimodal_search", "multimodal_search", "rerank", "rerank", "multimodal_search", "rerank"
    ]  # fmt: skip
    assert "There is no photo 7" in record.calls[0].error
    assert not any(call.error for call in record.calls[1:5])
    assert "limit" in record.calls[5].error
    first, second = record.searches
    assert (first.words, second.words) == ("mug", "case")
    assert (len(first.rankings), len(second.rankings)) == (2, 0)
    one, two = first.rankings
    assert {place.was - place.number for place in two.final} == {0}  # it is in order by then
    assert two.looks[0].products == tuple(place.id for place in one.final)
    assert record.pictures() == ["1.png", "2.png"]


async def test_what_no_product_has_is_recorded_and_counted(
    color_shop: Shop, photos: PhotoStore, store: RecordStore
) -> None:
    # A record did not say that the words were in no product: nobody could count them.
    keeper = RecordWriter(store)
    calls = [search(words="rocket ship"), search(words="mug", colors=["gold"]), search(words="mug")]
    assistant = recording(color_shop, photos, keeper, ColorVision(), *calls, "Done.")
    await hear(assistant, "a rocket ship, or a gold mug")
    record = await newest(store, keeper)
    assert [each.unmentioned for each in record.searches] == [True, False]
    found = count_insights(store, texts=True)
    assert found.missing == {"color: gold": 1, "words: rocket ship": 1}


async def test_tool_that_breaks_leaves_its_error_and_the_incident(
    shop: Backwards, photos: PhotoStore, store: RecordStore
) -> None:
    def breaks() -> None:
        raise ZeroDivisionError("by zero")

    keeper = RecordWriter(store)
    script = (search(words="mug"), "Sorry.")
    broken = Overseen(shop._shop, breaks)
    assistant = recording(broken, photos, keeper, ColorVision(), *script)
    events = await hear(assistant, "mugs")
    assert isinstance(events[-1], Failed)
    record = await newest(store, keeper)
    assert record.calls[0].error == "ZeroDivisionError: by zero"
    assert (record.outcome, record.incident) == ("failed", events[-1].incident)
    assert record.searches[0].list_id == ""


async def test_message_that_is_refused_is_recorded_with_the_hint(
    shop: Backwards, photos: PhotoStore, store: RecordStore
) -> None:
    keeper = RecordWriter(store)
    await hear(recording(shop, photos, keeper, ColorVision()), "mug " * 2000)
    record = await newest(store, keeper)
    assert record.sentence.startswith("That is a lot of text")
    assert (record.incident, len(record.text)) == ("", 4000)


async def test_record_that_cannot_be_written_breaks_no_turn(
    shop: Backwards, photos: PhotoStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    keeper = RecordWriter(RecordStore(tmp_path / "file" / "turns"))
    with caplog.at_level(logging.WARNING, "pounce.records"):
        events = await hear(recording(shop, photos, keeper, ColorVision()), "mugs")
        await keeper.flush()
    assert isinstance(events[-1], Done)
    (line,) = [each.message for each in caplog.records if each.name == "pounce.records"]
    assert "is not kept" in line


async def test_words_of_half_characters_are_recorded_without_them(
    shop: Backwards, photos: PhotoStore, store: RecordStore
) -> None:
    keeper = RecordWriter(store)
    await hear(recording(shop, photos, keeper, ColorVision()), "mug\udcff")
    assert (await newest(store, keeper)).text == "mug?"


async def test_turn_that_nobody_records_has_no_id(shop: Backwards, photos: PhotoStore) -> None:
    model = OfflineChatModel(vocabulary=lambda: shop.vocabulary)
    assistant = Assistant(shop=shop, chat_model=model, checkpointer=InMemorySaver(), photos=photos)
    events = await hear(assistant, "mugs")
    assert next(event.turn for event in events if isinstance(event, Understood)) == ""
