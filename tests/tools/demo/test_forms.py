"""The forms that the built-in shop sells its products in, read back from its own file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tools.catalogue.facts import searched_text
from tools.catalogue.reader import Numbered, read_products
from tools.catalogue.variants import SOLD_OUT, as_variants
from tools.catalogue.vocabulary import count_vocabulary
from tools.demo.shop.address import OWN_ADDRESS
from tools.demo.shop.files import write_table
from tools.demo.shop.forms import SIZES, drawn_apart
from tools.demo.shop.products import demo_products
from tools.product import Product


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Product]:
    folder = tmp_path_factory.mktemp("shop")
    table = write_table(folder, demo_products())
    for row in csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))):
        picture = folder / row["image"]
        picture.parent.mkdir(exist_ok=True)
        picture.touch()
    read = list(read_products(table))
    assert all(isinstance(each, Numbered) for each in read)
    return {each.product.id: each.product for each in read if isinstance(each, Numbered)}


def test_file_gives_the_same_products_with_the_same_pictures_texts_and_prices(
    products: dict[str, Product],
) -> None:
    assert [*products] == [each.id for each in demo_products()]
    for each in demo_products():
        read = products[each.id]
        assert Path(read.image).name == f"{each.id}.jpg"
        assert (read.title, read.description, read.color) == (
            each.title, each.description, each.color,
        )  # fmt: skip
        assert read.price_minor == int(each.price * 100)
        assert searched_text(read) == searched_text(replace(read, variants=(), more_images=()))


def test_clothes_come_in_sizes_and_a_few_products_in_colors(products: dict[str, Product]) -> None:
    for each in demo_products():
        sizes = {dict(v.options).get("Size", "") for v in products[each.id].variants} - {""}
        assert sizes == set(SIZES.get(each.look.kind, ()))
    apart = [product.id for product, _ in drawn_apart(demo_products())]
    assert Counter(apart) == dict.fromkeys(apart, 2)
    for identity in set(apart):
        colors = {dict(v.options)["Color"] for v in products[identity].variants}
        assert len(colors) == 3
        assert {Path(v.picture).name for v in products[identity].variants if v.picture} == {
            f"{identity}-{color}.jpg" for color in colors - {products[identity].color}
        }


def test_some_forms_are_sold_out_and_few_products_altogether(
    products: dict[str, Product],
) -> None:
    gone = [v for p in products.values() for v in as_variants(p) if v.availability in SOLD_OUT]
    whole = [
        p for p in products.values() if all(v.availability in SOLD_OUT for v in as_variants(p))
    ]
    assert 30 <= len(gone) <= 100
    assert 1 <= len(whole) <= 9
    vocabulary = count_vocabulary(products.values())
    assert vocabulary.stocked
    assert vocabulary.on_sale
    assert vocabulary.varied


def test_sales_are_higher_prices_before_and_links_lead_to_the_chat(
    products: dict[str, Product],
) -> None:
    on_sale = [p for p in products.values() if p.was is not None]
    assert 40 <= len(on_sale) <= 100
    assert all(p.was > p.price_minor for p in on_sale if p.was and p.price_minor)
    assert all(p.link.startswith(f"{OWN_ADDRESS}{p.id}") for p in products.values())
