"""Questions about shown products: what they are taken for, and what is said of them."""

from __future__ import annotations

import json

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from tests.support.asked_products import asked
from tools.product import Product
from tools.search.statements import NearStatement


def _kettle(number: int, title: str, price: int, text: str, color: str = "white") -> Product:
    return Product(f"k{number}", title, ("Kitchen", "Kettles"), text, price * 100, color=color)


KETTLES = (
    _kettle(1, "Electric Kettle 1.7L - White", 45,
            "Rapid-boil kettle with a 90 cm cord and auto shut-off. Boils in under 3 minutes. "
            "The lid is not dishwasher-safe."),
    _kettle(2, "Glass Kettle 1L", 60,
            "BPA-free glass jug with 5 heat settings and a keep-warm function. Weighs 900 g."),
    _kettle(3, "Travel Kettle 600ml - Black", 30, "Folds flat for the suitcase. Weighs 450 g.",
            "black"),
)  # fmt: skip
SPREADS = (
    Product(
        "s1", "Hazelnut Spread 350 g", ("Food", "Spreads"), "Contains hazelnuts and milk.", 400
    ),
    Product("s2", "Seed Spread 350 g", ("Food", "Spreads"), "Nut-free, made from sunflower.", 500),
    Product("s3", "Honey 500 g", ("Food", "Spreads"), "From the heath.", 600),
)


@pytest.mark.parametrize(
    ("typed", "numbers", "says"),
    [
        ("how much is the second?", [2], "$60"),
        ("how long is the cord on number 1?", [1], "90 cm cord"),
        ("how long is the cord of the second?", [2], "does not say (cord)"),
        ("does the first switch itself off?", [1], "auto shut-off"),
        ("is the lid of the first dishwasher safe?", [1], ": no, the shop says"),
        ("how many heat settings has the second got", [2], "5 heat settings"),
        ("what does the third weigh?", [3], "450 g"),
        ("how heavy is the first?", [1], "does not say"),
        ("how much does the third hold?", [3], "600ml"),
        ("is the second bpa free?", [2], ": yes, the shop says"),
        ("how long does the first take to boil?", [1], "3 minutes"),
        ("how many minutes does the first need for a full cup?", [1], "3 minutes"),
        ("what colour is the third?", [3], "black"),
        ("does the first come in red?", [1], "lists it in white"),
        ("does the third have bluetooth?", [3], "does not say (bluetooth)"),
    ],
)  # fmt: skip
def test_question_about_one_is_answered_from_what_the_shop_states(
    typed: str, numbers: list[int], says: str
) -> None:
    call, said = asked(typed, KETTLES)
    assert call.tool_calls[0]["args"].get("number") == numbers[0]
    assert says in said


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("which of these is the lightest?", "Number 3, Travel Kettle 600ml - Black has the least"),
        ("which one holds the most?", "Number 1, Electric Kettle 1.7L - White has the most"),
        ("do any of them have a keep-warm function?", "Number 2, Glass Kettle 1L: yes"),
        ("do any of these have bluetooth?", "does not say it of any of these (bluetooth)"),
        ("how much are they?", "Number 3, Travel Kettle 600ml - Black: the price is $30.00"),
        ("which is the cheapest?", "Number 3, Travel Kettle 600ml - Black, is the cheapest: $30"),
    ],
)
def test_question_about_several_is_answered_of_each(typed: str, says: str) -> None:
    assert says in asked(typed, KETTLES)[1]


def test_who_is_silent_is_said() -> None:
    said = asked("which of these weighs the least?", KETTLES)[1]
    assert "does not say it of number 1" in said


def test_lacking_something_answers_whether_it_is_there() -> None:
    """Asked for nuts, the spread without any was said to have them, or none was said at all."""
    said = asked("do any of these contain nuts?", SPREADS)[1]
    assert "Number 2, Seed Spread 350 g: no, the shop says: “Nut-free" in said
    assert "Contains hazelnuts" in said
    assert "does not say it of number 3" in said


