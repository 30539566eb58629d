"""Questions in everyday words: of whom they are asked, and what is said where nothing answers."""

from __future__ import annotations

import pytest
from langchain_core.messages import ToolMessage

from assistant.models.rules.reply.description_quote import own_sentences
from assistant.models.rules.reply.product_reply import about
from assistant.prompt.situation import Situation
from tests.support.asked_products import asked
from tools.agent_tools.compare_products import NAME as COMPARE
from tools.product import Availability, Product
from tools.search.comparison import compare
from tools.search.replies import ComparisonReply
from tools.search.statements import NearStatement


def _sold(
    number: int, title: str, price: int, text: str, stock: Availability = "in stock",
    rating: float | None = 4.3,
) -> Product:  # fmt: skip
    return Product(
        f"s{number}", title, ("Household",), text, price * 100, availability=stock, rating=rating
    )


HOUSEHOLD = (
    _sold(1, "Sewing Machine 24 Stitches", 149, "Threads the needle by itself. For beginners."),
    _sold(2, "Sewing Machine 60 Stitches", 249, "Computer with a display. With a hard case."),
    _sold(3, "Steam Mop", 79, "Cleans sealed parquet. Cable of 6 m. Weighs 2 kg."),
    _sold(4, "Pop-Up Toaster", 35, "Seven levels. Weighs 1.4 kg.", "out of stock"),
    _sold(5, "Bread Slicer", 59, "Folds away. Weighs 2.9 kg.", rating=None),
)
ONE_LED = HOUSEHOLD[2:]
LONG = _sold(
    6, "Stick Vacuum", 199,
    "A vacuum for every floor with a soft roller in front. Its tank takes what a week leaves. "
    "The battery lies in the handle and comes out for charging at any socket of the flat. "
    "Hangs on the wall. A lamp in front shows the dust under beds and behind doors. "
    "It comes with a brush, a nozzle for gaps and a filter that is washed under the tap. "
    "The tube comes off, so that a hand vacuum for stairs and for the car is left over.",
)  # fmt: skip


def numbers_asked(typed: str, products: tuple[Product, ...]) -> tuple[str, object]:
    """The tool that is called, and the numbers that it is called with."""
    calls = asked(typed, products, shop=HOUSEHOLD)[0].tool_calls
    if not calls:
        return "", None
    given = calls[0]["args"]
    return calls[0]["name"], given.get("numbers") or given.get("number")


@pytest.mark.parametrize(
    "typed",
    ["can she take the first on a plane?", "would it wake the baby?", "does it do buttonholes?",
     "how many jackets a day does number 1 manage?"],
)  # fmt: skip
def test_what_no_sentence_was_found_for_is_denied_as_far_as_read(typed: str) -> None:
    """ "The shop does not say" was false where it said it in other words: "two 4 l baskets"."""
    said = asked(typed, HOUSEHOLD[:1])[1]
    assert "as far as I can read, the shop does not say" in said
    assert said.endswith(" Its words: “Threads the needle by itself. For beginners.”")


def test_long_text_is_quoted_where_it_is_nearest() -> None:
    near = ((NearStatement("Hangs on the wall.", 0.33),),)
    said = asked("where does it live when not in use?", (LONG,), nearest=near)[1]
    quoted = said.partition("Its words: “")[2]
    assert "Hangs on the wall." in quoted
    assert quoted.endswith(" …”")
    assert len(quoted) <= 360


def test_of_several_at_most_two_are_quoted() -> None:
    """The first, and the one whose words are nearest to the question."""
    near = ((), (), (NearStatement("Folds away.", 0.06),))
    said = asked("which of these fits a tiny galley?", ONE_LED, nearest=near)[1]
    assert said.startswith("As far as I can read, the shop does not say it of any of these")
    assert said.count("Its words on ") == 2
    assert "number 1, Steam Mop: “" in said
    assert "number 3, Bread Slicer: “Folds away. Weighs 2.9 kg.”" in said


@pytest.mark.parametrize(
    ("typed", "says"),
    [("how is the third rated?", "the shop does not say its rating"),
     ("what brand is the first?", "the shop does not say its brand")],
)  # fmt: skip
def test_fact_that_is_empty_is_denied_flatly(typed: str, says: str) -> None:
    said = asked(typed, ONE_LED)[1]
    assert says in said
    assert "as far as" not in said.lower()
    assert "Its words" not in said


