"""Options that are chosen, dropped and marked; without a shop."""

from __future__ import annotations

import pytest

from tools.product import Availability, Variant
from tools.ucp.products import is_gtin
from tools.ucp.selection import select, signals


def variant(color: str, size: str, stock: Availability = "in stock") -> Variant:
    return Variant(f"{color}-{size}", (("Color", color), ("Size", size)), 100, availability=stock)


SHIRT = (
    variant("red", "S", "out of stock"), variant("red", "M"), variant("blue", "S"),
    variant("blue", "L", "out of stock"), variant("green", "S", "discontinued"),
)  # fmt: skip


def ids(asked: list[tuple[str, str]], *preferences: str, exact: Variant | None = None) -> list[str]:
    return [each.id for each in select(SHIRT, asked, preferences, exact).variants]


def test_nothing_chosen_is_the_first_that_can_be_bought() -> None:
    assert ids([]) == ["red-M"]
    assert select(SHIRT, []).chosen == {"Color": "red", "Size": "M"}


def test_part_of_a_choice_gives_all_that_match_what_can_be_bought_first() -> None:
    assert ids([("Color", "red")]) == ["red-M", "red-S"]
    assert ids([("size", "s")]) == ["blue-S", "red-S", "green-S"]
    assert select(SHIRT, [("size", "s")]).chosen == {"Size": "S"}


@pytest.mark.parametrize(
    ("preferences", "left"),
    [
        (("Color", "Size"), {"Color": "red"}),
        (("Size", "Color"), {"Size": "L"}),
        (("Color",), {"Color": "red"}),
        ((), {"Color": "red"}),
    ],
)
def test_choice_that_nothing_matches_is_given_up_from_the_end(
    preferences: tuple[str, ...], left: dict[str, str]
) -> None:
    asked = [("Color", "red"), ("Size", "L")]
    assert select(SHIRT, asked, preferences).chosen == left


def test_option_and_value_that_the_shop_does_not_have_are_dropped() -> None:
    assert select(SHIRT, [("Fit", "slim"), ("Color", "blue")]).chosen == {"Color": "blue"}
    assert select(SHIRT, [("Color", "pink")]).chosen == {"Color": "red", "Size": "M"}


def test_variant_that_is_named_decides_the_choice() -> None:
    assert ids([("Color", "red")], exact=SHIRT[3]) == ["blue-L"]


def test_values_are_marked_by_what_exists_and_can_be_bought() -> None:
    color, size = signals(SHIRT, {"Color": "red"})
    assert color["name"] == "Color"
    assert [(v["label"], v["available"], v["exists"]) for v in color["values"]] == [
        ("red", True, True), ("blue", True, True), ("green", False, True),
    ]  # fmt: skip
    assert [(v["label"], v["available"], v["exists"]) for v in size["values"]] == [
        ("S", False, True), ("M", True, True), ("L", False, False),
    ]  # fmt: skip


def test_variant_that_states_no_size_comes_in_any() -> None:
    """As WooCommerce writes it."""
    any_size = Variant("any", (("Color", "gray"),), 100, availability="in stock")
    assert select((*SHIRT, any_size), [("Color", "gray"), ("Size", "M")]).variants == (any_size,)


@pytest.mark.parametrize(
    ("code", "right"),
    [("4006381333931", True), ("036000291452", True), ("96385074", True), ("4006381333932", False),
     ("VASE-1", False), ("123", False), ("٤٠٠٦٣٨١٣٣٣٩٣١", False)],
)  # fmt: skip
def test_gtin_is_known_by_its_check_digit(code: str, right: bool) -> None:
    assert is_gtin(code) is right
