"""Kinds of questions about shown products that were taken for wishes, or answered beside them."""

from __future__ import annotations

import pytest

from assistant.models.rules.lexicon.quantities import quantities
from tests.support.asked_products import asked
from tools.product import Product


def _product(
    id_: str, title: str, path: str, text: str, *, brand: str = "", rating: float | None = None,
    stock: str = "",
) -> Product:  # fmt: skip
    levels = tuple(path.split(" > "))
    return Product(id_, title, levels, text, 4000, brand=brand, rating=rating, availability=stock)  # type: ignore[arg-type]  # availability is one of the words


CAMPING = (
    _product("c1", "Fold Camp Bed", "Camping > Beds",
             "Steel frame for sleepers up to 130 kg. Runs small lamps by USB. Weighs 6 kg.",
             brand="Hale", rating=4.4, stock="out of stock"),
    _product("c2", "Roll Camp Bed", "Camping > Beds",
             "Carries 150 kg. Weighs 4 kg. Packs to 60 x 20 cm.", brand="Hale", stock="in stock"),
    _product("c3", "Trail Stove", "Camping > Stoves",
             "Cooks for groups of 3-5. Boils in 4 minutes. Ceramic plate.", brand="Ember"),
    _product("c4", "Torch 300", "Camping > Lights",
             "Shines for 9 hours on a charge. Rustproof. A soft, anti-slip grip, 480 ml volume.",
             brand="Ember"),
    _product("c5", "Party Game Owl Hunt", "Games",
             "For children from 7 years. A match takes 25 minutes.", brand="Nib"),
    _product("c6", "Kids Helmet", "Cycling > Helmets", "For heads of 46 to 52 cm.", brand="Nib"),
    _product("c7", "Sun Milk SPF 30", "Care", "Contains 12 g of alcohol per 100 ml.", brand="Nib"),
    _product("c8", "Sun Milk SPF 50", "Care", "Without perfume.", brand="Nib"),
)  # fmt: skip
BEDS, LIGHT = CAMPING[:2], CAMPING[3:4]


def tool_of(typed: str, products: tuple[Product, ...] = CAMPING) -> str:
    calls = asked(typed, products, shop=CAMPING)[0].tool_calls
    return calls[0]["name"] if calls else ""


@pytest.mark.parametrize(
    "typed",
    ["how much rope fits into the bag?", "how many lamps do I get?", "who is the maker?",
     "how many matches has a box?", "can I change the lamp on my own?", "must I oil the stove?",
     "could it be used in the rain?", "what's the smallest size it packs to?", "where is it made?",
     "am I able to fold the bed alone?", "how do I light the stove?", "are the games for adults?"],
)  # fmt: skip
def test_question_with_the_name_of_another_kind_is_no_search(typed: str) -> None:
    """A noun in it was taken for what is wanted, or the shopper was told to ask for products."""
    assert tool_of(typed, (*BEDS, *CAMPING[4:6])) == "product_details"


@pytest.mark.parametrize(
    "typed",
    ["how much are your stoves?", "could I see a torch?", "do you have helmets?",
     "can you show me games?", "might I also get a stove that boils fast?",
     "is the same but in yellow", "it will want a torch as well", "can it be red?",
     "are there any made of steel?", "any beds with a steel frame?",
     "is there one without perfume?", "would there perhaps be one that folds small?",
     "and would you kindly add a stove?", "may I also ask for games?",
     "it should be a light one", "they ought not to be heavy", "ideally it runs longer"],
)  # fmt: skip
def test_what_the_shop_offers_stays_a_search(typed: str) -> None:
    assert tool_of(typed, (*CAMPING[:2], *CAMPING[4:6])) in ("multimodal_search", "")


@pytest.mark.parametrize("typed", ["do any of these have a frame?", "which of them carry more?"])
def test_question_about_those_shown_stays_one(typed: str) -> None:
    assert tool_of(typed) == "product_details"


