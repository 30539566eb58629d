"""Messages that ask for no products, and wishes that use their words."""

from __future__ import annotations

import pytest

from assistant.models.rules.lexicon.text import normalize
from assistant.models.rules.parse.small_talk import read_talk


@pytest.mark.parametrize(
    "said",
    [
        "tell me a joke",
        "what's the price of bitcoin",
        "who is the current president",
        "help me solve my homework equation",
        "how do I translate this",
        "what's the latest football news?",
        "a poem, please",
        "a recipe for pancakes",
    ],
)
def test_other_things_are_told_from_wishes(said: str) -> None:
    assert read_talk(normalize(said)) == "elsewhere"


@pytest.mark.parametrize(
    "said",
    [
        "35 minutes is a joke. Longer battery!!",
        "News: grandpa pays the rest, so no ceiling any more",
        "a recipe book for my mum",
        "one where we solve it together and nobody sulks",
    ],
)
def test_wishes_with_the_words_of_other_things_stay_wishes(said: str) -> None:
    assert read_talk(normalize(said)) is None
