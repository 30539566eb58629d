"""What a chat model invents never reaches a shopper, whatever else it does wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver

from assistant.budget import TurnLimits
from assistant.conversation import Assistant
from assistant.events import Done, Event, Failed, Found, Message, Words
from assistant.grounding.check import corrected, corrected_message, is_true
from assistant.grounding.facts import KnownFacts
from assistant.grounding.sentences import sentences
from assistant.photo_store import PhotoStore
from assistant.prompt.situation import ShownNote, Situation
from tests.support.conversation import history
from tests.support.journeys import journeys
from tests.support.repeats import TIMES
from tests.support.scripted_model import ScriptedModel, search
from tools.product import Product, Variant
from tools.search.replies import DetailsReply
from tools.search.shop import Shop

SHOWN = [
    ShownNote.model_validate(
        {
            "number": n,
            "title": title,
            "price": price,
            "rating": rating,
            "category": "Kitchen > Mugs",
        }
    )
    for n, (title, price, rating) in enumerate(
        [("Red Mug Basic", "8.99", 3.9), ("Red Mug Plus", "13.99", 4.6), ("Tin Cup", None, None)], 1
    )
]
FACTS = KnownFacts.from_turn(
    Situation(shown=SHOWN, catalogue={"brands": ["Daybird", "Legend"], "currency": "USD"}),
    [HumanMessage("red mugs under $20")],
)


def test_price_of_a_variant_that_a_tool_told_is_no_invention() -> None:
    """The price of a blue form was taken for an invented one, since the card has another."""
    product = replace(
        Product("m1", "Red Mug Basic", price_minor=899),
        variants=(Variant("m1-blue", (("Color", "blue"),), 1249),),
    )
    details = DetailsReply.of(1, product).json()
    told = KnownFacts.from_turn(
        Situation(shown=SHOWN, catalogue={"brands": [], "currency": "USD"}),
        [
            HumanMessage("what is number 1 in blue?"),
            ToolMessage(details, name="product_details", tool_call_id="1"),
        ],
    )
    assert is_true("Number 1 is $12.49 in blue.", told)
    assert not is_true("Number 2 is $12.49 in blue.", told)


@pytest.mark.parametrize(
    "sentence",
    [
        "Number 1 is Red Mug Basic at $8.99.",
        "Number 2 costs 13.99 dollars and is rated 4.6.",
        "Both are under $20.",
        "Here are three mugs for you, and they look lovely!",
        "Numbers 1 and 2 are $8.99 and $13.99.",
        "2. Red Mug Plus ($13.99, 4.6 stars)",
        "Number 3 has no price.",
        "Red Mug Plus is the sturdier one.",
        "Number 2 costs thirteen ninety-nine.",
        "Number two is $5 more than number one.",
        "Number 1 is $8.99, well under your $20 limit.",
        "The second is rated 4.6 out of 5.",
        "I found just 3 mugs, and one of these two should do.",
        "Which of the two do you like, the first or the second?",
        "**Red Mug Plus** costs $13.99.",
        "I cannot say when it would be delivered.",
        "Say “show me more” to see others.",
        "Nummer 1 ist Red Mug Basic für 8,99 €.",
        "Hier sind drei Becher in der Farbe, die zum Geschenk passt.",
        "Rote Becher habe ich im Laden gefunden.",
        "Voici trois tasses à partir de 8,99 €.",
        "If you want a gift for Christmas, I like the Red Mugs.",
    ],
)
def test_what_the_shop_has_said_may_be_said(sentence: str) -> None:
    assert is_true(sentence, FACTS)


@pytest.mark.parametrize(
    "sentence",
    [
        "It costs $7.49.",
        "Number 1 is only $13.99.",
        "Number 2 has 3.9 stars.",
        "Number 1 is rated 4.6.",
        "Number 7 is the best.",
        "1. Red Mug Plus at $13.99",
        "Number 1 is Red Mug Plus.",
        "The Aurora Sunrise Tumbler would suit you.",
        "I also recommend the Red Mug Deluxe.",
        "It is made by Daybird.",
        "Over 4,000 people bought it.",
        'multimodal_search(words="mug")',
        '{"name": "multimodal_search", "arguments": {"words": "mug"}}',
        "<tool_call> search mugs",
        "It is twenty dollars cheaper.",
        "It is yours for seven dollars and forty-nine cents.",
        "Number two has five stars.",
        "Number two: ★★★★★",
        "Number twelve is the best.",
        "Pick items 1, 3 and 12.",
        "The twelfth one suits you.",
        "The 7th is lovely.",
        "Here are a dozen mugs.",
        "Red Mug Basic is $13.99.",
        "The first costs $13.99.",
        "It costs 7.",
        "It costs ３.３３ dollars.",
        "It is a cup from Nike.",
        "I would take the “aurora sunrise tumbler”.",
        "I would take the **aurora tumbler**.",
        "See https://example.com/mugs for more.",
        "It ships for free within two days.",
        "It is a best-seller.",
        "I will call multimodal_search for mugs.",
        '  "words": "mug",',
        "search(query=mugs)",
        "Nummer 1 kostet nur 3,33 €.",
        "Ich empfehle den Aurora Sunrise Becher.",
    ],
)
def test_what_is_invented_is_caught(sentence: str) -> None:
    assert not is_true(sentence, FACTS)


def test_a_caught_sentence_is_replaced_by_the_catalogues_own() -> None:
    mended = corrected("I like these. Number 2 is just $4.99! Number 2 is a steal at $1.", FACTS)
    assert mended == "I like these. Number 2 is Red Mug Plus at $13.99, rated 4.6. "


def test_an_invention_does_not_stay_in_the_history() -> None:
    message = AIMessage("The Aurora Sunrise Tumbler is $5.")
    assert "Aurora" not in str(corrected_message(message, FACTS).text)


@pytest.mark.parametrize(
    "text", ["One. Two!  Three", "It is $9.99. Fine", "1. A mug\n2. A cup\n", "", "\n\n", "a.b"]
)
def test_sentences_together_are_the_text(text: str) -> None:
    assert "".join(sentences(text)) == text


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Shop:
    return color_shop


INVENTED = "The Zorblax Hyper Mug 9000 is yours for $3.33, rated 4.9 by 8,812 people. "
MUGS = search(words="mug", categories=["Mugs"])
BAD: list[list[Any]] = [
    [{"name": "order_pizza", "args": {"size": 3}}, INVENTED],
    [search(words=["mug"], max_price="cheap", limit="many"), INVENTED],
    [MUGS, {"name": "product_details", "args": {"number": 9999}}, INVENTED],
    [search(words="mug", like=-4), search(words="mug", photo=77), INVENTED],
    [MUGS],  # the same call for ever
    [search(words=f"mug {n}") for n in range(40)],
    [MUGS, INVENTED],
    [""],
    ['{"name": "multimodal_search", "arguments": {"words": "mug", "max_price": 3.33}}'],
    [RuntimeError("out of memory at 0xdeadbeef"), ""],
    [{"name": "shortlist", "args": {"action": "burn", "numbers": ["x"]}}, INVENTED],
    [{"name": "compare_products", "args": {}}, MUGS, "Number 1 is $3.33."],
]
LIMITS = TurnLimits(model_calls=4, tool_calls=3, seconds=120)
JOURNEYS = journeys("other_words.yaml")
STEP = 1 if TIMES > 1 else 6
"""Of the bad models each journey meets every sixth; the journeys together meet all of them."""


@pytest.mark.parametrize("place", range(len(JOURNEYS)), ids=lambda place: JOURNEYS[place].name)
async def test_a_bad_model_shows_nothing_invented_and_keeps_its_budget(
    shop: Shop, place: int, tmp_path: Path
) -> None:
    journey = JOURNEYS[place]
    for number, script in list(enumerate(BAD))[place % STEP :: STEP]:
        model = ScriptedModel(script=script)
        assistant = Assistant(
            shop=shop,
            chat_model=model,
            checkpointer=InMemorySaver(),
            photos=PhotoStore(tmp_path / "photos"),
            limits=LIMITS,
        )
        turn = journey.turns[number % len(journey.turns)]
        events = [event async for event in assistant.turn("t", Message(turn["say"] or "mugs"))]
        _nothing_invented(events)
        assert len(model.heard) <= LIMITS.model_calls
        state = await history(assistant)
        kept = json.dumps([m.model_dump() for m in state["messages"] if m.type == "ai"])
        assert "Zorblax" not in kept


def _nothing_invented(events: list[Event]) -> None:
    assert isinstance(events[-1], Done | Failed)
    said = "".join(event.delta for event in events if isinstance(event, Words))
    for invention in ("Zorblax", "3.33", "8,812", "9000", "0xdeadbeef", "arguments"):
        assert invention not in said
    if isinstance(events[-1], Failed):
        assert "0xdeadbeef" not in events[-1].sentence
    for event in events:
        if isinstance(event, Found):
            assert len({match.product.id for match in event.matches}) == len(event.matches)
