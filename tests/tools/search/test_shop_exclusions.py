"""What a search leaves out by word, sorts over the whole shop, and leans on beside one picture."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.color_shop import COLORS, photo_of
from tools.catalogue.facts import searched_text
from tools.index.filters import expression
from tools.product import Filters, Query, SearchResult
from tools.search.shop import Shop


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Shop:
    return color_shop


def ids(result: SearchResult) -> list[str]:
    return [match.product.id for match in result.matches]


def without(*words: str) -> Filters:
    return Filters(exclude_words=words)


@pytest.mark.parametrize("word", ["mug", "Mugs", "MUG", "blue", "Legend", "phone case", "plus"])
def test_no_product_that_says_the_word_is_found(shop: Shop, word: str) -> None:
    found = shop.search(Query("mug case", filters=without(word)), limit=18).matches
    assert found
    forms = rf"\b{re.escape(word.lower().rstrip('s'))}"
    # "plus" ends in an s of its own.
    assert not [m.product.id for m in found if re.search(forms, searched_text(m.product).lower())]


def test_a_part_of_another_word_is_not_the_word(shop: Shop) -> None:
    parts = without("ack", "mu", "plu")
    assert len(shop.search(Query("mug", filters=parts), limit=18).matches) == 18


def test_a_sort_alone_is_over_the_whole_shop(shop: Shop) -> None:
    assert shop.search(Query(sort="dearest"), limit=1).matches[0].product.price_minor == 1599


@settings(max_examples=25, deadline=None)
@given(phrase=st.text(max_size=12))
def test_any_word_can_be_left_out_and_breaks_no_filter(shop: Shop, phrase: str) -> None:
    found = shop.search(Query("mug", filters=without(phrase, "red")), limit=18).matches
    assert all(match.product.color != "red" for match in found)
    assert expression(without("")) == ""


def test_the_cheapest_of_a_kind_is_the_cheapest_of_the_whole_shop(shop: Shop) -> None:
    filters = Filters(categories=("Mugs",))
    found = shop.search(Query("mugs", filters=filters, sort="cheapest"), limit=4).matches
    prices = [match.product.price_minor for match in found]
    assert prices == [899, 899, 899, 1399]
    dearest = shop.search(Query("mugs", filters=filters, sort="dearest"), limit=1).matches
    assert dearest[0].product.price_minor == 1399


def test_a_kind_that_is_only_named_in_words_is_sorted_by_all_that_say_it(shop: Shop) -> None:
    found = shop.search(Query("blue phone case", sort="cheapest"), limit=9)
    assert ids(found) == ["blue-phone-case-basic", "blue-phone-case-plus"]


def test_what_has_no_price_is_neither_cheapest_nor_dearest(shop: Shop) -> None:
    assert ids(shop.search(Query("backpack", sort="cheapest"), limit=9)) == []
    assert len(shop.search(Query("backpack", sort="best rated"), limit=9).matches) == 6


def test_the_best_rated_comes_first(shop: Shop) -> None:
    found = shop.search(Query("mug", sort="best rated"), limit=3).matches
    assert {match.product.rating for match in found} == {4.6}


def test_nothing_that_says_the_words_is_no_reason_to_show_something_else_sorted(
    shop: Shop,
) -> None:
    result = shop.search(Query("rocket", sort="cheapest"), limit=3)
    assert result.unmentioned


def test_what_looks_like_an_unwanted_picture_comes_later(shop: Shop) -> None:
    near = shop.search(Query(photo=photo_of("green")), limit=18).matches
    away = shop.search(Query(photo=photo_of("green"), unlike=(photo_of("blue"),)), limit=18).matches
    assert near[-1].product.color == "red"
    assert away[-1].product.color == "blue"


def test_two_pictures_find_what_is_like_both(shop: Shop) -> None:
    both = Query(photo=photo_of("red"), second=photo_of("blue"))
    found = [match.product.color for match in shop.search(both, limit=12).matches]
    assert set(found) == {"red", "blue"}
    assert set(COLORS) - set(found) == {"green"}
