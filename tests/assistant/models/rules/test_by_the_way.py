"""What a message speaks of by the way: places, owners, company, reasons; and what it wants."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from assistant.models.rules.by_meaning import is_elsewhere
from assistant.models.rules.decide import narrowest_first
from assistant.models.rules.lexicon.catalogue_names import Lexicon
from assistant.models.rules.parse.message import read_message
from assistant.models.rules.parse.price_limits import read_limits
from assistant.models.rules.parse.reading import Reading
from assistant.prompt.situation import ShownNote, Situation
from tools.catalogue.vocabulary import count_vocabulary
from tools.product import Product
from tools.search.searchable_shop import Elsewhere


def _product(
    title: str, path: str, color: str = "", material: str = "", gender: str = ""
) -> Product:
    levels = tuple(path.split(" > "))
    return Product(
        title, title, levels, color=color, material=material, gender=gender, price_minor=2000
    )


LEXICON = Lexicon.of(
    count_vocabulary(
        (
            _product("Oak Dining Table", "Tables", material="oak"),
            _product("Pendant Lamp Globe", "Lamps", color="white", material="crystal glass"),
            _product("Folding Knife", "Kitchen", material="stainless steel"),
            _product("Rose Trellis", "Garden", color="green"),
            _product("Tote Bag", "Bags", color="yellow"),
            _product("Rain Jacket", "Jackets", color="black", gender="women"),
            _product("Rain Jacket", "Jackets", color="navy", gender="men"),
            _product("Romper", "Baby", gender="kids"),
            _product("Balm, Faux Leather Care", "Care", material="faux leather"),
            _product("Black and Red Sled", "Sleds", color="black and red"),
        )
    )
)
CARDS = (ShownNote(number=1, title="Potting Soil", category="Garden", price=9.0, currency="USD"),)


def reading(said: str, **last: Any) -> Reading:
    return read_message(said, LEXICON, last=last or None)


@pytest.mark.parametrize(
    "said",
    [
        "something to hang above the table",
        "our kitchen is quite dark",
        "my new kitchen has no window",
        "something for my mum's garden",
        "a hook beneath the old table",
    ],
)
def test_place_that_a_thing_is_for_is_no_kind(said: str) -> None:
    assert reading(said).categories == ()


def test_thing_that_is_wanted_is_a_kind_all_the_same() -> None:
    assert reading("a lamp above the table").categories == ("Lamps",)
    assert reading("a table for our kitchen").categories == ("Tables",)


@pytest.mark.parametrize(
    "said", ["we go sailing with our kids", "we hike with the whole family and the wind is cold"]
)
def test_who_comes_along_is_not_whom_a_thing_is_for(said: str) -> None:
    assert reading(said).options == ()


def test_child_who_is_spoken_of_is_a_wish_where_no_kind_is_named() -> None:
    asked = reading("our little one gets sick from nuts, something to nibble")
    assert asked.options == ()
    assert asked.words.endswith("for kids")
    assert reading("rompers for kids").options == ("gender=kids",)


def test_person_who_is_spoken_of_gives_way_before_the_kind_does() -> None:
    asked = reading("my brother is left handed", words="knife", categories=["Kitchen"])
    now = Situation(last_search={"words": "knife", "categories": ["Kitchen"]}, shown=[])
    assert asked.related
    first, second, *_ = narrowest_first(asked, now)
    assert any(option.startswith("gender=") for option in first.options)
    assert second == first.changed(options=None)
    assert not reading("rain jackets for men").related


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [
        ("price must be less of 80", None, 80),
        ("i'd rather stay south of 40", None, 40),
        ("north of 200 is fine with me", 200, None),
        ("we could go to 75 for that", None, 75),
        ("i can go as high as 90", None, 90),
        ("60 is all i have left for it", None, 60),
    ],
)
def test_limit_in_other_words_is_read(said: str, low: int | None, high: int | None) -> None:
    limits = read_limits(said)[0]
    bounds = (limits.min_price, limits.max_price)
    assert bounds == tuple(None if each is None else Decimal(each) for each in (low, high))


@pytest.mark.parametrize("said", ["the yellow looks gorgeous", "green is really stylish"])
def test_praise_of_a_color_asks_for_the_color_alone(said: str) -> None:
    asked = reading(said, words="bags", categories=["Bags"])
    assert (len(asked.colors), asked.words) == (1, "")


@pytest.mark.parametrize("said", ["no white, it goes yellow in no time", "that soon turns green"])
def test_what_a_thing_becomes_is_no_wish(said: str) -> None:
    asked = reading(said, words="bags", categories=["Bags"])
    assert asked.colors == ()
    assert "time" not in asked.unwanted


def test_what_a_shopper_lacks_is_not_unwanted() -> None:
    assert reading("a lamp for the shed, there's no power out there").unwanted == ()
    assert reading("we don't have a garage, so a small one").unwanted == ()


@pytest.mark.parametrize(
    ("said", "unwanted"),
    [
        ("snacks, but my nephew has an allergy to peanuts", "peanuts"),
        ("a spread, she has a soy allergy", "soy"),
        ("my cat refuses anything with fish", "fish"),
        ("coffee has caffeine, do you have one without", "caffeine"),
    ],
)
def test_what_is_refused_is_unwanted(said: str, unwanted: str) -> None:
    assert reading(said).unwanted == (unwanted,)


def test_package_that_is_to_be_bigger_is_no_bag() -> None:
    read = read_message("bigger bag", LEXICON, cards=CARDS, shown=1, last={"words": "potting soil"})
    assert read.categories == ()
    read = read_message("bigger bag", LEXICON, cards=CARDS, shown=1, last={"words": "tote bag"})
    assert read.categories == ("Bags",)


def test_two_colors_of_one_thing_stay_among_the_words() -> None:
    assert reading("a yellow and green bag").words == "bag yellow and green"
    assert reading("bags in yellow and green").words == "bags"


def test_material_stands_for_what_is_a_kind_of_it() -> None:
    assert reading("a steel knife").options == ("material=stainless steel",)
    assert reading("a leather bag").options == ()


@pytest.mark.parametrize(
    "said",
    ["we will be wearing it at night", "the sturdier version for trips", "to hang it outside"],
)
def test_same_thing_is_meant_however_well_others_fit(said: str) -> None:
    better = Elsewhere(share=0.9, nearness=0.5)
    read = reading(said, words="lamp", categories=["Lamps"])
    assert read.same_thing
    assert not is_elsewhere(read, better)
    assert is_elsewhere(replace(read, same_thing=False, anaphoric=False), better)
