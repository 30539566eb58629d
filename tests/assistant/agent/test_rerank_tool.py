"""Search, then a look at what was found: real agent loop, real shop, a vision model of colors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest
from langchain_core.messages import SystemMessage
from langgraph.checkpoint.memory import InMemorySaver

from assistant.conversation import Assistant
from assistant.events import Done, Found, Message, Ranked, RankingStarted, Understood, Words
from assistant.factory import open_assistant, open_workspace
from assistant.photo_store import PhotoStore
from assistant.settings import load_settings
from tests.golden.phi3_vision import CHECKPOINT
from tests.support.color_vision import ColorVision
from tests.support.conversation import found, hear, history, ranked, send_photo, words
from tests.support.reranking import LOOK, ids, looking
from tests.support.scripted_model import ScriptedModel, search
from tests.support.shop_files import mug, write_csv
from tests.support.shops import Backwards
from tools.agent_tools.rerank import make_rerank
from tools.errors import ModelError, SetupError
from tools.product import Query, SearchResult
from tools.rerank.captions import CaptionCache
from tools.rerank.trust import store_trust
from tools.rerank.vision_model import CAPTION_PROMPT
from tools.search.shop import Shop


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Backwards:
    return Backwards(color_shop)


@pytest.fixture
def store(tmp_path: Path) -> PhotoStore:
    return PhotoStore(tmp_path / "photos")


async def test_red_photo_moves_the_red_cases_up_and_the_answer_is_about_the_new_order(
    shop: Backwards, store: PhotoStore
) -> None:
    assistant = looking(shop, store, ColorVision())
    events = await hear(assistant, "a phone case with this", send_photo(store, "red"))
    kinds = [type(event) for event in events if not isinstance(event, Words)]
    assert kinds == [Understood, Found, RankingStarted, Ranked, Done]
    before, after = found(events), ranked(events)
    assert after.list_id == before.list_id
    assert sorted(ids(after.matches)) == sorted(ids(before.matches))
    assert [match.product.color for match in before.matches[:2]] != ["red", "red"]
    assert [match.product.color for match in after.matches[:2]] == ["red", "red"]
    assert all(match.reason for match in after.matches[:3])
    was = [ids(before.matches).index(identity) for identity in ids(after.matches)]
    assert list(after.moved) == [old - new for new, old in enumerate(was)]
    assert (after.outcome, after.why, after.kept) == ("complete", "", False)
    assert f"Number 1 is {after.matches[0].product.title}" in words(events)


async def test_second_one_is_the_second_of_the_final_order(
    shop: Backwards, store: PhotoStore
) -> None:
    assistant = looking(shop, store, ColorVision())
    first = await hear(assistant, "a phone case with this", send_photo(store, "red"))
    second = ranked(first).matches[1].product
    assert second.id != found(first).matches[1].product.id
    shown = (await history(assistant))["shown"]
    assert [row["id"] for row in shown] == ids(ranked(first).matches)
    events = await hear(assistant, "like the second one")
    understood = next(event for event in events if isinstance(event, Understood))
    assert understood.like == second.title
    assert isinstance(ranked(events), Ranked)  # a product's picture is looked at as well


async def test_back_to_the_first_ones_is_the_order_that_they_were_left_in(
    shop: Backwards, store: PhotoStore
) -> None:
    """It was the order from before the look, so that its numbers were not those on the cards."""
    assistant = looking(shop, store, ColorVision())
    first = await hear(assistant, "a phone case with this", send_photo(store, "red"))
    await hear(assistant, "blue mugs")
    again = await hear(assistant, "back to the first ones")
    assert ids(found(first).matches) != ids(ranked(first).matches)
    assert ids(found(again).matches) == ids(ranked(first).matches)


async def test_words_alone_are_not_looked_at_by_the_built_in_model(
    shop: Backwards, store: PhotoStore
) -> None:
    vision = ColorVision()
    events = await hear(looking(shop, store, vision), "mugs")
    assert not [event for event in events if isinstance(event, Ranked)]
    assert not vision.asked


async def test_single_product_is_not_looked_at(shop: Backwards, store: PhotoStore) -> None:
    vision = ColorVision()
    script = (search(words="mug", limit=1), LOOK, "One mug.")
    assistant = looking(shop, store, vision, *script)
    events = await hear(assistant, "a mug")
    assert not [event for event in events if isinstance(event, Ranked)]
    assert words(events).strip() == "One mug."
    assert not vision.asked


async def test_chat_model_reads_the_new_numbers_with_their_reasons(
    shop: Backwards, store: PhotoStore
) -> None:
    script = (search(words="mug", photo=1), LOOK, "Done.")
    assistant = looking(shop, store, ColorVision(), *script)
    events = await hear(assistant, "a mug like this", send_photo(store, "blue"))
    messages = (await history(assistant))["messages"]
    said = json.loads(next(m.text for m in messages if m.name == "rerank"))
    assert said["outcome"] == "complete"
    assert [row["number"] for row in said["products"]] == list(range(1, 10))
    before = ids(found(events).matches)
    assert [before[row["was"] - 1] for row in said["products"]] == ids(ranked(events).matches)
    assert said["products"][0]["reason"]
    json.dumps([message.model_dump() for message in messages])


async def test_search_and_look_asked_for_at_once_happen_in_this_order(
    shop: Backwards, store: PhotoStore
) -> None:
    assistant = looking(shop, store, ColorVision(), [search(photo=1), LOOK], "Done.")
    events = await hear(assistant, "this", send_photo(store, "green"))
    assert ranked(events).matches[0].product.color == "green"
    shown = (await history(assistant))["shown"]
    assert [row["id"] for row in shown] == ids(ranked(events).matches)


async def test_look_without_a_list_of_this_turn_gets_a_sentence(
    shop: Backwards, store: PhotoStore
) -> None:
    assistant = looking(shop, store, ColorVision(), search(words="mug"), "Mugs.", LOOK, "Sorry.")
    await hear(assistant, "mugs")
    events = await hear(assistant, "in a better order")
    message = (await history(assistant))["messages"][-2]
    assert message.status == "error"
    assert "Search first" in message.text
    assert isinstance(events[-1], Done)


@pytest.mark.parametrize(
    ("vision", "why"),
    [
        (ColorVision(error=ModelError("No memory at 10.0.0.7.")), "The vision model failed."),
        (ColorVision(error=SetupError("sk-123 is no key.")), "The vision model failed."),
        (ColorVision(error=ConnectionResetError("cut")), "The vision model failed."),
        (ColorVision(error=TimeoutError()), "The vision model took too long."),
        (ColorVision(deaf_to="123456789"), "The vision model gave no order."),
    ],
)
async def test_broken_model_keeps_the_order_of_the_search_and_says_so(
    shop: Backwards, store: PhotoStore, vision: ColorVision, why: str
) -> None:
    """What broke is in the log; the shopper and the chat model read a sentence of ours."""
    assistant = looking(shop, store, vision)
    events = await hear(assistant, "a phone case with this", send_photo(store, "red"))
    after = ranked(events)
    assert ids(after.matches) == ids(found(events).matches)
    assert (after.outcome, after.why, set(after.moved)) == ("fell back", why, {0})
    assert f"Number 1 is {after.matches[0].product.title}" in words(events)
    assert isinstance(events[-1], Done)
    kept = str(await history(assistant))
    assert "10.0.0.7" not in kept
    assert "sk-123" not in kept


async def test_model_that_hangs_keeps_the_order_when_its_time_is_up(
    shop: Backwards, store: PhotoStore
) -> None:
    stuck = Flag()
    assistant = looking(shop, store, ColorVision(stuck=stuck), timeout_s=0.4)
    events = await hear(assistant, "a phone case with this", send_photo(store, "red"))
    stuck.set()
    after = ranked(events)
    assert ids(after.matches) == ids(found(events).matches)
    assert (after.outcome, after.why) == ("fell back", "The vision model took too long.")
    assert isinstance(events[-1], Done)


async def test_photo_is_captioned_once_for_all_turns(shop: Backwards, store: PhotoStore) -> None:
    vision = ColorVision()
    assistant = looking(shop, store, vision)
    photo = send_photo(store, "red")
    await hear(assistant, "a phone case with this", photo)
    await hear(assistant, "a mug with this", photo, thread="another")
    asked = [each.prompt for each in vision.asked]
    assert asked.count(CAPTION_PROMPT) == 1
    ranking = [prompt for prompt in asked if prompt != CAPTION_PROMPT]
    assert ranking
    assert all("Something of one color." in prompt for prompt in ranking)


async def test_caption_is_begun_while_the_search_runs(shop: Backwards, store: PhotoStore) -> None:
    captioned = Flag()

    class Early(ColorVision):
        def _generate(self, *question: Any) -> str:
            captioned.set()
            return super()._generate(*question)

    class Waiting(Backwards):
        def search(self, query: Query, limit: int = 9) -> SearchResult:
            assert captioned.wait(60)  # guards against a hang
            return super().search(query, limit)

    assistant = looking(Waiting(shop._shop), store, Early())
    events = await hear(assistant, "a phone case with this", send_photo(store, "red"))
    assert ranked(events).outcome == "complete"


async def test_prompt_speaks_of_the_look_only_where_it_is_bound(
    shop: Backwards, store: PhotoStore
) -> None:
    prompts = []
    for tools in ([make_rerank(ColorVision(), CaptionCache(ColorVision()))], []):
        model = ScriptedModel(script=["Hello."])
        assistant = Assistant(
            shop=shop, chat_model=model, checkpointer=InMemorySaver(), photos=store,
            more_tools=tools,
        )  # fmt: skip
        await hear(assistant, "hi")
        assert isinstance(model.heard[0][0], SystemMessage)
        prompts.append(model.heard[0][0].text)
    assert "call rerank" in prompts[0]
    assert "rerank" not in prompts[1]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a catalogue of twelve mugs, and the small Phi-3 Vision to look at them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POUNCE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("POUNCE_VISION_MODEL", str(CHECKPOINT))
    monkeypatch.setenv("POUNCE_RERANK_TIMEOUT_S", "60")
    monkeypatch.setenv("POUNCE_TURN_SECONDS", "120")
    path = write_csv(tmp_path / "mugs.csv", [mug(number) for number in range(1, 13)])
    open_workspace(load_settings()).ingest(path)
    return tmp_path


async def test_phi3_vision_puts_a_list_in_order_the_whole_way(home: Path) -> None:
    async with open_assistant(load_settings()) as assistant:
        photo = assistant.photos.add((home / "red.png").read_bytes(), "red.png")
        turn = assistant.turn("t", Message("a mug like this", (photo,)))
        events = [event async for event in turn]
        shown = (await history(assistant))["shown"]
    after = ranked(events)
    assert sorted(ids(after.matches)) == sorted(ids(found(events).matches))
    assert after.outcome == "complete"
    assert [row["id"] for row in shown] == ids(after.matches)
    assert isinstance(events[-1], Done)


async def test_model_without_trust_is_not_loaded_and_binds_no_tool(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POUNCE_RERANK_TRUST", "0")
    monkeypatch.setenv("POUNCE_VISION_MODEL", "/nowhere/at/all")
    async with open_assistant(load_settings()) as assistant:
        photo = assistant.photos.add((home / "red.png").read_bytes(), "red.png")
        events = [event async for event in assistant.turn("t", Message("this", (photo,)))]
    assert found(events).matches
    assert not [event for event in events if isinstance(event, Ranked)]


async def test_model_that_was_learned_to_be_no_good_is_not_loaded(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was loaded, and then not asked."""
    monkeypatch.setenv("POUNCE_VISION_MODEL", "/nowhere/phi3")
    store_trust(home / "home", "phi3", "mugs", 0.0, {})
    async with open_assistant(load_settings()) as assistant:
        assert await hear(assistant, "hello")


async def test_folder_that_is_none_says_so_before_the_first_turn(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POUNCE_VISION_MODEL", "/nowhere/at/all")
    with pytest.raises(ModelError, match="/nowhere/at/all"):
        async with open_assistant(load_settings()):
            pass


@pytest.fixture(autouse=True)
def _no_warning_of_types(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert "unregistered type" not in caplog.text
