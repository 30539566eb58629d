"""Arguments of chat models that type loosely: one meaning is read, two are refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from tools.errors import RequestError
from tools.search.arguments import (
    CompareArguments,
    DetailsArguments,
    SearchArguments,
    ShortlistArguments,
    checked,
)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"colors": "red"}, {"colors": ["red"]}),
        ({"colors": '["red", "blue"]'}, {"colors": ["red", "blue"]}),
        ({"colors": ["red", None, "", "null"]}, {"colors": ["red"]}),
        ({"colors": {"items": ["red"]}}, {"colors": ["red"]}),
        ({"colors": "null", "brands": "[]", "without": "", "categories": None}, {}),
        ({"photo": 0, "like": "0", "limit": 0, "list": "None", "sort": "", "max_price": 0}, {}),
        ({"min_price": "0.00", "min_rating": 0.0, "skip_shown": "", "words": "null"}, {}),
        ({"words": {"text": "mug"}}, {"words": "mug"}),
        ({"words": {"type": "string", "value": "mug"}}, {"words": "mug"}),
        ({"words": ["red", "mug"]}, {"words": "red mug"}),
        ({"words": 501}, {"words": "501"}),
        ({"like": "3"}, {"like": 3}),
        ({"like": "#3"}, {"like": 3}),
        ({"like": [3]}, {"like": 3}),
        ({"like": 3.0}, {"like": 3}),
        ({"max_price": "$40"}, {"max_price": 40.0}),
        ({"max_price": "39.90 EUR"}, {"max_price": 39.9}),
        ({"max_price": {"amount": 40, "currency": "USD"}}, {"max_price": 40.0}),
        ({"options": "size=M"}, {"options": ["size=M"]}),
        ({"options": {"size": "M", "gender": None}}, {"options": ["size=M"]}),
        ({"options": {"size": ["M", "L"]}}, {"options": ["size=M", "size=L"]}),
        ({"options": '[{"name": "size", "value": "M"}]'}, {"options": ["size=M"]}),
        ({"in_stock": "false", "on_sale": ""}, {}),
        ({"skip_shown": "true"}, {"skip_shown": True}),
        ({"words": "mug", "color": ""}, {"words": "mug"}),
    ],
    ids=str,
)
def test_single_meaning_is_read(given: dict[str, Any], read: dict[str, Any]) -> None:
    assert checked(SearchArguments, given, "The search cannot be run").given() == read


@pytest.mark.parametrize(
    "given",
    [
        {"max_price": "cheap"},
        {"max_price": "1,299"},
        {"max_price": -3},
        {"max_price": {"from": 3, "to": 5}},
        {"like": "3 or 4"},
        {"like": [3, 4]},
        {"words": {"a": "mug", "b": "cup"}},
        {"colors": {"yes": "red", "no": "blue"}},
        {"color": "red"},
        {"skip_shown": "maybe"},
    ],
    ids=str,
)
def test_what_could_mean_two_things_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match=next(iter(given))):
        checked(SearchArguments, given, "The search cannot be run")


@pytest.mark.parametrize(
    ("model", "given", "read"),
    [
        (CompareArguments, {"numbers": "1 and 2"}, {"numbers": [1, 2]}),
        (CompareArguments, {"numbers": "[1, 2]"}, {"numbers": [1, 2]}),
        (CompareArguments, {"numbers": ["1", "#2"]}, {"numbers": [1, 2]}),
        (
            DetailsArguments,
            {"number": "number 3"},
            {"number": 3, "numbers": [], "question": ""},
        ),
        (ShortlistArguments, {"action": "add", "numbers": 2}, {"action": "add", "numbers": [2]}),
        (ShortlistArguments, {"action": "show", "numbers": ""}, {"action": "show", "numbers": []}),
    ],
    ids=str,
)  # fmt: skip
def test_numbers_of_cards_are_read(
    model: type[BaseModel], given: dict[str, Any], read: dict[str, Any]
) -> None:
    assert checked(model, given, "It cannot be run").model_dump() == read


def test_text_that_opens_brackets_without_end_stays_text() -> None:
    """Reading it as JSON ended in a RecursionError."""
    deep = "[" * 100_000
    with pytest.raises(RequestError, match="words"):
        checked(SearchArguments, {"words": deep}, "The search cannot be run")
