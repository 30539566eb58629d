from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.support.shop_files import mug, write_csv, write_jsonl, write_pictures
from tools.catalogue.cells import SetAside
from tools.catalogue.reader import Numbered, Wanted, read_products
from tools.errors import CatalogueError
from tools.product import Product


def read(path: Path, **options: Any) -> tuple[list[Product], list[SetAside]]:
    items = list(read_products(path, Wanted(**options)))
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


@pytest.mark.parametrize(
    "header",
    [
        "Artikelnummer;Bezeichnung;Kategorie;Preis;Währung;Farbe;Marke;Bild",
        "Référence;Nom;Catégorie;Prix;Devise;Couleur;Marque;Image",
        "Código;Título;Categoría;Precio;Moneda;Color;Marca;Imagen",
        "Codice;Titolo;Categoria;Prezzo;Valuta;Colore;Marca;Immagine",
        "Código;Nome;Categoria;Preço;Moeda;Cor;Marca;Imagem",
        "SKU;Naam;Categorie;Prijs;Valuta;Kleur;Merk;Afbeelding",
    ],
)
def test_columns_may_be_named_in_other_languages(header: str, tmp_path: Path) -> None:
    write_pictures(tmp_path)
    path = tmp_path / "shop.csv"
    path.write_text(f"{header}\na-1;Große Tasse;Küche > Tassen;12,50;EUR;rot;Legend;red.png\n")
    (product,), problems = read(path)
    assert not problems
    assert product == Product(
        id="a-1",
        title="Große Tasse",
        category=("Küche", "Tassen"),
        price_minor=1250,
        currency="EUR",
        color="rot",
        brand="Legend",
        image=str(tmp_path / "red.png"),
    )


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (
            "ID,Type,SKU,Name,Published,Sale price,Regular price,Categories,Images",
            '7,simple,s-1,Hoodie,1,,45,"Clothing > Hoodies","{a}, {b}"',
            ("7", "Hoodie", 4500, "USD", 2),
        ),
        (
            "Product ID;Active (0/1);Name *;Price tax included;Reference #;Image URLs (x,y,z...)",
            "7;1;Lamp;19,90;REF1;{a},{b}",
            ("7", "Lamp", 1990, "USD", 2),
        ),
        (
            "Item Type,Product ID,Product Name,Product Type,Brand Name,Price,Retail Price,"
            "Product Image File - 1,Product Image URL - 1",
            "Product,7,Basket,P,Legend,119.95,150,basket.jpg,{a}",
            ("7", "Basket", 11995, "USD", 1),
        ),
        (
            "TITLE,DESCRIPTION,PRICE,CURRENCY_CODE,TAGS,IMAGE1,IMAGE2,SKU",
            "Mug,Clay,12.50,EUR,cup,{a},{b},s-1",
            ("s-1", "Mug", 1250, "EUR", 2),
        ),
        (
            "handleId,fieldType,name,productImageUrl,collection,price,surcharge,visible",
            "p-1,Product,Shirt,{a};{b},Shirts,25,,true",
            ("p-1", "Shirt", 2500, "USD", 2),
        ),
        (
            "Product ID [Non Editable],Product Type [Non Editable],Title,Price,Hosted Image URLs",
            "7,PHYSICAL,Tee,25.00,{a} {b}",
            ("7", "Tee", 2500, "USD", 2),
        ),
        (
            "Item number,Title,Available quantity,Start price,Currency,Item photo URL",
            "7,Case,2,9.99,USD,{a}",
            ("7", "Case", 999, "USD", 1),
        ),
        (
            "item_sku,item_name,standard_price,brand_name,main_image_url,other_image_url1",
            "s-1,Lamp,19.99,Legend,{a},{b}",
            ("s-1", "Lamp", 1999, "USD", 1),
        ),
        (
            "Article No,Product category,Product,Price (EUR),Old price,Picture alt text,Picture",
            "7,Lamps,Lamp,19.99,30,A lamp,{a}",
            ("7", "Lamp", 1999, "EUR", 1),
        ),
        ("Item,Cost,Picture URL", "Lamp,$19.99,{a}", ("{a}", "Lamp", 1999, "USD", 1)),
    ],
)
def test_columns_as_shops_programs_export_them(
    header: str, row: str, expected: tuple[object, ...], tmp_path: Path
) -> None:
    addresses = {"a": "https://shop.test/a.jpg", "b": "https://shop.test/b.jpg"}
    path = tmp_path / "shop.csv"
    path.write_text(f"{header}\n{row.format(**addresses)}\n")
    (product,), problems = read(path)
    assert not problems
    found = (product.id, product.title, product.price_minor, product.currency)
    assert (*found, 1 + len(product.more_images)) == (
        str(expected[0]).format(**addresses),
        *expected[1:],
    )
    assert product.image == addresses["a"]


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
    assert [(p.id, bool(p.image)) for p in products] == [
        ("m1", True), ("m3", False), ("m4", False), ("m6", True)
    ]  # fmt: skip
    assert [(p.line, p.field, p.used) for p in problems] == [
        (2, "title", False),
        (3, "image", True),
        (4, "image", True),
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


def test_file_without_a_column_for_pictures_is_a_shop_without_pictures(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "title": "Red mug", "price": "12"},
        {"id": "b", "title": "Jug", "price": ""},
    ]
    products, problems = read(write_csv(tmp_path / "s.csv", rows))
    assert [(p.title, p.image, p.price_minor) for p in products] == [
        ("Red mug", "", 1200),
        ("Jug", "", None),
    ]
    assert problems == []


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
        (bytes(range(256)) * 20, "not a text file"),
        ("id,title,image\n".encode("utf-32"), "is UTF-32"),
        (b",,,\n1,A,img/p1.jpg,5\n", "among: columns without a name"),
        (b"{\n{\n", "None of the first lines"),
        (b'id,"title\n1,x\n', "Mend its quotes"),
        (b"just a line\nand another\n", "neither CSV"),
        (b'[{"title": "x"}]', "No column for image"),
    ],
)
def test_file_of_another_kind_gets_a_sentence(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes(content)
    with pytest.raises(CatalogueError, match=sentence):
        read(path)


def test_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with pytest.raises(CatalogueError, match="pipe or device"):
        read(pipe)
    with pytest.raises(CatalogueError, match="pipe or device"):
        read(Path("/dev/null"))
    with pytest.raises(CatalogueError, match="cannot be read"):
        read(tmp_path / ("x" * 300))


def test_quote_that_is_never_closed_is_named_by_its_first_line(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "s.csv", [mug(n) for n in range(1, 5)])
    path.write_text(path.read_text().replace("Green mug 1", '"Green mug 1'))
    products, (problem,) = read(path)
    assert not products
    assert (problem.line, problem.field, problem.used) == (2, "row", False)
    assert "up to line 5" in problem.reason


def test_rows_behind_a_broken_quote_are_read(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "s.csv", [mug(n) for n in range(1, 5)])
    path.write_text(path.read_text().replace("Green mug 1", '"Green" mug 1'))
    products, (problem,) = read(path)
    assert [p.id for p in products] == ["m2", "m3", "m4"]
    assert (problem.line, problem.field) == (2, "row")


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\nid;title;image\n1;Cup, blue;red.png\n",
        '"id","ti\ntle","image"\n1,"Cup, blue",red.png\n',
        'id,title,image\n1,"Cup, blue",red.png,\n2,Cup,red.png,, \n',
    ],
)
def test_headers_and_cells_as_spreadsheets_write_them(tmp_path: Path, content: str) -> None:
    write_pictures(tmp_path)
    (tmp_path / "s.csv").write_text(content)
    products, problems = read(
        tmp_path / "s.csv", mapping={"title": "ti tle"} if "ti\n" in content else {}
    )
    assert products[0].title == "Cup, blue"
    assert not problems


