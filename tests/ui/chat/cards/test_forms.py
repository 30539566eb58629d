"""What a card says of variants, stock and sales."""

from __future__ import annotations

from dataclasses import replace

from tests.support.variant_shop import PRODUCTS
from tools.product import Match, Product
from tools.search.fitting import as_variant
from ui.chat.cards.forms import forms_of, stock_of
from ui.chat.links import Links

BY_ID = {product.id: product for product in PRODUCTS}
LINKS = Links(cart="https://shop.example/cart/{id}")


def test_from_is_said_only_where_variants_differ_in_price_and_none_is_shown() -> None:
    assert forms_of(Match(BY_ID["r1"], 0.0), "shop", LINKS)["price"] == "from $89.00"
    assert forms_of(Match(BY_ID["t1"], 0.0), "shop", LINKS)["price"] == "$19.00"
    blue = BY_ID["r1"].variants[-1]
    shown = Match(as_variant(BY_ID["r1"], blue), 0.0, variant=blue)
    assert forms_of(shown, "shop", LINKS)["price"] == "$95.00"


def test_from_is_the_lowest_of_what_can_be_bought() -> None:
    cheap, *others = BY_ID["r1"].variants
    gone = replace(cheap, price=100, availability="out of stock")
    product = replace(BY_ID["r1"], variants=(gone, *others))
    assert forms_of(Match(product, 0.0), "shop", LINKS)["price"] == "from $89.00"


def test_default_variant_that_is_sold_out_does_not_sell_out_the_product() -> None:
    first, *others = BY_ID["t1"].variants
    product = replace(BY_ID["t1"], variants=(replace(first, availability="out of stock"), *others))
    assert stock_of(product) == "in stock"
    assert not forms_of(Match(product, 0.0), "shop", LINKS)["soldOut"]


def test_what_the_shop_does_not_say_of_its_stock_has_no_badge() -> None:
    forms = forms_of(Match(Product("a", "A"), 0.0), "shop", LINKS)
    assert forms["availability"] == ""
    assert forms["soldOut"] is False
    assert forms["link"] == ""
    assert forms["variants"] == []


def test_choices_are_counted_where_there_are_several() -> None:
    assert forms_of(Match(BY_ID["r1"], 0.0), "shop", LINKS)["choices"] == "2 colors · 4 sizes"
    assert forms_of(Match(BY_ID["t3"], 0.0), "shop", LINKS)["choices"] == "3 sizes"
    assert forms_of(Match(BY_ID["m1"], 0.0), "shop", LINKS)["choices"] == ""


def test_cart_takes_the_variant_that_is_shown_or_the_first_that_can_be_bought() -> None:
    forms = forms_of(Match(BY_ID["t1"], 0.0), "shop", LINKS)
    assert forms["cart"] == "https://shop.example/cart/t1-white-s"
    assert forms_of(Match(BY_ID["m1"], 0.0), "shop", LINKS)["cart"].endswith("/m1")
