"""Questions without a verb, beside a statement, or about what is in the box; superlatives of a list
that goes on with other things."""

from __future__ import annotations

import pytest

from assistant.models.rules.lexicon.text import normalize
from assistant.models.rules.parse.product_questions import ProductQuestion, read_product_question
from assistant.models.rules.parse.question_topic import topics_of
from assistant.models.rules.parse.questions import read_ask
from assistant.prompt.situation import ShownNote

TENTS = ("Explorer Camping Tent", "Survivor Tent", "Elemental Tent", "Trail Headlamp", "Poles")
KINDS = ("tent", "headlamp", "pole", "trail", "shaver")


def cards(*titles: str) -> list[ShownNote]:
    return [
        ShownNote(number=n, title=title, category="Trekking", price=9.0 * n, currency="USD")
        for n, title in enumerate(titles, 1)
    ]


def asked(
    said: str, *titles: str, sought: str = "tents", asks: float | None = None
) -> ProductQuestion | None:
    text = normalize(said)
    return read_product_question(
        text,
        text,
        colors=(),
        options=(),
        cards=cards(*titles),
        asked=said.endswith("?"),
        color_catalogue=False,
        is_kind=KINDS.__contains__,
        sought=sought,
        asks=asks,
    )


@pytest.mark.parametrize(
    "said",
    ["output in lumens?", "u reckon this survives rain", "my brother is 6'8, enough?"],
)
def test_what_surely_asks_of_a_card_needs_no_form(said: str) -> None:
    assert asked(said, "Trail Headlamp", asks=0.97) is not None
    assert asked(said, "Trail Headlamp", asks=0.5) is None


@pytest.mark.parametrize(
    "said",
    ["any price", "do you have a shaver?", "what else do you have?", "anything cheaper?",
     "is there a lighter one?", "can I see others?", "and for under $20?", "a shaver with it?"],
)  # fmt: skip
def test_wish_that_sounds_like_a_question_stays_a_wish(said: str) -> None:
    assert asked(said, *TENTS, asks=0.99) is None


def test_what_surely_wishes_is_no_question_whatever_its_form() -> None:
    said = "it'd be cool if it had a padded place in it, does it?"
    assert asked(said, "Trail Headlamp", asks=0.5) is not None
    assert asked(said, "Trail Headlamp", asks=0.02) is None
    order = asked("which is the cheapest of these?", *TENTS, asks=0.01)
    assert order is not None
    assert order.topic == "order"


@pytest.mark.parametrize("said", ["do any of them have cork grips?", "do any have a porch?"])
def test_question_of_what_is_shown_stays_one_however_it_seems(said: str) -> None:
    assert asked(said, *TENTS, asks=0.01) is not None


def test_question_of_a_card_may_name_what_else_the_shop_has() -> None:
    said = "my shaver surely goes in it"
    assert asked(said, "Trail Headlamp", asks=0.99) is not None
    assert asked(said, "Trail Headlamp", asks=0.85) is None
    assert asked("my shaver surely goes", "Trail Headlamp", asks=0.99) is None


def test_small_word_that_is_a_thing_of_the_shop_too_stands_in_no_way() -> None:
    with_cans = {*KINDS, "can"}
    found = read_product_question(
        "down to what cold can she wear them", "down to what cold can she wear them",
        colors=(), options=(), cards=cards(*TENTS), asked=True, color_catalogue=False,
        is_kind=with_cans.__contains__, sought="tents", asks=0.9,
    )  # fmt: skip
    assert found is not None


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("would there be a place for a lamp in this one?", True),
        ("would there be one for a lamp?", False),
        ("would there be a place for a lamp in this one", False),
    ],
)
def test_what_is_asked_to_be_in_a_card_is_a_question(said: str, *, asks: bool) -> None:
    assert (asked(said, *TENTS) is not None) == asks


@pytest.mark.parametrize(
    "said", ["from which age is this?", "up to what weight of the child is it good?"]
)
def test_it_is_the_card_that_was_searched_for(said: str) -> None:
    found = asked(said, "Chess Set Foldable", "Ludo", "Child Seat", sought="chess set")
    assert found is not None
    assert found.numbers == (1,)


def test_person_in_the_name_of_a_thing_names_its_card() -> None:
    found = asked("is the baby monitor waterproof?", "Kettle", "Lamp", "Baby Monitor", sought="")
    assert found is not None
    assert found.numbers == (3,)


def test_how_much_it_would_be_asks_for_the_price() -> None:
    assert [topic.fact for topic in topics_of("and how much would that be")] == ["price"]


@pytest.mark.parametrize("said", ["is warmer, for the slopes", "has to last an hour on one charge"])
def test_description_of_how_a_thing_has_to_be_is_no_question(said: str) -> None:
    assert asked(said, *TENTS, asks=0.99) is None
    assert asked("does it last an hour", *TENTS, asks=0.99) is not None


def test_superlative_is_of_what_leads_the_list() -> None:
    found = asked("so which is the cheapest of these?", *TENTS)
    assert found is not None
    assert (found.topic, found.numbers) == ("order", (1, 2, 3))
    alone = asked("which of these is the cheapest?", "Survivor Tent")
    assert alone is not None
    assert (alone.topic, alone.numbers) == ("order", (1,))
    mixed = asked("which is the cheapest of these?", "Survivor Tent", "Poles", "Elemental Tent")
    assert mixed is not None
    assert mixed.numbers == (1, 2, 3)