def test_first_of_columns_with_the_same_name_counts(tmp_path: Path) -> None:
    write_pictures(tmp_path)
    text = "id,Title,title,image,image,,\n1,Cup,,red.png,gone.png,,\n"
    (tmp_path / "shop.csv").write_text(text)
    (product,), problems = read(tmp_path / "shop.csv")
    assert (product.title, product.image) == ("Cup", str(tmp_path / "red.png"))
    assert not problems
    (product,), _ = read(tmp_path / "shop.csv", mapping={"description": "image (2)"})
    assert product.description == "gone.png"


def test_hundred_thousand_columns_of_one_name_are_told_apart_at_once(tmp_path: Path) -> None:
    write_pictures(tmp_path)
    header = ",".join(["id", "title", "image", *["x"] * 100_000])
    (tmp_path / "shop.csv").write_text(f"{header}\n1,Cup,red.png\n")
    start = time.process_time()
    (product,), problems = read(tmp_path / "shop.csv")
    assert (product.title, problems) == ("Cup", [])
    assert time.process_time() - start < 30  # guards against square time, which takes minutes


@pytest.mark.parametrize("written", ["pictures\\my mug.png", "pictures/my%20mug.png"])
def test_path_as_windows_or_a_page_writes_it_finds_its_picture(
    tmp_path: Path, written: str
) -> None:
    picture = tmp_path / "pictures" / "my mug.png"
    picture.parent.mkdir()
    Image.new("RGB", (8, 8)).save(picture)
    (product,), problems = read(write_csv(tmp_path / "shop.csv", [mug(1, image=written)]))
    assert (product.image, problems) == (str(picture), [])


def test_file_whose_name_holds_a_percent_sign_is_itself(tmp_path: Path) -> None:
    for name in ("a%20b.png", "a b.png"):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    (product,), _ = read(write_csv(tmp_path / "shop.csv", [mug(1, image="a%20b.png")]))
    assert product.image == str(tmp_path / "a%20b.png")


