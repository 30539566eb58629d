"""The whole path in a browser: real chat, real agent, real models, real Milvus, the demo shop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.browser import OpenPage, attach, send
from tests.support.chat_client import RunningChat, real_chat

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chat(demo_home: Path) -> Iterator[RunningChat]:
    with real_chat(demo_home) as running:
        yield running


def test_leopard_starter_shows_nine_cards_with_the_leopard_case_among_them(
    chat: RunningChat, open_page: OpenPage
) -> None:
    page = open_page(chat)
    # The built-in vision model is not asked here, and the page says so.
    notice = "- text: /products stand in the order of the search/"
    expect(page.locator("body")).to_match_aria_snapshot(notice)
    page.locator("#starters").get_by_role("button", name="A phone case with this").click()
    cards = page.get_by_test_id("product-card")
    expect(cards).to_have_count(9)
    leopard_case = cards.filter(has_text=re.compile("leopard", re.I)).filter(
        has_text=re.compile("phone case", re.I)
    )
    expect(leopard_case.first).to_be_visible()
    expect(page.get_by_role("img", name="Leopard's coat").first).to_be_visible()
    expect(page.get_by_text("Looked at your photo · searched 900 products")).to_be_visible()
    expect(page.locator(".ai-message [role=article]").last).to_be_visible()
    for card in cards.all():
        picture = card.get_by_role("img", name=re.compile("Picture of"))
        expect(picture).to_have_js_property("complete", True)


def test_photo_uploaded_by_hand_leads_to_products(chat: RunningChat, open_page: OpenPage) -> None:
    page = open_page(chat)
    attach(page, chat.home / "demo" / "scenes" / "zebra-coat.jpg")
    send(page, "a mug with this")
    cards = page.get_by_test_id("product-card")
    expect(cards).to_have_count(9)
    expect(cards.filter(has_text=re.compile("mug", re.I)).first).to_be_visible()


def test_words_alone_keep_the_price_that_was_stated(chat: RunningChat, open_page: OpenPage) -> None:
    page = open_page(chat)
    page.get_by_role("button", name="A blue mug under $20").click()
    cards = page.get_by_test_id("product-card")
    expect(cards.first).to_be_visible()
    prices = [re.search(r"\$([\d.]+)", card.inner_text()) for card in cards.all()]
    assert all(price and float(price[1]) < 20 for price in prices)