def test_words_that_are_only_near_are_no_plain_answer() -> None:
    """ "Can I wear it over glasses?" was answered with "Enhance your vision"."""
    near = ((NearStatement("For beginners.", 0.4),),)
    said = asked("can a left-hander run it?", HOUSEHOLD[:1], nearest=near)[1]
    assert said.endswith("nearest to that, the shop says: “For beginners.”")


def test_what_may_be_said_in_other_words_is_not_denied() -> None:
    """ "Will it work over there as well?" was denied beside "dual voltage (110/220V)"."""
    near = ((NearStatement("Threads the needle by itself.", 0.3),),)
    said = asked("will it help my shaky fingers?", HOUSEHOLD[:1], nearest=near)[1]
    assert "I can't tell for sure from what the shop says" in said
    assert "does not say" not in said
    assert said.endswith(" Its words: “Threads the needle by itself. For beginners.”")


def test_degree_without_a_quantity_is_no_plain_answer() -> None:
    """ "Is it loud when it boils?" was answered with "Rapid-boil kettle"."""
    said = asked("is it loud when it cleans?", HOUSEHOLD[2:3])[1]
    assert said.endswith("says: “Cleans sealed parquet.” More than that I can't tell.")


@pytest.mark.parametrize(
    "typed",
    ["how much does the thing weigh?", "how heavy is it?", "what does it weigh?",
     "does it come with a bag?", "can I still order it?", "how have other buyers rated it?",
     "how long is its cable?", "what weight is the mop?", "does dust harm it?",
     "how far can I get from the socket with it?"],
)  # fmt: skip
def test_it_is_the_one_that_a_list_is_led_by(typed: str) -> None:
    """The weight of irons was told of a sewing machine, in a shop with one level of categories."""
    assert numbers_asked(typed, ONE_LED) == ("product_details", 1)


@pytest.mark.parametrize(
    "typed",
    ["how heavy are they?", "what power have the two got, in watts?", "do both have a pedal?",
     "can she learn on them?", "are these two easy to thread?"],
)  # fmt: skip
def test_they_are_those_of_the_first_kind(typed: str) -> None:
    assert numbers_asked(typed, HOUSEHOLD) == ("product_details", [1, 2])


@pytest.mark.parametrize("typed", ["which of these weighs least?", "do any of them fold?"])
def test_which_of_these_is_asked_of_all(typed: str) -> None:
    assert numbers_asked(typed, HOUSEHOLD) == ("product_details", [1, 2, 3, 4, 5])


@pytest.mark.parametrize(
    "typed",
    ["what makes the first one different from the second?", "how does 2 differ from 1?",
     "in what way is the second unlike the first?", "are 1 and 2 the same?",
     "what do I get more for the dearer one?", "why does the second cost more?",
     "why is number 2 so much more expensive than number 1?", "how do the two differ?",
     "what has 2 got that 1 doesn't?", "is the dearer one worth the extra money?",
     "what's the difference?", "what justifies the price difference?",
     "what's not the same about 1 and 2?"],
)  # fmt: skip
def test_difference_in_any_words_is_a_comparison(typed: str) -> None:
    name, numbers = numbers_asked(typed, HOUSEHOLD)
    assert name == "compare_products"
    assert isinstance(numbers, list)
    assert sorted(numbers) == [1, 2]


@pytest.mark.parametrize(
    "typed",
    ["do you have a different one?", "something different please", "is there one in another make?",
     "why did you show me number 2?", "can it sew different fabrics?"],
)  # fmt: skip
def test_other_differences_are_no_comparison(typed: str) -> None:
    assert numbers_asked(typed, HOUSEHOLD)[0] != "compare_products"


@pytest.mark.parametrize(
    "typed",
    ["can I still order the second?", "can people still get hold of number 2?",
     "do you still have number 2?", "is the second sold out?",
     "is number 2 still to be had?", "could I buy the second right now?",
     "have you got the second on hand?", "can the second still be bought?"],
)  # fmt: skip
def test_availability_in_any_words(typed: str) -> None:
    assert asked(typed, ONE_LED)[1] == "Number 2, Pop-Up Toaster: it is out of stock."


@pytest.mark.parametrize(
    "typed",
    ["how have other buyers rated the first?", "do people like the first?",
     "how do people who bought it rate it?", "what do other customers think of number 1?",
     "how does the first one rate with buyers?", "what did others say about the first?",
     "what marks did it get?", "how is the first one liked?"],
)  # fmt: skip
def test_rating_in_any_words(typed: str) -> None:
    assert "the rating is 4.3" in asked(typed, ONE_LED)[1]


