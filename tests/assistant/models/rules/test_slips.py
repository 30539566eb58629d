"""Slips toward the catalogue's own words and the reader's, and phone typing."""

from __future__ import annotations

import pytest

from assistant.models.rules.lexicon.text import word_set
from assistant.models.rules.parse.shorthand import expand_shorthand
from assistant.models.rules.parse.spelling import correct_spelling
from tools.catalogue.vocabulary import count_vocabulary
from tools.product import Product

SHOP = dict.fromkeys(
    word_set(
        "goggles helmet bike kettle toaster toast blender blend snowboard nappies diaper boots "
        "visor chopper skin calculator umbrella"
    ),
    3,
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("gogels", "goggles"),
        ("goggels", "goggles"),
        ("bik", "bike"),
        ("helmt", "helmet"),
        ("umbbrela", "umbrella"),
        ("umberlla", "umbrella"),
        ("toastr", "toaster"),
        ("blendr", "blender"),
        ("dipers", "diapers"),
        ("calculaters", "calculators"),
        ("nappys", "nappies"),
        ("dummys", "dummies"),
        ("babys", "babies"),
        ("partys", "parties"),
        ("cheeper", "cheaper"),
        ("grean", "green"),
        ("strolller", "stroller"),
        ("snowborad", "snowboard"),
    ],
)
def test_slip_becomes_the_word_that_stands_out(said: str, meant: str) -> None:
    assert correct_spelling(said, SHOP) == meant


@pytest.mark.parametrize(
    "said",
    [
        "toast",
        "skis",
        "toys",
        "keys",
        "boys",
        "tv",
        "usb",
        "led",
        "hdmi",
        "dinner",
        "better",
        "blend",
    ],
)
def test_words_that_are_known_stay(said: str) -> None:
    assert correct_spelling(said, SHOP) == said


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("price dosnt matter 4 those", "price doesn't matter for those"),
        ("a bag 4 it", "a bag for it"),
        ("toys 4 kids", "toys for kids"),
        ("got 150 2 spend", "got 150 to spend"),
        ("easy 2 clean", "easy to clean"),
        ("2 expensive", "too expensive"),
        ("its to big", "its too big"),
        ("n skis 2 pls", "and skis too please"),
        ("hav u 1 in blk", "have you one in black"),
        ("the shiny 1", "the shiny one"),
        ("small enuf", "small enough"),
        ("sumthin w/ a lid", "something with a lid"),
        ("90 or les", "90 or less"),
    ],
)
def test_phone_typing_is_written_out(said: str, meant: str) -> None:
    assert expand_shorthand(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "number 4",
        "size 4 boots",
        "2 big bowls",
        "a tent for 2",
        "show me 4",
        "level 2",
    ],
)
def test_numbers_stay(said: str) -> None:
    assert expand_shorthand(said) == said


def test_size_and_months_are_not_what_a_thing_is_called() -> None:
    goods = (
        Product("a", "Nappies Size 3 (6-10 kg) 56 Pieces", ("Baby",)),
        Product("b", "Soothers 0-6 Months 2-Pack in Blue", ("Baby",)),
    )
    kinds = count_vocabulary(goods).kinds
    assert {"nappy", "soother"} <= set(kinds)
    assert not {"size", "month"} & set(kinds)
