"""The chat's buttons, settings and side panel over its protocol; what they may send, and not."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from assistant.events import Pick
from assistant.shortlist import ShortlistItem
from tests.support.chat_client import RunningChat, scripted_chat, shopper
from tools.catalogue.vocabulary import Vocabulary
from tools.product import Filters, Match, Product
from ui.chat.cards.button_payloads import parse_button, words_of
from ui.chat.cards.filter_chips import LimitsJson, chips, tags
from ui.chat.cards.shortlist_panel import as_csv, panel
from ui.chat.page_config import PageConfig
from ui.chat.preferences import parse_settings, setting_fields, wishes_of


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningChat]:
    with scripted_chat(tmp_path_factory.mktemp("home")) as running:
        yield running


async def test_places_are_held_while_cards_are_searched_for(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        await someone.ask("slowly a case")
        await someone.ask("slowly nothing")
    told = [e for e in someone.named("element") if e["name"] == "ProductGallery"]
    assert [e["props"]["searching"] for e in told] == [9, 0, 9]
    assert told[0]["id"] == told[1]["id"]  # the cards come where the places were
    assert [gone["id"] for gone in someone.named("remove_element")] == [told[2]["id"]]


async def test_quick_search_shows_its_cards_at_once(chat: RunningChat) -> None:
    """Places for a twentieth of a second would flicker, and cost the page two drawings."""
    async with shopper(chat) as someone:
        await someone.ask("a case")
        await someone.ask("nothing")
    told = [e for e in someone.named("element") if e["name"] == "ProductGallery"]
    assert [e["props"]["searching"] for e in told] == [0]
    lines = [step["name"] for step in someone.steps()]
    assert [name.split(" · ")[0] for name in lines] == 2 * ["Searched 900 products"]


@pytest.mark.parametrize(
    ("act", "numbers", "limits", "words"),
    [
        ("more like", (3,), {}, "More like 3"),
        ("compare", (2, 5), {}, "Compare 2 and 5"),
        ("not this", (4,), {}, "Not number 4"),
        ("refine", (), {"colors": ["teal"]}, "Only teal"),
        ("relax", (), {"max_price": 4000}, "Without this limit: Up to $40.00"),
        ("misread", (), {}, "My photo shows something else"),
    ],
)
async def test_button_starts_a_turn_that_knows_its_list(
    chat: RunningChat, act: str, numbers: tuple[int, ...], limits: dict[str, Any], words: str
) -> None:
    async with shopper(chat) as someone:
        await someone.ask("a case")
        await someone.pick(act, someone.galleries()[0], *numbers, **limits)
    (mine,) = [s for s in someone.named("new_message") if s["output"] == words]
    assert mine["type"] == "user_message"
    assert f"[{words}|{act} {numbers} of 9 on list-1]" in someone.said()


async def test_stop_ends_a_turn_that_a_button_began(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        await someone.ask("a case")
        on = someone.galleries()[0]
        ids = [card["id"] for card in on["cards"]]
        pick = {"act": "refine", "listId": "hang", "ids": ids, "numbers": []}
        await someone.press("pick", **pick, limits={"colors": ["teal"]})
        await someone.until(lambda: someone.props("ProductGallery")[-1]["searching"])
        await someone.stop()
        await someone.until(lambda: someone.steps()[-1]["name"] == "Stopped searching")
        await someone.say("and now")
        await someone.until(lambda: "[and now|0|1]" in someone.said())


GOOD = {"act": "compare", "listId": "x", "ids": ["a", "b"], "numbers": [1, 2]}


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"act": "buy"},
        {"ids": "ab"},
        {"ids": [{"a": 1}]},
        {"ids": ["x"] * 25},
        {"ids": [""]},
        {"numbers": [0, 1]},
        {"numbers": ["1", "2"]},
        {"listId": "x" * 65},
        {"limits": {"exclude_ids": ["a"]}},
        {"limits": {"max_price": -1}},
        {"limits": {"max_price": "$1"}},
        {"limits": {"colors": ["x"] * 21}},
    ],
    ids=repr,
)
async def test_what_no_page_of_ours_sends_is_refused(
    chat: RunningChat, payload: dict[str, Any]
) -> None:
    async with shopper(chat) as someone:
        answer = await someone.press("pick", **({**GOOD, **payload} if payload else {}))
        assert answer.status_code == 404
        assert (await someone.press("buy", **GOOD)).status_code == 404
    assert not [s for s in someone.named("new_message") if s["type"] == "user_message"]


async def test_button_of_a_session_that_is_none_or_anothers_is_refused(chat: RunningChat) -> None:
    press = {"name": "pick", "payload": GOOD}
    async with shopper(chat) as someone, someone.http() as http:
        asked = {"sessionId": "x", "action": press}
        assert (await http.post("/project/action", json=asked)).status_code == 404
        asked = {"sessionId": someone.session, "action": press}
        async with httpx.AsyncClient(base_url=chat.url) as stranger:
            assert (await stranger.post("/project/action", json=asked)).status_code == 401


async def test_card_whose_number_is_not_there_gives_a_sentence(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        answer = await someone.press("pick", **{**GOOD, "numbers": [1, 3]})
    assert answer.json()["response"] == {"said": "That card is not there."}


async def test_card_of_a_product_that_is_gone_says_so_and_starts_no_turn(
    chat: RunningChat,
) -> None:
    async with shopper(chat) as someone:
        pick = {"act": "more like", "listId": "x", "ids": ["gone"], "numbers": [1]}
        picked = await someone.press("pick", **pick)
        kept = await someone.press("keep", id="gone", number=1)
        looked = await someone.press("gone", ids=["gone", "case/0 é"])
    for answer in (picked, kept, looked):
        assert answer.json()["response"] == {"gone": ["gone"]}
    assert not someone.named("new_message")


async def test_kept_products_stand_in_the_panel_until_they_are_removed(chat: RunningChat) -> None:
    async with shopper(chat) as someone, shopper(chat) as other:
        await someone.ask("a case")
        for number in (3, 1):
            answer = await someone.press("keep", id=f"case/{number} é", number=number + 1)
        assert answer.json()["response"]["kept"] == ["case/3 é", "case/1 é"]
        await someone.press("let go", id="case/3 é")
        await other.press("open list")
    shown = [[c["id"] for c in p["cards"]] for p in someone.props("Shortlist")]
    assert shown == [["case/3 é"], ["case/3 é", "case/1 é"], ["case/1 é"]]
    opened = someone.named("set_sidebar_elements")
    assert len({each["key"] for each in opened}) == 3  # under one key the page changes nothing
    assert len({each["elements"][0]["id"] for each in opened}) == 1
    assert other.props("Shortlist") == [{"cards": [], "csv": someone_has_none()}]


def someone_has_none() -> str:
    return as_csv(())


async def test_phone_keeps_without_a_panel_over_its_screen(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        await someone.press("keep", id="case/3 é", number=4, wide=False)
        assert not someone.props("Shortlist")
        await someone.press("open list")
    assert [c["id"] for c in someone.props("Shortlist")[0]["cards"]] == ["case/3 é"]


async def test_settings_hold_for_the_next_turns(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        chosen = {"results": 4, "rerank": False, "min_price": "30", "max_price": "10,50"}
        await someone.send("chat_settings_change", chosen)
        await someone.until(lambda: len(someone.named("chat_settings")) == 2)
        await someone.ask("wishes")
        assert "[4 False 1050 3000]" in someone.said()
        shown = {each["id"]: each["initial"] for each in someone.named("chat_settings")[1]}
        assert (shown["min_price"], shown["max_price"]) == ("10.50", "30.00")
        wrong: tuple[object, ...] = (None, [], {"results": "x", "max_price": {"a": 1}})
        for settings in wrong:
            await someone.send("chat_settings_change", settings)
        await someone.until(lambda: len(someone.named("chat_settings")) == 3)
        await someone.ask("wishes")
        assert "[None True None None]" in someone.said()


async def test_tag_of_a_price_from_the_settings_lets_go_of_it_there_too(chat: RunningChat) -> None:
    """It came back with the next search."""
    async with shopper(chat) as someone:
        await someone.send("chat_settings_change", {"min_price": "5", "max_price": "40"})
        await someone.until(lambda: len(someone.named("chat_settings")) == 2)
        await someone.ask("a case")
        await someone.pick("relax", someone.galleries()[0], max_price=3000)  # of the words alone
        await someone.ask("wishes")
        assert "[None True 500 4000]" in someone.said()
        await someone.pick("relax", someone.galleries()[0], max_price=4000)
        await someone.ask("wishes")
        assert someone.said().endswith("[None True 500 None]")
    shown = {each["id"]: each["initial"] for each in someone.named("chat_settings")[-1]}
    assert (shown["min_price"], shown["max_price"]) == ("5.00", "")


def product(i: int, **facts: Any) -> Product:
    return Product(f"p{i}", f"Thing {i}", **{"price_minor": 1000 + 500 * i, **facts})


def matches(*products: Product) -> list[Match]:
    return [Match(each, 1.0) for each in products]


def test_chips_narrow_to_a_part_of_the_result() -> None:
    colors = ["Blue", "blue", "Red", "Green", "Red", "Blue"]
    found = [product(i, color=c, category=("Home", "AB"[i % 2])) for i, c in enumerate(colors)]
    offered = chips(matches(*found), Filters(), "USD")
    assert [chip["label"] for chip in offered] == [
        "Up to $20.00", "$20.00 to $30.00", "From $30.00", "Blue", "Red", "Green", "A", "B",
    ]  # fmt: skip
    for chip in offered:
        limits = LimitsJson.model_validate(chip["limits"]).filters()
        passing = [p for p in found if passes(p, limits)]
        assert 0 < len(passing) < len(found)


def passes(found: Product, limits: Filters) -> bool:
    price = found.price_minor or 0
    return (
        (limits.min_price or 0) <= price <= (limits.max_price or price)
        and (not limits.colors or found.color.lower() in {c.lower() for c in limits.colors})
        and (not limits.categories or found.category[-1] in limits.categories)
    )


def test_no_chip_says_what_all_cards_have() -> None:
    same = [product(i, color="Blue", category=("A",), price_minor=999) for i in range(5)]
    assert chips(matches(*same), Filters(), "USD") == []
    blue = [product(i, color=c, price_minor=None) for i, c in enumerate(("Blue", "Red"))]
    assert chips(matches(*blue), Filters(colors=("blue",)), "USD") == []
    unpriced = [product(i, price_minor=None) for i in range(6)]
    assert chips(matches(*unpriced), Filters(), "USD") == []
    yen = [product(i, currency="JPY") for i in range(6)]
    assert chips(matches(*yen), Filters(), "USD") == []


def test_price_band_keeps_the_end_that_was_stated() -> None:
    found = matches(*(product(i) for i in range(6)))
    offered = chips(found, Filters(max_price=4000), "USD")
    assert offered[-1]["limits"] == {"min_price": 3000, "max_price": 4000}


def test_each_filter_in_force_is_a_tag_that_names_what_it_lets_go_of() -> None:
    filters = Filters(
        500, 2000, ("Mugs",), ("blue", "teal"), ("Acme",), 4, exclude_words=("leather",)
    )
    found = tags(filters, "USD")
    assert [tag["label"] for tag in found] == [
        "from $5.00", "up to $20.00", "Mugs", "blue", "teal", "Acme", "rated 4 or better",
        "nothing that says leather",
    ]  # fmt: skip
    assert [tag["limits"] for tag in found] == [
        {"min_price": 500}, {"max_price": 2000}, {"categories": ["Mugs"]}, {"colors": ["blue"]},
        {"colors": ["teal"]}, {"brands": ["Acme"]}, {"min_rating": 4},
        {"exclude_words": ["leather"]},
    ]  # fmt: skip
    assert all(LimitsJson.model_validate(tag["limits"]) for tag in found)


def test_spreadsheet_holds_the_facts_and_no_formula() -> None:
    plain = Product("1", 'A "big", mug', ("Kitchen", "Mugs"), price_minor=1250, rating=4.26)
    hostile = Product("=1+1", "@SUM(A1)", color="-2", price_minor=None)
    kept = [ShortlistItem(p.id, p.title, p) for p in (plain, hostile)] + [
        ShortlistItem("x", "Gone", None)
    ]
    first, second = list(csv.DictReader(io.StringIO(as_csv(kept))))
    assert (first["title"], first["price"], first["currency"]) == ('A "big", mug', "12.50", "USD")
    assert (first["category"], first["rating"]) == ("Kitchen > Mugs", "4.3")
    assert (second["id"], second["title"], second["color"]) == ("'=1+1", "'@SUM(A1)", "'-2")
    assert (second["price"], second["currency"]) == ("", "")
    cards = panel(kept, "demo")["cards"]
    assert [(c["title"], c["gone"]) for c in cards][2] == ("Gone", True)


def test_panel_asks_for_nothing_that_the_shop_cannot_do(tmp_path: Any) -> None:
    fields = [w.id for w in setting_fields({}, PageConfig(tmp_path), Vocabulary())]
    assert fields == ["results"]
    every = setting_fields(
        {}, PageConfig(tmp_path, reranks=True), Vocabulary(min_price=1, max_price=2)
    )
    assert [w.id for w in every] == ["results", "rerank", "min_price", "max_price"]


@pytest.mark.parametrize("price", ["abc", "-5", "", None, True, [], "1e400", "20 EUR"])
def test_price_that_is_none_sets_no_limit(price: object) -> None:
    assert wishes_of(parse_settings({"max_price": price}, "USD")).max_price is None


def test_titles_in_a_limit_are_the_shoppers_own_words() -> None:
    hostile = "<b>[x](http://evil.example)</b>"
    pick = Pick("refine", "l", (), (), Filters(colors=(hostile,)))
    assert words_of(pick, "USD") == f"Only {hostile}"  # the page shows messages as plain text
    assert parse_button({"name": "pick", "act": "refine", "listId": "l"}) is not None
