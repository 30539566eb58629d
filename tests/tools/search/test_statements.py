"""Descriptions as statements, and the ones nearest to a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from tools.product import Product
from tools.search.searchable_shop import SearchableShop
from tools.search.statements import clauses_of, nearest_statements, sentences_of

TEXT = "Slim fan with 3 speeds, 8-hour timer, and remote control. Weighs 1.5 kg&nbsp;without stand."


class WordShop:
    """What shares words with the question answers it, the more the surer."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def answering(self, asked: str, texts: Sequence[str], /) -> Sequence[float]:
        self.asked += texts
        words = set(asked.split())
        return [4 * len(words & set(text.split())) - 6 for text in texts]


def test_description_is_cut_into_sentences_and_clauses() -> None:
    first, second = sentences_of(TEXT)
    assert second == "Weighs 1.5 kg without stand."
    assert clauses_of(first) == ["Slim fan with 3 speeds", "8-hour timer", "remote control."]


def test_likeliest_clauses_come_first_and_unlikely_ones_not_at_all() -> None:
    shop = cast(SearchableShop, WordShop())
    products = [Product("f", "Fan", (), TEXT), Product("g", "Fan", (), "Quiet.")]
    near = nearest_statements(shop, "Slim fan 8-hour timer", products)
    assert [each.text for each in near[0]] == ["Slim fan with 3 speeds", "8-hour timer"]
    assert near[1] == ()


def test_likelihoods_of_one_product_and_of_nothing_are_one_together() -> None:
    shop = cast(SearchableShop, WordShop())
    (near,) = nearest_statements(shop, "with 3 speeds", [Product("f", "Fan", (), TEXT)])
    assert [each.text for each in near] == ["Slim fan with 3 speeds"]
    assert near[0].likelihood == 1.0, "log odds of 6, beside -6"
    (near,) = nearest_statements(shop, "3 kg", [Product("f", "Fan", (), TEXT)])
    assert [each.likelihood for each in near] == [0.11, 0.11], "two of log odds -2"


def test_clauses_that_several_products_have_are_compared_once() -> None:
    shop = WordShop()
    products = [Product(id_, "Fan", (), TEXT) for id_ in "fgh"]
    near = nearest_statements(cast(SearchableShop, shop), "3 speeds", products)
    assert near[0] == near[1] == near[2] != ()
    assert len(shop.asked) == len(set(shop.asked)) == 4


def test_nothing_answers_no_question() -> None:
    shop = cast(SearchableShop, WordShop())
    assert nearest_statements(shop, " ", [Product("f", "Fan", (), TEXT)]) == [()]