@pytest.mark.parametrize(
    ("typed", "says", "never"),
    [
        ("how many people can eat from the third?", "groups of 3-5", "does not say"),
        ("is the third enough for a family of four?", "groups of 3-5", "does not say"),
        ("how long does the fourth need to charge?", "does not say", "9 hours"),
        ("how long does the fourth run on one charge?", "9 hours", "does not say"),
        ("how heavy is the second?", "4 kg", "150 kg"),
        ("how heavy a sleeper may the second carry?", "150 kg", "does not say"),
        ("what volume does the fourth hold?", "480 ml", "does not say"),
        ("how long does a round of the fifth last?", "25 minutes", "7 years"),
        ("does the first come up small?", "does not say how it fits", "lamps"),
        ("will the sixth fit a head of 54 cm?", "46 to 52 cm", "yes"),
        ("could my five year old use the third too?", "does not say", "4 minutes"),
        ("does the fourth rust?", ": no, the shop says", "yes"),
        ("is the fourth slippery?", "anti-slip", "yes"),
        ("how many grams of sugar are in the seventh?", "does not say", "12 g"),
        ("how many grams of alcohol are in the seventh?", "12 g", "does not say"),
        ("did buyers like the first?", "4.4", "does not say"),
        ("is the first any good?", "4.4", "does not say"),
        ("can you still send me the first or is it gone?", "out of stock", "does not say"),
        ("what happens when the battery of the fourth runs out?", "does not say", "9 hours"),
        ("what is the plate of the third made of?", "Ceramic plate", "does not say"),
    ],
)
def test_one_product_is_answered_of_what_is_asked(typed: str, says: str, never: str) -> None:
    said, _, _ = asked(typed, CAMPING)[1].partition(" Its words: “")
    assert says in said
    assert never not in said


@pytest.mark.parametrize("typed", ["which of these is heaviest?", "which one weighs the most?"])
def test_what_a_product_carries_is_not_its_weight(typed: str) -> None:
    """ "For users up to 110 kg" made a treadmill the heaviest."""
    assert asked(typed, BEDS)[1].startswith("Number 1, Fold Camp Bed has the most: 6 kg")


def test_number_behind_a_name_is_ranked() -> None:
    said = asked("which has the highest SPF?", CAMPING[6:])[1]
    assert said.startswith("Number 2, Sun Milk SPF 50 has the most: 50")


def test_it_over_a_mixed_list_is_of_the_first_kind() -> None:
    """ "It" over tents and chairs was answered of the chairs as well."""
    call = asked("how heavy is it?", CAMPING)[0].tool_calls[0]
    assert call["args"] == {"numbers": [1, 2]}
    call = asked("which of these is vegan?", CAMPING)[0].tool_calls[0]
    assert call["args"]["numbers"] == list(range(1, 9))


@pytest.mark.parametrize(
    "typed",
    ["what sets the first apart from the second?", "what separates number 1 from number 2?"],
)
def test_setting_apart_compares(typed: str) -> None:
    call = asked(typed, CAMPING)[0].tool_calls[0]
    assert (call["name"], call["args"]) == ("compare_products", {"numbers": [1, 2]})


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (
            "do these need many loud neighbours to pay?",
            "As far as I can read, the shop does not say it of any of these.",
        ),
        ("how many people is that enough for?", "any of these."),
        ("do they have a cup holder?", "the shop does not say it of any of these (cup holder)."),
    ],
)
def test_only_words_that_stand_together_are_named(typed: str, says: str) -> None:
    """A list of words was pasted: "(people enough)"."""
    assert says in asked(typed, BEDS)[1]


def test_number_of_things_in_one_is_no_length() -> None:
    """Of a "10-in-1" kit the shop was said to give 10 inches in its name."""
    assert list(quantities("Grooming Kit 10-in-1")) == []
    assert [each.said for each in quantities("Screen of 10 in, deep")] == ["10 in"]
