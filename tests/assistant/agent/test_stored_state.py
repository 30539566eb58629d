"""A thread's state as it was stored before its rows had a codec still means what it meant."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from assistant.conversation import Assistant
from assistant.events import Compared, Message, Pick, Understood
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from tests.golden.agent_tools import FILE
from tests.support.conversation import found, hear, history
from tools.product import Filters
from tools.search.shop import Shop


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Shop:
    return color_shop


@pytest.fixture
def stored() -> dict[str, Any]:
    state: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))["whole"]["state"]
    del state["thread_model_call_count"]
    return state


@pytest.fixture
async def assistant(shop: Shop, tmp_path: Path, stored: dict[str, Any]) -> AsyncIterator[Assistant]:
    """On a database that holds the stored state."""
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "threads.sqlite")) as saver:
        opened = Assistant(
            shop=shop,
            chat_model=OfflineChatModel(vocabulary=lambda: shop.vocabulary),
            checkpointer=saver,
            photos=PhotoStore(tmp_path / "photos"),
        )
        await opened._update("t", stored)
        yield opened


def understood(events: list[Any]) -> Understood:
    return next(event for event in events if isinstance(event, Understood))


async def test_an_earlier_list_is_shown_again(assistant: Assistant, stored: dict[str, Any]) -> None:
    events = await hear(assistant, "back to the first ones")
    rows = stored["lists"][0]["rows"]
    assert [match.product.id for match in found(events).matches] == [row["id"] for row in rows]
    assert understood(events).text == stored["lists"][0]["search"]["words"]


async def test_the_newest_search_is_carried_on(assistant: Assistant) -> None:
    events = await hear(assistant, "in blue")
    assert understood(events).filters == Filters(max_price=2000, colors=("blue",))
    assert understood(events).like == "Blue Mug Basic"


async def test_a_button_of_a_stored_list_changes_its_search(
    assistant: Assistant, stored: dict[str, Any]
) -> None:
    row = stored["lists"][1]
    pick = Pick(
        "refine",
        row["search"]["list_id"],
        tuple(each["id"] for each in row["rows"]),
        limits=Filters(max_price=1200, categories=("Phone Cases",)),
    )
    events = [e async for e in assistant.turn("t", Message("Up to $12.00", pick=pick))]
    assert understood(events).filters == Filters(max_price=1200, categories=("Phone Cases",))
    limits = (await history(assistant))["constraints"]
    assert {limit["name"] for limit in limits} == {"max_price", "categories"}
    assert understood(events).text == row["search"]["words"]


async def test_shown_rows_and_the_shortlist_keep_their_numbers(
    assistant: Assistant, stored: dict[str, Any]
) -> None:
    events = await hear(assistant, "1 against 3")
    table = next(event for event in events if isinstance(event, Compared)).table
    assert [product.id for product in table.products] == [
        stored["shown"][0]["id"],
        stored["shown"][2]["id"],
    ]
    kept = await assistant.shortlist("t")
    assert [item.id for item in kept] == [row["id"] for row in stored["shortlist"]]


async def test_a_row_from_before_its_newer_keys_is_read(
    assistant: Assistant, stored: dict[str, Any]
) -> None:
    newer = ("without", "second", "sort", "list_id")
    oldest = {name: value for name, value in stored["search"].items() if name not in newer}
    await assistant._update("t", {"search": oldest})
    events = await hear(assistant, "only blue ones")
    assert understood(events).filters.colors == ("blue",)
    assert understood(events).filters.max_price == stored["search"]["max_price"]
