"""A chat model behind OpenAI's protocol, as a shop sets it: tool calls, streams, and failures."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from assistant.agent.middleware.fallback import fallback_notice
from assistant.budget import TurnLimits
from assistant.conversation import Assistant
from assistant.events import Compared, Done, Event, Found, Message, Photo, Words
from assistant.factory import open_chat
from assistant.models.registry import check_chat_model
from assistant.photo_store import PhotoStore
from assistant.settings import load_settings
from tests.support.clock import RunningClock
from tests.support.color_shop import photo_of
from tests.support.openai_server import answers, ends_early, serving
from tests.support.vision_server import (
    Behave,
    VisionServer,
    cuts,
    hangs,
    refuses,
    sends,
    speaks_no_http,
)
from tools.errors import SetupError
from tools.search.shop import Shop

SEARCH = "multimodal_search"
RED_MUGS = (SEARCH, {"words": "mug", "colors": ["red"], "categories": ["Mugs"]})
LIMITS = TurnLimits(seconds=60, model_seconds=20)


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Shop:
    return color_shop


def over(
    server: VisionServer, shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Assistant:
    """The assistant with the chat model that the environment names."""
    monkeypatch.setenv("POUNCE_CHAT_MODEL", "openai:tested")
    monkeypatch.setenv("POUNCE_CHAT_URL", f"{server.address}/v1")
    monkeypatch.setenv("POUNCE_CHAT_KEY", "sk-of-the-shop")
    return Assistant(
        shop=shop,
        chat_model=open_chat(load_settings(), lambda: shop.vocabulary),
        checkpointer=InMemorySaver(),
        photos=PhotoStore(folder / "photos"),
        limits=LIMITS,
    )


async def hear(assistant: Assistant, text: str, *photos: Photo) -> list[Event]:
    return [event async for event in assistant.turn("t", Message(text, photos))]


def words(events: list[Event]) -> str:
    return "".join(event.delta for event in events if isinstance(event, Words))


def titles(events: list[Event]) -> list[list[str]]:
    return [[m.product.title for m in e.matches] for e in events if isinstance(e, Found)]


async def test_tool_calls_go_out_and_back_over_the_wire(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answers("", RED_MUGS), answers("Number 2 is the dearer one.")) as server:
        assistant = over(server, shop, tmp_path, monkeypatch)
        buffer = io.BytesIO()
        photo_of("red").save(buffer, "PNG")
        photo = assistant.photos.add(buffer.getvalue(), "red.png")
        events = await hear(assistant, "red mugs like this", photo)
    assert titles(events) == [["Red Mug Basic", "Red Mug Plus"]]
    assert words(events).strip() == "Number 2 is the dearer one."
    assert isinstance(events[-1], Done)
    assert events[-1].fell_back == ""
    first, second = (request.body for request in server.heard)
    assert first["model"] == "tested"
    assert first["stream"] is True
    assert server.heard[0].headers["authorization"] == "Bearer sk-of-the-shop"
    assert {t["function"]["name"] for t in first["tools"]} >= {SEARCH, "shortlist"}
    assert "image_url" not in json.dumps(first)
    assert [m["role"] for m in second["messages"]] == ["system", "user", "assistant", "tool"]
    call = second["messages"][2]["tool_calls"][0]
    assert json.loads(call["function"]["arguments"]) == RED_MUGS[1]
    assert second["messages"][3]["tool_call_id"] == call["id"]


async def test_several_calls_of_one_message_are_all_answered(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = (SEARCH, {"words": "mug"}), (SEARCH, {"words": "backpack"})
    compare = "compare_products", {"numbers": [1, 2]}
    script = [answers("Let me look.", *both), answers("", compare), answers("There they are.")]
    with serving(*script) as server:
        events = await hear(over(server, shop, tmp_path, monkeypatch), "mugs and backpacks")
    assert len(titles(events)) == 2
    assert any(isinstance(event, Compared) for event in events)
    assert words(events).split() == ["Let", "me", "look.", "There", "they", "are."]
    last = server.heard[-1].body["messages"]
    asked = [c["id"] for m in last for c in m.get("tool_calls", ())]
    assert [m["tool_call_id"] for m in last if m["role"] == "tool"] == asked
    assert len(set(asked)) == 3


async def test_a_call_that_is_wrong_is_told_and_mended(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = SEARCH, {"words": "mug", "max_price": "cheap"}
    with serving(answers("", wrong), answers("", RED_MUGS), answers("Two of them.")) as server:
        events = await hear(over(server, shop, tmp_path, monkeypatch), "red mugs")
    told_of = server.heard[1].body["messages"][-1]
    assert told_of["role"] == "tool"
    assert "max_price" in told_of["content"]
    assert words(events).strip() == "Two of them."


NO_JSON = (SEARCH, "mug, red")
BAD_JSON = (SEARCH, "{'words': mug, colors")
TORN = (SEARCH, '{"words": "mug", "colors": [')
FAILING: dict[str, tuple[list[Behave], str]] = {
    "no JSON for arguments": ([answers("", NO_JSON)], "no answer"),
    # What is no JSON from some place on is read up to there: as a call without arguments.
    "malformed arguments": ([answers("", BAD_JSON)], "in circles"),
    "a good call and a malformed one": ([answers("", RED_MUGS, NO_JSON), answers("")], "no answer"),
    "a call that ran out of tokens": ([answers("", TORN, finish="length")], "no answer"),
    "nothing": ([answers("")], "no answer"),
    "nothing after the search": ([answers("", RED_MUGS), answers("")], "no answer"),
    "a cut call": ([answers("", RED_MUGS, cut=2)], "failed"),
    "a cut sentence": ([answers("", RED_MUGS), answers("Two mugs are", cut=3)], "failed"),
    "a silent line": ([answers("Let me see what", cut=2, hang=True)], "late"),
    "no answer at all": ([hangs], "late"),
    "no such model": ([refuses(404, "The model does not exist: key sk-123")], "failed"),
    "a wrong key": ([refuses(401, "Incorrect API key sk-123")], "failed"),
    "too long a prompt": ([refuses(400, "maximum context length")], "failed"),
    "a page of HTML": ([sends(b"<html>502 sk-123</html>")], "failed"),
    "no HTTP": ([speaks_no_http], "failed"),
}


@pytest.mark.parametrize("name", FAILING)
async def test_a_server_that_fails_costs_the_shopper_half_a_sentence(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    script, why = FAILING[name]
    clock = RunningClock(monkeypatch)
    with serving(*script, passes=lambda _: clock.turn(LIMITS.model_seconds)) as server:
        events = await hear(over(server, shop, tmp_path, monkeypatch), "red mugs")
    assert isinstance(events[-1], Done)
    assert events[-1].fell_back == why
    assert titles(events)[-1] == ["Red Mug Basic", "Red Mug Plus"]
    assert words(events).count(fallback_notice(events[-1].fell_back)) == 1
    assert words(events).endswith("prices run from $8.99 to $13.99.")
    assert "sk-123" not in repr(events)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_that_is_busy_for_a_moment_is_asked_again(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    busy = refuses(status, "Try later.", retry_after_ms="10")
    with serving(busy, answers("", RED_MUGS), answers("Two of them.")) as server:
        events = await hear(over(server, shop, tmp_path, monkeypatch), "red mugs")
    assert words(events).strip() == "Two of them."


@pytest.mark.parametrize("status", [429, 500])
async def test_a_server_that_stays_busy_is_given_up(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    with serving(refuses(status, "Try later.", retry_after_ms="10")) as server:
        events = await hear(over(server, shop, tmp_path, monkeypatch), "red mugs")
    assert words(events).startswith(fallback_notice("failed"))


async def test_a_stream_that_ends_without_an_end_gives_what_it_said(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answers("", RED_MUGS), ends_early("There are two.")) as server:
        events = await hear(over(server, shop, tmp_path, monkeypatch), "red mugs")
    assert "There are two." in words(events)
    assert isinstance(events[-1], Done)


async def test_the_thread_goes_on_with_the_server_once_it_is_well(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(cuts, answers("", RED_MUGS), answers("Two of them.")) as server:
        assistant = over(server, shop, tmp_path, monkeypatch)
        await hear(assistant, "mugs")
        events = await hear(assistant, "red ones")
    assert words(events).strip() == "Two of them."
    roles = [m["role"] for m in server.heard[-1].body["messages"]]
    turn = ["user", "assistant", "tool"]
    assert roles == ["system", *turn, "assistant", *turn]


def test_an_address_stands_in_for_the_providers_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    check_chat_model("openai:tested", base_url="http://127.0.0.1:9/v1", api_key="none")
    with pytest.raises(SetupError, match="POUNCE_CHAT_URL needs POUNCE_CHAT_MODEL"):
        load_settings(chat_url="http://127.0.0.1:9/v1")