def test_lines_are_counted_from_the_top_of_the_file(tmp_path: Path) -> None:
    write_pictures(tmp_path)
    (tmp_path / "s.csv").write_text('sep=,\nid,"ti\ntle",image\n1,,red.png\n')
    _, (problem,) = read(tmp_path / "s.csv", mapping={"title": "ti tle"})
    assert (problem.line, problem.field) == (4, "title")


@pytest.mark.parametrize(
    "image",
    [
        "loop.png",
        "a" * 300 + ".png",
        "a" * 5000 + ".png",
        "nul\0.png",
        "half\udcff.png",
        "~nobodyhere/x.png",
        "red.png/x.png",
        "pipe.png",
        "/dev/zero",
        {"alt": "red.png"},
        True,
    ],
)
def test_path_that_no_picture_can_have_costs_one_product_its_picture(
    tmp_path: Path, image: object
) -> None:
    (tmp_path / "loop.png").symlink_to("loop.png")
    os.mkfifo(tmp_path / "pipe.png")
    with suppress(OSError):
        Image.new("RGB", (8, 8)).save(tmp_path / "half\udcff.png")
    path = write_jsonl(tmp_path / "s.jsonl", [mug(1, image=image), mug(2)])
    (unseen, product), (problem,) = read(path)
    assert (unseen.id, unseen.image, unseen.more_images) == ("m1", "", ())
    assert (product.id, bool(product.image)) == ("m2", True)
    assert (problem.line, problem.field, problem.used) == (1, "image", True)
    problem.reason.encode()


_DEEP: object = "x"
for _ in range(500):
    _DEEP = [_DEEP]


@pytest.mark.parametrize("value", [{"en": "Cup"}, True, float("nan"), float("inf"), _DEEP])
def test_value_that_is_no_text_is_never_shown_as_python_writes_it(
    tmp_path: Path, value: object
) -> None:
    fields = ("id", "category", "description", "color", "brand", "currency")
    rows = [mug(1, title=value), *(mug(n, **{f: value}) for n, f in enumerate(fields, start=2))]
    products, problems = read(write_jsonl(tmp_path / "s.jsonl", rows))
    assert [(p.line, p.field, p.used) for p in problems] == [
        (1, "title", False), *((n, field, True) for n, field in enumerate(fields, start=2))
    ]  # fmt: skip
    assert products[0].id == rows[1]["image"]
    assert [p.category for p in products[1:2]] == [()]
    assert (products[2].description, products[3].color, products[4].brand) == ("", "", "")
    assert products[5].currency == "USD"


@pytest.mark.parametrize(
    "price", [["29.99", "19.99"], ["1", "299"], [5], True, {"usd": 5}, "0.001"]
)
def test_price_is_never_made_up_from_several(tmp_path: Path, price: object) -> None:
    (product,), (problem,) = read(write_jsonl(tmp_path / "s.jsonl", [mug(1, price=price)]))
    assert product.price_minor is None
    assert (problem.field, problem.used) == ("price", True)


def test_unknown_currency_is_noted_and_the_shop_s_own_is_used(tmp_path: Path) -> None:
    rows = [mug(1, currency="XYZ"), mug(2, currency="eur")]
    products, (problem,) = read(write_jsonl(tmp_path / "s.jsonl", rows), currency="GBP")
    assert [p.currency for p in products] == ["GBP", "EUR"]
    assert (problem.line, problem.field, problem.used) == (1, "currency", True)


def test_ids_that_look_alike_stay_different(tmp_path: Path) -> None:
    ids = ['5" mug', "a\\b", "a b", "a  b", "a\u2028b", "a&amp;b", "a&b", "<b>x</b>", "x"]
    rows = [mug(n, id=identity) for n, identity in enumerate([*ids, " a\0 b "])]
    products, (problem,) = read(write_jsonl(tmp_path / "s.jsonl", rows))
    assert [p.id for p in products] == ids
    assert problem.reason == "the id 'a b' stands on line 3 too"


@pytest.mark.parametrize("identity", ["a\nb", "a\tb", "a\x1b[0m", "a\x85b", "a\ud800"])
def test_id_that_milvus_cannot_hold_sets_its_row_aside(tmp_path: Path, identity: str) -> None:
    (product,), (problem,) = read(
        write_jsonl(tmp_path / "s.jsonl", [mug(1, id=identity), mug(2, id="a b")])
    )
    assert product.id == "a b"
    assert (problem.line, problem.field, problem.used) == (1, "id", False)
    assert repr(identity) in problem.reason


def test_characters_that_turn_or_break_the_writing_are_left_out(tmp_path: Path) -> None:
    row = mug(1, title="Red\x9b mug\u202e evil\u2066!")
    (product,), _ = read(write_jsonl(tmp_path / "s.jsonl", [row]))
    assert product.title == "Red mug evil!"


def test_missing_file_and_folder_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="Check the path"):
        read(tmp_path / "none.csv")
    with pytest.raises(CatalogueError, match="is a folder"):
        read(tmp_path)


@settings(deadline=None)
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
        assert not any(product.image for product in products)  # no such picture can exist
        assert all(problem.todo for problem in problems)
