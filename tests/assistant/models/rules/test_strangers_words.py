"""Wishes in words that the shop does not use: for whom, money, other names, slips, new starts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from assistant.models.rules.by_meaning import is_elsewhere
from assistant.models.rules.decide import Say, decide
from assistant.models.rules.lexicon.catalogue_names import Lexicon
from assistant.models.rules.lexicon.text import normalize
from assistant.models.rules.parse.message import read_message
from assistant.models.rules.parse.price_limits import read_limits
from assistant.models.rules.parse.product_questions import ProductQuestion, read_product_question
from assistant.models.rules.parse.questions import read_ask
from assistant.models.rules.parse.reading import Reading
from assistant.models.rules.parse.relative_sizes import with_plain_sizes
from assistant.models.rules.parse.shorthand import expand_shorthand
from assistant.models.rules.parse.spelling import correct_spelling
from assistant.models.rules.reply.order_reply import order_answer
from assistant.prompt.situation import ShownNote, Situation
from tools.catalogue.vocabulary import Vocabulary, count_vocabulary
from tools.product import Product
from tools.search.arguments import SearchArguments
from tools.search.quantities import quantities_in, unmet
from tools.search.searchable_shop import Elsewhere


def _product(title: str, path: str, color: str = "", gender: str = "") -> Product:
    levels = tuple(path.split(" > "))
    return Product(title, title, levels, color=color, gender=gender, price_minor=2000)


GOODS = (
    _product("Running Shoes Black", "Shoes", "black", "men"),
    _product("Running Shoes White", "Shoes", "white", "women"),
    _product("Oxford Shirt", "Shirts", "white", "men"),
    _product("Silk Blouse", "Shirts", "pink", "women"),
    _product("Nebula Headlamp", "Trekking"),
    _product("Nomad 2-Person Tent", "Trekking"),
    _product("Ceramic Hair Straightener", "Hair Straighteners", "black"),
    _product("Steam Iron", "Irons", "blue"),
    _product('55" OLED TV', "TVs", "black"),
    _product("Blizzard Snowboard in Orange", "Ski"),
)
LEXICON = Lexicon.of(count_vocabulary(GOODS))
LEVELS = Lexicon.of(
    Vocabulary(
        categories={"Men": 2, "Women": 2, "Shoes": 2, "Shirts": 2},
        paths={"Men > Shoes": 1, "Men > Shirts": 1, "Women > Shoes": 1, "Women > Shirts": 1},
    )
)


def reading(said: str, lexicon: Lexicon = LEXICON, **last: Any) -> Reading:
    return read_message(said, lexicon, last=last or None)


@pytest.mark.parametrize(
    "said", ["shoes for my boyfriend", "my husband needs new shoes", "mens shoes", "shoes for him"]
)
def test_for_whom_is_heard_wherever_it_stands(said: str) -> None:
    assert reading(said).options == ("gender=men",)


@pytest.mark.parametrize(
    ("said", "unwanted"),
    [
        ("Black makes me sad, have you it with more joyful color?", ("black",)),
        ("Pink I don't like, please the other color", ("pink",)),
        ("we should prefer a light finish rather than white or black", ()),
    ],
)
def test_color_that_is_refused_is_no_wish_for_it(said: str, unwanted: tuple[str, ...]) -> None:
    found = reading(said)
    assert (found.unwanted, found.colors) == (unwanted, ())


def test_for_whom_holds_when_the_kind_changes() -> None:
    assert reading("and a shirt", categories=["Shoes"], options=["gender=women"]).options == (
        "gender=women",
    )


def test_category_that_says_for_whom_holds_when_the_kind_changes() -> None:
    read = reading("and a shirt", LEVELS, words="shoes", categories=["Women > Shoes"])
    assert read.categories == ("Women > Shirts",)


def test_present_without_a_kind_is_not_narrowed_to_what_states_a_gender() -> None:
    read = reading("a present for my sister")
    assert read.options == ()
    assert "for women" in read.words


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("head torch", "Trekking"),
        ("a hair iron", "Hair Straighteners"),
        ("telly", "TVs"),
        ("a tv", "TVs"),
        ("tent", "Trekking"),
        ("hair straigtener", "Hair Straighteners"),
        ("snow board", "Ski"),
    ],
)
def test_kind_is_known_by_other_names_and_slips(said: str, category: str) -> None:
    assert reading(said).categories == (category,)


def test_what_the_shop_does_not_say_becomes_its_own_word() -> None:
    assert reading("head torch").words == "headlamp"


@pytest.mark.parametrize(
    ("said", "highest"),
    [
        ("50 bux max", "50"),
        ("like 24 dollars or lower", "24"),
        ("20 and down", "20"),
        ("no more than a tenner", "10"),
        ("twenty quid at most", "20"),
        ("under $1.000,50", "1000.50"),
        ("max 1 000,50 €", "1000.50"),
        ("around $60 max", "60"),
        ("two hundred dollars tops", "200"),
        ("up to 1.5k dollars", "1500.0"),
        ("if it were no more than nine dollars", "9"),
        ("mustnt cost mor than 60", "60"),
        ("100 bucks?? cant go ovr 40", "40"),
        ("90 euros, are you joking? under 30", "30"),
        ("30 dollars, at most 50 with a case", "50"),
    ],
)
def test_money_is_read_as_people_write_it(said: str, highest: str) -> None:
    from assistant.models.rules.parse.shorthand import expand_shorthand

    limits, _ = read_limits(expand_shorthand(normalize(said)))
    assert (limits.min_price, limits.max_price) == (None, Decimal(highest))


@pytest.mark.parametrize(
    "said", ["start over, a tent", "forget all that, show me a tent", "ok start again: a tent"]
)
def test_wish_behind_a_new_start_is_heard(said: str) -> None:
    read = reading(said, words="shoes", categories=["Shoes"], colors=["black"])
    assert (read.anew, read.categories, read.talk) == (True, ("Trekking",), None)


def test_wish_behind_thanks_is_heard() -> None:
    read = reading("ok thanks! also need a tent", words="shoes", categories=["Shoes"])
    assert read.categories == ("Trekking",)


def test_number_of_people_names_no_card() -> None:
    cards = [ShownNote(number=n, title=f"Tent {n}", category="Trekking") for n in (1, 2, 3)]
    said = "a small one for just the two of us, under 200?"
    assert read_message(said, LEXICON, shown=3, cards=cards).ask is None


def test_color_that_stands_only_in_words_is_a_color() -> None:
    assert reading("snowboard in orange").colors == ("orange",)


@pytest.mark.parametrize("said", ["leather no", "he can't have leather", "allergic to leather"])
def test_what_is_not_wanted_is_heard_in_other_orders(said: str) -> None:
    assert reading(f"shoes, {said}").unwanted == ("leather",)


def test_price_holds_when_the_kind_changes() -> None:
    now = Situation(last_search={"words": "shoes", "categories": ["Shoes"], "max_price": 50.0})
    asked = decide(reading("a tent", words="shoes", categories=["Shoes"]), now)
    assert not isinstance(asked, Say)
    assert getattr(asked, "max_price", None) == 50


@pytest.mark.parametrize(
    ("words", "earlier", "title", "expected"),
    [
        ("bigger one", "suitcase", "Cabin Suitcase 40L", ("at least 44l one", "suitcase")),
        (
            "bigger",
            "power bank 10000",
            "Power Bank 10,000 mAh",
            ("at least 11000 mah", "power bank"),
        ),
        ("smaller", "bottle", "Bottle 1 l", ("at most 0.9 l", "bottle")),
        ("smaller", "bag", "Tote Bag", ("small compact", "bag")),
        ("canvas", "bag", "Bag 20L", ("canvas", "bag")),
    ],
)
def test_size_is_compared_with_what_the_title_states(
    words: str, earlier: str, title: str, expected: tuple[str, str]
) -> None:
    assert with_plain_sizes(words, earlier, title) == expected


@pytest.mark.parametrize("word", ["hepa", "cartons", "fizzy", "kilos", "dolby", "gilet"])
def test_rare_english_word_is_not_taken_for_a_typo(word: str) -> None:
    shop = {"filter": 3, "gilet": 0, "hepa": 0}
    assert correct_spelling(f"with {word}", shop) == f"with {word}"


@pytest.mark.parametrize(
    "text",
    ["is green and has longer sleeves", "it does not have to be blue, it can be linen",
     "in black, if it's not too much trouble", "maybe the black one, if it isn't down"],
)  # fmt: skip
def test_what_the_next_one_should_be_is_no_question(text: str) -> None:
    cards = [ShownNote(number=n, title=f"Shirt {n}") for n in (1, 2)]
    assert question(text, cards) is None


@pytest.mark.parametrize(
    "text", ["is it waterproof?", "tell me if it is lined", "are the first two cotton"]
)
def test_question_about_what_is_shown_stays_one(text: str) -> None:
    cards = [ShownNote(number=n, title=f"Shirt {n}") for n in (1, 2)]
    assert question(text, cards) is not None


def question(text: str, cards: list[ShownNote]) -> ProductQuestion | None:
    plain = normalize(text)
    return read_product_question(
        plain, plain, colors=(), options=(), cards=cards, asked=text.endswith("?"),
        color_catalogue=True,
    )  # fmt: skip


def test_small_word_is_part_of_what_a_thing_is_called() -> None:
    jackets = (_product("Alpine Down Jacket", "Jackets"), _product("Rain Jacket", "Jackets"))
    lexicon = Lexicon.of(count_vocabulary(jackets))
    assert reading("a down jacket", lexicon).words == "down jacket"
    assert reading("jacket but no down", lexicon).unwanted == ("down",)


def test_color_that_things_are_called_after_is_none() -> None:
    grills = [_product(f"{each} Charcoal Grill", "Grills") for each in ("Kettle", "Folding")]
    grills.append(_product("Gas Grill", "Grills", color="charcoal"))
    lexicon = Lexicon.of(count_vocabulary(grills))
    assert reading("a kettle charcoal grill", lexicon).colors == ()
    assert reading("a gas grill in charcoal", lexicon).colors == ("charcoal",)


@pytest.mark.parametrize(
    ("said", "whom"),
    [
        ("my son says I need shoes", ""),
        ("shoes, he is a big boy", ""),
        ("shoes for my son", "male"),
    ],
)
def test_who_only_says_something_is_not_whom_it_is_for(said: str, whom: str) -> None:
    assert reading(said).gender == whom


def test_what_a_thing_is_for_is_no_brand_of_it() -> None:
    phones = (
        Product("c", "Clear Case for Nuvio One", ("Cases",), brand="Casely"),
        Product("p", "Nuvio One Smartphone", ("Phones",), brand="Nuvio"),
    )
    lexicon = Lexicon.of(count_vocabulary(phones))
    assert reading("a case for my Nuvio One", lexicon).brands == ()
    assert reading("looking for Nuvio phones", lexicon).brands == ("Nuvio",)


@pytest.mark.parametrize("said", ["weighted is not for me", "weighted is a no go for me"])
def test_what_is_not_for_someone_is_not_wanted(said: str) -> None:
    assert reading(said).unwanted == ("weighted",)


def test_one_of_several_things_is_a_wish_of_its_own() -> None:
    now = Situation(last_search={"words": "headlamp tent snowboard"})
    decision = decide(reading("just the tent", words="headlamp tent snowboard"), now)
    assert isinstance(decision, SearchArguments)
    assert decision.words == "tent"


def test_words_that_fit_another_shelf_far_better_are_another_wish() -> None:
    hook = reading("dough hook and motor", words="espresso machine")
    assert is_elsewhere(hook, Elsewhere(share=0.75, nearness=0.1))
    assert not is_elsewhere(hook, Elsewhere(share=0.0, nearness=0.15))
    assert is_elsewhere(hook, Elsewhere(share=0.0, nearness=0.4))
    assert not is_elsewhere(hook, Elsewhere(share=0.75, nearness=0.15), refines=True)
    assert not is_elsewhere(hook, Elsewhere(share=0.75, nearness=0.02))
    ones = reading("ones with a motor", words="espresso machine")
    assert not is_elsewhere(ones, Elsewhere(share=0.75, nearness=0.1))
    assert is_elsewhere(ones, Elsewhere(share=0.75, nearness=0.3))
    assert not is_elsewhere(reading("5 years", words="shoes"), Elsewhere(share=1, nearness=0.5))
    now = Situation(last_search={"words": "espresso machine", "max_price": 90.0})
    decision = decide(replace(hook, other_thing=True), now)
    assert isinstance(decision, SearchArguments)
    assert decision.words == "dough hook and motor"
    assert decision.max_price == 90


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [
        ("toaster, like 45 bucks or so at the most", None, "45"),
        ("sockets somewhere from 50 up to 100 dollars", "50", "100"),
        ("a shaver with at least 90 minutes in it", None, None),
    ],
)
def test_limit_is_read_and_an_amount_of_time_is_none(
    said: str, low: str | None, high: str | None
) -> None:
    limits = reading(said)
    assert limits.min_price == (None if low is None else Decimal(low))
    assert limits.max_price == (None if high is None else Decimal(high))


@pytest.mark.parametrize(
    ("said", "unwanted"),
    [
        ("neither black nor white", ("black", "white")),
        ("pink is not my thing", ("pink",)),
        ("latex makes me itch", ("latex",)),
    ],
)
def test_more_ways_to_refuse_are_heard(said: str, unwanted: tuple[str, ...]) -> None:
    assert reading(said).unwanted == unwanted


def test_praise_of_a_color_names_no_thing() -> None:
    praised = reading("black would suit my room", words="steam iron")
    assert (praised.words, praised.colors) == ("", ("black",))


@pytest.mark.parametrize(
    ("text", "number"),
    [("which of 1 and 2 is less money?", 2), ("which is the most affordable?", 3)],
)
def test_cheaper_of_several_is_told_by_its_price(text: str, number: int) -> None:
    cards = [ShownNote(number=n, title=f"Iron {n}", price=Decimal(90 - n)) for n in (1, 2, 3)]
    asked = question(text, cards)
    assert asked is not None
    assert asked.topic == "order"
    said = order_answer(asked, cards)
    assert said.startswith(f"Number {number}, Iron {number}, is the cheapest")


def test_color_before_not_that_is_not_wanted() -> None:
    assert reading("white shows every fingerprint so not that").unwanted == ("white",)


def test_one_in_red_counts_no_inches() -> None:
    assert reading("is there one in red").words == ""


def test_color_of_what_a_thing_is_for_is_no_filter() -> None:
    assert reading("a tent for my pink car").colors == ()
    assert reading("a pink tent for my car").colors == ("pink",)


def test_kind_may_be_called_like_a_color() -> None:
    creams = Lexicon.of(
        count_vocabulary([_product("Hand Cream", "Care"), _product("Sofa", "Sofas", "cream")])
    )
    assert reading("day cream with sun protection", creams).colors == ()
    assert reading("a sofa in cream", creams).colors == ("cream",)


def test_verb_is_no_kind() -> None:
    watches = Lexicon.of(count_vocabulary([_product("GPS Watch", "Watches")]))
    assert reading("a window so that they can watch", watches).categories == ()
    assert reading("a watch", watches).categories == ("Watches",)


@pytest.mark.parametrize("said", ["he won't wear silk", "she never wears silk", "can't touch silk"])
def test_what_someone_refuses_is_not_wanted(said: str) -> None:
    assert reading(said).unwanted == ("silk",)


def test_no_heavier_than_is_a_bound_and_no_exclusion() -> None:
    read = reading("a tent no heavier than 1.5 kg")
    assert read.unwanted == ()
    assert [each.bound for each in quantities_in(read.words)] == ["most"]
    assert [each.bound for each in quantities_in("no less than 2 litres")] == ["least"]


def test_amount_with_a_unit_of_its_own_is_no_price() -> None:
    assert reading("has to write at least 80 MB/s").min_price is None


def test_limit_that_may_be_passed_is_lifted() -> None:
    assert "price" in reading("a tent, that one may cost more").free_of


@pytest.mark.parametrize(
    ("said", "lifted"),
    [
        ("then the price makes nothing", {"price"}),
        ("hang the price", {"price"}),
        ("neither the cost nor the colour matters", {"price", "colors"}),
        ("drop both wishes", {"price", "colors", "brands", "min_rating"}),
        ("forget all the limits", {"price", "colors", "brands", "min_rating"}),
        ("the price is then not anymore important", {"price"}),
        ("do forgive me, the price no longer matters", {"price"}),
        ("my wife tells me that we needn't mind the price after all", {"price"}),
        ("an electric one, never mind what it costs", {"price"}),
        ("a lamp to hang the stars on", set()),
    ],
)
def test_limit_that_counts_no_longer_is_lifted(said: str, lifted: set[str]) -> None:
    assert reading(said).free_of == lifted


@pytest.mark.parametrize(
    ("said", "highest"),
    [
        ("35 dollars? got any cheaper than that", "34.99"),
        ("$35?? got any cheaper than that, dont care about the color", "34.99"),
        ("under 50 dollars, nothing below that quality", "50"),
    ],
)
def test_less_than_that_leaves_out_the_amount_itself(said: str, highest: str) -> None:
    assert reading(said).max_price == Decimal(highest)


@pytest.mark.parametrize(
    ("said", "colors"),
    [
        ("my fence is going white, a shirt to paint it in", ()),
        ("a shirt against black spots", ()),
        ("a shirt for black tea", ()),
        ("a black tea shirt", ("black",)),
        ("a white shirt", ("white",)),
        ("a shirt in black", ("black",)),
    ],
)
def test_color_of_something_else_is_no_wish(said: str, colors: tuple[str, ...]) -> None:
    assert reading(said).colors == colors


def test_reason_is_no_part_of_what_is_not_wanted() -> None:
    assert reading("a shirt without buttons because I lose them").unwanted == ("buttons",)
    assert reading("a shirt, no buttons ever").unwanted == ("buttons",)


@pytest.mark.parametrize(
    ("said", "without"),
    [
        ("the colour is of no importance", ["stripes"]),
        ("black is ok for me", ["red", "stripes"]),
        ("in cotton", ["red", "black frame", "stripes"]),
    ],
)
def test_color_that_is_fine_again_is_left_out_no_longer(said: str, without: list[str]) -> None:
    before: dict[str, Any] = {"words": "shirt", "without": ["red", "black frame", "stripes"]}
    found = decide(reading(said, LEXICON, **before), Situation(last_search=before))
    assert isinstance(found, SearchArguments)
    assert found.without == without


@pytest.mark.parametrize(
    ("said", "cheaper"),
    [
        ("that's too much", True),
        ("too much for me", True),
        ("94 is too much", True),
        ("if it isn't too much trouble, a tent", False),
        ("no, too much festive", False),
    ],
)
def test_too_much_of_something_else_is_no_price(said: str, cheaper: bool) -> None:
    read = reading(said, words="shirt")
    assert (read.compared == "cheaper") == cheaper
    assert read.ask is None


@pytest.mark.parametrize(
    ("said", "options"),
    [
        ("shoes for my husband", ("gender=men",)),
        ("shoes, or my husband will faint", ()),
        ("shoes, my wife would like a pair", ("gender=women",)),
    ],
)
def test_who_only_looks_on_is_not_whom_it_is_for(said: str, options: tuple[str, ...]) -> None:
    assert reading(said).options == options


@pytest.mark.parametrize(
    "said", ["the colour's up to you", "let's drop shirts and black altogether", "scrap black"]
)
def test_color_that_is_let_go_of_holds_no_longer(said: str) -> None:
    assert "colors" in reading(said, words="shirt", colors=["black"]).free_of


@pytest.mark.parametrize(
    "said",
    [
        "cans under 50 ohms",
        "cans under 50 Ω",
        "under 40 pages",
        "below 20 denier",
        "at least 128 notes polyphony",
    ],
)
def test_number_of_something_else_is_no_price(said: str) -> None:
    assert reading(said).max_price is None


@pytest.mark.parametrize("said", ["from that brand", "by this maker", "of theirs"])
def test_brand_of_before_is_meant(said: str) -> None:
    card = ShownNote(number=1, title="Oxford Shirt", brand="Moor")
    read = read_message(f"shoes {said}", LEXICON, shown=1, cards=[card])
    assert read.brands == ("Moor",)


def test_code_with_small_words_is_a_wish_of_its_own() -> None:
    assert reading("and H3521").coded
    assert not reading("and 500ml").coded


def test_form_of_a_word_that_is_none_is_a_slip() -> None:
    shop = {"calculator": 3, "tshirt": 2, "wellies": 1, "stainless": 4}
    assert correct_spelling("calculater", shop) == "calculator"
    assert correct_spelling("tshirts", shop) == "tshirts"
    assert correct_spelling("wellys", shop) == "wellies"
    assert correct_spelling("stainles steel", shop) == "stainless steel"


def test_how_about_one_with_numbers_asks_for_another_thing() -> None:
    assert read_ask("how about one with two drawers", 3) is None


def test_keep_thinking_keeps_nothing() -> None:
    assert read_ask("no, i keep thinking of number 2", 3) is None


@pytest.mark.parametrize(
    ("said", "colors"),
    [
        ("in a darker color", ("black",)),
        ("do you have it in a lighter color than pink?", ("white",)),
    ],
)
def test_color_is_compared_among_those_of_the_catalogue(said: str, colors: tuple[str, ...]) -> None:
    assert reading(said).colors == colors


def test_color_that_was_searched_is_no_darker_one() -> None:
    assert reading("in a darker color", words="shoes", colors=["black"]).colors == ()


def test_not_such_a_color_as_one_is_not_that_one() -> None:
    assert reading("but not such a bright color as pink").unwanted == ("pink",)


def test_brand_of_before_is_not_wanted_where_another_is() -> None:
    card = ShownNote(number=1, title="Oxford Shirt", brand="Moor")
    read = read_message("something from another brand", LEXICON, shown=1, cards=[card])
    assert read.unwanted == ("moor",)


def test_non_slip_is_a_wish_and_plastic_free_is_none() -> None:
    made = [replace(GOODS[2], material="plastic"), replace(GOODS[3], material="silk")]
    lexicon = Lexicon.of(count_vocabulary(made))
    assert reading("a non slip shirt", lexicon).unwanted == ()
    assert reading("one that is plastic free", lexicon).unwanted == ("plastic",)
    assert reading("no real silk", lexicon).unwanted == ("silk",)


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("a present 4 my mum", "a present for my mum"),
        ("smth 2 wear", "something to wear"),
        ("lower then 650 dolars", "lower than 650 dollars"),
        ("more like 4 please", "more like 4 please"),
        ("not 4 hiking but in that color 2", "not for hiking but in that color too"),
        ("only 4 stars and up", "only 4 stars and up"),
        ("only 4 rating and up", "only 4 rating and up"),
        ("there were 2 in the box", "there were 2 in the box"),
        ("a couple of us", "2 people"),
        ("a tent for all five of us", "a tent for all five people"),
        ("just for the couple of us", "just for 2 people"),
        ("we're 5 at table", "we're 5 people at table"),
        ("we are 5 minutes away", "we are 5 minutes away"),
    ],
)
def test_short_forms_are_written_out(said: str, plain: str) -> None:
    assert expand_shorthand(said) == plain


def test_thing_of_ones_own_is_not_what_is_wanted() -> None:
    assert reading("my tent is dark, i need a headlamp").kind == "headlamp"


def test_room_is_compared_as_an_area() -> None:
    purifier = Product("1", "Air Purifier", description="For rooms up to 80m2.")
    asked = quantities_in("for 70 square metres")
    assert [each.dimension for each in asked] == ["area"]
    assert unmet(asked, purifier) == ()
    assert unmet(quantities_in("for 100 sqm"), purifier) != ()


def test_kids_are_meant_besides_women_where_a_shop_has_no_word_for_girls() -> None:
    shop = [_product("Helmet", "Cycling", gender=each) for each in ("women", "men", "kids")]
    options = reading("a helmet for my daughter", Lexicon.of(count_vocabulary(shop))).options
    assert options == ("gender=kids", "gender=women")
