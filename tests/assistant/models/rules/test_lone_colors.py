"""Colors by themselves, colors that are not wanted, and colors of more than one word."""

from __future__ import annotations

import pytest

from assistant.models.rules.decide import decide
from assistant.models.rules.lexicon.catalogue_names import Lexicon
from assistant.models.rules.parse.message import read_message
from assistant.models.rules.parse.reading import Reading
from assistant.prompt.situation import ShownNote, Situation
from tools.catalogue.vocabulary import count_vocabulary
from tools.product import Product
from tools.search.arguments import SearchArguments

GOODS = tuple(
    Product(
        f"{place}", f"Kettle {color}", ("Kettles",), color=color, price_minor=2000, brand="Volt"
    )
    for place, color in enumerate(
        (
            "grey",
            "white",
            "matte black",
            "stainless steel",
            "steel grey",
            "rose gold",
            "pink",
            "mint",
        )
    )
)
LEXICON = Lexicon.of(count_vocabulary(GOODS))
LAST = {"words": "kettle", "categories": ["Kettles"], "colors": ["matte black"]}


def reading(said: str, **last: object) -> Reading:
    return read_message(said, LEXICON, last={**LAST, **last})


@pytest.mark.parametrize(
    "said",
    [
        "grey's fine",
        "grey's ok",
        "grey'll do",
        "grey is okay with me",
        "grey works for me",
        "grey would be nice",
        "make it grey",
        "I think grey suits the wall better",
        "That sounds good. Does it come in a shade of grey?",
        "looks great, do you have it in a lighter tone of grey?",
        "the grey 1",
        "in gry pls",
    ],
)
def test_color_with_talk_around_it_is_that_of_what_was_asked(said: str) -> None:
    read = reading(said)
    assert "grey" in read.colors
    assert (read.words, read.free_of) == ("", frozenset())


def test_what_was_not_wanted_and_is_fine_is_allowed_and_not_asked_for() -> None:
    read = reading("pink is fine", without=["pink"])
    assert (read.colors, read.wanted_again) == ((), ("pink",))


def test_what_was_not_wanted_and_is_fine_for_another_thing_is_asked_for() -> None:
    read = reading(
        "I need a kettle as well, pink is okay for that one", without=["pink"], words="a"
    )
    assert read.colors == ("pink",)


@pytest.mark.parametrize(
    "said",
    [
        "any shade but rose gold",
        "in any color except rose gold",
        "any colour apart from rose gold",
        "whatever color, just not rose gold",
        "every color besides rose gold",
        "all shades save rose gold",
        "anything other than rose gold",
        "any color will do but rose gold",
        "all colors bar rose gold",
        "a kettle, any hue but not rose gold",
    ],
)
def test_color_behind_but_is_not_wanted(said: str) -> None:
    read = reading(said)
    assert (read.unwanted, read.colors) == (("rose gold",), ())


def test_any_sort_of_thing_but_one_is_not_wanted() -> None:
    assert reading("any brand but Volt").unwanted == ("volt",)
    assert reading("any material except leather").unwanted == ("leather",)


@pytest.mark.parametrize(
    ("said", "colors"),
    [
        ("nothing but grey", {"grey", "steel grey"}),
        ("no color but pink", {"pink"}),
        ("do you have any kettles, but in pink", {"pink"}),
    ],
)
def test_color_behind_nothing_but_is_wanted(said: str, colors: set[str]) -> None:
    read = reading(said)
    assert (set(read.colors) <= colors, bool(read.colors), read.unwanted) == (True, True, ())


def test_good_but_expensive_is_no_exception() -> None:
    read = read_message("all good but too expensive", LEXICON, shown=1, last=LAST)
    assert (read.compared, read.unwanted) == ("cheaper", ())


@pytest.mark.parametrize("said", ["nt matte", "the shiny 1, nt matte"])
def test_nt_is_not(said: str) -> None:
    assert reading(said).unwanted == ("matte",)


def test_part_of_a_color_behind_in_takes_the_place_of_the_color_before() -> None:
    read = reading("or a simpler one in steel, 50 or less")
    assert (read.colors, read.words) == (("stainless steel",), "simpler")
    now = Situation(
        shown=[ShownNote(number=1, title="Kettle", category="Kettles")], last_search=LAST
    )
    search = decide(read, now)
    assert isinstance(search, SearchArguments)
    assert list(search.colors) == ["stainless steel"]
    assert search.max_price == 50


@pytest.mark.parametrize("said", ["a kettle of steel", "a jacket in wool", "a steel kettle"])
def test_other_words_of_a_material_stay_words(said: str) -> None:
    assert reading(said).colors == ()


@pytest.mark.parametrize(
    ("said", "colors"),
    [
        ("the one with natural cork", ()),
        ("I want to put a few drops of lavender oil in it", ()),
        ("a kettle in natural", ("natural",)),
        ("the lavender one", ("lavender",)),
        ("a lavender kettle please", ("lavender",)),
    ],
)
def test_color_before_what_the_shop_does_not_sell_is_that_of_a_matter(
    said: str, colors: tuple[str, ...]
) -> None:
    kettles = (
        Product(name, f"Kettle {name}", ("Kettles",), color=name)
        for name in ("natural", "lavender")
    )
    assert read_message(said, Lexicon.of(count_vocabulary(kettles))).colors == colors
