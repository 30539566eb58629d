"""Files of every kind, as their makers write them: recognised by content, read as products."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.shop_files import mug, write_csv, write_jsonl, write_pictures
from tools.catalogue.cells import SetAside
from tools.catalogue.detection import KINDS, find_source, kind_of
from tools.catalogue.facts import full_text
from tools.catalogue.kinds.folder import words_of
from tools.catalogue.reader import Numbered, Reading, Wanted, read_products
from tools.catalogue.source import catalogue_name, plain_stem
from tools.errors import CatalogueError
from tools.product import Product, Variant

LARGE = "https://m.media-amazon.com/images/I/41qfjSfqNyL.jpg"
THUMB = "https://m.media-amazon.com/images/I/41qfjSfqNyL._SS40_.jpg"
SIDE = "https://m.media-amazon.com/images/I/71zZ.jpg"


def read(path: Path, **options: Any) -> tuple[list[Product], list[SetAside]]:
    items = list(read_products(path, Wanted(**options)))
    products = [item.product for item in items if isinstance(item, Numbered)]
    return products, [item for item in items if isinstance(item, SetAside)]


def amazon(number: int, **more: Any) -> dict[str, Any]:
    """One line of a raw file."""
    return {
        "main_category": "All Electronics",
        "title": f"Phone &amp; <b>case</b> {number}",
        "average_rating": 4.4,
        "rating_number": 1204,
        "features": ["Fits 6.1&quot; phones", "Slim"],
        "description": ["<p>Made of\nleather.</p>"],
        "price": 14.99,
        "images": [
            {"thumb": THUMB, "large": SIDE, "variant": "PT01", "hi_res": None},
            {"thumb": THUMB, "large": LARGE, "variant": "MAIN", "hi_res": None},
        ],
        "videos": [],
        "store": "Legend",
        "categories": ["Electronics", "Phone Cases"],
        "details": {"Color": "Leopard", "63 99": "junk", "Dimensions": {"a": 1}},
        "parent_asin": f"B{number:09d}",
        "bought_together": None,
        **more,
    }


def hub(row: dict[str, Any]) -> dict[str, Any]:
    """The same line as the hub's loader gives it."""
    columns = {size: [i[size] for i in row["images"]] for size in row["images"][0]}
    details = json.dumps(row["details"])
    return {**row, "images": columns, "details": details, "price": str(row["price"])}


def test_both_published_shapes_of_amazon_metadata_give_the_same_product(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "meta.jsonl", [amazon(1), hub(amazon(2)), amazon(1)])
    (raw, other), (problem,) = read(path)
    assert raw == Product(
        id="B000000001",
        title="Phone & case 1",
        category=("Electronics", "Phone Cases"),
        description='Fits 6.1" phones Slim Made of leather.',
        price_minor=1499,
        color="Leopard",
        brand="Legend",
        rating=4.4,
        rating_count=1204,
        image=LARGE,
        more_images=(SIDE,),
        attributes=(("63 99", "junk"),),
    )
    assert (other.image, other.more_images, other.color, other.price_minor) == (
        LARGE, (SIDE,), "Leopard", 1499
    )  # fmt: skip
    assert problem.field == "id"


@pytest.mark.parametrize(
    ("price", "minor"), [(None, None), ("None", None), ("14.99", 1499), (7, 700), ("—", None)]
)
def test_amazon_prices_of_every_type_are_read(
    tmp_path: Path, price: object, minor: int | None
) -> None:
    (product,), problems = read(write_jsonl(tmp_path / "m.jsonl", [amazon(1, price=price)]))
    assert (product.price_minor, problems) == (minor, [])


def test_amazon_row_with_a_price_in_words_is_used_without_it(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "m.jsonl", [amazon(1, price="from 14.99")])
    (product,), (problem,) = read(path)
    assert (product.price_minor, problem.field, problem.used) == (None, "price", True)


