"""Ceilings, and what is let go of, in other words than "under 50" and "any color"."""

from __future__ import annotations

import pytest

from assistant.models.rules.decide import Say, decide
from assistant.models.rules.lexicon.catalogue_names import Lexicon
from assistant.models.rules.parse.message import read_message
from assistant.models.rules.parse.reading import Reading
from assistant.prompt.situation import ShownNote, Situation
from tools.catalogue.vocabulary import count_vocabulary
from tools.embedding.base import MessageActs
from tools.product import Product
from tools.search.arguments import SearchArguments
from tools.search.exclusions import has

GOODS = (
    Product("a", "Blue Kettle", ("Kettles",), price_minor=500, color="blue"),
    Product("b", "Reading Lamp", ("Lamps",), price_minor=4000, color="white"),
    Product("c", "Carbon Skis", ("Ski/boarding",), price_minor=69_900, color="orange"),
    Product("d", "Swift Snowboard", ("Ski/boarding",), price_minor=29_900),
)
LEXICON = Lexicon.of(count_vocabulary(GOODS))
CARDS = [ShownNote(number=n, title=p.title, category="x") for n, p in enumerate(GOODS, start=1)]


def reading(said: str, acts: MessageActs | None = None) -> Reading:
    last = {"words": "lamp"}
    return read_message(said, LEXICON, shown=len(CARDS), cards=CARDS, last=last, acts=acts)


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ("a lamp, and I'd like to stay this side of 250", 250),
        ("a snowboard, as long as I get change from three hundred", 300),
        ("any material, but it mustn't reach ninety", 90),
        ("a lamp. More than 600 we don't give out", 600),
        ("a lamp, two hundred at the very outside", 200),
        ("a lamp, half a hundred and not a cent more", 50),
        ("i only have 3 tenners left for a lamp", 30),
        ("a lamp, the office collection came to fifty", 50),
        ("a lamp, and I'd hate to spend more than four hundred", 400),
        ("not carbon, and i'm not paying 100 or more", 100),
        ("she refuses to pay more than 30 for a lamp", 30),
        ('Keep it within 300 and let it be a 20" lamp', 300),
        ("a lamp, has 2 be undr 40 tho", 40),
        ("a lamp, nothin over 20", 20),
        ("would you mind leaving out whatever exceeds 100 dollars?", 100),
        ("a lamp, and hide all above 90 dollars", 90),
        ("a lamp, none over 45 please", 45),
        ("a lamp, k cld go up 2 100", 100),
        ("we can't go above the 100 we collected for a lamp", 100),
        ("a lamp, seventy hurts", None),
        ("ouch, over a hundred, that stings. A lamp up to 50", 50),
        ("a lamp for a room of 20 square metres", None),
        ("a lamp, she is 60", None),
        ("a torch of 300+ lumens", None),
        ("a sleeping bag down to -5 degrees", None),
        ("sun milk spf 50+", None),
        ("the model 40 lamp", None),
        ("a power bank with at least 60 W output", None),
        ("never mind the lamp, make it 8 candles", None),
        ("a lamp w a dimmer, ok make it 60", 60),
        ("a lamp 4 my desk, less thn 40", 40),
        ("a lamp under 40 w a dimmer", 40),
        ("300 is too much for that, up to 90 for a lamp", 90),
    ],
)
def test_ceiling_is_read_from_what_stands_beside_it(said: str, most: int | None) -> None:
    found = reading(said)
    assert found.max_price == most
    assert found.min_price is None


def test_limit_is_taken_back_where_a_message_surely_means_that_and_names_no_other() -> None:
    lifts = MessageActs(asks_of_shown=0.0, lifts_price=0.9, other_kind=0.0)
    assert "price" in reading("my uncle is paying, so a lamp of brass", lifts).free_of
    for said in ("my uncle is paying, so a lamp up to 90", "my uncle pays, but a cheaper lamp"):
        assert "price" not in reading(said, lifts).free_of
    unsure = MessageActs(asks_of_shown=0.0, lifts_price=0.6, other_kind=0.0)
    assert "price" not in reading("my uncle is paying, so a lamp of brass", unsure).free_of


@pytest.mark.parametrize(
    "said",
    [
        "oh, 120 for that is too much",
        "600 for a lamp is really steep",
        "$120 is way too expensive for me",
        "120 for that is a lot of money, something cheaper for him",
    ],
)
def test_amount_that_is_too_much_asks_for_less(said: str) -> None:
    found = reading(said)
    assert (found.max_price, found.compared) == (None, "cheaper")


@pytest.mark.parametrize(
    "said",
    [
        "no ceiling lamps please",
        "a pen, no cap on it",
        "the cap is gone, a lamp",
        "I put some money aside, a lamp",
    ],
)
def test_word_of_a_limit_that_means_a_thing_lifts_none(said: str) -> None:
    assert "price" not in reading(said).free_of


