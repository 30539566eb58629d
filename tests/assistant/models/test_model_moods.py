"""What chat models behind servers are seen to do: think aloud, break off, ask for a pause, and type
their arguments loosely. No shopper sees a thought or half a sentence, or waits for a pause."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from assistant.agent.middleware.fallback import fallback_notice
from assistant.agent.middleware.retries import retry_after_s
from assistant.budget import TurnLimits
from assistant.conversation import Assistant
from assistant.events import Done, Event, Found, Message, Words
from assistant.factory import open_chat
from assistant.photo_store import PhotoStore
from assistant.settings import load_settings
from tests.support.openai_server import answers, ends_early, serving
from tests.support.vision_server import Behave, VisionServer, refuses
from tools.search.shop import Shop

SEARCH = "multimodal_search"
RED_MUGS = (SEARCH, {"words": "mug", "colors": ["red"], "categories": ["Mugs"]})
LIMITS = TurnLimits(seconds=60, model_seconds=20)
THOUGHT = "They want something red. A mug holds coffee. Two of these fit, so I name both."


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Shop:
    return color_shop


def over(
    server: VisionServer, shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Assistant:
    """The assistant with a chat model on this server, as settings open it."""
    monkeypatch.setenv("POUNCE_CHAT_MODEL", "openai:tested")
    monkeypatch.setenv("POUNCE_CHAT_URL", f"{server.address}/v1")
    return Assistant(
        shop=shop,
        chat_model=open_chat(load_settings(), lambda: shop.vocabulary),
        checkpointer=InMemorySaver(),
        photos=PhotoStore(folder / "photos"),
        limits=LIMITS,
    )


async def hear(assistant: Assistant, text: str = "red mugs") -> list[Event]:
    return [event async for event in assistant.turn("t", Message(text))]


def words(events: list[Event]) -> str:
    return "".join(event.delta for event in events if isinstance(event, Words))


def titles(events: list[Event]) -> list[list[str]]:
    return [[m.product.title for m in e.matches] for e in events if isinstance(e, Found)]


def done(events: list[Event]) -> Done:
    assert isinstance(events[-1], Done)
    return events[-1]


@pytest.mark.parametrize(
    "thought",
    [
        f"{THOUGHT}</think>",
        f"{THOUGHT}\n</think>\n\n",
        f"<think>{THOUGHT}</think>",
        f"<think>\n\n</think>\n{THOUGHT} </think> ",
        f"[THINK]{THOUGHT}[/THINK]",
        f"{THOUGHT}</THINKING>",
        f"<reasoning>{THOUGHT}</reasoning>",
        f"◁think▷{THOUGHT}◁/think▷",
    ],
)
async def test_answer_behind_a_thought_is_used_and_the_thought_is_not_seen(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, thought: str
) -> None:
    with serving(answers("", RED_MUGS), answers(f"{thought}There are two.")) as server:
        assistant = over(server, shop, tmp_path, monkeypatch)
        events = await hear(assistant)
        assert words(events).strip() == "There are two."
        assert done(events).fell_back == ""
        await hear(assistant, "and blue ones")
    history = server.heard[-1].body["messages"]
    assert "coffee" not in str([m["content"] for m in history])


async def test_thought_before_a_call_is_not_seen(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [answers(f"{THOUGHT}</think>", RED_MUGS), answers("There are two.")]
    with serving(*script) as server:
        events = await hear(over(server, shop, tmp_path, monkeypatch))
    assert words(events).strip() == "There are two."
    assert titles(events) == [["Red Mug Basic", "Red Mug Plus"]]


SELF_TALK = "The user wants red mugs. I should name both. The first"
CUT: dict[str, tuple[Behave, str]] = {
    "out of tokens": (answers("There are two. The second is", finish="length"), "There are two."),
    "out of tokens at an end": (answers("There are two.", finish="length"), "There are two."),
    "a line that closes": (ends_early("There are two. The second is"), "There are two."),
    "one torn sentence": (answers("The two that I", finish="length"), ""),
    "one torn sentence, a line that closes": (ends_early("The two that I"), ""),
    "in an open thought": (answers(f"<think>{THOUGHT}", finish="length"), ""),
    "in a bare thought": (answers(SELF_TALK, finish="length"), ""),
    "in a bare thought, a line that closes": (ends_early(SELF_TALK), ""),
    "in a bare thought, a line that breaks": (answers(SELF_TALK, cut=9), ""),
}


@pytest.mark.parametrize("name", CUT)
async def test_answer_that_is_cut_off_shows_no_half_sentence_and_no_thought(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    behave, shown = CUT[name]
    with serving(answers("", RED_MUGS), behave) as server:
        assistant = over(server, shop, tmp_path, monkeypatch)
        events = await hear(assistant)
    if shown:
        assert words(events).strip() == shown
        assert done(events).fell_back == ""
    else:
        why = done(events).fell_back
        assert words(events).startswith(fallback_notice(why))
        assert why in ("no answer", "failed")
    assert titles(events) == [["Red Mug Basic", "Red Mug Plus"]]


@pytest.mark.parametrize("behave", [ends_early("Hm")], ids=["closes"])
async def test_call_before_a_line_that_closes_is_not_run(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behave: Behave
) -> None:
    with serving(behave) as server:
        events = await hear(over(server, shop, tmp_path, monkeypatch))
    assert done(events).fell_back == "no answer"


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("after", ["90", "3600", "Wed, 21 Oct 2099 07:28:00 GMT"])
async def test_pause_longer_than_the_turn_is_not_waited_for_and_is_kept(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, after: str
) -> None:
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float, *more: Any) -> None:
        slept.append(seconds)
        await sleep(0, *more)

    monkeypatch.setattr(asyncio, "sleep", noted)
    with serving(refuses(status, "Busy.", retry_after=after)) as server:
        assistant = over(server, shop, tmp_path, monkeypatch)
        for _ in range(3):
            events = await hear(assistant)
            assert words(events).startswith(fallback_notice("failed"))
    assert len(server.heard) == 1
    assert sum(slept) < 1


def test_server_says_in_several_ways_when_it_may_be_asked_again() -> None:
    class Error(Exception):
        def __init__(self, **headers: str) -> None:
            headers = {name.replace("_", "-"): value for name, value in headers.items()}
            self.response = type("Response", (), {"headers": headers})

    assert retry_after_s(Error(retry_after="7")) == 7
    assert retry_after_s(Error(retry_after_ms="250")) == 0.25
    assert retry_after_s(Error(retry_after="Wed, 21 Oct 2015 07:28:00 GMT")) == 0
    for told in ({}, {"retry_after": "soon"}, {"retry_after": "-1"}, {"retry_after": "inf"}):
        assert retry_after_s(Error(**told)) is None
    assert retry_after_s(ValueError()) is None


LOOSE = [
    {"words": "mug", "colors": "red", "categories": "Mugs"},
    {"words": "mug", "colors": '["red"]', "categories": ["Mugs"], "brands": "[]", "photo": "null"},
    {"words": {"text": "mug"}, "colors": ["red", ""], "categories": "Mugs", "max_price": 0},
    {"words": "mug", "colors": ["red"], "categories": ["Mugs"], "like": 0, "limit": "0"},
    {"words": ["mug"], "colors": {"value": "red"}, "categories": ["Mugs"], "min_rating": "null"},
    {"arguments": {"words": "mug", "colors": ["red"], "categories": ["Mugs"]}},
    '"{\\"words\\": \\"mug\\", \\"colors\\": [\\"red\\"], \\"categories\\": [\\"Mugs\\"]}"',
]  # fmt: skip


@pytest.mark.parametrize("arguments", LOOSE, ids=str)
@pytest.mark.parametrize("name", [SEARCH, f"functions.{SEARCH}"])
async def test_loosely_typed_call_is_read(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: Any, name: str
) -> None:
    with serving(answers("", (name, arguments)), answers("There are two.")) as server:
        events = await hear(over(server, shop, tmp_path, monkeypatch))
    assert titles(events) == [["Red Mug Basic", "Red Mug Plus"]]
    assert words(events).strip() == "There are two."
    assert done(events).fell_back == ""
