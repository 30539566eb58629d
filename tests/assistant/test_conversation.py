"""The assistant as a front end drives it: real agent loop, real shop, scripted chat model."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from assistant.budget import TurnLimits
from assistant.conversation import Assistant
from assistant.events import Done, Event, Failed, Found, Message, Photo, Understood, Words
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from tests.support.clock import RunningClock
from tests.support.conversation import found, hear, history, send_photo, words
from tests.support.scripted_model import ScriptedModel, search
from tests.support.shops import Overseen
from tools.search.shop import Shop

PATIENCE_S = 60
"""Guards against a hang alone."""


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Shop:
    return color_shop


@pytest.fixture
def store(tmp_path: Path) -> PhotoStore:
    return PhotoStore(tmp_path / "photos")


def scripted(shop: Any, store: PhotoStore, *script: Any, **options: Any) -> Assistant:
    options.setdefault("checkpointer", InMemorySaver())
    model = ScriptedModel(script=list(script))
    return Assistant(shop=shop, chat_model=model, photos=store, **options)


def offline(shop: Shop, store: PhotoStore, **options: Any) -> Assistant:
    options.setdefault("checkpointer", InMemorySaver())
    model = OfflineChatModel(vocabulary=lambda: shop.vocabulary)
    return Assistant(shop=shop, chat_model=model, photos=store, **options)


def titles(events: list[Event]) -> list[str]:
    return [match.product.title for match in found(events).matches]


async def test_a_turn_is_understood_found_words_done_in_this_order(
    shop: Shop, store: PhotoStore
) -> None:
    assistant = scripted(shop, store, search(words="mug", colors=["RED"]), "Two red mugs.")
    events = await hear(assistant, "a red mug")
    kinds = [type(event) for event in events]
    assert kinds == [Understood, Found, Words, Done]
    assert isinstance(events[0], Understood)
    assert events[0].filters.colors == ("red",)
    assert all(match.product.color == "red" for match in found(events).matches)
    assert found(events).searched == 18
    assert words(events).strip() == "Two red mugs."


async def test_a_red_photo_finds_red_phone_cases_and_the_model_never_sees_it(
    shop: Shop, store: PhotoStore
) -> None:
    assistant = offline(shop, store)
    events = await hear(assistant, "a phone case with this", send_photo(store, "red"))
    assert titles(events)[0].startswith("Red Phone Case")
    first = next(event for event in events if isinstance(event, Understood))
    assert (first.text, first.filters.categories) == ("phone case", ("Phone Cases",))
    assert first.photo is not None
    assert first.photo.name == "red.png"
    assert isinstance(events[-1], Done)


async def test_found_is_heard_before_the_model_has_said_a_word(
    shop: Shop, store: PhotoStore
) -> None:
    go_on = threading.Event()

    def late() -> str:
        return "Here." if go_on.wait(PATIENCE_S) else "Too late."

    turn = scripted(shop, store, search(words="mug"), late).turn("t", Message("mugs"))
    seen: list[Event] = []
    async for event in turn:
        seen.append(event)
        if isinstance(event, Found):
            go_on.set()
    assert words(seen).strip() == "Here."


async def test_a_follow_up_keeps_the_photo_and_changes_the_color(
    shop: Shop, store: PhotoStore
) -> None:
    assistant = offline(shop, store)
    photo = send_photo(store, "red")
    await hear(assistant, "a phone case with this", photo)
    events = await hear(assistant, "in blue")
    understood = next(event for event in events if isinstance(event, Understood))
    assert understood.photo == photo
    assert understood.text == "phone case"
    assert understood.filters.categories == ("Phone Cases",)
    assert understood.filters.colors == ("blue",)


async def test_cheaper_is_below_the_price_of_what_it_refers_to(
    shop: Shop, store: PhotoStore
) -> None:
    assistant = offline(shop, store)
    first = await hear(assistant, "mugs")
    dearest = max(found(first).matches, key=lambda match: match.product.price_minor or 0)
    number = found(first).matches.index(dearest) + 1
    price = dearest.product.price_minor
    assert price is not None
    events = await hear(assistant, f"cheaper than number {number}")
    shown = [match.product.price_minor for match in found(events).matches]
    assert shown
    assert all(other is not None and other < price for other in shown)


async def test_cheaper_than_a_product_without_a_price_says_so(
    shop: Shop, store: PhotoStore
) -> None:
    assistant = offline(shop, store)
    await hear(assistant, "backpacks")
    events = await hear(assistant, "cheaper")
    assert "no price for number 1" in words(events)


async def test_like_the_fourth_starts_from_its_picture_and_leaves_it_out(
    shop: Shop, store: PhotoStore
) -> None:
    assistant = offline(shop, store)
    first = await hear(assistant, "mugs")
    fourth = found(first).matches[3].product
    events = await hear(assistant, "like the fourth")
    understood = next(event for event in events if isinstance(event, Understood))
    assert understood.like == fourth.title
    assert fourth.title not in titles(events)
    assert found(events).matches[0].product.color == fourth.color
    again = await hear(assistant, "under $10")
    understood = next(event for event in again if isinstance(event, Understood))
    assert understood.like == fourth.title


async def test_show_me_more_shows_others(shop: Shop, store: PhotoStore) -> None:
    assistant = offline(shop, store, results=2)
    first = await hear(assistant, "mugs")
    second = await hear(assistant, "show me more")
    third = await hear(assistant, "more")
    shown = [*titles(first), *titles(second), *titles(third)]
    assert len(shown) == len(set(shown)) == 6


async def test_nothing_found_says_what_to_let_go_and_what_that_would_bring(
    shop: Shop, store: PhotoStore
) -> None:
    events = await hear(offline(shop, store), "green mugs under $5")
    assert found(events).matches == ()
    assert (
        "Without the price limit I can show two products; the cheapest there is costs $8.99"
        in words(events)
    )
    assert isinstance(events[-1], Done)


@pytest.mark.parametrize("agreed", ["yes", "Yes please, show them!", "ok"])
async def test_what_was_offered_may_be_taken(shop: Shop, store: PhotoStore, agreed: str) -> None:
    assistant = offline(shop, store)
    await hear(assistant, "green mugs under $5")
    events = await hear(assistant, agreed)
    assert {match.product.color for match in found(events).matches} == {"green"}
    assert "Here are two mugs in green" in words(events)


async def test_start_over_leaves_the_limits_behind(shop: Shop, store: PhotoStore) -> None:
    assistant = offline(shop, store)
    await hear(assistant, "red mugs under $10")
    assert "from the start" in words(await hear(assistant, "start over"))
    events = await hear(assistant, "mugs")
    assert {match.product.color for match in found(events).matches} > {"red"}
    assert max(m.product.price_minor or 0 for m in found(events).matches) > 1000


async def test_what_the_shop_has_not_is_not_carried_over(shop: Shop, store: PhotoStore) -> None:
    assistant = offline(shop, store)
    assert "nothing called “zeppelin”" in words(await hear(assistant, "zeppelin"))
    assert "nothing called “submarine”" in words(await hear(assistant, "submarine"))


async def test_cheaper_wins_over_an_earlier_bound_that_leaves_no_room(
    shop: Shop, store: PhotoStore
) -> None:
    assistant = offline(shop, store)
    first = found(await hear(assistant, "mugs over $9"))
    assert {match.product.price_minor for match in first.matches} == {1399}
    events = await hear(assistant, "cheaper")
    assert {match.product.price_minor for match in found(events).matches} == {899}
    assert "for up to $13.98" in words(events)


async def test_the_answer_states_what_was_found_and_nothing_else(
    shop: Shop, store: PhotoStore
) -> None:
    events = await hear(offline(shop, store), "red mugs")
    first = found(events).matches[0].product
    assert "Here are two mugs in red." in words(events)
    assert f"Number 1 is {first.title}" in words(events)
    assert "from $8.99 to $13.99" in words(events)


async def test_a_model_that_loops_ends_within_its_limits(shop: Shop, store: PhotoStore) -> None:
    searches: list[int] = []
    overseen = Overseen(shop, lambda: searches.append(1))
    limits = TurnLimits(model_calls=5, tool_calls=3, seconds=120)
    script = [search(words="mug", limit=n) for n in range(1, 9)]
    events = await hear(scripted(overseen, store, *script, limits=limits), "mugs")
    assert len(searches) == 3
    assert isinstance(events[-1], Done)
    assert events[-1].fell_back == "in circles"
    assert "My chat model went in circles, so this is from my built-in one." in words(events)


async def test_a_broken_search_gives_a_sentence_and_a_log_and_leaks_nothing(
    shop: Shop, store: PhotoStore, caplog: pytest.LogCaptureFixture
) -> None:
    def fault() -> None:
        raise RuntimeError("db password=hunter2")

    assistant = scripted(Overseen(shop, fault), store, search(words="mug"), "All fine!")
    with caplog.at_level(logging.INFO):
        events = await hear(assistant, "mugs")
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert "hunter2" not in repr(events)
    assert "All fine" not in words(events)
    assert failed.incident in caplog.text
    assert "hunter2" in caplog.text
    assert "hunter2" not in str(await history(assistant))


async def test_a_broken_model_gives_a_sentence_and_a_log_and_leaks_nothing(
    shop: Shop, store: PhotoStore, caplog: pytest.LogCaptureFixture
) -> None:
    assistant = scripted(shop, store, ValueError("key sk-123"), "Back again.")
    events = await hear(assistant, "mugs")
    assert "My chat model did not answer, so this is from my built-in one." in words(events)
    assert "sk-123" not in repr(events)
    assert "sk-123" in caplog.text
    assert words(await hear(assistant, "mugs?")).strip() == "Back again."


async def test_a_turn_that_takes_too_long_ends_with_a_sentence(
    shop: Shop, store: PhotoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, go_on = RunningClock(monkeypatch), threading.Event()
    limits = TurnLimits(seconds=60)

    def wait() -> None:
        clock.turn(limits.seconds)
        go_on.wait(PATIENCE_S)

    overseen = Overseen(shop, wait)
    assistant = scripted(overseen, store, search(words="mug"), "Fine.", limits=limits)
    events = await hear(assistant, "mugs")
    go_on.set()
    assert isinstance(events[-1], Failed)
    assert "too long" in events[-1].sentence
    assert isinstance((await hear(assistant, "and now?"))[-1], Done)


async def test_two_messages_at_once_run_one_after_the_other_and_both_are_kept(
    shop: Shop, store: PhotoStore
) -> None:
    running: list[int] = []
    most: list[int] = []

    def line() -> str:
        running.append(1)
        most.append(len(running))
        running.pop()
        return "Yes."

    assistant = scripted(shop, store, line)
    await asyncio.gather(hear(assistant, "first"), hear(assistant, "second"))
    kept = [m.text for m in (await history(assistant))["messages"]]
    assert kept == ["first", "Yes. ", "second", "Yes. "]
    assert max(most) == 1


@pytest.mark.parametrize("kept_in", ["memory", "sqlite"])
async def test_after_a_stop_in_mid_search_the_thread_goes_on(
    shop: Shop, store: PhotoStore, tmp_path: Path, kept_in: str
) -> None:
    started, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        started.set()
        go_on.wait(PATIENCE_S)

    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "t.sqlite")) as sqlite:
        saver: Any = sqlite if kept_in == "sqlite" else InMemorySaver()
        model = ScriptedModel(script=[search(words="mug"), "Here again."])
        assistant = Assistant(
            shop=Overseen(shop, wait), chat_model=model, checkpointer=saver, photos=store
        )
        turn = assistant.turn("t", Message("mugs"))
        assert isinstance(await anext(turn), Understood)
        await asyncio.to_thread(started.wait, PATIENCE_S)
        await turn.aclose()
        go_on.set()
        events = await hear(assistant, "are you there?")
        assert words(events).strip() == "Here again."
        sent = model.heard[-1]
    asked = {call["id"] for m in sent for call in getattr(m, "tool_calls", [])}
    answered = {getattr(m, "tool_call_id", None) for m in sent}
    assert asked
    assert asked <= answered


@pytest.mark.parametrize("kept_in", ["memory", "sqlite"])
async def test_after_a_stop_in_mid_answer_the_cards_are_still_known(
    shop: Shop, store: PhotoStore, tmp_path: Path, kept_in: str
) -> None:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "t.sqlite")) as sqlite:
        saver: Any = sqlite if kept_in == "sqlite" else InMemorySaver()
        script = [search(words="mug"), "There are mugs. " * 20]
        assistant = scripted(shop, store, *script, checkpointer=saver)
        turn = assistant.turn("t", Message("mugs"))
        seen: list[Event] = []
        async for event in turn:
            seen.append(event)
            if isinstance(event, Words):
                break
        await turn.aclose()
        shown = [row["id"] for row in (await history(assistant, "t"))["shown"]]
        assert shown == [match.product.id for match in found(seen).matches]


async def test_the_state_is_plain_json_and_holds_no_bytes(shop: Shop, store: PhotoStore) -> None:
    assistant = offline(shop, store)
    photo = send_photo(store, "green")
    await hear(assistant, "a mug like this", photo)
    await hear(assistant, "like the second but in red")
    state = await history(assistant)
    messages = [message.model_dump() for message in state.pop("messages")]
    text = json.dumps([state, messages])
    assert photo.ref in text
    assert len(text) < 20_000
    assert state["search"]["product"]


async def test_a_thread_goes_on_after_a_restart(
    shop: Shop, store: PhotoStore, tmp_path: Path
) -> None:
    path = str(tmp_path / "threads.sqlite")
    async with AsyncSqliteSaver.from_conn_string(path) as saver:
        await hear(offline(shop, store, checkpointer=saver), "this", send_photo(store, "blue"))
    async with AsyncSqliteSaver.from_conn_string(path) as saver:
        events = await hear(offline(shop, store, checkpointer=saver), "under $10")
    understood = next(event for event in events if isinstance(event, Understood))
    assert understood.photo is not None
    assert understood.photo.name == "blue.png"


async def test_an_unknown_color_is_answered_once_and_then_searched_in_the_words(
    shop: Shop, store: PhotoStore
) -> None:
    asked = search(words="mug", colors=["crimson red"])
    model = ScriptedModel(script=[asked, asked, "Done."])
    assistant = Assistant(shop=shop, chat_model=model, checkpointer=InMemorySaver(), photos=store)
    events = await hear(assistant, "a crimson mug")
    said = [m.text for m in model.heard[1] if m.type == "tool"]
    assert "no color 'crimson red'" in said[0]
    assert "red" in said[0].split("nearest", 1)[1]
    understood = [event for event in events if isinstance(event, Understood)]
    assert [event.text for event in understood] == ["crimson red mug"]
    assert "not_filtered_on" in [m.text for m in model.heard[2] if m.type == "tool"][1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"words": "mug", "min_price": 30, "max_price": 20}, "above the highest"),
        ({}, "Nothing is asked for"),
        ({"words": "mug", "like": 2}, "No products have been shown"),
        ({"photo": 1}, "no photo in this conversation"),
        ({"words": "mug", "limit": 99}, "limit"),
        ({"words": "mug", "colour": "red"}, "colour"),
        ({"words": "mug", "max_price": "cheap"}, "max_price"),
        ({"words": "mug", "max_price": -1}, "max_price"),
    ],
)
async def test_a_wrong_argument_gets_a_sentence_that_the_model_can_act_on(
    shop: Shop, store: PhotoStore, arguments: dict[str, Any], sentence: str
) -> None:
    model = ScriptedModel(script=[search(**arguments), "Sorry."])
    assistant = Assistant(shop=shop, chat_model=model, checkpointer=InMemorySaver(), photos=store)
    events = await hear(assistant, "mugs")
    message = next(m for m in model.heard[1] if m.type == "tool")
    assert getattr(message, "status", "") == "error"
    assert sentence in message.text
    assert not [event for event in events if isinstance(event, Found)]


async def test_a_number_out_of_range_gets_the_range(shop: Shop, store: PhotoStore) -> None:
    assistant = offline(shop, store)
    await hear(assistant, "red mugs")
    assert "numbers 1 to 2" in words(await hear(assistant, "like number 7"))


async def test_two_searches_of_one_answer_are_shown_in_the_order_of_the_calls(
    shop: Shop, store: PhotoStore
) -> None:
    both = [search(words="mug", colors=["red"]), search(words="mug", colors=["blue"])]
    assistant = scripted(shop, store, both, "Red, then blue.")
    events = await hear(assistant, "red mugs and blue mugs")
    lists = [event for event in events if isinstance(event, Found)]
    assert [each.matches[0].product.color for each in lists] == ["red", "blue"]
    shown = (await history(assistant))["shown"]
    assert [row["id"] for row in shown] == [match.product.id for match in lists[1].matches]


async def test_an_unknown_tool_is_no_end_of_the_turn(shop: Shop, store: PhotoStore) -> None:
    assistant = scripted(shop, store, {"name": "buy", "args": {}}, "I cannot buy.")
    events = await hear(assistant, "buy it")
    assert words(events).strip() == "I cannot buy."
    assert isinstance(events[-1], Done)


async def test_an_empty_or_endless_message_and_a_forged_photo_get_a_sentence(
    shop: Shop, store: PhotoStore
) -> None:
    assistant = offline(shop, store)
    for message in (
        Message("   "),
        Message("mug " * 2000),
        Message("this", (Photo("../../etc/passwd", "x.jpg"),)),
    ):
        events = [event async for event in assistant.turn("t", message)]
        assert [type(event) for event in events] == [Failed]


async def test_small_talk_is_answered_without_a_search(shop: Shop, store: PhotoStore) -> None:
    events = await hear(offline(shop, store), "hi!")
    assert {type(event) for event in events} == {Words, Done}


async def test_the_prompt_of_a_long_thread_stays_small(shop: Shop, store: PhotoStore) -> None:
    model = ScriptedModel(script=["Yes."])
    assistant = Assistant(shop=shop, chat_model=model, checkpointer=InMemorySaver(), photos=store)
    for number in range(12):
        await hear(assistant, f"message {number}")
    assert sum(m.type == "human" for m in model.heard[-1]) == 8
    assert model.heard[-1][-1].text == "message 11"


@pytest.fixture(autouse=True)
def _no_warning_of_types(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert "unregistered type" not in caplog.text
