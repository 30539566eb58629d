"""What a turn is: a choice, the next thing, facts of the next one, a story beside a wish."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.models.rules.by_meaning import NoMeaning, is_elsewhere, with_meaning
from assistant.models.rules.decide import Use, decide
from assistant.models.rules.lexicon.catalogue_names import Lexicon
from assistant.models.rules.parse.clauses import only_tells, told_places
from assistant.models.rules.parse.message import read_message
from assistant.models.rules.parse.reading import Reading
from assistant.models.rules.parse.relative_sizes import with_plain_sizes
from assistant.models.rules.parse.turn_forms import (
    read_next,
    without_choice,
    without_return,
    without_shade,
)
from assistant.prompt.situation import ShownNote, Situation
from tools.catalogue.vocabulary import count_vocabulary
from tools.product import Product
from tools.search.arguments import SearchArguments
from tools.search.exclusions import denying
from tools.search.searchable_shop import Elsewhere


def _product(title: str, path: str, color: str = "", brand: str = "") -> Product:
    return Product(title, title, (path,), color=color, brand=brand, price_minor=2000)


LEXICON = Lexicon.of(
    count_vocabulary(
        (
            _product("Linen Trousers", "Clothes", "white", "Marl"),
            _product("Men's Swim Trunks Mid Length", "Clothes", "coral", "Marl"),
            _product("Henley Long Sleeve", "Shirts", "charcoal", "Marl"),
            _product("Air Fryer", "Appliances", "black", "Hob"),
            _product("Frying Pan", "Kitchen", "grey", "Hob"),
            _product("Clothes Airer", "Laundry", "silver", "Broom"),
            _product("Baby Monitor", "Newborn", "white", "Nest"),
            _product("Plush Sloth", "Toys", "brown", "Nest"),
            _product("Lace Brogues", "Shoes", "tan", "Walk"),
            _product("Lace Brogues", "Shoes", "black", "Walk"),
        )
    )
)


def card(number: int, title: str, category: str, price: float = 20.0, color: str = "") -> ShownNote:
    return ShownNote(
        number=number, title=title, category=category, price=price, currency="USD", color=color
    )


FRYER = card(1, "Air Fryer", "Appliances", color="black")
TROUSERS = card(1, "Linen Trousers", "Clothes", color="white")


@pytest.mark.parametrize(
    ("typed", "wish"),
    [
        ("back to those pans. Also black", "pans. Also black"),
        ("Right, let's go back to the airer: a big one", "airer. a big one"),
        ("ok back to brogues, same budget, tan!!", "brogues. same budget, tan!!"),
        ("up to 50. Back to the plush thing again; in blue", "up to 50 plush thing. in blue"),
        ("back to the pans please", None),
        ("back to the pans, thanks", None),
        ("back to the first list, please", None),
        ("back to the ones before, but in blue", None),
        ("back to the second one, in blue", None),
        ("back to it: is there a blue one?", None),
        ("back to school! I need a lamp", None),
        ("it hangs on my back to dry, so a light one", None),
    ],
)
def test_going_back_with_more_to_say_is_a_wish(typed: str, wish: str | None) -> None:
    assert without_return(typed) == (wish is not None, wish or typed)


def read(said: str, *cards: ShownNote, **last: Any) -> Reading:
    return read_message(said, LEXICON, shown=len(cards), cards=cards, last=last or None)


@pytest.mark.parametrize(
    "said",
    [
        "Next up, trunks for swimming",
        "Good choice. Moving on, trunks",
        "Lastly, trunks in coral",
        "One more thing: trunks",
        "Secondly, swim trunks please",
        "That works. Next, trunks for my holiday",
        "While we're at it, trunks",
        "Apart from that, trunks",
    ],
)
def test_thing_that_is_announced_is_another_one(said: str) -> None:
    assert read(said, TROUSERS, words="trousers", categories=["Clothes"]).thing


@pytest.mark.parametrize(
    "said", ["next one please", "next, the same in blue", "next up, one with a lid", "next"]
)
def test_next_of_the_same_is_no_other_thing(said: str) -> None:
    assert not read_next(said.replace(",", " |"))[0]


@pytest.mark.parametrize(
    "said",
    [
        "has little sleeves, a row of buttons and flowers all over",
        "can be carried like a backpack too",
        "is genuine leather and cognac",
        "have laces and are flat all over",
        "comes with a belt and all the trimmings",
        "must be shorter all round",
        "look all shiny",
    ],
)
def test_facts_without_a_subject_are_a_wish_and_no_question(said: str) -> None:
    asked = read(said, TROUSERS, words="trousers", categories=["Clothes"])
    assert asked.ask is None
    assert asked.facts_alone


@pytest.mark.parametrize("said", ["is it washable", "are these lined?", "can it be washed?"])
def test_question_about_what_is_shown_stays_one(said: str) -> None:
    assert read(said, TROUSERS, words="trousers", categories=["Clothes"]).ask is not None


@pytest.mark.parametrize("said", ["has a long sleeve", "is long sleeve and dark"])
def test_facts_alone_hold_the_kind(said: str) -> None:
    now = Situation(last_search={"words": "trousers", "categories": ["Clothes"]}, shown=[TROUSERS])
    asked = read(said, TROUSERS, words="trousers", categories=["Clothes"])
    assert with_meaning(asked, now, NoMeaning()).categories == ()


@pytest.mark.parametrize(
    "said",
    [
        "They cook on induction. Which pan could they do pancakes in?",
        "which pan would you use for eggs?",
        "what pan do they need on their hob?",
        "Is there a pan to go with it?",
        "is there a pan for that?",
        "The laundry won't dry in there. Is there a rack for it that heats up?",
        "Our balcony is tiny. Is there a crate for it?",
    ],
)
def test_question_for_a_thing_that_is_not_shown_is_a_wish(said: str) -> None:
    assert read(said, FRYER, words="air fryer", categories=["Appliances"]).ask is None


@pytest.mark.parametrize(
    "said",
    [
        "which fryer is the heaviest?",
        "is there a basket in it?",
        "what size is it?",
        "is there a timer for it?",
        "is there a lid on it?",
        "what pan does it run with?",
        "which pan do these come with?",
    ],
)
def test_question_of_what_is_shown_is_no_wish(said: str) -> None:
    assert read(said, FRYER, words="air fryer", categories=["Appliances"]).ask is not None


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("I'll take the white pair. Do you have socks?", "Do you have socks?"),
        ("Great, we'll go with that one. Now a pan", "Now a pan"),
        ("I'm going for the second! And a belt", "And a belt"),
        ("Let's have those; next a belt", "next a belt"),
    ],
)
def test_choice_is_told_from_the_wish_behind_it(said: str, rest: str) -> None:
    assert without_choice(said) == rest


@pytest.mark.parametrize(
    "said",
    [
        "I'll take the black, with a lid",
        "I'll take the second. Is it washable?",
        "I'll take the white pair, thanks",
        "I'll take a kettle. Black please",
        "I'll take the third. Thanks!",
    ],
)
def test_choice_that_is_gone_on_about_stays(said: str) -> None:
    assert without_choice(said) == said


@pytest.mark.parametrize(
    "said",
    [
        "Does that label make a white pair of trunks?",
        "does this brand have trunks?",
        "do the same company sell trunks too?",
        "has that maker got trunks?",
    ],
)
def test_what_else_a_maker_has_is_searched_among_its_own(said: str) -> None:
    shown = TROUSERS.model_copy(update={"brand": "Marl"})
    asked = read(said, shown, words="trousers", categories=["Clothes"])
    assert (asked.ask, asked.brands) == (None, ("Marl",))


@pytest.mark.parametrize(
    "said",
    [
        "There's a newborn in the house as well. A cuddly animal",
        "We have a newborn. I need a soft animal for the cot",
        "My sister has a newborn at home, do you have a funny animal?",
    ],
)
def test_kind_is_that_of_the_wish_and_not_of_the_story(said: str) -> None:
    asked = read(said, FRYER, words="air fryer", categories=["Appliances"])
    assert asked.categories == ()
    assert asked.thing
    assert "animal" in asked.words


@pytest.mark.parametrize(
    "said", ["we lost our pan", "my pan broke, one with a lid", "our pan is old, it should be big"]
)
def test_story_counts_where_nothing_else_names_a_thing(said: str) -> None:
    words = said.replace(",", " |").split()
    assert not any(told_places(words, lambda word: word == "pan"))


def test_telling_of_oneself_names_no_thing() -> None:
    words = [
        "my",
        "eyes",
        "aren't",
        "what",
        "they",
        "used",
        "to",
        "be",
        "|",
        "so",
        "a",
        "bright",
        "colour",
        "would",
        "be",
        "best",
    ]
    assert only_tells(words, lambda _: False)
    assert not only_tells(
        ["my", "eyes", "are", "bad", "|", "i", "need", "a", "lamp"], lambda _: False
    )
    asked = Reading(words="eyes used bright", only_tells=True)
    assert not is_elsewhere(asked, Elsewhere(0.3, 0.21))
    assert is_elsewhere(Reading(words="sunscreen"), Elsewhere(0.3, 0.21))


@pytest.mark.parametrize(
    ("words", "wanted", "gone"),
    [
        ("capsules decaf", "caffeine", {"decaf"}),
        ("sleeveless dress", "sleeves", {"sleeveless"}),
        ("wireless mouse", "cable", {"wireless"}),
        ("cordless drill", "cord", {"cordless"}),
        ("unsweetened tea", "sugar", {"unsweetened"}),
        ("tea bags", "sugar", set()),
        ("decaf capsules", "strong", set()),
    ],
)
def test_word_for_a_lack_gives_way_to_what_was_lacking(
    words: str, wanted: str, gone: set[str]
) -> None:
    assert denying(words, wanted) == gone


@pytest.mark.parametrize("said", ["the same, only darker", "looks the same but darker"])
def test_same_of_one_card_is_what_that_is_called(said: str) -> None:
    shown = card(1, "Lace Brogues", "Shoes", color="tan")
    last = {"words": "flat; slingbacks", "categories": ["Shoes"], "colors": ["tan"]}
    asked = read(said, shown, **last)
    found = decide(asked, Situation(last_search=last, shown=[shown]))
    assert isinstance(found, SearchArguments)
    assert found.words == "lace brogues"
    assert "black" in found.colors
    assert "tan" not in found.colors


def test_length_of_a_title_is_no_kind() -> None:
    assert read("the shorter length of it").categories == ()
    assert read("a plush sloth").categories == ("Toys",)


def test_other_size_of_what_is_shown_is_meant_by_its_numbers() -> None:
    titles = ["Curtain 140 x 245 cm", "Curtain 140 x 175 cm", "Curtain 140 x 300 cm", "Rail 90 cm"]
    shorter = with_plain_sizes("shorter", "curtain 140 by 245", titles[0], titles)
    assert shorter == ("140 x 175 cm", "curtain by")
    assert with_plain_sizes("longer", "", titles[0], titles)[0] == "140 x 300 cm"
    assert with_plain_sizes("shorter", "rail", titles[3], titles)[0] == "short"


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("I'll go with the cheapest of those, which one is it?", 2),
        ("we'll take the cheapest of these. which is it?", 2),
    ],
)
def test_superlative_that_is_chosen_is_looked_at(said: str, number: int) -> None:
    shown = (card(1, "Air Fryer", "Appliances", 30), card(2, "Air Fryer", "Appliances", 25))
    now = Situation(last_search={"words": "air fryer"}, shown=list(shown))
    decision = decide(read(said, *shown, words="air fryer"), now)
    assert isinstance(decision, Use)
    assert decision.arguments == {"number": number}


def test_age_is_no_number_of_a_card() -> None:
    asked = read("It's my uncle's 60th, he loves pans. What could he keep it tidy with?")
    assert asked.ask is None


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("in a shade of grey", "in grey"),
        ("any tone of blue", "in blue"),
        ("the grey shade", "the grey"),
        ("a lamp shade", "a lamp shade"),
        ("a window shade", "a window shade"),
    ],
)
def test_shade_of_a_color_is_that_color(said: str, plain: str) -> None:
    assert without_shade(said, {"grey", "blue"}) == plain


@pytest.mark.parametrize(
    "said",
    [
        "that's a lot of money for a pan. the simpler one is fine",
        "this is too much money for that, the plainer one will do",
    ],
)
def test_complaint_of_the_price_names_no_thing(said: str) -> None:
    asked = read(said, FRYER, words="air fryer", categories=["Appliances"])
    assert (asked.compared, asked.categories) == ("cheaper", ())
    assert asked.same_thing
