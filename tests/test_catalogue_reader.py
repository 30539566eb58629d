from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shop_files import mug, write_csv, write_jsonl
from tools.catalogue.reader import Numbered, SetAside, read_products
from tools.errors import CatalogueError
from tools.product import Product


def read(path: Path, **options: object) -> tuple[list[Product], list[SetAside]]:
    items = list(read_products(path, **options))  # type: ignore[arg-type]  # passed through
    products = [item.product for item in items if isinstance(item, Numbered)]
    return products, [item for item in items if isinstance(item, SetAside)]


def test_usual_column_names_are_recognised(tmp_path: Path) -> None:
    row = {
        "SKU": "a-1",
        "Product Name": "Red &amp; <b>big</b> mug",
        "Product Type": "Kitchen > Mugs",
        "Sale Price": "$12.50",
        "Colour": "red",
        "Vendor": "Legend",
        "Average Rating": "4.5",
        "Rating Number": "1,204",
        "Image Src": "red.png",
        "Body HTML": "<p>Holds\n0.3 l.</p>",
    }
    (product,), problems = read(write_csv(tmp_path / "shop.csv", [row]))
    assert not problems
    assert product == Product(
        id="a-1",
        title="Red & big mug",
        category=("Kitchen", "Mugs"),
        description="Holds 0.3 l.",
        price_minor=1250,
        currency="USD",
        color="red",
        brand="Legend",
        rating=4.5,
        rating_count=1204,
        image=str(tmp_path / "red.png"),
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_delimiter_and_encoding_are_found_out(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    path = write_csv(
        tmp_path / "s.csv", [mug(1, title="Café cup")], delimiter=delimiter, encoding=encoding
    )
    (product,), problems = read(path)
    assert (product.title, problems) == ("Café cup", [])


def test_jsonl_rows_may_leave_fields_out_and_bring_new_ones(tmp_path: Path) -> None:
    rows = [mug(1), {"id": "x", "title": "Cup", "image": "red.png"}, mug(2, brand="Legend")]
    products, problems = read(write_jsonl(tmp_path / "s.jsonl", rows))
    assert [p.brand for p in products] == ["", "", "Legend"]
    assert products[1].price_minor is None
    assert not problems


def test_mapping_names_columns_that_nobody_would_guess(tmp_path: Path) -> None:
    row = {"what": "Cup", "pic": "red.png", "cost": "3"}
    path = write_csv(tmp_path / "s.csv", [row])
    with pytest.raises(CatalogueError, match=r"--map title=COLUMN"):
        read(path)
    mapping = {"title": "what", "image": "pic", "price": "cost"}
    (product,), _ = read(path, mapping=mapping)
    assert (product.title, product.price_minor) == ("Cup", 300)
    with pytest.raises(CatalogueError, match=r"no column 'price'.*what, pic, cost"):
        read(path, mapping={"price": "price"})


def test_each_bad_row_is_set_aside_and_named_and_the_others_are_used(tmp_path: Path) -> None:
    rows: list[object] = [
        mug(1),
        mug(2, title=""),
        mug(3, image=""),
        mug(4, image="missing.png"),
        mug(1, title="Another"),
        '{"id": "cut off',
        "[1, 2]",
        mug(5, id="x" * 600),
        mug(6),
    ]
    products, problems = read(write_jsonl(tmp_path / "s.jsonl", rows))
    assert [p.id for p in products] == ["m1", "m6"]
    assert [(p.line, p.field, p.used) for p in problems] == [
        (2, "title", False),
        (3, "image", False),
        (4, "image", False),
        (5, "id", False),
        (6, "row", False),
        (7, "row", False),
        (8, "id", False),
    ]
    assert all(problem.reason and problem.todo for problem in problems)


@pytest.mark.parametrize("price", ["abc", "from 14.99", "-3", "1e309", "10-20"])
def test_row_with_a_broken_price_is_used_without_it(tmp_path: Path, price: str) -> None:
    (product,), (problem,) = read(write_jsonl(tmp_path / "s.jsonl", [mug(1, price=price)]))
    assert product.price_minor is None
    assert (problem.field, problem.used) == ("price", True)


@pytest.mark.parametrize("price", [None, "", "None", "N/A", "—"])
def test_missing_price_is_no_problem(tmp_path: Path, price: str | None) -> None:
    (product,), problems = read(write_jsonl(tmp_path / "s.jsonl", [mug(1, price=price)]))
    assert (product.price_minor, problems) == (None, [])


def test_category_may_be_a_path_or_a_list(tmp_path: Path) -> None:
    rows = [mug(1, category="A > B>C"), mug(2, category=["A", "B"]), mug(3, category=None)]
    products, _ = read(write_jsonl(tmp_path / "s.jsonl", rows))
    assert [p.category for p in products] == [("A", "B", "C"), ("A", "B"), ()]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"  \n ", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not a text file"),
        (b"just a line\nand another\n", "neither CSV"),
        (b'[{"title": "x"}]', "one object per line"),
    ],
)
def test_file_of_another_kind_gets_a_sentence(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes(content)
    with pytest.raises(CatalogueError, match=sentence):
        read(path)


def test_missing_file_and_folder_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="Check the path"):
        read(tmp_path / "none.csv")
    with pytest.raises(CatalogueError, match="is a folder"):
        read(tmp_path)


@given(st.text(max_size=400))
def test_no_text_makes_the_reader_fall_over(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.csv"
        path.write_bytes(("title,image\n" + text).encode("utf-8", "surrogatepass"))
        try:
            products, problems = read(path)
        except CatalogueError as error:
            # A sentence for a person is as good an end as a report.
            assert str(error).endswith(".")  # noqa: PT017
            return
        assert not products  # no such picture can exist
        assert all(problem.todo for problem in problems)
