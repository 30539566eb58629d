"""JSON files in the layouts that shops' programs write: one list, a wrapper, lines, many lines."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.repeats import repeats
from tests.support.shop_files import mug, write_pictures
from tools.catalogue import json_rows
from tools.catalogue.cells import SetAside
from tools.catalogue.detection import find_source, kind_of
from tools.catalogue.json_rows import find_objects, layout_of
from tools.catalogue.reader import Numbered, Reading, Wanted, read_products
from tools.catalogue.source import open_source
from tools.errors import CatalogueError
from tools.product import Product, Variant

MUGS = [mug(n) for n in range(1, 4)]


def write(path: Path, text: str) -> Path:
    write_pictures(path.parent)
    path.write_text(text, encoding="utf-8")
    return path


def read(path: Path, **options: Any) -> tuple[list[Product], list[SetAside]]:
    items = list(read_products(path, Wanted(**options)))
    products = [item.product for item in items if isinstance(item, Numbered)]
    return products, [item for item in items if isinstance(item, SetAside)]


def ids(path: Path) -> list[str]:
    products, problems = read(path)
    assert problems == []
    return [product.id for product in products]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "wrapped",
    [
        MUGS,
        {"products": MUGS},
        {"count": 3, "shop": {"name": "Mugs"}, "tags": ["a"], "items": MUGS, "next": None},
        {"data": {"total": 3, "Products": MUGS}, "meta": {"items": []}},
    ],
    ids=["list", "wrapper", "wrapper with more", "wrapper in a wrapper"],
)
def test_products_are_found_in_what_they_are_wrapped_in(
    wrapped: Any, indent: int | None, tmp_path: Path
) -> None:
    text = json.dumps(wrapped, indent=indent)
    assert ids(write(tmp_path / "shop.json", text)) == ["m1", "m2", "m3"]
    assert ids(write(tmp_path / "odd.txt", f"\ufeff\r\n {text}\n")) == ["m1", "m2", "m3"]


def test_objects_over_several_lines_may_follow_one_another(tmp_path: Path) -> None:
    text = "\n".join(json.dumps(row, indent=2) for row in MUGS)
    assert ids(write(tmp_path / "shop.json", text)) == ["m1", "m2", "m3"]


def test_list_within_a_product_is_no_list_of_products(tmp_path: Path) -> None:
    rows = [{**row, "items": [{"id": "part", "title": "Part", "image": "red.png"}]} for row in MUGS]
    text = "\n".join(map(json.dumps, rows))
    assert ids(write(tmp_path / "bundles.jsonl", text)) == ["m1", "m2", "m3"]


def test_lines_are_counted_and_without_lines_the_objects(tmp_path: Path) -> None:
    rows = [*MUGS, {**mug(4), "image": "gone.png"}]
    _, (problem,) = read(write(tmp_path / "many.json", json.dumps(rows, indent=0)))
    lines = json.dumps(rows, indent=0).splitlines()
    assert lines[problem.line - 1 :][:2] == ["{", '"id": "m4",']
    _, (problem,) = read(write(tmp_path / "one.json", json.dumps(rows)))
    assert problem.line == 4


_BROKEN = """[
{good1},
{{"id": "x", "title": "No end", "image": "red.png",
{good2},
{{"id": "y", "title": "No quote, "image": "red.png"}},
{{"id": "z", "tags": ["a", "title": "No bracket"}},
17, "words",
{good3}"""


def test_broken_object_costs_itself_alone(tmp_path: Path) -> None:
    good = {f"good{n}": json.dumps(row) for n, row in enumerate(MUGS, start=1)}
    products, problems = read(write(tmp_path / "shop.json", _BROKEN.format(**good)))
    assert [product.id for product in products] == ["m1", "m2", "m3"]
    assert [(problem.line, problem.reason.split(":")[0]) for problem in problems] == [
        (3, "not valid JSON"),
        (5, "not valid JSON"),
        (6, "not valid JSON"),
        (7, "'17' is not a JSON object"),
        (7, "not a JSON object"),
        (8, "the file is cut off or damaged here; nothing behind can be read"),
    ]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_file_that_is_cut_off_gives_what_stands_before(share: float, tmp_path: Path) -> None:
    rows = [mug(n) for n in range(2000)]
    text = json.dumps({"products": rows})
    path = write(tmp_path / "shop.json", text[: int(len(text) * share)])
    products, problems = read(path)
    assert len(products) == pytest.approx(2000 * share, rel=0.05)
    assert [problem.reason.split(";")[0] for problem in problems] == [
        "the file is cut off or damaged here"
    ]
    packed = gzip.compress(text.encode())
    (tmp_path / "shop.json.gz").write_bytes(packed[: int(len(packed) * share)])
    products, problems = read(tmp_path / "shop.json.gz")
    assert 0 < len(products) < 2000
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "no products in it"),
        ('{"products": []}', "among: products"),
        ('{"version": 1, "settings": {"a": 2}}', "among: version, settings"),
        ("[1, 2, 3]", "no products in it"),
    ],
)
def test_json_without_products_gets_a_sentence(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=said):
        read(write(tmp_path / "odd.json", text))


def test_endless_object_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_rows, "LONGEST", 100_000)
    long = [{**mug(7), "description": "x" * 500_000}, {**mug(8), "tags": list(range(60_000))}]
    products, problems = read(
        write(tmp_path / "shop.json", json.dumps([MUGS[0], *long, *MUGS[1:]]))
    )
    assert [product.id for product in products] == ["m1", "m2", "m3"]
    assert [problem.reason for problem in problems] == ["longer than 100,000 characters"] * 2


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


class Dripping(io.StringIO):
    """Gives as few characters at once as it is told."""

    def __init__(self, text: str, most: int) -> None:
        super().__init__(text)
        self._most = most

    def read(self, size: int | None = -1) -> str:
        return super().read(min(self._most, size or self._most))


@settings(max_examples=repeats(80), deadline=None)
@given(
    rows=st.lists(st.dictionaries(st.text(max_size=6), _VALUES), min_size=1, max_size=6),
    indent=st.sampled_from([None, 0, 2]),
    wrap=st.booleans(),
    ascii_only=st.booleans(),
    most=st.integers(1, 50),
)
def test_every_object_is_found_as_it_was_written(
    rows: list[dict[str, Any]], indent: int | None, wrap: bool, ascii_only: bool, most: int
) -> None:
    data = {"total": len(rows), "items": rows} if wrap else rows
    text = json.dumps(data, indent=indent, ensure_ascii=ascii_only)
    layout = layout_of(text)
    assert layout == ("wrapped" if wrap else "list")
    found = list(find_objects(Dripping(text, most), layout))
    assert [json.loads(each.text) for each in found] == rows


@settings(max_examples=repeats(80), deadline=None)
@given(text=st.text(alphabet='{}[]",:\\ \nab1', max_size=80), start=st.sampled_from(["[{", "{\n"]))
def test_no_text_makes_the_scan_fall_over(text: str, start: str) -> None:
    layout = layout_of(start + text)
    if layout not in (None, "lines"):
        whole = list(find_objects(io.StringIO(start + text), layout))
        assert whole == list(find_objects(Dripping(start + text, 1), layout))


def test_values_may_be_objects_with_the_words_inside(tmp_path: Path) -> None:
    row = {
        "id": 7,
        "name": "Red mug",
        "price": {"amount": "12.50", "currencyCode": "EUR"},
        "brand": {"@type": "Brand", "name": "Legend"},
        "categories": [{"id": 1, "name": "Kitchen"}, {"id": 2, "name": "Mugs"}],
        "images": [{"id": 5, "src": "red.png"}, {"id": 6, "src": "blue.png"}],
        "color": {"id": 5},
    }
    (product,), (problem,) = read(write(tmp_path / "shop.json", json.dumps({"data": [row]})))
    assert product == Product(
        id="7",
        title="Red mug",
        category=("Kitchen", "Mugs"),
        price_minor=1250,
        currency="EUR",
        brand="Legend",
        image=str(tmp_path / "red.png"),
        more_images=(str(tmp_path / "blue.png"),),
    )
    assert (problem.field, problem.reason) == ("color", "a dict where a text or number belongs")


def test_folder_with_a_file_of_json_is_that_file(tmp_path: Path) -> None:
    write(tmp_path / "shop.json", json.dumps({"products": MUGS}))
    (tmp_path / "settings.json").write_text('{"name": "my shop", "theme": "dark"}')
    assert ids(tmp_path) == ["m1", "m2", "m3"]


def test_notes_beside_pictures_are_no_shop(tmp_path: Path) -> None:
    for color in ("red", "blue"):
        note = {"title": f"A {color} square", "image": f"{color}.png"}
        write(tmp_path / f"{color}.json", json.dumps(note))
    assert find_source(tmp_path).is_folder


SHOPIFY = {
    "id": 632910392,
    "title": "Leather case",
    "handle": "leather-case",
    "body_html": "<p>Fits <b>6.1</b> inches</p>",
    "vendor": "Legend",
    "product_type": "Phone cases",
    "published_at": "2026-01-02T09:00:00-05:00",
    "options": [{"name": "Color", "values": ["Brown", "Black"]}, {"name": "Size"}],
    "variants": [
        {"id": 1, "title": "Brown / S", "option1": "Brown", "option2": "S", "price": "19.90"},
        {"id": 2, "title": "Black / L", "option1": "Black", "option2": "L", "price": "24.90"},
    ],
    "images": [
        {"src": "https://cdn.shop.test/side.jpg", "position": 2},
        {"src": "https://cdn.shop.test/front.jpg", "position": 1},
    ],
}


def test_products_as_shopify_serves_them(tmp_path: Path) -> None:
    draft = {**SHOPIFY, "handle": "draft", "status": "draft"}
    hidden = {**SHOPIFY, "handle": "hidden", "published_at": None}
    bare = {"title": "Bare", "handle": "bare", "variants": [], "image": {"src": "red.png"}}
    path = write(
        tmp_path / "products.json", json.dumps({"products": [SHOPIFY, draft, hidden, bare]})
    )
    assert kind_of(open_source(path)).name == "Shopify's export of products"
    reading = Reading()
    items = list(read_products(path, reading=reading))
    product, least = (item.product for item in items if isinstance(item, Numbered))
    assert product == Product(
        id="leather-case",
        title="Leather case",
        category=("Phone cases",),
        description="Fits 6.1 inches",
        price_minor=1990,
        currency="USD",
        color="Brown",
        brand="Legend",
        image="https://cdn.shop.test/front.jpg",
        more_images=("https://cdn.shop.test/side.jpg",),
        variants=(
            Variant("1", (("Color", "Brown"), ("Size", "S")), 1990),
            Variant("2", (("Color", "Black"), ("Size", "L")), 2490),
        ),
    )
    assert (least.id, least.price_minor) == ("bare", None)
    assert reading.switched_off == {"draft": 1, "not published": 1}
