"""What a card says of variants, stock and sales, and where its links lead."""

from __future__ import annotations

import re
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import OpenPage, send
from tests.support.chat_client import RunningChat

pytestmark = pytest.mark.browser

SHOE, SHIRT, JACKET, MUG, BLUE_SHOE = range(5)
"""Places of the cards of "variants"."""


@pytest.fixture
def chat(scripted: RunningChat) -> RunningChat:
    return scripted


def cards(page: Page) -> Locator:
    send(page, "variants please")
    found = page.get_by_test_id("product-card")
    expect(found).to_have_count(5)
    return found


def opened(page: Page, card: Locator) -> Locator:
    card.locator(".pounce-open").click()
    large = page.get_by_test_id("large-view")
    expect(large).to_be_visible()
    return large


def value(large: Locator, name: str) -> Locator:
    return large.get_by_test_id("option-value").filter(has_text=re.compile(rf"^{name}\b"))


def test_card_says_price_stock_sale_and_choices(chat: RunningChat, open_page: OpenPage) -> None:
    shown = cards(open_page(chat))
    expect(shown.nth(SHOE)).to_contain_text("from $89.00")
    expect(shown.nth(SHOE)).to_contain_text("2 colors · 4 sizes")
    expect(shown.nth(SHOE)).to_contain_text("In stock")
    expect(shown.nth(SHIRT).locator("s")).to_have_text("$32.00")
    expect(shown.nth(SHIRT)).to_contain_text("$24.00")
    expect(shown.nth(SHIRT)).not_to_contain_text("from $")
    expect(shown.nth(JACKET)).to_contain_text("Sold out")
    expect(shown.nth(JACKET)).to_have_attribute("aria-label", re.compile("sold out"))


def test_card_of_a_variant_has_its_price_picture_and_link(
    chat: RunningChat, open_page: OpenPage
) -> None:
    card = cards(open_page(chat)).nth(BLUE_SHOE)
    expect(card).to_contain_text("$95.00")
    expect(card).not_to_contain_text("from $")
    assert "v=r1-blue-10" in (card.locator("img").get_attribute("src") or "")
    link = card.get_by_test_id("shop-link")
    expect(link).to_have_attribute("href", "https://shop.example/r1?v=blue-10&utm_source=pounce")


def test_link_opens_the_variants_page_in_a_new_tab_and_is_counted(
    chat: RunningChat, open_page: OpenPage
) -> None:
    page = open_page(chat)
    page.context.route("https://shop.example/**", lambda route: route.fulfill(body="The shoe"))
    link = cards(page).nth(BLUE_SHOE).get_by_test_id("shop-link")
    expect(link).to_have_attribute("rel", "noopener")
    with page.context.expect_page() as new, page.expect_response("**/project/action") as told:
        link.click()
    assert told.value.ok
    new.value.wait_for_load_state()
    assert new.value.url == "https://shop.example/r1?v=blue-10&utm_source=pounce"
    assert new.value.evaluate("window.opener") is None
    new.value.close()
    said = chat.log_text()
    assert "list_id='list-v', number=5, product='r1-again', variant='r1-blue-10'" in said


def test_choosing_an_option_changes_price_picture_and_links(
    chat: RunningChat, open_page: OpenPage
) -> None:
    page = open_page(chat)
    large = opened(page, cards(page).nth(SHOE))
    chosen = large.get_by_test_id("chosen")
    expect(chosen).to_contain_text("$89.00")
    value(large, "blue").click()
    value(large, "11").click()
    expect(chosen).to_contain_text("$95.00")
    expect(value(large, "blue")).to_have_attribute("aria-pressed", "true")
    expect(large.get_by_test_id("shop-link")).to_have_attribute(
        "href", "https://shop.example/r1?v=blue-11&utm_source=pounce"
    )
    expect(large.get_by_test_id("cart-link")).to_have_attribute(
        "href", "https://shop.example/cart/r1-blue-11:1"
    )
    picture = large.locator(".pounce-large-pictures > .pounce-picture img")
    expect(picture).to_have_attribute("src", re.compile("v=r1-blue-11"))
    assert picture.evaluate("async (img) => { await img.decode(); return img.naturalWidth; }") > 0


def test_sold_out_is_struck_through_and_spoken_and_offers_no_cart(
    chat: RunningChat, open_page: OpenPage
) -> None:
    page = open_page(chat)
    large = opened(page, cards(page).nth(SHOE))
    value(large, "blue").click()
    nine = value(large, "9")
    expect(nine.locator("s")).to_have_text("9")
    expect(nine).to_have_accessible_name("9, sold out")
    nine.click()
    expect(large.get_by_test_id("chosen")).to_contain_text("Sold out")
    expect(large.get_by_test_id("cart-link")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(
    chat: RunningChat, open_page: OpenPage, theme: Literal["light", "dark"], width: int
) -> None:
    page = open_page(chat, width=width, theme=theme, touch=width < 400)
    shown = cards(page)
    assert violations(page) == []
    large = opened(page, shown.nth(SHOE))
    assert violations(page) == []
    assert large.evaluate("box => box.scrollWidth <= box.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


_AT_REST = """() => new Promise((resolve) => {
  let timer = setTimeout(resolve, 500);
  new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(resolve, 500);
  }).observe(document.body, { childList: true, subtree: true });
})"""
"""Waits until nothing has come or gone for half a second."""


def violations(page: Page) -> list[Any]:
    """What axe finds to be serious or worse, with the element."""
    page.evaluate(_AT_REST)
    page.wait_for_function("document.getAnimations().every((a) => a.playState !== 'running')")
    found = Axe().run(page).response["violations"]
    return [
        (each["id"], [node["html"][:200] for node in each["nodes"]])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
