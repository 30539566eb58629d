"""Shops in a bad state: each broken row is named, the good ones are in, and nothing falls over."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.broken_shop import ODD_PICTURES, ROWS, write_broken_shop
from tests.support.color_shop import ColorEmbedder
from tests.support.shop_files import mug, write_jsonl, write_pictures
from tools.catalogue.cells import SetAside
from tools.catalogue.reader import Numbered, read_products
from tools.catalogue.registry import Registry
from tools.errors import CatalogueError
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex
from tools.ingest import Report, ingest
from ui.cli.options import SET_ASIDE


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Address:
    return Address(ensure_server(tmp_path_factory.mktemp("milvus"), idle_s=5))


def take_in(path: Path, home: Path, address: Address) -> tuple[Report, ProductIndex]:
    index = ProductIndex(lambda: address, f"pounce_{home.parent.name}")
    report = ingest(
        path, name="shop", home=home, registry=Registry(home), index=index, embedder=ColorEmbedder()
    )
    return report, index


def test_thirty_kinds_of_broken_row_are_each_named_and_the_good_ones_are_in(
    tmp_path: Path, address: Address
) -> None:
    assert len(ROWS) == 30
    path, expected = write_broken_shop(tmp_path / "shop", good=4)
    report, index = take_in(path, tmp_path / "home", address)
    assert report.report_path is not None
    with report.report_path.open(newline="", encoding="utf-8") as file:
        named = list(csv.DictReader(file))
    used = {True: "yes", False: "no"}
    found = {(int(row["line"]), row["field"], row["product used without it"]) for row in named}
    for line, broken in expected.items():
        assert (line, broken.field, used[broken.used]) in found, broken.name
    assert {int(row["line"]) for row in named} == set(expected)
    assert all(row["file"] == str(path) and row["reason"] and row["what to do"] for row in named)
    there = {product.id: product for product in index.all_products()}
    good = {f"good{n}" for n in range(4)} | {f"odd{n}" for n in range(len(ODD_PICTURES))} | {"last"}
    assert good <= there.keys()
    assert len(there) == len(good) + sum(broken.used for broken in ROWS)
    # One row in another encoding spoils no other row.
    assert there["good1"].title == "Größe 1 mug"
    assert "Café mug" in {product.title for product in there.values()}
    for broken, identity in ((row, f"broken{n}") for n, row in enumerate(ROWS)):
        if broken.field == "price":
            assert there[identity].price_minor is None
        if broken.field == "image":
            assert there[identity].image == ""
    assert report.without_picture == sum(broken.field == "image" for broken in ROWS)


def test_line_of_json_that_is_cut_off_is_named(tmp_path: Path, address: Address) -> None:
    path = write_jsonl(tmp_path / "shop" / "s.jsonl", [mug(1), json.dumps(mug(2))[:40], mug(3)])
    with path.open("a") as file:
        file.write(json.dumps(mug(4))[:50])
    report, _ = take_in(path, tmp_path / "home", address)
    assert [(p.line, p.field) for p in report.problems] == [(2, "row"), (4, "row")]
    assert (report.total, report.set_aside) == (2, 2)


def test_exit_code_says_that_something_was_set_aside() -> None:
    assert SET_ASIDE == 3


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.sampled_from(["red.png", "", "1e309", "from 5", "\ud800", "http://[::1", "//", "~nobody/x"]),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers() | st.none(), max_size=2),
)
"""What may stand where a text or number belongs."""
FIELDS = ("id", "title", "category", "description", "price", "currency", "color", "brand",
          "rating", "rating_count", "image")  # fmt: skip
ROWS_OF = st.lists(
    st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=len(FIELDS)), min_size=1, max_size=4
)
AMAZON_KEYS = ("main_category", "title", "average_rating", "rating_number", "features",
               "description", "price", "images", "store", "categories", "details")  # fmt: skip
PICTURE = st.dictionaries(st.sampled_from(["hi_res", "large", "thumb", "variant"]), ODD, max_size=4)
AMAZON_VALUE = ODD | st.lists(PICTURE, max_size=3) | PICTURE
SHOPIFY_COLUMNS = ("Handle", "Title", "Body (HTML)", "Vendor", "Type", "Option1 Name",
                   "Option1 Value", "Variant Price", "Image Src", "Image Position",
                   "Status")  # fmt: skip
CELL = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["red.png", "a", '"', '""', "9.99", "https://a.test/x.jpg", "draft", "\0"]),
)
FEED_NAMES = ("id", "title", "description", "image_link", "additional_image_link", "price",
              "sale_price", "brand", "product_type", "link")  # fmt: skip
FUZZ = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    write_pictures(folder)
    return folder


def takes_it(path: Path, data: bytes) -> list[Numbered | SetAside]:
    """Reads a file of these bytes, which may not be usable but never makes the reader fall over."""
    path.write_bytes(data)
    try:
        items = list(read_products(path))
    except CatalogueError as error:
        assert str(error).endswith(".")  # noqa: PT017 - a sentence is as good an end
        return []
    for item in items:
        assert item.line >= 1
        if isinstance(item, Numbered):
            str(item.product).encode()
            assert item.product.id
            assert item.product.title
        else:
            assert item.reason
            assert item.todo
    return items


def dumped(rows: list[Any]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode("utf-8", "surrogatepass")


def table(rows: list[Sequence[str]]) -> bytes:
    return "\n".join(map(",".join, rows)).encode("utf-8", "surrogatepass")


def damaged(data: bytes, at: int, junk: bytes) -> bytes:
    place = at % (len(data) + 1)
    return data[:place] + junk + data[place + len(junk) :]


JUNK = st.binary(max_size=6) | st.sampled_from(
    [b'"', b"\n", b"\0", b"\xe9", b"\xff\xfe", b"<", b"&"]
)
PLACE = st.integers(0, 5_000)


@FUZZ
@given(rows=ROWS_OF, at=PLACE, junk=JUNK)
def test_no_jsonl_makes_the_reader_fall_over(
    folder: Path, rows: list[dict[str, object]], at: int, junk: bytes
) -> None:
    takes_it(folder / "s.jsonl", damaged(dumped([mug(1), *rows]), at, junk))


@FUZZ
@given(rows=st.lists(st.lists(CELL, max_size=12), max_size=5), at=PLACE, junk=JUNK)
def test_no_csv_makes_the_reader_fall_over(
    folder: Path, rows: list[list[str]], at: int, junk: bytes
) -> None:
    takes_it(folder / "s.csv", damaged(table([FIELDS, *rows]), at, junk))


@FUZZ
@given(
    rows=st.lists(
        st.dictionaries(st.sampled_from(AMAZON_KEYS), AMAZON_VALUE), min_size=1, max_size=4
    ),
    at=PLACE,
    junk=JUNK,
)
def test_no_amazon_metadata_makes_the_reader_fall_over(
    folder: Path, rows: list[dict[str, object]], at: int, junk: bytes
) -> None:
    whole = [{"parent_asin": f"B{n}", "images": [], **row} for n, row in enumerate(rows)]
    takes_it(folder / "meta_X.jsonl", damaged(dumped(whole), at, junk))


@FUZZ
@given(rows=st.lists(st.lists(CELL, min_size=11, max_size=11), max_size=5), at=PLACE, junk=JUNK)
def test_no_shopify_export_makes_the_reader_fall_over(
    folder: Path, rows: list[list[str]], at: int, junk: bytes
) -> None:
    takes_it(folder / "shopify.csv", damaged(table([SHOPIFY_COLUMNS, *rows]), at, junk))


@FUZZ
@given(
    items=st.lists(
        st.lists(st.tuples(st.sampled_from(FEED_NAMES), CELL), max_size=8), min_size=1, max_size=4
    ),
    at=PLACE,
    junk=JUNK,
)
def test_no_merchant_feed_makes_the_reader_fall_over(
    folder: Path, items: list[list[tuple[str, str]]], at: int, junk: bytes
) -> None:
    data = "".join(feed(items)).encode("utf-8", "surrogatepass")
    takes_it(folder / "feed.xml", damaged(data, at, junk))


def feed(items: list[list[tuple[str, str]]]) -> Iterator[str]:
    yield '<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel>'
    for item in items:
        yield "<item>"
        yield from (f"<g:{name}>{escape(value)}</g:{name}>" for name, value in item)
        yield "</item>"
    yield "</channel></rss>"
