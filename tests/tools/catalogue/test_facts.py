"""One table of facts: every field of a product is in it, and goes where the table says."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields
from pathlib import Path

import pytest

from assistant.prompt.situation import ShownNote
from assistant.records.record import CandidateRow
from assistant.shortlist import ShortlistItem
from tests.support.shop_files import mug, read, write_csv, write_jsonl
from tools.catalogue.cells import SetAside
from tools.catalogue.columns import fold_name, recognise
from tools.catalogue.fact_types import Cell
from tools.catalogue.facts import FACTS, In, as_json, fact_named, pack, searched_text, unpack
from tools.index.schema import Hashes, from_row, to_row
from tools.product import Filters, Match, Product, SearchResult
from tools.search.comparison import UNKNOWN, compare
from tools.search.rows import shown_row_of
from ui.chat.cards.shortlist_panel import as_csv
from ui.cli.output import result_json

PRODUCT = Product(
    "m1", "Red mug", ("Kitchen", "Mugs"), "Holds tea.", 1250, "EUR", "Red", "Legend", 4.5, 12,
    "/a.png", ("/b.png",), "few left", "https://shop.test/m1?a=1&b=2",
)  # fmt: skip
BARE = Product("m2", "Mug", image="/a.png")


def test_table_has_every_field_of_a_product_once() -> None:
    assert sorted(fact.attribute for fact in FACTS) == sorted(f.name for f in fields(Product))
    assert len({fact.name for fact in FACTS}) == len(FACTS)


def test_names_of_columns_are_folded_and_belong_to_one_fact() -> None:
    names = [name for fact in FACTS for name in fact.columns]
    assert names == [fold_name(name) for name in names]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("product", [PRODUCT, BARE])
def test_every_fact_comes_back_from_plain_json_and_from_a_row_of_the_index(
    product: Product,
) -> None:
    assert unpack(json.loads(json.dumps(pack(product)))) == product
    row = to_row(product, [1.0], [1.0], Hashes("e", "f"))  # type: ignore[arg-type]  # no vectors
    row["facts"] = json.loads(json.dumps(row["facts"]))
    assert from_row(row) == product


def test_facts_of_a_later_version_are_left_alone() -> None:
    row = to_row(PRODUCT, [1.0], [1.0], Hashes("e", "f"))  # type: ignore[arg-type]  # no vectors
    row["facts"]["unheard_of"] = {"of": 1}
    assert from_row(row) == PRODUCT
    assert unpack({**pack(PRODUCT), "unheard_of": 1}) == PRODUCT


def test_link_and_availability_go_everywhere_that_the_table_says(tmp_path: Path) -> None:
    row = mug(1, Availability="InStock", **{"Product URL": "https://shop.test/m1"})
    (product,), problems = read(write_csv(tmp_path / "s.csv", [row]))
    assert (product.availability, product.link, problems) == (
        "in stock", "https://shop.test/m1", []
    )  # fmt: skip

    result = SearchResult((Match(product, 1.0),), Filters(), {"total": 1.0})
    (shown,) = result_json(result, "USD")["results"]
    assert (shown["availability"], shown["link"]) == ("in stock", "https://shop.test/m1")

    (line,) = csv.DictReader(io.StringIO(as_csv([ShortlistItem("m1", "x", product)])))
    assert (line["availability"], line["link"]) == ("in stock", "https://shop.test/m1")

    table = {fact.name: fact.values for fact in compare([1, 2], [product, BARE]).facts}
    assert table["Availability"] == ("in stock", UNKNOWN)
    assert table["Link"] == ("https://shop.test/m1", UNKNOWN)
    assert "shop.test" not in searched_text(product)


def test_chat_models_and_records_have_the_availability_and_no_address() -> None:
    row = shown_row_of(PRODUCT)
    assert row["facts"] == {"availability": "few left"}
    note = ShownNote.model_validate({"number": 1, **row})
    assert note.facts == row["facts"]
    assert CandidateRow(number=1, score=None, **row).facts == row["facts"]


def test_product_without_such_facts_is_told_as_before() -> None:
    # The keys that are in every prompt and in the threads of before.
    assert list(shown_row_of(BARE)) == [
        "id", "title", "category", "price", "currency", "color", "rating", "brand"
    ]  # fmt: skip
    note = ShownNote.model_validate({"number": 1, **shown_row_of(BARE)})
    assert "facts" not in note.model_dump(mode="json")


def test_json_is_typed_and_in_the_order_of_the_table() -> None:
    assert as_json(PRODUCT) == {
        "id": "m1", "title": "Red mug", "price": 12.5, "currency": "EUR",
        "category": "Kitchen > Mugs", "color": "Red", "brand": "Legend", "rating": 4.5,
        "image": "/a.png", "availability": "few left", "link": "https://shop.test/m1?a=1&b=2",
        "was": None,
    }  # fmt: skip
    assert as_json(BARE)["price"] is None
    assert list(as_json(BARE)) == [fact.name for fact in FACTS if In.JSON in fact.goes]


def test_searched_text_is_what_it_was_before_there_was_a_table() -> None:
    # Another text would embed every product of every shop again.
    assert searched_text(PRODUCT) == "Red mug\nKitchen Mugs\nRed\nLegend\nHolds tea."
    assert searched_text(BARE) == "Mug"


@pytest.mark.parametrize(
    ("cell", "availability"),
    [
        ("in stock", "in stock"), ("in_stock", "in stock"), ("InStock", "in stock"),
        ("https://schema.org/InStock", "in stock"), ("http://schema.org/OutOfStock/",
        "out of stock"), ("Auf Lager", "in stock"), ("nicht vorrätig", "out of stock"),
        ("épuisé", "out of stock"), ("LimitedAvailability", "few left"),
        ("PreOrder", "preorder"), ("onbackorder", "backorder"), ("Discontinued", "discontinued"),
        ("SoldOut", "out of stock"), (True, "in stock"), (False, "out of stock"),
        (0, "out of stock"), ("0", "out of stock"), (17, "in stock"), ("1,200", "in stock"),
        (-3, "out of stock"), (None, ""), ("", ""), ("N/A", ""), (["in stock"], "in stock"),
    ],
)  # fmt: skip
def test_availability_is_read_as_shops_write_it(cell: object, availability: str) -> None:
    assert read_fact("availability", cell) == (availability, [])


def test_availability_in_other_words_is_noted_and_unknown() -> None:
    value, notes = read_fact("availability", "ask Bob")
    assert (value, len(notes)) == ("", 1)


@pytest.mark.parametrize(
    ("cell", "link"),
    [
        ("https://shop.test/a?b=c#d", "https://shop.test/a?b=c#d"),
        ("//shop.test/a", "https://shop.test/a"),
        ("HTTP://Shop.test/ü", "HTTP://Shop.test/ü"),
        ("", ""),
        (None, ""),
    ],
)
def test_link_is_an_address_of_the_web(cell: object, link: str) -> None:
    assert read_fact("link", cell) == (link, [])


@pytest.mark.parametrize(
    "cell",
    ["javascript:alert(1)", "data:text/html,x", "/products/1", "ftp://shop.test/a", "https://",
     "https://a b", "https://[", "file:///etc/passwd", "https://shop.test/" + "a" * 2_000,
     "java\tscript:alert(1)", "https://shop.test/\u202e", "https://shop.test/\x07"],
)  # fmt: skip
def test_link_that_is_no_address_of_the_web_is_noted_and_left_out(cell: str) -> None:
    value, notes = read_fact("link", cell)
    assert (value, [note.field for note in notes]) == ("", ["link"])


def test_booleans_and_objects_of_json_are_read(tmp_path: Path) -> None:
    rows = [
        mug(1, in_stock=True, url={"href": "https://shop.test/1"}),
        mug(2, in_stock=False, url={"href": "https://shop.test/2"}),
    ]
    products, problems = read(write_jsonl(tmp_path / "s.jsonl", rows))
    assert [p.availability for p in products] == ["in stock", "out of stock"]
    assert [p.link for p in products] == ["https://shop.test/1", "https://shop.test/2"]
    assert problems == []


def test_new_facts_take_no_column_from_those_of_before() -> None:
    columns = ["name", "image_link", "link", "stock", "url", "id"]
    found = recognise(columns, {})
    assert found == {
        "id": "id", "title": "name", "image": "image_link", "availability": "stock", "link": "link",
    }  # fmt: skip


def read_fact(name: str, cell: object) -> tuple[object, list[SetAside]]:
    fact = fact_named(name)
    notes: list[SetAside] = []
    assert fact is not None
    assert fact.type.read is not None
    value = fact.type.read(Cell(cell, name, 2, notes))
    return value, notes
