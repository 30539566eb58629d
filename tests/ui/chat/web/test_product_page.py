"""The pages of the built-in shop, which links on its cards lead to."""

from __future__ import annotations

from tests.support.variant_shop import PRODUCTS
from tools.product import Product
from ui.chat.web.product_page import product_page

SHOE = next(product for product in PRODUCTS if product.id == "r1")


def test_page_of_a_variant_says_its_price_and_stock() -> None:
    page = product_page(SHOE, "r1-blue-9", "demo")
    assert "<h1>Strider Road Runner</h1>" in page
    assert "$95.00" in page
    assert "Sold out" in page
    assert '<strong><a href="r1?variant=r1-blue-9">blue, 9</a></strong>' in page


def test_page_of_a_variant_that_is_not_there_is_the_products() -> None:
    assert "from $89.00" in product_page(SHOE, "r1-pink-9", "demo")


def test_texts_of_the_catalogue_are_never_markup() -> None:
    page = product_page(Product("a", "<script>alert(1)</script>", description="<b>x"), "", "demo")
    assert "<script>" not in page
    assert "<b>x" not in page
