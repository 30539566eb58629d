"""The order of candidates by what they state."""

from __future__ import annotations

from tools.product import Product
from tools.search.wish_rank import by_wish, how_much_kind, kind_in

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


def test_newest_part_of_a_wish_counts_most() -> None:
    titles = ("Standing Desk, adjustable in height", "Bookcase, 5 Shelves", "Desk Lamp")
    products = {title: Product(title, title) for title in titles}
    scores = {title: 1.0 - place / 10 for place, title in enumerate(titles)}
    wish = "shelving for files; desks adjustable in height"
    assert by_wish(wish, titles, products, scores, {"desk"})[0] == titles[1]


def test_word_in_one_is_said_by_its_two_halves() -> None:
    titles = ("Shaver for the Head", "Headlamp", "Lamp Shade")
    products = {title: Product(title, title) for title in titles}
    assert by_wish("lamp head", titles, products, dict.fromkeys(titles, 1.0))[0] == "Headlamp"


def test_what_lacks_the_wanted_comes_after_what_is_silent() -> None:
    titles = ("Capsules Decaf", "Capsules Lungo")
    products = {title: Product(title, title) for title in titles}
    scores = {"Capsules Decaf": 1.0, "Capsules Lungo": 0.9}
    assert by_wish("caffeine; capsules", titles, products, scores)[0] == "Capsules Lungo"
    assert by_wish("strong; capsules", titles, products, scores)[0] == "Capsules Decaf"


def test_category_that_holds_other_things_counts_less_than_a_title() -> None:
    goggles = Product("g", "Blue Goggles", category=("Ski/boarding",))
    assert how_much_kind(goggles, "ski") < how_much_kind(Product("s", "Alpine Skis"), "ski") == 1


def test_meaning_decides_where_the_words_do_not() -> None:
    nearness = {"Toaster Black": 0.1, "2-Slice Toaster": 0.6}
    even = dict.fromkeys(TITLES, 1.0)
    assert by_wish("bread", TITLES, PRODUCTS, even, KINDS, nearness)[0] == "2-Slice Toaster"


def test_color_that_stands_alone_comes_before_one_of_several() -> None:
    products = {
        "both": Product("both", "Snowboard", color="black and blue"),
        "plain": Product("plain", "Snowboard", color="Black"),
    }
    even = dict.fromkeys(products, 1.0)
    ordered = by_wish("snowboard", list(products), products, even, color="black")
    assert ordered == ["plain", "both"]


def test_what_says_that_it_lacks_the_unwanted_comes_first() -> None:
    products = {
        "earl": Product("earl", "Earl Grey Tea"),
        "herbs": Product("herbs", "Herbal Tea", description="Caffeine-free."),
    }
    even = dict.fromkeys(products, 1.0)
    ordered = by_wish("tea", list(products), products, even, unwanted=("caffeine",))
    assert ordered == ["herbs", "earl"]
