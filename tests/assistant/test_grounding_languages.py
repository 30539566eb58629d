"""What a chat model says in other languages than English, held against what it was told."""

from __future__ import annotations

import pytest
from langchain_core.messages import HumanMessage, ToolMessage

from assistant.grounding.check import is_true
from assistant.grounding.facts import KnownFacts
from assistant.prompt.situation import ShownNote, Situation

CARDS = (("Red Mug Basic", "8.99", 3.9, "Daybird"), ("Espresso Machine Pro", "1299.50", 4.6,
         "Legend"), ("Tin Cup", "20", None, ""))  # fmt: skip
FACTS = KnownFacts.from_turn(
    Situation(
        shown=[
            ShownNote.model_validate(
                {"number": n, "title": title, "price": price, "rating": rating, "brand": brand,
                 "category": "Kitchen > Mugs", "currency": "EUR"}
            )
            for n, (title, price, rating, brand) in enumerate(CARDS, start=1)
        ],
        catalogue={"brands": ["Daybird", "Legend", "Nike"], "currency": "EUR"},
    ),
    [
        HumanMessage("tassen unter 30 euro"),
        ToolMessage(
            '{"number":1,"title":"Red Mug Basic","availability":"in stock",'
            '"description":"Holds 0.35 l."}',
            name="product_details",
            tool_call_id="1",
        ),
    ],
)  # fmt: skip


@pytest.mark.parametrize(
    "sentence",
    [
        "Nummer 2 kostet 1.299,50 €.",
        "Le numéro 2 coûte 1 299,50 €.",
        "Le numéro 2 coûte 1\u202f299,50 €.",
        "El número 2 cuesta 1.299,50 €.",
        "Il numero 2 costa 1.299,50 euro.",
        "O número 2 custa 1.299,50 €.",
        "Nummer 2 kost € 1.299,50.",
        "Nr. 1 ist mit 3,9 Sternen bewertet.",
        "La première tasse coûte 8,99 €.",
        "Das dritte kostet zwanzig Euro.",
        "Nummer 1 ist auf Lager.",
        "Die Tasse fasst 0,35 l und ist schön.",
        "Номер 1 стоит 8,99 €.",
        "Number 2 is €1,299.50.",
        "Le premier est en stock.",
        "Le numéro 1 est de la marque Daybird.",
        "Die Marke ist Daybird.",
        "Es ist nicht bekannt, ob der Versand kostenlos ist.",
        "La tazza è di Daybird.",
    ],
)
def test_true_sentence_in_another_language_is_let_through(sentence: str) -> None:
    assert is_true(sentence, FACTS)


@pytest.mark.parametrize(
    "sentence",
    [
        "Nummer 2 kostet 1.199,50 €.",
        "Le numéro 2 coûte 8,99 €.",
        "El número 1 cuesta 1.299,50 €.",
        "Il numero 7 costa 8,99 euro.",
        "O primeiro custa 20 €.",
        "Nummer 1 hat 4,6 Sterne.",
        "Le premier est noté 4,6.",
        "Die dritte kostet dreißig Euro.",
        "Nummer 3 ist ausverkauft.",
        "La livraison est gratuite.",
        "Le numéro 1 est de la marque Nike.",
        "La taza es de Aurora.",
        "Номер 1 стоит 20 €.",
        "2 年保証、価格は 50 €.",
        "Die Marke ist Aurora.",
        "Fasst 0,5 l.",
        "De eerste kost 1.299,50 €.",
        "Con garantía de por vida.",
        "Numéro 1 : ٥٠ €",
    ],
)
def test_false_sentence_in_another_language_is_held_back(sentence: str) -> None:
    assert not is_true(sentence, FACTS)