@pytest.mark.parametrize(
    "typed",
    ["do you have other toasters?", "can I get a toaster?", "do you have mops?", "show me others",
     "have you got anything else?"],
)  # fmt: skip
def test_wishes_for_others_stay_searches(typed: str) -> None:
    assert numbers_asked(typed, HOUSEHOLD)[0] in ("multimodal_search", "")


BOOTS = (
    _sold(1, "Ridge Boots", 90, "Waterproof boots with a removable hood. Leakproof seal."),
    _sold(2, "Steel Box", 20, "Box with clips, not leakproof. 210 cm wide."),
)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("is the first waterproof?", "yes, the shop says: “Waterproof boots"),
        ("is the first leakproof?", "yes, the shop says: “Leakproof seal.”"),
        ("is the second leakproof?", "no, the shop says: “Box with clips, not leakproof.”"),
    ],
)
def test_what_a_word_shuts_out_does_not_turn_it_round(typed: str, says: str) -> None:
    """ "Is it waterproof?" was answered "no, the shop says: “Waterproof …”"."""
    assert says in asked(typed, BOOTS)[1]


def test_another_side_is_no_answer() -> None:
    near = ((), (NearStatement("210 cm wide.", 0.5),))
    said = asked("how deep is the second?", BOOTS, nearest=near)[1]
    assert "as far as I can read, the shop does not say" in said


def test_weak_likeness_to_one_of_several_is_no_answer() -> None:
    near = ((NearStatement("Waterproof boots with a removable hood.", 0.4),), ())
    said = asked("do any of these glow at night?", BOOTS, nearest=near)[1]
    assert said.startswith("I can't tell for sure from what the shop says of these")


def test_one_that_may_say_it_is_not_denied_beside_one_that_does() -> None:
    near = (
        (NearStatement("Waterproof boots with a removable hood.", 0.9),),
        (NearStatement("Box with clips, not leakproof.", 0.3),),
    )
    said = asked("do any of these glow at night?", BOOTS, nearest=near)[1]
    assert "the shop says: “Waterproof boots with a removable hood.”" in said
    assert "I can't tell for sure from what the shop says of number 2" in said
    assert "does not say" not in said


def test_two_products_of_one_answer_are_called_by_their_titles() -> None:
    clipped = "Takes three AAA batteries, not included."
    lamps = [Product(id_, f"Lamp {id_}", ("Lamps",), clipped) for id_ in "AB"]
    said = asked("do any of these come with batteries?", lamps)[1]
    assert said.startswith("Number 1, Lamp A and number 2, Lamp B: ")
    assert "yes" not in said, "what it takes is not included"


def test_load_that_is_carried_is_no_question_about_stock() -> None:
    stand = [Product("s", "Repair Stand", ("Stands",), "For bikes up to 30 kg.")]
    said = asked("My e-bike has 27 kilo. Does it carry that?", stand)[1]
    assert "in stock" not in said


def test_difference_in_one_thing_is_asked_of_both() -> None:
    call = asked("what's the difference between 1 and 2 in weight?", HOUSEHOLD)[0].tool_calls[0]
    assert (call["name"], call["args"]["numbers"]) == ("product_details", [1, 2])


def test_comparison_says_what_the_descriptions_say() -> None:
    table = ComparisonReply.of(compare((1, 2), HOUSEHOLD[:2]))
    said = about(ToolMessage(table.json(), name=COMPARE, tool_call_id="c1"), None, Situation())
    assert "Of number 1 the shop says: “Threads the needle by itself. For beginners.”" in said
    assert "Of number 2 the shop says: “Computer with a display. With a hard case.”" in said


def test_comparison_leaves_out_what_several_say() -> None:
    texts = ["Folds flat. Red.", "Folds flat. Blue.", ""]
    assert own_sentences(texts) == ["Red.", "Blue.", ""]
    assert own_sentences([f"{'a' * 150}. {'B' * 150}.", "C."]) == [f"{'a' * 150}.", "C."]
    assert own_sentences(["word " * 60, ""])[0].endswith("word …")


@pytest.mark.parametrize("how", ["in short", "in simple words", "in practice"])
def test_way_of_telling_is_not_what_differs(how: str) -> None:
    call = asked(f"what's the difference between 1 and 2 {how}?", HOUSEHOLD)[0].tool_calls[0]
    assert call["name"] == "compare_products"
