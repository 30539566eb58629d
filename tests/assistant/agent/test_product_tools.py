"""Details, comparison and shortlist as a chat model asks for them: real loop, real shop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from assistant.agent.state import first_and_newest
from assistant.budget import TurnLimits
from assistant.conversation import Assistant
from assistant.events import (
    Compared,
    Detailed,
    Done,
    Event,
    Failed,
    Found,
    Message,
    Shortlisted,
    Understood,
    Words,
)
from assistant.photo_store import PhotoStore
from tests.support.conversation import history
from tests.support.scripted_model import ScriptedModel, search
from tools.product import Product
from tools.search.comparison import UNKNOWN, compare
from tools.search.shop import Shop
from ui.chat.cards import props as cards


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Shop:
    return color_shop


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "args": arguments}


def keep(action: str, *numbers: int) -> dict[str, Any]:
    return call("shortlist", action=action, numbers=list(numbers))


class Thread:
    """One conversation with a model that does what it is told; keeps what the tools said."""

    def __init__(self, shop: Shop, folder: Path, saver: Any = None) -> None:
        self.model = ScriptedModel(script=[])
        self.assistant = Assistant(
            shop=shop,
            chat_model=self.model,
            checkpointer=saver or InMemorySaver(),
            photos=PhotoStore(folder / "photos"),
            limits=TurnLimits(model_calls=12, tool_calls=10),
        )

    async def do(self, *calls: Any) -> tuple[list[Event], list[str]]:
        """The events of one turn that makes these calls, and what each tool answered."""
        self.model.script[:] = [*calls, "So."]
        self.model.heard.clear()
        events = [event async for event in self.assistant.turn("t", Message("go on"))]
        newest = self.model.heard[-1]
        start = max(place for place, m in enumerate(newest) if m.type == "human")
        return events, [str(m.text) for m in newest[start:] if m.type == "tool"]

    async def state(self) -> dict[str, Any]:
        return await history(self.assistant)


MUGS = search(words="mug", categories=["Mugs"])


async def test_details_say_what_the_catalogue_says_and_null_where_it_is_silent(
    shop: Shop, tmp_path: Path
) -> None:
    thread = Thread(shop, tmp_path)
    events, said = await thread.do(
        search(words="backpack", categories=["Backpacks"]), call("product_details", number=2)
    )
    shown = next(event for event in events if isinstance(event, Found)).matches[1].product
    told = json.loads(said[1])
    assert (told["number"], told["title"], told["price"]) == (2, shown.title, None)
    detailed = next(event for event in events if isinstance(event, Detailed))
    assert (detailed.number, detailed.product.id) == (2, shown.id)


async def test_comparison_marks_what_differs_and_nothing_else(shop: Shop, tmp_path: Path) -> None:
    thread = Thread(shop, tmp_path)
    events, said = await thread.do(
        search(words="red mug", categories=["Mugs"], colors=["red"]),
        call("compare_products", numbers=[2, 1]),
    )
    table = next(event for event in events if isinstance(event, Compared)).table
    assert table.numbers == (2, 1)
    differs = {fact.name: fact.differs for fact in table.facts}
    assert differs == {
        "Title": True, "Price": True, "Rating": True, "Brand": True, "Color": False,
        "Category": False,
    }  # fmt: skip
    assert json.loads(said[1])["numbers"] == [2, 1]
    lines = table.lines()
    assert [line[0] for line in lines[1:]] == ["*" if f.differs else " " for f in table.facts]
    shown = cards.comparison(table, "shop")
    assert [card["number"] for card in shown["cards"]] == [2, 1]
    color = next(fact for fact in shown["facts"] if fact["name"] == "Color")
    assert (color["values"], color["differs"]) == (["red", "red"], False)


def test_a_fact_that_one_product_lacks_is_said_to_be_unknown() -> None:
    table = compare([1, 2], [Product("a", "Bag", price_minor=500), Product("b", "bag ")])
    price = next(fact for fact in table.facts if fact.name == "Price")
    assert price.values == ("$5.00", UNKNOWN)
    assert price.differs
    assert not next(fact for fact in table.facts if fact.name == "Title").differs


async def test_the_shortlist_outlives_other_lists_and_a_restart(shop: Shop, tmp_path: Path) -> None:
    path = str(tmp_path / "threads.sqlite")
    async with AsyncSqliteSaver.from_conn_string(path) as saver:
        thread = Thread(shop, tmp_path, saver)
        events, _ = await thread.do(MUGS, keep("add", 2, 5))
        mugs = [m.product.id for m in next(e for e in events if isinstance(e, Found)).matches]
        await thread.do(search(words="case", categories=["Phone Cases"]))
    async with AsyncSqliteSaver.from_conn_string(path) as saver:
        thread = Thread(shop, tmp_path, saver)
        events, _ = await thread.do(keep("show"))
        shown = next(event for event in events if isinstance(event, Shortlisted))
        assert [match.product.id for match in shown.matches] == [mugs[1], mugs[4]]
        assert cards.kept_gallery(shown, "shop")["label"] == "2 products kept"
        # What is shown is what numbers mean from now on.
        events, _ = await thread.do(call("product_details", number=2))
        assert next(e for e in events if isinstance(e, Detailed)).product.id == mugs[4]


async def test_what_is_kept_can_be_dropped_by_the_number_it_was_kept_under(
    shop: Shop, tmp_path: Path
) -> None:
    thread = Thread(shop, tmp_path)
    await thread.do(MUGS, keep("add", 2, 5))
    await thread.do(search(words="case", categories=["Phone Cases"]))
    _, said = await thread.do(keep("remove", 5))
    assert json.loads(said[0])["kept_in_all"] == 1
    assert [row["number"] for row in (await thread.state())["shortlist"]] == [2]
    _, said = await thread.do(keep("remove", 4))
    assert said == ["Number 4 is not kept. What is kept was shown as 2."]


async def test_numbers_stay_as_shown_while_the_shown_shortlist_shrinks(
    shop: Shop, tmp_path: Path
) -> None:
    thread = Thread(shop, tmp_path)
    events, _ = await thread.do(MUGS, keep("add", 4, 5, 6), keep("show"))
    ids = [m.product.id for m in next(e for e in events if isinstance(e, Shortlisted)).matches]
    await thread.do(keep("remove", 1))
    await thread.do(keep("remove", 2))
    assert [row["id"] for row in (await thread.state())["shortlist"]] == [ids[2]]


async def test_keeping_twice_keeps_once(shop: Shop, tmp_path: Path) -> None:
    thread = Thread(shop, tmp_path)
    await thread.do(MUGS, keep("add", 3), keep("add", 3, 3, 1))
    assert [row["number"] for row in (await thread.state())["shortlist"]] == [3, 1]


async def test_an_empty_shortlist_is_shown_as_one(shop: Shop, tmp_path: Path) -> None:
    thread = Thread(shop, tmp_path)
    events, said = await thread.do(keep("show"))
    assert next(e for e in events if isinstance(e, Shortlisted)).matches == ()
    assert json.loads(said[0]) == {"kept": []}
    _, said = await thread.do(keep("remove", 1))
    assert said == ["Nothing is kept yet."]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (call("product_details", number=7), "the newest list has the numbers 1 to 6"),
        (call("product_details", number=0), "the newest list has the numbers 1 to 6"),
        (call("product_details", number="two"), "number"),
        (call("compare_products", numbers=[1, 99]), "the newest list has the numbers 1 to 6"),
        (call("compare_products", numbers=[3, 3]), "Between 2 and 6"),
        (call("compare_products", numbers=[1, 2, 3, 4, 5, 6, 7]), "Between 2 and 6"),
        (keep("add", 12), "the newest list has the numbers 1 to 6"),
        (keep("add"), "Say which"),
        (keep("hide", 1), "action"),
    ],
)
async def test_what_cannot_be_done_gets_a_sentence_that_names_the_range(
    shop: Shop, tmp_path: Path, asked: dict[str, Any], sentence: str
) -> None:
    events, said = await Thread(shop, tmp_path).do(MUGS, asked)
    assert sentence in said[1]
    assert isinstance(events[-1], Done)


async def test_the_same_call_twice_in_a_turn_runs_once(shop: Shop, tmp_path: Path) -> None:
    events, said = await Thread(shop, tmp_path).do(MUGS, MUGS, MUGS)
    assert [type(event) for event in events].count(Understood) == 1
    assert [type(event) for event in events].count(Found) == 1
    assert said[0] == said[1] == said[2]


async def test_the_same_call_behind_another_list_is_another_call(
    shop: Shop, tmp_path: Path
) -> None:
    first = call("product_details", number=1)
    _, said = await Thread(shop, tmp_path).do(
        MUGS, first, search(words="case", categories=["Phone Cases"]), first
    )
    assert "Mug" in json.loads(said[1])["title"]
    assert "Case" in json.loads(said[3])["title"]


async def test_two_calls_of_one_step_may_both_write_the_state(shop: Shop, tmp_path: Path) -> None:
    thread = Thread(shop, tmp_path)
    await thread.do(MUGS)
    events, _ = await thread.do([keep("add", 1), MUGS, search(words="red mug")])
    assert not [event for event in events if isinstance(event, Failed)]
    assert json.loads(json.dumps((await thread.state())["lists"]))
    assert "".join(event.delta for event in events if isinstance(event, Words)).strip() == "So."


def test_the_first_list_of_a_long_thread_stays() -> None:
    rows: list[Any] = []
    for number in range(30):
        search: Any = {"list_id": str(number)}
        rows = first_and_newest(rows, [{"rows": [], "search": search}])
    kept = [row["search"]["list_id"] for row in rows]
    assert kept == [str(number) for number in (0, *range(23, 30))]


def test_list_that_is_put_in_order_anew_keeps_its_place() -> None:
    first: Any = {"rows": ["a", "b"], "search": {"list_id": "1"}}
    second: Any = {"rows": ["c"], "search": {"list_id": "2"}}
    anew: Any = {"rows": ["b", "a"], "search": {"list_id": "1"}}
    assert first_and_newest([first], [anew]) == [anew]
    assert first_and_newest([first], [second]) == [first, second]
    kept: Any = {"rows": ["a"], "search": None}
    assert first_and_newest([kept], [kept]) == [kept, kept]
