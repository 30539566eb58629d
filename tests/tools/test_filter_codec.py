"""One table for the filters: every form of them holds each filter, and gives it back."""

from __future__ import annotations

from dataclasses import fields
from typing import get_type_hints

import pytest

from tools.filter_codec import (
    CONSTRAINTS,
    FILTER_FIELDS,
    FilterRow,
    arguments_of_constraint,
    arguments_of_filters,
    filters_of_arguments,
    filters_of_row,
    label_of_constraint,
    row_of_filters,
    unlisted,
    without_constraint,
)
from tools.product import Filters
from tools.search.arguments import SearchArguments
from ui.chat.cards.filter_chips import LimitsJson

ALL = Filters(
    min_price=999,
    max_price=2050,
    categories=("Mugs", "Kitchen > Bowls"),
    colors=("red",),
    brands=("Daybird",),
    min_rating=4.5,
    exclude_words=("leather", "dots"),
    options=("size=M", "size=L", "gender=female"),
    in_stock=True,
    on_sale=True,
)


def test_every_form_holds_each_filter() -> None:
    """A filter that is added to `Filters` alone fails here, by the name of the form."""
    arguments = {each.argument for each in FILTER_FIELDS}
    attributes = {each.name for each in FILTER_FIELDS}
    own = {"exclude_ids", "currency", "varied", "uncolored"}
    assert attributes == {each.name for each in fields(Filters)} - own
    assert arguments <= SearchArguments.model_fields.keys()
    assert arguments == get_type_hints(FilterRow, include_extras=True).keys()
    assert attributes == LimitsJson.model_fields.keys()


@pytest.mark.parametrize("filters", [ALL, Filters(), Filters(max_price=0, min_rating=0.0)])
def test_each_form_gives_the_filters_back(filters: Filters) -> None:
    assert filters_of_arguments(arguments_of_filters(filters, "USD"), "USD") == filters
    assert filters_of_row(row_of_filters(filters)) == filters


def test_prices_are_major_units_in_arguments_and_minor_units_in_rows() -> None:
    assert arguments_of_filters(ALL, "USD")["max_price"] == 20.5
    assert arguments_of_filters(ALL, "JPY")["max_price"] == 2050.0
    assert row_of_filters(ALL)["max_price"] == 2050


def test_arguments_hold_what_is_set_alone_in_the_order_of_the_tool() -> None:
    assert arguments_of_filters(Filters(), "USD") == {}
    order = [name for name in SearchArguments.model_fields if name in arguments_of_all()]
    assert [*arguments_of_filters(ALL, "USD")] == order


def arguments_of_all() -> set[str]:
    return {each.argument for each in FILTER_FIELDS}


def test_a_row_of_before_a_filter_was_known_does_not_set_it() -> None:
    row = dict(row_of_filters(ALL))
    for name in ("without", "options", "in_stock", "on_sale"):
        del row[name]
    before = filters_of_row(row)
    assert before.exclude_words == before.options == ()
    assert not before.in_stock
    assert not before.on_sale


def test_each_constraint_can_be_dropped_alone() -> None:
    assert CONSTRAINTS == (
        "without", "on_sale", "in_stock", "colors", "options", "price", "min_rating", "brands",
        "categories",
    )  # fmt: skip
    dropped = {each: without_constraint(ALL, each) for each in CONSTRAINTS}
    assert dropped["price"] == without_constraint(dropped["price"], "price")
    assert (dropped["price"].min_price, dropped["price"].max_price) == (None, None)
    assert dropped["without"].exclude_words == ()
    assert dropped["colors"].brands == ALL.brands
    assert dropped["in_stock"].in_stock is False
    assert dropped["in_stock"].on_sale is True
    assert dropped["options"].options == ()
    assert arguments_of_constraint("price") == {"min_price", "max_price"}
    assert label_of_constraint("min_rating") == "rating limit"


def test_what_a_shop_does_not_list_is_named_once() -> None:
    given = ["min_price", "max_price", "min_rating", "colors"]
    assert unlisted(given, ["prices", "colors"]) == ("prices",)
    assert unlisted(given, ["ratings", "prices"]) == ("prices", "ratings")
    assert unlisted(["words"], ["prices"]) == ()