@pytest.mark.parametrize("said", ["number 2 is too expensive", "a kid of 3 is a lot of work"])
def test_number_that_is_no_amount_asks_for_nothing_cheaper(said: str) -> None:
    assert "number" not in reading(said).words
    assert said.startswith("number") or reading(said).compared is None


def test_limit_stays_where_the_same_is_asked_for() -> None:
    lifts = MessageActs(asks_of_shown=0.0, lifts_price=0.95, other_kind=0.0)
    assert "price" not in reading("scrap the dimmer. Same budget", lifts).free_of


@pytest.mark.parametrize(
    ("said", "most"), [("not more than 120 pls", 120), ("all I can spend is 90, not one more", 90)]
)
def test_limit_is_no_question_however_sure_it_seems(said: str, most: int) -> None:
    found = reading(said, MessageActs(asks_of_shown=0.99, lifts_price=0.0, other_kind=0.0))
    assert found.ask is None
    assert found.max_price == most


@pytest.mark.parametrize(
    ("said", "freed"),
    [
        ("six of us are coming. forget what I said about money", "price"),
        ("screw the budget, it has to be strong", "price"),
        ("a lamp; there the price is of no concern", "price"),
        ("the white lamp, and the colour is to us equal", "colors"),
        ("he doesn't care about the colour any more", "colors"),
        ("budget off. needs to be bright", "price"),
        ("money's no object here: a bright lamp", "price"),
        ("a toy of wood, and forget the 40 for those", "price"),
        ("a lamp in whichever colour", "colors"),
        ("grandpa pays the rest, so no ceiling any more", "price"),
        ("money aside, it has to be quiet", "price"),
        ("color and size aside, would there be a brighter lamp?", "colors"),
    ],
)
def test_limit_is_let_go_of(said: str, freed: str) -> None:
    assert freed in reading(said).free_of


@pytest.mark.parametrize(
    ("said", "unwanted"),
    [
        ("White would be filthy within a day", ("white",)),
        ("blue is a bad idea after all, orange please", ("blue",)),
        ("a lamp that I can switch off without getting up", ()),
        ("speed is not important", ()),
        ("a hands free lamp", ()),
        ("in metal, no plastic whatsoever", ("plastic",)),
        ("he'd never put on orange", ("orange",)),
        ("white frames are boring", ("white",)),
        ("black makes my room too dark", ("black",)),
        ("the white becomes dirty too quick", ("white",)),
        ("I don't care for white, I fear", ("white",)),
        ("in orange I look like a traffic cone, what else?", ("orange",)),
        ("in orange she looks great", ()),
        ("nobody ever wants white", ("white",)),
        ("my carpet gets dirty, so a brighter lamp", ()),
        ("in orange I look for a lamp", ()),
        ("the blue he would not like", ("blue",)),
        ("the blue one, as white shows every stain", ()),
        ("sorry, I am afraid of it", ()),
    ],
)
def test_what_is_not_wanted_is_a_thing(said: str, unwanted: tuple[str, ...]) -> None:
    assert reading(said).unwanted == unwanted


def test_shelf_of_several_things_says_nothing_of_one() -> None:
    assert not has(GOODS[2], "boards")
    assert has(GOODS[3], "snowboard")
    assert has(GOODS[1], "lamps")


@pytest.mark.parametrize(
    "said",
    ["is there one that keeps them apart?", "what do i make the foam with?",
     "they are dry and cracked, what's good for that", "would you have something for it?",
     "have you got something against that? it rolls all around"],
)  # fmt: skip
def test_wish_for_another_thing_is_no_question_about_those_shown(said: str) -> None:
    ask = reading(said).ask
    assert ask is None or ask.kind not in ("compare", "details")


def test_color_that_is_not_wanted_is_none_that_is() -> None:
    found = reading("Anything but white; my partner's is white already")
    assert found.unwanted == ("white",)
    assert found.colors == ()


def test_long_message_with_picks_in_it_is_no_look_at_the_shortlist() -> None:
    said = (
        "never know what to get my neighbour, so one of those vouchers where she picks for herself"
    )
    assert reading(said).ask is None
    asked = reading("show me my picks").ask
    assert asked is not None
    assert asked.kind == "kept"


def test_message_that_tells_what_is_wanted_needs_no_picture_for_its_this() -> None:
    now = Situation()
    long = read_message("a hoover that drives around on its own, no time for this", LEXICON)
    assert isinstance(decide(long, now), SearchArguments)
    assert isinstance(decide(read_message("a lamp with this", LEXICON), now), Say)
