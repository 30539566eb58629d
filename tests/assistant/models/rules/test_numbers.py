"""English number words: their values, and one place for them."""

from __future__ import annotations

import ast

import pytest

from assistant.models.rules.lexicon.numbers import CARDINALS, VALUES, in_digits, place_of
from assistant.models.rules.lexicon.text import normalize
from tests.support.paths import ROOT


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("twenty-five dollars", "25 dollars"),
        ("a hundred and twenty", "120"),
        ("nineteen ninety-nine", "19.99"),
        ("four point six stars", "4.6 stars"),
        ("two dozen", "24"),
        ("one of these two", "1 of these 2"),
    ],
)
def test_number_words_become_digits(text: str, digits: str) -> None:
    assert in_digits(text) == digits


def test_small_numbers_stay_words_where_they_are_figures_of_speech() -> None:
    assert in_digits("one of these two at thirty", most_kept=3) == "one of these two at 30"


@pytest.mark.parametrize(("ordinal", "place"), [("third", 3), ("3rd", 3), ("Twentieth", 20)])
def test_ordinals_are_places(ordinal: str, place: int) -> None:
    assert place_of(ordinal) == place


def test_normal_form_writes_amounts_from_ten_on_in_digits() -> None:
    assert normalize("Under thirty-five") == "under 35"
    assert normalize("sixteen or two") == "16 or two"


def test_number_words_are_listed_in_one_file() -> None:
    """Other modules take their part of it, so that all read the same words."""
    lists = set()
    for path in (ROOT / "assistant").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            parts = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", ())
            words = {part.value for part in parts if isinstance(part, ast.Constant)}
            if len(words & set(CARDINALS)) > 2:
                lists.add(path.name)
    assert lists == {"numbers.py"}
    assert [VALUES[word] for word in CARDINALS] == list(range(20))
