"""The order of candidates by what they state."""

from __future__ import annotations

from tools.product import Product
from tools.search.wish_rank import by_wish, kind_in

TITLES = ("Air Fryer 4L", "Toaster Black", "4-Slice Toaster", "2-Slice Toaster")
PRODUCTS = {title: Product(title, title) for title in TITLES}
SCORES = {title: 1.0 - place / 10 for place, title in enumerate(TITLES)}
KINDS = {"toaster", "air fryer", "fryer"}


def order(text: str) -> list[str]:
    return by_wish(text, TITLES, PRODUCTS, SCORES, KINDS)


def test_number_that_is_asked_for_comes_first() -> None:
    assert order("toaster for four slices")[0] == "4-Slice Toaster"


def test_kind_that_is_named_comes_before_what_is_near() -> None:
    assert order("toaster")[-1] == "Air Fryer 4L"


def test_nothing_is_lost_and_nothing_twice() -> None:
    assert sorted(order("toaster 4l")) == sorted(TITLES)


def test_kind_is_what_is_wanted_and_not_what_it_goes_with() -> None:
    assert kind_in("case for my toaster", KINDS) == ""
    assert kind_in("a white toaster", KINDS) == "toaster"
