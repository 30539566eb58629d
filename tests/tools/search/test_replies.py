"""What the tools say: each reply comes back from its JSON, and no other file spells its keys."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest

from assistant.models.rules.reply.search_reply import answer
from tests.support.paths import ROOT
from tools.product import Filters, Match, Product, Sort
from tools.search.comparison import compare
from tools.search.relaxation import Relaxation
from tools.search.replies import (
    ComparisonReply,
    DetailsReply,
    RankedProduct,
    RankReply,
    SearchReply,
    ShortlistReply,
)
from tools.search.rows import KeptRow, shown_row

MUG = Product("m1", "Red “Mug”", ("Kitchen", "Mugs"), "Clay.", 1999, color="red", rating=4.6)
BAG = Product("b1", "Bag")
ROWS = tuple(shown_row(Match(product, 0.0)) for product in (MUG, BAG))
KEPT = (KeptRow(id="m1", title="Red “Mug”", number=3),)

SEARCHES = [
    SearchReply(ROWS, 900, Filters(max_price=2050, colors=("red",)), sorted_by="cheapest"),
    SearchReply(ROWS, 900, unmentioned="rocket", unfiltered=("color pink",), unlisted=("ratings",)),
    SearchReply((), 900, relaxed=(Relaxation("price", 4, "9.99", "USD"),), shown_before=9),
    SearchReply((), 900),
    SearchReply(ROWS, 2, shown_again=True),
    SearchReply((), 2, shown_again=True),
]
RANKS = [
    RankReply((RankedProduct("Bag", 2, "It is like it."), RankedProduct("Mug", 1)), "complete"),
    RankReply((RankedProduct(MUG.title, None, row=ROWS[0]),), "repaired", "It was not whole."),
]
SHORTLISTS = [
    ShortlistReply(shown=ROWS, gone=1),
    ShortlistReply(shown=()),
    ShortlistReply(added=KEPT, kept_in_all=4),
    ShortlistReply(added=(), kept_in_all=4),
    ShortlistReply(removed=KEPT, kept_in_all=0),
]


@pytest.mark.parametrize("reply", SEARCHES)
def test_a_search_comes_back(reply: SearchReply) -> None:
    assert SearchReply.of_json(reply.json(), "USD") == reply


@pytest.mark.parametrize("reply", RANKS)
def test_a_new_order_comes_back(reply: RankReply) -> None:
    assert RankReply.of_json(reply.json()) == reply


@pytest.mark.parametrize("reply", SHORTLISTS)
def test_a_shortlist_comes_back(reply: ShortlistReply) -> None:
    assert ShortlistReply.of_json(reply.json()) == reply


def test_facts_and_a_comparison_come_back() -> None:
    details = DetailsReply.of(2, MUG)
    assert DetailsReply.of_json(details.json()) == details
    assert details.facts["brand"] is None
    table = ComparisonReply.of(compare([1, 2], [MUG, BAG]))
    assert ComparisonReply.of_json(table.json()) == table


@pytest.mark.parametrize("reply", [*SEARCHES, *RANKS, *SHORTLISTS])
def test_json_is_compact_and_leaves_letters_as_they_are(reply: Any) -> None:
    text = reply.json()
    again = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    assert text == again


def test_the_keys_of_replies_are_spelled_in_one_file() -> None:
    keys = (
        "mentioned_by_no_product|not_filtered_on|not_listed_by_this_shop|shown_again|shown_before|"
        "would_be_found_without|kept_in_all|no_longer_in_the_shop"
    )
    spelled = re.compile(rf"[\"'{{ ](?:{keys})\b")
    files = [path for name in ("assistant", "tools", "ui") for path in (ROOT / name).rglob("*.py")]
    assert len(files) > 200
    found = [path.name for path in files if _spells(path, spelled)]
    assert found == ["replies.py"]


def _spells(path: Path, keys: re.Pattern[str]) -> bool:
    text = path.read_text(encoding="utf-8")
    # Attributes of the types may have such a name: `reply.shown_before`, `shown_before=9`.
    return any(not text[m.end() :].startswith("=") for m in keys.finditer(text))


def test_a_sort_order_that_the_sentences_do_not_know_is_said_by_its_name() -> None:
    """It was a KeyError: a new order had to be known here before it could be used."""
    reply = SearchReply(ROWS, 900, sorted_by=cast(Sort, "newest"))
    assert answer(reply).startswith("The newest of them is number 1, Red “Mug” at $19.99.")