def test_amazon_rows_may_lack_any_key_and_any_picture(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [amazon(n) for n in range(len(amazon(0)))]
    for row, key in zip(rows, amazon(0), strict=True):
        del row[key]
    more = [
        amazon(50, images=[]),
        amazon(51, images={"hi_res": [], "large": []}),
        amazon(52, images=[{"variant": "MAIN", "hi_res": SIDE}]),
        amazon(53, images=[{"1080w": SIDE, "480w": THUMB}]),
        amazon(54, images={"hi_res": [None, SIDE], "large": ["None"], "variant": ["MAIN"]}),
        amazon(55, images="x", details="{cut", categories=None),
    ]
    products, problems = read(write_jsonl(tmp_path / "m.jsonl", [*rows, *more]))
    assert [p.field for p in problems if not p.used] == ["title"]
    unseen = [p for p in problems if p.field == "image"]
    assert all(p.used and p.reason.startswith("no picture") for p in unseen)
    assert [p.id for p in products if not p.image] == [
        f"B{n:09d}" for n in (list(amazon(0)).index("images"), 50, 51, 55)
    ]
    assert [p.reason for p in problems if p.used and p.field == "id"] == [
        "no id; the picture's path or address stands for it"
    ]
    assert [p.image for p in products if p.id in {"B000000052", "B000000053", "B000000054"}] == [
        SIDE, SIDE, SIDE
    ]  # fmt: skip
    assert len(unseen) == 4


def test_no_more_pictures_are_kept_than_the_index_has_room_for(tmp_path: Path) -> None:
    images = [{"large": f"https://i.test/{n}{'é' * 1_500}"} for n in range(40)]
    (product,), problems = read(write_jsonl(tmp_path / "m.jsonl", [amazon(1, images=images)]))
    assert (len(product.more_images), problems) == (6, [])


def test_packed_files_are_told_by_content_and_limited(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(amazon(n)) for n in range(40))
    path = tmp_path / "meta_Electronics.jsonl"  # packed, whatever its name says
    path.write_bytes(gzip.compress(lines.encode()))
    products, problems = read(path, limit=9)
    assert ([p.id for p in products], problems) == ([f"B{n:09d}" for n in range(9)], [])


def test_only_products_of_the_category_are_taken_by_level_or_department(tmp_path: Path) -> None:
    rows = [
        amazon(1),
        amazon(2, categories=["Home"], main_category="Home"),
        amazon(3, categories=[]),
    ]
    path = write_jsonl(tmp_path / "m.jsonl", rows)
    assert [p.id[-1] for p in read(path, category="phone cases")[0]] == ["1"]
    assert [p.id[-1] for p in read(path, category="All Electronics")[0]] == ["1", "3"]


@pytest.mark.parametrize("name", ["shop.csv", "shop.jsonl"])
def test_packed_file_that_is_cut_off_is_named_and_its_whole_rows_are_used(
    tmp_path: Path, name: str
) -> None:
    # Titles that do not pack, so that half of the file holds half of the rows.
    rows = [mug(n, title=f"Mug {hash((n, 1)):x} {hash((n, 2)):x}") for n in range(4000)]
    write = write_csv if name.endswith("csv") else write_jsonl
    data = gzip.compress(write(tmp_path / "whole", rows).read_bytes())
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    products, problems = read(tmp_path / name)
    assert 1000 < len(products) < 3900
    assert (problems[-1].field, problems[-1].used) == ("row", False)
    assert "cut off" in problems[-1].reason


def test_damaged_packed_file_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "s.csv.gz").write_bytes(b"\x1f\x8b\x08\0broken")
    with pytest.raises(CatalogueError, match="damaged"):
        read(tmp_path / "s.csv.gz")


SHOPIFY = """\
Handle,Title,Body (HTML),Vendor,Product Category,Type,Published,Option1 Name,Option1 Value,\
Option2 Name,Option2 Value,Variant SKU,Variant Price,Image Src,Image Position,Variant Image,Status
bag,Leather bag,"<p>Soft, <b>brown</b></p>",Legend,Bags > Backpacks,,true,Color,Brown,Size,S,\
b-1,49.00,//cdn.shop.test/side.jpg,2,,active
bag,,,,,,,,Black,,M,b-2,59.00,https://cdn.shop.test/front.jpg,1,https://cdn.shop.test/black.jpg,
bag,,,,,,,,,,,,,https://cdn.shop.test/back.jpg,3,,
hat,Hat,,Legend,,Hats,true,Title,Default Title,,,h-1,12,https://cdn.shop.test/hat.jpg,1,,active
old,Old hat,,Legend,,Hats,false,Title,Default Title,,,h-2,12,https://cdn.shop.test/o.jpg,1,,draft
"""