MIXED = (
    Product("x1", "Train Set 60 Pieces", ("Toys", "Trains"),
            "Batteries not included. From 3 years. Sleeveless box.", 3900, brand="Beech & Co"),
    Product("x2", "Almond Butter 250 g", ("Food", "Jars"), "May contain traces of peanuts.", 600),
    Product("x3", "Slip Dress", ("Women", "Dresses"), "Unlined. Cut on the bias.", 8900),
    Product("x4", "Fan with 360-degree base", ("Home", "Fans"), "Runs 8 hours on a charge.", 50),
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "number", "says", "never"),
    [
        ("are batteries included with the first?", 1, "“Batteries not included.”", "yes"),
        ("does the second contain peanuts?", 2, "“May contain traces of peanuts.”", "yes"),
        ("is the third lined?", 3, ": no, the shop says: “Unlined.”", "yes"),
        ("how hot does the fourth get?", 4, "does not say", "says: “"),
        ("how long does the fourth last on one charge?", 4, "8 hours", "does not say"),
        ("from what age is the first?", 1, "From 3 years", "does not say"),
        ("who makes the first and what does it cost?", 1, "Beech & Co", "does not say"),
        ("how much is shipping for the first?", 1, "does not say (shipping)", "$39"),
        ("how many wheels does the first have?", 1, "does not say", "calls it"),
    ],
)
def test_answer_says_no_more_than_the_shop(typed: str, number: int, says: str, never: str) -> None:
    call, said = asked(typed, MIXED)
    assert call.tool_calls[0]["args"]["number"] == number
    assert says in said
    assert never not in said


@pytest.mark.parametrize("typed", ["how much is it?", "is it bpa-free?", "what does it weigh?"])
def test_it_is_what_was_asked_about_last(typed: str) -> None:
    """After "the second one" the price of "it" was answered with the list once more."""
    before = [
        HumanMessage("the second one"),
        AIMessage("", tool_calls=[{"name": "product_details", "args": {"number": 2}, "id": "c1"}]),
        ToolMessage(json.dumps({"number": 2}), name="product_details", tool_call_id="c1"),
        AIMessage("Number 2."),
    ]
    assert asked(typed, KETTLES, before)[0].tool_calls[0]["args"]["number"] == 2


def test_differences_are_no_price_limits() -> None:
    """ "Between 1 and 3" was taken for prices, and the list gave way to what costs so little."""
    call = asked("what's the difference between 1 and 3", KETTLES)[0].tool_calls[0]
    assert (call["name"], call["args"]) == ("compare_products", {"numbers": [1, 3]})
    call = asked("how do they differ?", KETTLES)[0].tool_calls[0]
    assert (call["name"], call["args"]) == ("compare_products", {"numbers": [1, 2, 3]})


@pytest.mark.parametrize(
    "typed",
    ["do you have tea towels?", "is there a cheaper one?", "what about black?", "any size",
     "can you show me others?", "do you have it in red?", "got anything under $20?"],
)  # fmt: skip
def test_asking_for_products_is_a_search(typed: str) -> None:
    call = asked(typed, KETTLES)[0].tool_calls
    assert not call or call[0]["name"] == "multimodal_search"


def test_statement_of_the_same_meaning_answers() -> None:
    near = (NearStatement("Folds flat for the suitcase.", 0.6),)
    said = asked("can I stow the third away in a drawer?", KETTLES, nearest=[near])[1]
    assert "the shop says: “Folds flat for the suitcase.”" in said


def test_statement_that_is_only_alike_is_said_to_be() -> None:
    near = (NearStatement("Folds flat for the suitcase.", 0.4),)
    said = asked("can I stow the third away in a drawer?", KETTLES, nearest=[near])[1]
    assert said.endswith("nearest to that, the shop says: “Folds flat for the suitcase.”")


def test_several_are_compared_by_meaning_where_none_has_the_words() -> None:
    near = ((), (), (NearStatement("Folds flat for the suitcase.", 0.6),))
    said = asked("can I stow any of these in a drawer?", KETTLES, nearest=near)[1]
    assert "Number 3, Travel Kettle 600ml - Black: the shop says: “Folds flat" in said


def test_another_language_is_answered_once_in_it() -> None:
    search = {"id": "c1", "name": "multimodal_search", "args": {}}
    first, said = asked("ich suche etwas anderes für meine Küche", KETTLES)
    assert first.tool_calls or said.startswith("Ich verstehe nur Englisch wirklich gut.")
    before = [HumanMessage("ich suche einen Wasserkocher"), AIMessage("", tool_calls=[search]),
              ToolMessage("{}", name="multimodal_search", tool_call_id="c1", status="error"),
              AIMessage("Ich verstehe nur Englisch wirklich gut.")]  # fmt: skip
    _, said = asked("hallo, ich bitte um Hilfe", KETTLES, before)
    assert "Ich verstehe" not in said


def test_what_is_understood_of_another_language_counts() -> None:
    call = asked("ich suche einen schwarzen Wasserkocher unter 50 Euro", KETTLES)[0].tool_calls[0]
    assert call["name"] == "multimodal_search"
    assert call["args"]["colors"] == ["black"]
    assert float(call["args"]["max_price"]) == 50
    assert call["args"]["categories"] == ["Kettles"]
