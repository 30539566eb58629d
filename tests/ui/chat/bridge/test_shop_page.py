"""What the shop's page, or a link, begins in the chat, over its protocol: a product, a question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.chat_client import (
    RunningChat,
    Shopper,
    attached,
    color_chat,
    shopper,
    titles,
)

GREETING = "You are looking at Red Mug Plus."
UNKNOWN = "I do not know this product. Tell me in words what you are looking for."


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningChat]:
    home, shop = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("shop")
    with color_chat(home, shop) as running:
        yield running


async def look(someone: Shopper, *ids: object, **more: object) -> None:
    """The page of the shop says which product it shows."""
    answer = await someone.press("look", ids=list(ids), **more)
    assert answer.status_code == 200, answer.text


async def ask(someone: Shopper, **asked: object) -> None:
    """A question of a link or of the page, until its turn has ended."""
    ended = len(someone.named("task_end"))
    answer = await someone.press("ask", **asked)
    assert answer.status_code == 200, answer.text
    await someone.until(lambda: len(someone.named("task_end")) > ended)


def mine(someone: Shopper) -> list[dict[str, Any]]:
    """The shopper's messages that the server has shown."""
    return [step for step in someone.named("new_message") if step["type"] == "user_message"]


async def test_chat_greets_once_with_the_product_and_leans_on_it(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        await look(someone, "red-mug-plus")
        await look(someone, "red-mug-plus")
        assert someone.said() == GREETING
        assert titles(someone) == ["Red Mug Plus"]
        (gallery,) = someone.galleries()
        assert gallery["cards"][0]["number"] == 1
        await someone.ask("similar but cheaper")
        assert titles(someone)[0] == "Red Mug Basic"
        await someone.ask("cheaper than the second")  # of the newest list, as ever
        assert "$13.98" not in [card["price"] for card in someone.galleries()[-1]["cards"]]


async def test_greeting_s_card_has_its_buttons(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        await look(someone, "red-mug-plus")
        await someone.pick("more like", someone.galleries()[0], 1)
        assert titles(someone)[0] == "Red Mug Basic"
        kept = await someone.press("keep", id="red-mug-plus", number=1)
        assert kept.json()["response"]["kept"] == ["red-mug-plus"]


async def test_another_page_in_a_conversation_is_the_newest_list(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        await someone.ask("green phone cases")
        await look(someone, "blue-mug-plus")
        await someone.ask("cheaper")
        assert titles(someone)[0] == "Blue Mug Basic"


async def test_greeting_is_there_again_when_its_conversation_is_opened_again(
    chat: RunningChat,
) -> None:
    async with shopper(chat) as someone:
        await look(someone, "red-mug-plus")
        await someone.ask("is this in stock?")
    async with shopper(chat, cookies=someone.cookies, threadId=someone.thread) as again:
        (resumed,) = again.named("resume_thread")
        outputs = [step["output"] for step in resumed["steps"]]
        assert outputs[0] == GREETING
        # The next page of the shop shows the same product: nothing is said twice.
        await look(again, "red-mug-plus")
        assert GREETING not in again.said()
        await again.ask("cheaper")
        assert titles(again)[0] == "Red Mug Basic"


@pytest.mark.parametrize(
    "ids",
    [["nothing"], ["' or 1 == 1 or id == '"], ["red-mug-plus%"], ["../../etc/passwd"], ["\u202e"],
     ["<script>alert(1)</script>", "x" * 500]],
)  # fmt: skip
async def test_unknown_product_is_said_quietly_and_nothing_else_happens(
    chat: RunningChat, ids: list[str]
) -> None:
    async with shopper(chat) as someone:
        await look(someone, *ids)
        assert [toast["message"] for toast in someone.named("toast")] == [UNKNOWN]
        assert someone.said() == ""
        await someone.ask("red mugs")
    assert titles(someone) == ["Red Mug Basic", "Red Mug Plus"]


async def test_first_name_that_the_catalogue_knows_counts(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        await look(someone, "sku-4711", "red-mug-plus", "blue-mug-plus")
    assert titles(someone) == ["Red Mug Plus"]


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("look", {}),
        ("look", {"ids": []}),
        ("look", {"ids": "red-mug-plus"}),
        ("look", {"ids": [1]}),
        ("look", {"ids": ["x"] * 9}),
        ("look", {"ids": ["x" * 501]}),
        ("look", {"ids": ["x"], "greet": "yes"}),
        ("ask", {"text": 1}),
        ("ask", {"text": "x" * 4001}),
        ("ask", {"files": ["a", "b"]}),
        ("ask", {"like": ["red-mug-plus"]}),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_what_no_page_of_ours_sends_is_refused(
    chat: RunningChat, name: str, payload: dict[str, object]
) -> None:
    async with shopper(chat) as someone:
        assert (await someone.press(name, **payload)).status_code == 404
        assert someone.said() == ""


async def test_another_s_session_cannot_be_spoken_for(chat: RunningChat) -> None:
    async with shopper(chat) as someone, someone.http() as http:
        action = {"name": "ask", "payload": {"text": "red mugs"}}
        asked = {"sessionId": "6f3c1f0e-5d1b-4a52-9c1e-0b8f2d6a7e11", "action": action}
        assert (await http.post("/project/action", json=asked)).status_code == 404


async def test_words_of_a_link_are_the_shopper_s_own_message(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        await ask(someone, text=" red mugs ")
    assert [step["output"] for step in mine(someone)] == ["red mugs"]
    assert titles(someone) == ["Red Mug Basic", "Red Mug Plus"]


async def test_words_with_a_product_lean_on_its_picture(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        await ask(someone, text="a phone case", like="red-mug-plus")
    assert someone.said().startswith(GREETING)
    assert titles(someone)[0].startswith("Red Phone Case")


async def test_product_alone_asks_for_what_is_like_it(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        await ask(someone, like="red-mug-plus")
    assert [step["output"] for step in mine(someone)] == ["More like this"]
    assert titles(someone)[0] == "Red Mug Basic"


async def test_photo_of_the_page_is_asked_with(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        await ask(someone, text="a mug with this", files=[await attached(someone, "green")])
        images = [e for e in someone.named("element") if e["type"] == "image"]
        assert images[0]["forId"] == mine(someone)[0]["id"]
    assert titles(someone)[0].startswith("Green Mug")


async def test_question_about_an_unknown_product_goes_on_without_it(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        await ask(someone, text="red mugs", like="nothing")
        assert [toast["message"] for toast in someone.named("toast")] == [UNKNOWN]
        assert titles(someone) == ["Red Mug Basic", "Red Mug Plus"]
        before = len(someone.heard)
        await someone.press("ask", like="nothing")
        assert not [name for name, _ in someone.heard[before:] if name == "new_message"]


async def test_page_around_the_chat_is_told_what_a_search_found(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        await someone.ask("red mugs")
        await someone.ask("red mugs under $1")
    told = [m["pounceFound"] for m in someone.named("window_message") if "pounceFound" in m]
    assert told == [{"products": ["red-mug-basic", "red-mug-plus"]}, {"products": []}]