def test_shopify_variants_and_pictures_are_one_product(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(SHOPIFY)
    reading = Reading()
    items = list(read_products(tmp_path / "export.csv", reading=reading))
    bag, hat = (item.product for item in items if isinstance(item, Numbered))
    cdn = "https://cdn.shop.test"
    assert bag == Product(
        id="bag",
        title="Leather bag",
        category=("Bags", "Backpacks"),
        description="Soft, brown",
        price_minor=4900,
        color="Brown",
        brand="Legend",
        image=f"{cdn}/front.jpg",
        more_images=(f"{cdn}/side.jpg", f"{cdn}/back.jpg", f"{cdn}/black.jpg"),
        variants=(
            Variant("b-1", (("Color", "Brown"), ("Size", "S")), 4900, codes=("b-1",)),
            Variant(
                "b-2", (("Color", "Black"), ("Size", "M")), 5900, picture=f"{cdn}/black.jpg",
                codes=("b-2",),
            ),
        ),
    )  # fmt: skip
    words = full_text(bag)
    assert "Color Brown Black" in words
    assert "b-2" in words
    assert (hat.category, hat.description, hat.price_minor) == (("Hats",), "", 1200)
    assert (len(items), reading.switched_off) == (2, {"draft": 1})


def test_shopify_s_newer_header_is_known(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text(
        "Title,URL handle,Description,Vendor,Type,Published on online store,Option1 name,"
        "Option1 value,Price,Product image URL\n"
        "Hat,hat,<p>Warm</p>,Legend,Hats,TRUE,Color,Red,12.50,https://cdn.shop.test/h.jpg\n"
    )
    (hat,), problems = read(tmp_path / "e.csv")
    assert (hat.id, hat.price_minor, hat.color, problems) == ("hat", 1250, "Red", [])


ITEM = """
<g:id>{id}</g:id><title>Plain</title><g:title><![CDATA[Red & blue <i>hat</i>]]></g:title>
<g:availability>in_stock</g:availability>
<g:description>Warm &amp; soft</g:description><link{link}</link>
<g:shipping><g:country>US</g:country><g:price>6.49 USD</g:price></g:shipping>
<g:price>25.00 EUR</g:price><g:image_link>https://i.test/a.jpg</g:image_link>
<g:additional_image_link>https://i.test/b.jpg</g:additional_image_link>
<g:additional_image_link>https://i.test/c.jpg</g:additional_image_link>
<g:google_product_category>173</g:google_product_category>
<g:product_type>Clothes &gt; Hats</g:product_type><g:brand>Legend</g:brand><g:color>Red</g:color>
"""
RSS = (
    '<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>'
    f"<title>Shop</title><item>{ITEM.format(id='1', link='>https://i.test/1')}</item>"
    f"<item>{ITEM.format(id='2', link='>https://i.test/2')}</item></channel></rss>"
)
_HREF = " href='https://i.test/1'>"
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">'
    f"<title>Shop</title><entry>{ITEM.format(id='1', link=_HREF)}</entry>"
    f"<entry>{ITEM.format(id='2', link=_HREF)}</entry></feed>"
)
HAT = Product(
    id="1",
    title="Red & blue hat",
    category=("Clothes", "Hats"),
    description="Warm & soft",
    price_minor=2500,
    currency="EUR",
    color="Red",
    brand="Legend",
    image="https://i.test/a.jpg",
    more_images=("https://i.test/b.jpg", "https://i.test/c.jpg"),
    availability="in stock",
    link="https://i.test/1",
)


@pytest.mark.parametrize("feed", [RSS, ATOM], ids=["rss", "atom"])
@pytest.mark.parametrize("packed", [False, True])
def test_merchant_feed_in_xml_is_read(tmp_path: Path, feed: str, packed: bool) -> None:
    data = feed.encode()
    (tmp_path / "feed").write_bytes(gzip.compress(data) if packed else data)
    products, problems = read(tmp_path / "feed")
    assert (products[0], len(products), problems) == (HAT, 2, [])


def test_merchant_feed_in_columns_is_read(tmp_path: Path) -> None:
    (tmp_path / "feed.txt").write_text(
        "id\ttitle\tdescription\tlink\timage link\tadditional image link\tprice\tsale price\t"
        "brand\tcolor\tproduct type\tgoogle product category\tavailability\n"
        "1\tRed & blue hat\tWarm & soft\thttps://i.test/1\thttps://i.test/a.jpg\t"
        "https://i.test/b.jpg,https://i.test/c.jpg\t30.00 EUR\t25.00 EUR\tLegend\tRed\t"
        "Clothes > Hats\t173\tin stock\n"
    )
    (product,), problems = read(tmp_path / "feed.txt")
    assert (product, problems) == (replace(HAT, was=3000), [])


def test_feed_that_is_cut_off_is_named_and_its_whole_items_are_used(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(RSS[: RSS.rindex("<g:brand>")])
    products, (problem,) = read(tmp_path / "feed.xml")
    assert [p.id for p in products] == ["1"]
    assert (problem.field, problem.used) == ("row", False)


BOMB = (
    '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    "<rss><item><id>&b;</id></item></rss>"
)
OUTSIDE = (
    '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item><id>&x;</id></item></rss>'
)


@pytest.mark.parametrize("feed", [BOMB, OUTSIDE], ids=["bomb", "outside"])
def test_feed_with_entities_of_its_own_is_refused(tmp_path: Path, feed: str) -> None:
    (tmp_path / "feed.xml").write_text(feed)
    with pytest.raises(CatalogueError, match="entities"):
        read(tmp_path / "feed.xml")


def test_xml_that_is_no_feed_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "page.xml").write_text("<html><body>Hello</body></html>")
    with pytest.raises(CatalogueError, match="no product feed"):
        read(tmp_path / "page.xml")


def test_folder_of_pictures_is_a_catalogue_without_words(tmp_path: Path) -> None:
    write_pictures(tmp_path / "shop" / "images")
    names = {"518Gj1WQ-RL._AC_": "red", "IMG_2041": "green", "leather-bag_2": "blue"}
    for name, color in names.items():
        (tmp_path / "shop" / "images" / f"{color}.png").rename(tmp_path / "shop" / f"{name}.jpg")
    (tmp_path / "shop" / "images" / "text.jpg").write_text("no picture at all")
    (tmp_path / "shop" / "notes.txt").write_text("about these pictures")
    items = list(read_products(tmp_path / "shop"))
    assert all(isinstance(item, Numbered) for item in items)
    said = {i.product.id: (i.product.title, i.worded) for i in items if isinstance(i, Numbered)}
    assert said == {
        "518Gj1WQ-RL._AC_.jpg": ("Picture 518Gj1WQ-RL", False),
        "IMG_2041.jpg": ("Picture IMG_2041", False),
        "leather-bag_2.jpg": ("Leather bag 2", True),
        "images/text.jpg": ("Text", True),  # for the report, once it is opened
        "images/yellow.png": ("Yellow", True),
    }


def test_folder_may_be_named_from_where_the_command_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pictures(tmp_path / "shop" / "images")
    monkeypatch.chdir(tmp_path)
    (found, *others), problems = read(Path("shop/images"))
    assert (found.id, found.image) == ("blue.png", str(tmp_path / "shop" / "images" / "blue.png"))
    assert (len(others), problems) == (3, [])
    monkeypatch.chdir(tmp_path / "shop" / "images")
    assert read(Path())[0] == [found, *others]
    assert [catalogue_name(Path(each)) for each in (".", "..", "../x.csv")] == [
        "images",
        "shop",
        "x",
    ]


@pytest.mark.parametrize(
    ("stem", "words"),
    [
        ("red-leather_bag", "Red leather bag"), ("blue mug (2)", "Blue mug 2"),
        ("Blue%20Mug", "Blue Mug"), ("iPhone-14-case", "IPhone 14 case"), ("鳥の写真", "鳥の写真"),
        ("500ml-bottle", "500ml bottle"), ("picture-frame-oak", "Picture frame oak"),
        ("518Gj1WQ-RL._AC_", ""), ("71zZqQaab", ""), ("IMG_2041", ""), ("DSC00012", ""),
        ("Screenshot 2024-01-02 at 10.11.12", ""), ("IMG-20240102-WA0003", ""), ("00123", ""),
        ("d41d8cd98f00b204", ""), ("9780141036144", ""), ("p1", ""), ("photo", ""),
    ],
)  # fmt: skip
def test_only_a_name_that_somebody_meant_is_a_title(stem: str, words: str) -> None:
    assert words_of(stem) == words


def test_one_file_of_products_in_a_folder_is_read_instead_of_its_pictures(tmp_path: Path) -> None:
    write_csv(tmp_path / "products.csv", [mug(1)])
    assert [p.id for p in read(tmp_path)[0]] == ["m1"]
    write_csv(tmp_path / "more.csv", [mug(2)])
    with pytest.raises(CatalogueError, match=r"several files of products \(more.csv, products"):
        read(tmp_path)


def test_pictures_may_lie_elsewhere(tmp_path: Path) -> None:
    write_csv(tmp_path / "pictures" / "x.csv", [mug(1)])
    path = tmp_path / "products.csv"
    (tmp_path / "pictures" / "x.csv").rename(path)
    assert not read(path)[0][0].image
    assert read(path, pictures=tmp_path / "pictures")[0][0].image


def test_yaml_beside_the_file_names_columns_and_the_flag_wins(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "s.csv", [{"what": "Cup", "say": "Mug", "pic": "red.png"}])
    (tmp_path / "s.yaml").write_text("title: what\nimage: pic\n")
    assert read(path)[0][0].title == "Cup"
    assert read(path, mapping={"title": "say"})[0][0].title == "Mug"


@pytest.mark.parametrize("content", ["- a\n", "title: [x]\n", "title: : {", "x: &a [*a]", "1: 2"])
def test_yaml_that_names_no_columns_gets_a_sentence(tmp_path: Path, content: str) -> None:
    path = write_csv(tmp_path / "s.csv", [mug(1)])
    (tmp_path / "s.yaml").write_text(content)
    with pytest.raises(CatalogueError, match=r"s\.yaml .*Write one line a field"):
        read(path)


@pytest.mark.parametrize(
    ("name", "stem"),
    [("a.csv", "a"), ("meta_X.jsonl.gz", "meta_X"), ("a.b.csv", "a.b"), (".csv", ".csv")],
)
def test_name_of_a_catalogue_is_its_file_s_without_endings(name: str, stem: str) -> None:
    assert plain_stem(Path(name)) == stem


@pytest.mark.parametrize("image", ["ftp://x.test/a.jpg", "file:///etc/passwd", "data:image/png,x"])
def test_picture_by_another_scheme_is_none(tmp_path: Path, image: str) -> None:
    (product,), (problem,) = read(write_jsonl(tmp_path / "s.jsonl", [mug(1, image=image)]))
    assert "only http and https" in problem.reason
    assert (product.image, problem.used) == ("", True)


_SEEDS = [RSS, ATOM, SHOPIFY, json.dumps(amazon(1)) + "\n" + json.dumps(hub(amazon(2)))]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.sampled_from(_SEEDS),
    cuts=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 40), st.binary(max_size=6))),
    packed=st.booleans(),
)
def test_no_damage_to_a_file_of_any_kind_makes_the_reader_fall_over(
    seed: str, cuts: list[tuple[int, int, bytes]], packed: bool
) -> None:
    import tempfile

    data = seed.encode()
    for at, length, instead in cuts:
        data = data[:at] + instead + data[at + length :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s"
        path.write_bytes(gzip.compress(data) if packed else data)
        try:
            products, problems = read(path)
        except CatalogueError as error:
            # A sentence for a person is as good an end as a report.
            assert str(error).endswith(".")  # noqa: PT017
            return
        assert all(product.title for product in products)
        unseen = sum(not product.image for product in products)
        # A file may have lost its column for pictures.
        explained = sum(problem.field == "image" for problem in problems)
        assert unseen <= explained or unseen == len(products)
        assert all(problem.reason and problem.todo for problem in problems)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(amazon(0))), _VALUES))
def test_no_value_under_any_key_of_amazon_makes_the_reader_fall_over(row: dict[str, Any]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.jsonl"
        path.write_text(json.dumps(amazon(1)) + "\n" + json.dumps({**amazon(2), **row}) + "\n")
        products, problems = read(path)
    assert products[0].id == "B000000001"
    assert all(problem.todo for problem in problems)


def test_every_kind_is_recognised_by_content(tmp_path: Path) -> None:
    contents = [RSS, json.dumps(amazon(1)), SHOPIFY, "id\ttitle\timage_link\tlink\n", "id,title\n"]
    write_pictures(tmp_path / "pictures")
    found = [kind_of(find_source(tmp_path / "pictures"))]
    for number, content in enumerate(contents):
        path = tmp_path / f"{number}.dat"
        path.write_text(content)
        found.append(kind_of(find_source(path)))
    names = {kind.name for kind in KINDS}
    assert [kind.name for kind in found] == [
        "a folder of pictures", "a feed of products in XML", "item metadata of Amazon Reviews 2023",
        "Shopify's export of products", "a feed for Google Merchant, Meta or OpenAI in columns",
        "a table",
    ]  # fmt: skip
    assert len(names) == len(KINDS)
