"""What the built-in chat model adds about another currency and another language."""

from __future__ import annotations

import pytest

from assistant.models.rules.parse.languages import in_english, language_of, note_on_language
from assistant.models.rules.reply.currency_note import currency_note
from tools.search.arguments import SearchArguments


@pytest.mark.parametrize(
    ("typed", "currency", "says"),
    [
        ("mugs under 50 euros", "USD", "Prices here are in US dollars"),
        ("mugs under £50", "EUR", "I do not convert pounds, so I took your limit as €50.00"),
        ("mugs under $50", "USD", ""),
        ("mugs under 50 bucks", "CAD", ""),
        ("mugs", "EUR", ""),
    ],
)
def test_limit_in_another_currency_is_said(typed: str, currency: str, says: str) -> None:
    bound = {"max_price": 50} if "50" in typed else {}
    said = currency_note(typed, SearchArguments.unchecked(bound), currency)
    assert says in said
    assert bool(said) == bool(says)


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("Ich suche einen schwarzen Rucksack unter 50 Euro", "de"),
        ("je cherche une robe rouge pour ma femme", "fr"),
        ("busco zapatos negros de menos de 80 €", "es"),
        ("cerco una borsa nera", "it"),
        ("procuro uma mochila azul até 60 euros", "pt"),
        ("ik zoek een rode jurk", "nl"),
        ("ищу черный рюкзак", "ru"),
        ("red mug", ""),
        ("die cast car", ""),
        ("show me la mer candles", ""),
        ("hi de luxe bag in size m", ""),
        ("mens jacket no wool", ""),
        ("pour over kettle con lid", ""),
    ],
)
def test_language_of_a_message_is_noticed(typed: str, language: str) -> None:
    assert language_of(typed) == language


def test_colors_kinds_and_limits_are_understood() -> None:
    said = in_english("Ich suche einen schwarzen Rucksack unter 50 Euro", "de")
    assert said == "black backpack under 50 euro"
    assert in_english("cerco una borsa nera", "it") == "bag black"


def test_note_names_what_was_understood() -> None:
    assert note_on_language("de", "black") == (
        "Ich verstehe nur Englisch wirklich gut. Verstanden habe ich: black."
    )
    assert "anglais" in note_on_language("fr", "")
