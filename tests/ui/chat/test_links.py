"""Addresses that cards lead to."""

from __future__ import annotations

import pytest

from ui.chat.links import Links, is_safe, tagged

TAGS = "utm_source=pounce&utm_medium=chat"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "data:text/html,x", "ftp://shop.example/a", "//shop.example/a", "/a",
        "https://user:secret@shop.example/", "https://", "https://shop.example/ a", "",
        "https://shop.example/" + "a" * 2048, "JAVASCRIPT:alert(1)//https://shop.example",
    ],
)  # fmt: skip
def test_only_plain_http_addresses_become_links(address: str) -> None:
    assert not is_safe(address)
    assert Links(tags=TAGS).page(address) == ""


def test_tags_of_another_channel_are_replaced_and_not_doubled() -> None:
    address = "https://shop.example/a?utm_source=meta_catalog&color=red&UTM_medium=cpc#top"
    tags = tagged(address, TAGS)
    assert tags == "https://shop.example/a?color=red&utm_source=pounce&utm_medium=chat#top"
    assert tagged(tags, TAGS) == tags


def test_without_tags_an_address_stays_as_the_shop_states_it() -> None:
    address = "https://shop.example/a?utm_source=meta&x=%20y"
    assert Links().page(address) == address


def test_other_parameters_keep_their_spelling() -> None:
    assert tagged("https://shop.example/a?q=a%2Fb&r", "utm_source=x") == (
        "https://shop.example/a?q=a%2Fb&r&utm_source=x"
    )


def test_cart_link_names_the_variant_and_else_the_product() -> None:
    links = Links(cart="https://shop.example/cart/{id}:1?p={product}")
    assert links.to_cart("p 1", "v/2") == "https://shop.example/cart/v%2F2:1?p=p%201"
    assert links.to_cart("p1") == "https://shop.example/cart/p1:1?p=p1"
    assert Links().to_cart("p1") == ""


def test_pages_of_the_built_in_shop_are_the_chats_own() -> None:
    links = Links(tags=TAGS, own_shop="http://localhost:8000/shop/", own_root="/chat/shop/")
    assert links.page("http://localhost:8000/shop/demo-0001?v=1") == "/chat/shop/demo-0001?v=1"
