"""Numbers with units, as shoppers and shops write them."""

from __future__ import annotations

import pytest

from tools.product import Product
from tools.search.quantities import quantities_in, unmet, without_remeasured


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        ("juice, 1 litre", "Orange Juice 1000 ml"),
        ("one litre of juice", "Orange Juice 33.8 fl oz"),
        ("a tv of 55 inches", 'OLED TV 55"'),
        ("tv, 50 inches or more", 'OLED TV 55"'),
        ("tent for two people", "Nomad 2-Person Tent"),
        ("toaster, four slices", "4-Slice Toaster"),
        ("power bank 20000mAh", "Power Bank 20,000 mAh"),
        ("runs an hour", "Vacuum with 60-minute runtime"),
    ],
)
def test_the_same_amount_in_other_words_is_met(wanted: str, title: str) -> None:
    assert unmet(quantities_in(wanted), Product("id", title)) == ()


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        ("juice, 1 litre", "Orange Juice 350 ml"),
        ("iphone 14 pro max case", "iPhone 15 Pro Case"),
        ("tv, 50 inches or more", '43" Smart TV'),
        ("laptop of at most 1.5 kg", "Laptop 2 kg"),
    ],
)
def test_another_amount_is_not(wanted: str, title: str) -> None:
    assert unmet(quantities_in(wanted), Product("id", title))


def test_thing_for_some_more_people_does_and_one_for_many_does_not() -> None:
    cabin = Product("id", "Cabin Tent", description="Fits up to six people.")
    assert unmet(quantities_in("for four people"), cabin) == ()
    assert unmet(quantities_in("for two people"), cabin)
    assert unmet(quantities_in("for eight people"), cabin)


@pytest.mark.parametrize(
    ("wanted", "text", "met"),
    [
        ("helmet, 53 cm", "For schoolchildren, 51 to 55 cm.", True),
        ("helmet, 53 cm", "For small heads of 46 to 51 cm.", False),
        ("carrier, 13 kg", "Holds up to 18 kg.", True),
        ("carrier, 20 kg", "Holds up to 18 kg.", False),
        ("carrier, 13000 g", "For 11-16 kg.", True),
        ("pump, 13 kg or more", "For 11 to 14 kg.", True),
        ("a game for 5 years", "For children from 3 to 8 years.", True),
        ("tins of 3 cm", "Sets of 2 to 4.", False),
    ],
)
def test_amount_within_what_a_thing_is_made_for_is_met(wanted: str, text: str, met: bool) -> None:
    product = Product("id", "Thing", description=text)
    assert (unmet(quantities_in(wanted), product) == ()) is met


def test_amount_that_is_measured_anew_gives_way() -> None:
    assert without_remeasured("tent 5 people 3 kg", "small 2 people") == "tent 3 kg"
    assert without_remeasured("tent 5 people", "green") == "tent 5 people"
    both = "shelf 80 cm wide 30 cm deep"
    assert without_remeasured(both, "200 cm high") == both
    assert without_remeasured("iphone 14 case", "15") == "iphone 14 case"


def test_players_are_people() -> None:
    (wanted,) = quantities_in("4 people")
    assert wanted.met_by(quantities_in("4 players")[0])
