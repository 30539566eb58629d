"""Descriptions as statements, and the ones nearest to a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from tools.product import Product
from tools.search.searchable_shop import SearchableShop
from tools.search.statements import clauses_of, nearest_statements, sentences_of

TEXT = "Slim fan with 3 speeds, 8-hour timer, and remote control. Weighs 1.5 kg&nbsp;without stand."


class WordShop:
    """Near is what shares words with the question."""

    def nearness(self, asked: str, texts: Sequence[str], /) -> Sequence[float]:
        words = set(asked.split())
        return [len(words & set(text.split())) / len(words) for text in texts]


def test_description_is_cut_into_sentences_and_clauses() -> None:
    first, second = sentences_of(TEXT)
    assert second == "Weighs 1.5 kg without stand."
    assert clauses_of(first) == ["Slim fan with 3 speeds", "8-hour timer", "remote control."]


def test_nearest_clauses_come_first_and_far_ones_not_at_all() -> None:
    shop = cast(SearchableShop, WordShop())
    products = [Product("f", "Fan", (), TEXT), Product("g", "Fan", (), "Quiet.")]
    near = nearest_statements(shop, "3 speeds timer", products)
    assert [each.text for each in near[0]] == ["Slim fan with 3 speeds", "8-hour timer"]
    assert near[1] == ()


def test_nothing_is_near_to_no_question() -> None:
    shop = cast(SearchableShop, WordShop())
    assert nearest_statements(shop, " ", [Product("f", "Fan", (), TEXT)]) == [()]


def test_words_of_the_products_own_name_make_nothing_near() -> None:
    """ "These goggles are stylish" was near to whatever named the goggles."""
    shop = cast(SearchableShop, WordShop())
    goggles = Product("g", "Ski Goggles", (), "These goggles look fast. Fits over glasses.")
    near = nearest_statements(shop, "goggles over glasses.", [goggles])
    assert [each.text for each in near[0]] == ["Fits over glasses."]
