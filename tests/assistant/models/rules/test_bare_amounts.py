"""Amounts without a currency, and with one where no word makes a limit of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assistant.models.rules.lexicon.catalogue_names import Lexicon
from assistant.models.rules.parse.message import read_message
from assistant.models.rules.parse.reading import Reading
from assistant.prompt.situation import ShownNote
from tools.catalogue.vocabulary import count_vocabulary
from tools.product import Product

GOODS = (
    Product("a", "Steel Kettle 1.7L", ("Kettles",), price_minor=500),
    Product("b", "Reading Lamp", ("Lamps",), price_minor=4000),
    Product("c", "Oak Desk", ("Desks",), price_minor=60_000),
    Product("d", "Nomad 2-Person Tent", ("Trekking",), price_minor=22_900),
)
LEXICON = Lexicon.of(count_vocabulary(GOODS))
CARDS = [
    ShownNote(number=1, title="Monitor 75 Hz", category="Screens"),
    ShownNote(number=2, title="Reading Lamp", category="Lamps"),
]


def reading(said: str) -> Reading:
    return read_message(said, LEXICON, shown=len(CARDS), cards=CARDS, last={"words": "lamp"})


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ("a lamp for my brother, he has got 300 for it", 300),
        ("a desk. A hundred is the ceiling.", 100),
        ("next a lamp, and 30 is as far as I go on those", 30),
        ("Black, and 60 has to cover it.", 60),
        ("a lamp, got 150 2 spend", 150),
        ("a lamp, she has 60 for it", 60),
        ("we put 200 aside for that", 200),
        ("150 is all I have", 150),
        ("I stop at 80", 80),
        ("would 40 be enough?", 40),
        ("a kettle and 45 will have to suffice", 45),
        ("kettle, there's 80 in the pot", 80),
        ("a desk. My wallet allows 120.", 120),
        ("I'm ready to part with 70", 70),
        ("we agreed on 120 between us", 120),
        ("anything for 45?", 45),
        ("can you do it for 45", 45),
        ("what does 50 buy me", 50),
        ("a kettle, 60", 60),
    ],
)
def test_amount_that_is_there_to_be_spent_is_the_highest_price(said: str, most: int) -> None:
    read = reading(said)
    assert (read.max_price, read.min_price) == (Decimal(most), None)
    assert str(most) not in read.words


@pytest.mark.parametrize(
    "said", ["got anything for around 40", "around 40 please", "a lamp, about 40"]
)
def test_amount_with_around_has_a_bound_on_either_side(said: str) -> None:
    read = reading(said)
    assert (read.min_price, read.max_price) == (Decimal(32), Decimal(48))


@pytest.mark.parametrize(
    "said",
    [
        "she is 60",
        "my son is turning 30",
        "a tent for 4",
        "it has 20 of them",
        "iphone 15",
        "we have 30 minutes",
        "I have 20 plants on it",
        "I need it for 20 guests",
        "a lampshade 40 by 20",
        "a monitor, 75",
    ],
)
def test_number_of_anything_else_is_no_price(said: str) -> None:
    read = reading(said)
    assert (read.min_price, read.max_price) == (None, None)


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ("What would 20 dollars get me?", 20),
        ("a toaster with $50 in mind", 50),
        ("my aunt gave me 40 euros", 40),
        ("a lamp, 30 quid", 30),
        ("hav u 1 for 90 or les", 90),
        ("to expnsive, hav u 1 for 90 or les", 90),
        ("12 or lower", 12),
    ],
)
def test_amount_with_a_currency_or_less_is_a_limit(said: str, most: int) -> None:
    read = reading(said)
    assert (read.max_price, read.shown, read.ask) == (Decimal(most), None, None)


@pytest.mark.parametrize(
    "said",
    ["the $30 one", "I paid $80 for my last one", "a $25 voucher", "$10 off", "is it $20?"],
)
def test_money_that_is_no_wish_sets_no_limit(said: str) -> None:
    assert reading(said).max_price is None


@pytest.mark.parametrize(
    "said",
    [
        "a lamp 2 pls, prise dosnt matter 4 those",
        "the prize doesnt matter",
        "price dosn't matter 4 it",
        "dont mind the prise",
    ],
)
def test_misspelt_limits_are_lifted(said: str) -> None:
    read = reading(said)
    assert "price" in read.free_of
    assert read.max_price is None


def test_what_is_fine_lifts_no_price() -> None:
    """ "Is fine" alone, without a price before it, was read as "the price is fine"."""
    assert reading("leather is fine").free_of == frozenset()
    assert reading("the price is fine").free_of == {"price"}


@pytest.mark.parametrize(
    ("said", "words", "unwanted"),
    [
        ("I own no lamp, no desk, nothing. What would 20 dollars get me?", "lamp and desk", ()),
        ("we have no lamp. 40 is the ceiling", "lamp", ()),
        ("I have no time. What would $20 get me?", "", ()),
        ("a desk, no lamp", "desk", ("lamp",)),
    ],
)
def test_what_a_shopper_lacks_is_the_wish_where_nothing_else_is(
    said: str, words: str, unwanted: tuple[str, ...]
) -> None:
    read = reading(said)
    assert (read.words, read.unwanted) == (words, unwanted)


@pytest.mark.parametrize(
    "said",
    ["a lamp, at least 220 °C", "a desk below 1.5 kg", "a lamp, at least 50 in the box",
     "a lamp of 2000 pieces or more", "kind 2 my back, a desk over 5000"],
)  # fmt: skip
def test_number_that_counts_or_measures_is_no_price(said: str) -> None:
    """The shop's prices are from 5 to 600: nothing would be left."""
    assert (reading(said).min_price, reading(said).max_price) == (None, None)


def test_amount_with_a_currency_is_a_limit_even_where_nothing_is_within() -> None:
    assert reading("a lamp under $2").max_price == 2
    assert reading("a desk over 5000 dollars").min_price == 5000
