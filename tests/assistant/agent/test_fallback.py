"""A chat model that fails: the built-in one finishes that very turn, and says so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langgraph.checkpoint.memory import InMemorySaver

from assistant.agent import speaker
from assistant.budget import TurnLimits
from assistant.conversation import Assistant
from assistant.events import Done, Event, FallbackReason, Found, Message, Words
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from assistant.records.store import RecordStore
from assistant.records.writer import RecordWriter
from tests.support.clock import RunningClock
from tests.support.conversation import history
from tests.support.scripted_model import ScriptedModel, search
from tools.search.shop import Shop

MUGS = search(words="mug", categories=["Mugs"])
NOTES = {
    "failed": "My chat model did not answer, so this is from my built-in one. ",
    "late": "My chat model took too long, so this is from my built-in one. ",
    "in circles": "My chat model went in circles, so this is from my built-in one. ",
    "no answer": "My chat model had no answer, so this is from my built-in one. ",
    "spent": "My chat model used up what one turn may cost, so this is from my built-in one. ",
}


class Streams(BaseChatModel):
    """Says these pieces one by one, then hangs or raises: what a server does that dies midway.

    `then` is "hang", "babble", an exception to raise, or what is called before it hangs. A
    `greeting` is a whole message before all others.
    """

    pieces: list[str]
    then: Any = None
    greeting: str = ""
    pause_s: float = 0
    """Before each piece but the first."""

    @property
    def _llm_type(self) -> str:
        return "streams"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self.bind()

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        raise NotImplementedError

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        if self.greeting:
            greeting, self.greeting = self.greeting, ""
            yield ChatGenerationChunk(message=AIMessageChunk(content=greeting))
            return
        for place, piece in enumerate(self.pieces):
            await asyncio.sleep(self.pause_s if place else 0)
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
        if isinstance(self.then, Exception):
            raise self.then
        if callable(self.then):
            self.then()
        if self.then == "hang" or callable(self.then):
            await asyncio.Event().wait()
        while self.then == "babble":
            yield ChatGenerationChunk(message=AIMessageChunk(content="and so on and on. "))
            await asyncio.sleep(0)


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Shop:
    return color_shop


def over(shop: Any, model: BaseChatModel, folder: Path, **options: Any) -> Assistant:
    photos = PhotoStore(folder / "photos")
    return Assistant(
        shop=shop, chat_model=model, checkpointer=InMemorySaver(), photos=photos, **options
    )


async def hear(assistant: Assistant, text: str) -> list[Event]:
    return [event async for event in assistant.turn("t", Message(text))]


def words(events: list[Event]) -> str:
    return "".join(event.delta for event in events if isinstance(event, Words))


def titles(events: list[Event]) -> list[str]:
    return [m.product.title for e in events if isinstance(e, Found) for m in e.matches]


async def messages(assistant: Assistant) -> list[Any]:
    return list((await history(assistant))["messages"])


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ([RuntimeError("boom")], "failed"),
        ([TimeoutError("read timed out")], "late"),
        ([""], "no answer"),
        (['{"name": "multimodal_search", "arguments": {"words": "mug"}}'], "no answer"),
        (["Sure. Action: multimodal_search\nAction Input: mugs"], "no answer"),
        (["<think>Mugs at $1, I guess.</think>"], "no answer"),
        (["Try the Zorblax Hyper Mug for $3.33."], "no answer"),
        (["Here you go! The Zorblax Hyper Mug is number one."], "no answer"),
        ([{"name": "order_pizza", "args": {}}], "in circles"),
        ([search(words="mug", max_price="cheap")], "in circles"),
        ([search(words="mug", like=n) for n in range(40, 60)], "in circles"),
        ([[search(words="mug", like=n) for n in range(40, 90)]], "in circles"),
        ([{"name": "product_details", "args": {"number": 3}}], "in circles"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_the_turn_ends_as_if_the_built_in_model_had_been_asked(
    shop: Shop, tmp_path: Path, script: list[Any], why: FallbackReason
) -> None:
    wanted = await hear(
        over(shop, OfflineChatModel(vocabulary=lambda: shop.vocabulary), tmp_path), "red mugs"
    )
    assistant = over(shop, ScriptedModel(script=script), tmp_path)
    events = await hear(assistant, "red mugs")
    assert titles(events) == titles(wanted)
    assert words(events).endswith(NOTES[why] + words(wanted))
    assert isinstance(events[-1], Done)
    assert events[-1].fell_back == why
    assert assistant.fallbacks == {why: 1}
    kept = await messages(assistant)
    assert [m.text for m in kept if m.type == "human"] == ["red mugs"]
    assert "chat model" not in kept[-1].text


async def test_a_search_that_was_answered_is_not_made_again(shop: Shop, tmp_path: Path) -> None:
    model = ScriptedModel(script=[MUGS, ConnectionError("gone")])
    events = await hear(over(shop, model, tmp_path), "mugs")
    assert [type(event) for event in events].count(Found) == 1
    assert words(events).startswith(NOTES["failed"] + "Here are six mugs")


async def test_the_next_turn_asks_the_chat_model_again_over_a_whole_history(
    shop: Shop, tmp_path: Path
) -> None:
    model = ScriptedModel(script=[MUGS, ConnectionError("gone"), "Number 1 is fine."])
    assistant = over(shop, model, tmp_path)
    await hear(assistant, "mugs")
    events = await hear(assistant, "is the first good?")
    assert words(events).strip() == "Number 1 is fine."
    assert isinstance(events[-1], Done)
    assert events[-1].fell_back == ""
    assert [m.type for m in model.heard[-1]] == ["system", "human", "ai", "tool", "ai", "human"]


async def test_the_built_in_model_as_the_chat_model_fails_as_ever(
    shop: Shop, tmp_path: Path
) -> None:
    built_in = OfflineChatModel(vocabulary=lambda: shop.vocabulary)
    events = await hear(over(shop, built_in, tmp_path, limits=TurnLimits(model_calls=1)), "mugs")
    assert "circles" in events[-1].sentence  # type: ignore[union-attr]


async def test_what_a_cut_stream_had_said_stays_and_its_torn_sentence_goes(
    shop: Shop, tmp_path: Path
) -> None:
    model = Streams(pieces=["Let me ", "look. ", "The best are"], then=ConnectionError("reset"))
    events = await hear(over(shop, model, tmp_path), "mugs")
    assert words(events).startswith(f"Let me look. \n\n{NOTES['failed']}Here are six mugs")


async def test_a_model_that_hangs_is_hung_up_on_in_time(shop: Shop, tmp_path: Path) -> None:
    limits = TurnLimits(seconds=30, model_seconds=0.2)
    model = Streams(pieces=["Let"], then="hang")
    events = await hear(over(shop, model, tmp_path, limits=limits), "mugs")
    assert words(events).startswith(NOTES["late"] + "Here are six mugs")


async def test_the_time_of_a_turn_is_shared_so_that_it_can_be_finished(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = TurnLimits(seconds=80, model_seconds=600)
    assert limits.model_deadline_s == 60
    clock = RunningClock(monkeypatch)
    hangs = Streams(pieces=[], then=lambda: clock.turn(limits.model_deadline_s))
    events = await hear(over(shop, hangs, tmp_path, limits=limits), "hi")
    assert words(events).startswith(NOTES["late"] + "Hello!")


async def test_a_model_that_does_not_stop_talking_is_cut_short(shop: Shop, tmp_path: Path) -> None:
    model = Streams(pieces=["Well. "], then="babble")
    events = await hear(over(shop, model, tmp_path), "mugs")
    assert len(words(events)) < 6000
    assert NOTES["in circles"] in words(events)


async def test_a_server_that_hangs_again_and_again_is_left_alone(
    shop: Shop, tmp_path: Path
) -> None:
    model = ScriptedModel(script=[TimeoutError("read timed out")])
    assistant = over(
        shop, Streams(pieces=[], then="hang"), tmp_path, limits=TurnLimits(model_seconds=0.05)
    )
    for _ in range(4):
        events = await hear(assistant, "hi")
    done = events[-1]
    assert isinstance(done, Done)
    assert done.fell_back == "late"
    assert assistant.fallbacks == {"late": 4}
    assert model.heard == []


async def test_tokens_are_a_budget_too(shop: Shop, tmp_path: Path) -> None:
    model = ScriptedModel(script=[MUGS])
    events = await hear(over(shop, model, tmp_path, limits=TurnLimits(tokens=5)), "mugs")
    assert len(model.heard) == 1
    assert words(events).startswith(NOTES["spent"] + "Here are six mugs")


async def test_no_more_tools_run_than_a_turn_may_have(shop: Shop, tmp_path: Path) -> None:
    limits = TurnLimits(tool_calls=3)
    model = ScriptedModel(script=[[search(words=f"mug {n}") for n in range(9)], "There."])
    events = await hear(over(shop, model, tmp_path, limits=limits), "mugs")
    assert [type(event) for event in events].count(Found) == 3


async def test_calls_without_an_id_or_with_the_same_one_are_told_apart(
    shop: Shop, tmp_path: Path
) -> None:
    both: list[Any] = [search(words="mug"), search(words="bag")]

    class SameIds(ScriptedModel):
        def _line(self, heard: list[BaseMessage]) -> tuple[str, list[Any]]:
            text, calls = super()._line(heard)
            return text, [{**call, "id": "call_0"} for call in calls]

    assistant = over(shop, SameIds(script=[both, search(words="cap"), "There."]), tmp_path)
    await hear(assistant, "mugs and bags")
    kept = await messages(assistant)
    ids = [call["id"] for m in kept for call in getattr(m, "tool_calls", ())]
    assert len(ids) == len(set(ids)) == 3
    assert [m.tool_call_id for m in kept if m.type == "tool"] == ids


async def test_the_record_of_the_turn_says_who_finished_it(shop: Shop, tmp_path: Path) -> None:
    store = RecordStore(tmp_path / "turns")
    keeper = RecordWriter(store)
    assistant = over(shop, ScriptedModel(script=[""]), tmp_path, records=keeper)
    await hear(assistant, "mugs")
    await keeper.flush()
    record = store.newest(1).records[0]
    assert record.fell_back == "no answer"
    assert record.answer.startswith(NOTES["no answer"])


async def test_a_stop_in_the_middle_of_an_answer_is_no_failure_of_the_model(
    shop: Shop, tmp_path: Path
) -> None:
    model = Streams(pieces=["Hello there. "], then="hang", greeting="Good day.")
    assistant = over(shop, model, tmp_path)
    assert words(await hear(assistant, "hi")) == "Good day."
    turn = assistant.turn("t", Message("mugs"))
    heard = [await anext(turn)]
    await turn.aclose()
    assert words(heard) == "Hello there. "
    assert not assistant.fallbacks


async def test_sentences_of_a_model_not_known_yet_wait_for_a_thought_to_end(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaker, "SETTLE_S", 0.01)
    pieces = ["Red and cheap ones fit. ", "So they do. ", "</think>", "There you are."]
    assistant = over(shop, Streams(pieces=pieces, pause_s=0.1), tmp_path)
    assert words(await hear(assistant, "mugs")).strip() == "There you are."


async def test_a_fallen_back_turn_keeps_nothing_that_json_cannot_hold(
    shop: Shop, tmp_path: Path
) -> None:
    assistant = over(shop, ScriptedModel(script=[MUGS, RuntimeError("x")]), tmp_path)
    await hear(assistant, "mugs")
    json.dumps([message.model_dump() for message in await messages(assistant)])