@pytest.mark.parametrize(
    "said",
    [
        "ok for a newborn?",
        "safe with contact lenses?",
        "is there something in the box to clean it?",
        "viruses too, or only bacteria?",
        "cotton or polyester, this one?",
        "my girlfriend can't have dairy... safe for her?",
        "would a 17 inch machine fit in there?",
        "is there a bag for travelling with it?",
        "nice. is there a lid?",
        "thanks. is there a manual?",
        "i have an induction cooker, will it work on that",
        "we live by the sea. does it rust?",
    ],
)
def test_question_without_its_usual_form_is_no_search(said: str) -> None:
    found = asked(said, "Rotary Shaver", sought="shaver")
    assert found is not None
    assert (found.topic, found.numbers) == ("fact", (1,))
    assert asked("something in steel to clean it with", "Rotary Shaver", sought="shaver") is None


def test_any_of_a_thing_in_it_asks_of_one_card() -> None:
    found = asked("any metal in it?", *TENTS, sought="explorer camping tent")
    assert found is not None
    assert found.numbers == (1,)
    several = asked("do any of these have metal in them?", *TENTS)
    assert several is not None
    assert len(several.numbers) > 1


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("any chicken in it? my dog is allergic", 1),
        ("is it heavy? I have to carry it", 1),
        ("is it heavy? does it fold?", 2),
        ("is it heavy? I wonder whether it folds, is that so", 2),
        ("my dog is allergic", 1),
    ],
)
def test_statement_beside_a_question_asks_nothing(said: str, parts: int) -> None:
    assert len(topics_of(normalize(said))) == parts


@pytest.mark.parametrize(
    "said",
    [
        "it pours all day where I go. so waterproof, please",
        "it's a tiny flat, so nothing over a metre high",
        "that'll suit him. is there an electric razor for keeping a beard short?",
        "very nice. do you have a lamp for the neck that helps against it?",
        "could it please be one without red on it?",
        "may I ask you to leave out what others did not like?",
        "would you also let me see the ones of carbon?",
        "do you have tents or just backpacks?",
        "something cheaper or just smaller?",
        "i need a lamp. good for reading?",
    ],
)
def test_wish_beside_cards_is_no_question_about_them(said: str) -> None:
    assert asked(said, *TENTS) is None


def test_any_beside_it_asks_of_one_card() -> None:
    found = asked("is it any good for nose hair?", *TENTS, sought="explorer camping tent")
    assert found is not None
    assert found.numbers == (1,)


def test_both_are_the_first_two() -> None:
    found = asked("are both of them waterproof?", *TENTS, "Another Thing")
    assert found is not None
    assert found.numbers == (1, 2)


def test_one_thing_has_both_of_two_parts() -> None:
    found = asked("does it have both a lid and a handle?", *TENTS, sought="explorer camping tent")
    assert found is not None
    assert found.numbers == (1,)


def test_only_the_first_name_counts_where_none_are_joined() -> None:
    found = asked("is the survivor good for the trail?", *TENTS)
    assert found is not None
    assert found.numbers == (2,)


def test_cards_named_by_their_titles_are_those() -> None:
    found = asked("which is lighter, the survivor or the elemental?", *TENTS)
    assert found is not None
    assert found.numbers == (2, 3)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("the hood, is it fixed or can i take it off?", {"hood", "fixed", "off"}),
        ("i'm pregnant, is this ok for me?", {"pregnant"}),
    ],
)
def test_what_is_told_beside_a_question_tells_what_it_is_about(said: str, words: set[str]) -> None:
    (topic,) = topics_of(normalize(said))
    assert words <= set(topic.words)


def test_end_of_a_question_belongs_to_it() -> None:
    (topic,) = topics_of(normalize("what is the lowest it can go, in degrees?"))
    assert topic.measure is not None
    assert topic.measure.dimensions == ("temperature",)


def test_the_two_are_those_that_the_search_named() -> None:
    found = asked(
        "which of the two is lighter?", *TENTS, sought="tents: survivor tent and trail headlamp"
    )
    assert found is not None
    assert found.numbers == (2, 4)


def test_two_subjects_belong_to_what_is_asked_behind_them() -> None:
    (topic,) = topics_of(normalize("the hood, the strap, is it fixed?"))
    assert {"hood", "strap"} <= set(topic.words)


@pytest.mark.parametrize(
    "said", ["what should i be careful about?", "what must a beginner be able to do?"]
)
def test_being_something_is_no_weight(said: str) -> None:
    assert topics_of(normalize(said))[0].measure is None


@pytest.mark.parametrize(
    "said", ["how many minutes of light do I get out of it?", "is it still there?"]
)
def test_what_is_got_out_of_a_thing_is_no_stock(said: str) -> None:
    found = asked(said, "Trail Headlamp", sought="headlamp")
    assert found is not None
    assert (found.topic == "stock") == ("there" in said)


@pytest.mark.parametrize(
    ("said", "dimension"),
    [
        ("what are its measurements please?", "length"),
        ("up to what weight of the child can we use it?", "mass"),
    ],
)
def test_measure_is_read_by_its_own_name(said: str, dimension: str) -> None:
    (topic,) = topics_of(normalize(said))
    assert topic.measure is not None
    assert topic.measure.dimensions[0] == dimension


def test_temperature_is_no_number_of_a_card() -> None:
    assert read_ask(normalize("do any of these wash at 60?"), 5) is None


def test_cheaper_of_two_is_in_order_of_price() -> None:
    found = asked("which is the cheaper of the two?", *TENTS)
    assert found is not None
    assert (found.topic, found.numbers) == ("order", (1, 2))
