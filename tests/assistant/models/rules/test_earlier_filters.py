"""Filters of earlier messages that the newest words leave behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from assistant.models.rules.by_meaning import with_meaning
from assistant.models.rules.earlier_filters import (
    earlier_filters,
    gives_way,
    newest_first,
    with_stated_limits,
    without_values,
    without_wrong_kind,
)
from assistant.models.rules.parse.reading import Reading
from assistant.prompt.situation import ShownNote, Situation
from tools.catalogue.vocabulary import count_vocabulary
from tools.embedding.base import MessageActs
from tools.product import Filters, Product, Query
from tools.search.arguments import SearchArguments
from tools.search.searchable_shop import Elsewhere

BEFORE = {"words": "blender", "colors": ["mint"], "options": ["material=glass", "gender=women"]}
NOW = Situation(last_search=BEFORE)
ASKED = SearchArguments.unchecked(BEFORE | {"words": "crushes ice; blender"})


def test_filters_of_before_are_told_from_those_of_now() -> None:
    reading = Reading(words="crushes ice")
    assert earlier_filters(ASKED, reading, NOW) == [
        ("colors", ("mint",)),
        ("options", ("material=glass",)),
        ("options", ("gender=women",)),
    ]
    red = Reading(words="crushes ice", colors=("red",), options=("material=glass",))
    assert earlier_filters(ASKED, red, NOW) == [("options", ("gender=women",))]


@pytest.mark.parametrize("reading", [Reading(), Reading(colors=("red",))])
def test_nothing_is_left_behind_without_new_words(reading: Reading) -> None:
    assert earlier_filters(ASKED, reading, NOW) == []


def test_picture_keeps_the_filters_of_before() -> None:
    assert earlier_filters(ASKED.changed(like=2), Reading(words="crushes ice"), NOW) == []


def test_for_whom_holds_longer_than_a_color() -> None:
    color, people = ("colors", ("mint",)), ("options", ("gender=women",))
    assert gives_way(color, Elsewhere(share=0.3, nearness=0.1))
    assert not gives_way(people, Elsewhere(share=0.3, nearness=0.1))
    assert gives_way(people, Elsewhere(share=0.6, nearness=0.2))
    assert not gives_way(color, Elsewhere(share=0.0, nearness=0.4))
    assert not gives_way(color, Elsewhere(share=0.5, nearness=0.0))
    assert gives_way(color, Elsewhere(share=0.5, nearness=0.04))
    assert not gives_way(color, Elsewhere(share=0.4, nearness=0.04))


def test_values_are_taken_out_of_their_argument() -> None:
    assert without_values(ASKED, ("options", ("material=glass",))).options == ["gender=women"]


@dataclass
class Meaning:
    """A shop whose wider filters always fit better, and what it was asked."""

    asked: list[tuple[str, Filters, Filters]] = field(default_factory=list)
    beyond: list[Query] = field(default_factory=list)

    def kind_meant(self, said: str, /) -> str:
        return ""

    def says_elsewhere(self, said: str, within: Filters, wider: Filters, /) -> Elsewhere:
        self.asked.append((said, within, wider))
        return Elsewhere(share=1.0, nearness=0.1)

    def beyond_kind(self, query: Query, /) -> float:
        self.beyond.append(query)
        return 3.0 if "floor" in query.spoken.said else -3.0

    def acts_in(self, text: str, /) -> None:
        return None


@pytest.mark.parametrize(
    ("other_kind", "searched"),
    [(0.1, ("Coffee Machines", "Kitchen")), (0.5, ("Kitchen",)), (0.9, ("Kitchen",))],
)
def test_kind_that_is_named_by_the_way_does_not_replace_the_one_before(
    other_kind: float, searched: tuple[str, ...]
) -> None:
    now = Situation(last_search={"words": "coffee machine", "categories": ["Coffee Machines"]})
    reading = Reading(words="all white", categories=("Kitchen",), kind="kitchen")
    found = with_meaning(reading, now, Meaning(), acts(other_kind))
    assert found.categories == searched


@pytest.mark.parametrize(
    ("other_kind", "searched"), [(0.01, ("Speakers", "Bags")), (0.1, ("Bags",))]
)
def test_kind_that_was_only_described_is_held_where_that_is_sure(
    other_kind: float, searched: tuple[str, ...]
) -> None:
    shown = [ShownNote(number=1, title="Clip", category="Audio > Speakers")]
    now = Situation(last_search={"words": "music outdoors"}, shown=shown)
    reading = Reading(words="clips onto my bag", categories=("Bags",), kind="bag")
    assert with_meaning(reading, now, Meaning(), acts(other_kind)).categories == searched


@pytest.mark.parametrize(
    ("other_kind", "limit", "goes"),
    [(0.2, None, False), (0.9, None, True), (0.9, Decimal(350), False), (0.95, Decimal(350), True)],
)
def test_message_that_surely_goes_over_to_another_kind_stands_alone(
    other_kind: float, limit: Decimal | None, *, goes: bool
) -> None:
    now = Situation(last_search={"words": "boots", "categories": ["Boots"]})
    reading = Reading(words="pads my knees", max_price=limit, follows=True)
    assert with_meaning(reading, now, Meaning(), acts(other_kind)).other_thing == goes


def acts(other_kind: float) -> MessageActs:
    return MessageActs(asks_of_shown=0.0, lifts_price=0.0, other_kind=other_kind)


def test_search_is_without_a_color_within_which_nothing_says_the_new_words() -> None:
    goods: Sequence[Product] = [
        Product("a", "Personal Blender", ("Blenders",), color="mint"),
        Product("b", "Power Blender", ("Blenders",), color="white"),
    ]
    meaning = Meaning()
    words = count_vocabulary(goods)
    asked = SearchArguments(words="crushes ice; blender", colors=["mint"])
    now = Situation(last_search={"words": "blender", "colors": ["mint"]})
    found = newest_first(asked, Reading(words="crushes ice"), now, words, meaning)
    assert found.colors == []
    assert meaning.asked == [("crushes ice", Filters(colors=("mint",)), Filters())]


SAID = "a machine that cleans the floor by itself"
COFFEE = SearchArguments(words="machine", categories=["Coffee Machines"])


@pytest.mark.parametrize(
    ("changed", "said", "categories"),
    [
        ({}, SAID, []),
        ({}, "a machine for espresso", ["Coffee Machines"]),
        ({"sort": "cheapest"}, SAID, ["Coffee Machines"]),
        ({"skip_shown": True}, SAID, ["Coffee Machines"]),
        ({"like": 1}, SAID, ["Coffee Machines"]),
    ],
)
def test_kind_is_left_where_the_whole_message_speaks_of_another(
    changed: dict[str, Any], said: str, categories: list[str]
) -> None:
    words = count_vocabulary([Product("c", "Coffee Machine", ("Kitchen", "Coffee Machines"))])
    asked = COFFEE.changed(**changed)
    found = without_wrong_kind(asked, said, "", NOW, words, Meaning())
    assert found.categories == categories


def test_message_about_its_kind_alone_asks_nothing() -> None:
    meaning = Meaning()
    named = Reading(words="blenders", categories=("Blenders",))
    assert with_meaning(named, Situation(), meaning) == named
    assert not meaning.asked


@pytest.mark.parametrize(
    ("said", "max_price"),
    [
        (("mugs under $12", "in red"), 12.0),
        (("mugs", "twelve dollars at most"), 12.0),
        (("a red mug", "cheaper"), None),
        (("mugs under $20", "cheaper"), None),
    ],
)
def test_limit_of_a_comparison_ends_with_its_kind(
    said: tuple[str, ...], max_price: float | None
) -> None:
    """ "A backpack" after a mug that was "cheaper" than $12.01 found none up to $12."""
    before = Situation(last_search={"words": "mug", "max_price": 12.0, "colors": ["red"]})
    last = with_stated_limits(before, said).last_search
    assert last == {"words": "mug", "max_price": max_price, "colors": ["red"]}
