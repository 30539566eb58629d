"""What a shopper does with cards: buttons, larger view, comparison, list, chips, settings."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import OpenPage, send
from tests.support.chat_client import RunningChat

pytestmark = pytest.mark.browser


@pytest.fixture
def chat(scripted: RunningChat) -> RunningChat:
    return scripted


def gallery(page: Page, text: str = "a case", cards: int = 9) -> Locator:
    send(page, text)
    found = page.get_by_test_id("product-gallery").first
    expect(found.get_by_test_id("product-card")).to_have_count(cards)
    return found


def wish(inside: Locator, name: str) -> Locator:
    return inside.get_by_role("button", name=name, exact=True)


def test_buttons_of_a_card_mean_their_own_list_also_when_it_is_old(
    chat: RunningChat, open_page: OpenPage
) -> None:
    page = open_page(chat)
    first = gallery(page)
    wish(first, "More like this: number 3").click()
    expect(page.get_by_text("[More like 3|more like (3,) of 9 on list-1]")).to_be_visible()
    expect(page.get_by_test_id("product-gallery")).to_have_count(2)
    wish(first, "Not this: number 9").click()
    expect(page.get_by_text("[Not number 9|not this (9,) of 9 on list-1]")).to_be_visible()
    newest = page.get_by_test_id("product-gallery").nth(1)
    wish(newest, "More like this: number 2").click()
    expect(page.get_by_text("[More like 2|more like (2,) of 3 on list-2]")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_button_takes_one_to_its_answer(chat: RunningChat, open_page: OpenPage, width: int) -> None:
    page = open_page(chat, width=width, touch=width < 400)
    first = gallery(page)
    wish(first, "More like this: number 1").click()
    asked = page.locator("[data-step-type=user_message]").last
    expect(asked).to_contain_text("More like 1")
    expect(page.get_by_test_id("product-gallery")).to_have_count(2)
    expect(asked).to_be_in_viewport()
    # It scrolls smoothly.
    near_the_top = (
        "(asked) => { const { y } = asked.getBoundingClientRect(); return 0 <= y && y < 200; }"
    )
    page.wait_for_function(near_the_top, arg=asked.element_handle())


def test_cards_are_compared_in_a_table_that_marks_what_differs(
    chat: RunningChat, open_page: OpenPage
) -> None:
    page = open_page(chat)
    found = gallery(page)
    wish(found, "Compare: number 2").click()
    expect(found.get_by_text("Number 2 picked. Pick another to compare.")).to_be_visible()
    wish(found, "Compare: number 5").click()
    found.get_by_role("button", name="Compare 2 and 5").click()
    table = page.get_by_role("region", name="Numbers 2 and 5 side by side")
    expect(table.get_by_role("rowheader", name="Price (differs)")).to_be_visible()
    expect(table.get_by_role("rowheader", name="Category", exact=True)).to_be_visible()
    expect(table.get_by_role("cell", name="$15.49", exact=True)).to_be_visible()
    expect(table).to_contain_text("<b>Bold</b>")
    expect(table.locator("b")).to_have_count(0)
    expect(found.get_by_text("picked")).to_have_count(0)


def test_larger_view_holds_the_focus_and_gives_it_back(
    chat: RunningChat, open_page: OpenPage
) -> None:
    page = open_page(chat)
    found = gallery(page)
    opener = found.get_by_test_id("product-card").first.locator(".pounce-open")
    opener.focus()
    page.keyboard.press("Enter")
    large = page.get_by_role("dialog", name="Phone Case with Leopard Print, Tan")
    expect(large).to_contain_text("Accessories > Phone Cases")
    expect(large).to_contain_text("A case that says $12.99.")
    picture = large.get_by_role("img", name=re.compile("^Picture of Phone Case")).first
    expect(picture).to_have_js_property("naturalWidth", 400)
    large.get_by_role("button", name="Picture 2 of 2").click()
    expect(large.get_by_role("img", name=re.compile("picture 2$"))).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Tab")
        inside = "document.activeElement.closest('[role=dialog]') !== null"
        assert page.evaluate(inside)
    page.keyboard.press("Escape")
    expect(large).to_have_count(0)
    expect(opener).to_be_focused()


def test_kept_cards_stand_in_the_side_panel_and_leave_as_a_spreadsheet(
    chat: RunningChat, open_page: OpenPage
) -> None:
    page = open_page(chat)
    found = gallery(page)
    for number in (1, 2, 4):
        wish(found, f"Keep: number {number}").click()
        expect(page.get_by_test_id("kept").last).to_be_visible()
        expect(wish(found, f"Keep: number {number}")).to_have_attribute("aria-pressed", "true")
    kept = page.get_by_test_id("kept")
    expect(kept).to_have_count(3)
    kept.first.get_by_role("button", name=re.compile("^Remove")).click()
    expect(kept).to_have_count(2)
    expect(wish(found, "Keep: number 1")).to_have_attribute("aria-pressed", "false")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    with download.value.path().open(encoding="utf-8-sig") as file:
        assert [row["id"] for row in csv.DictReader(file)] == ["case/1 é", "case/3 é"]
    send(page, "another case")  # the panel stays, with what is kept
    expect(page.get_by_test_id("product-card")).to_have_count(18)
    expect(kept).to_have_count(2)


def test_chip_and_tag_are_one_click(chat: RunningChat, open_page: OpenPage) -> None:
    page = open_page(chat)
    gallery(page)
    page.get_by_role("button", name="tan", exact=True).click()
    expect(page.get_by_text("[Only tan|refine () of 9 on list-1]")).to_be_visible()
    page.get_by_role("button", name="Searched 900 products").first.click()
    page.get_by_role("button", name="Remove the filter up to $40.00").click()
    expect(page.get_by_text("[Without this limit: Up to $40.00|relax ()")).to_be_visible()


def test_what_a_photo_was_taken_for_is_taken_back(chat: RunningChat, open_page: OpenPage) -> None:
    page = open_page(chat)
    gallery(page, "sees a shoe")
    page.get_by_role("button", name="Searched 900 products").first.click()
    page.get_by_role("button", name="My photo does not show: sneaker, gray").click()
    expect(page.get_by_text("[My photo shows something else|misread () of 9")).to_be_visible()


def test_product_that_is_gone_says_so_on_its_card(chat: RunningChat, open_page: OpenPage) -> None:
    page = open_page(chat)
    found = gallery(page, "gone lamps", cards=1)
    expect(found).to_contain_text("$9.00")
    wish(found, "More like this: number 1").click()
    expect(found.get_by_test_id("product-card")).to_contain_text("No longer in the shop")
    expect(found.get_by_role("button", name=re.compile("Keep"))).to_have_count(0)


def test_settings_are_used_by_the_next_turn(chat: RunningChat, open_page: OpenPage) -> None:
    page = open_page(chat)
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Highest price (USD)").fill("25")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    send(page, "wishes")
    expect(page.get_by_text("[9 True None 2500]")).to_be_visible()


_FOCUSED = """() => {
  const node = document.activeElement;
  return [node.getAttribute("aria-label") ?? node.textContent, getComputedStyle(node).outlineStyle];
}"""


def test_all_is_done_with_the_keyboard_alone(chat: RunningChat, open_page: OpenPage) -> None:
    page = open_page(chat)
    page.locator("#chat-input").focus()
    page.keyboard.type("a case")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("product-card")).to_have_count(9)

    def press_on(name: str, key: str = "Enter") -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            label, outline = page.evaluate(_FOCUSED)
            if label.startswith(name):
                assert outline != "none"  # it can be seen where the focus is
                page.keyboard.press(key)
                return
        raise AssertionError(f"{name} is not reached")

    press_on("Compare: number 1", "Space")
    press_on("Keep: number 2")
    expect(page.get_by_test_id("kept")).to_have_count(1)
    press_on("Compare: number 4")
    press_on("Compare 1 and 4")
    expect(page.get_by_test_id("compare-table")).to_be_visible()


_SMALL = """() => [...document.querySelectorAll(
    '.pounce-gallery button:not(.pounce-open), #message-composer button')]
  .filter((b) => b.offsetParent)
  .map((b) => [b.getAttribute('aria-label') ?? b.textContent, b.getBoundingClientRect()])
  .filter(([, box]) => box.height < 40 || box.width < 36)
  .map(([name, box]) => `${name} ${box.width}x${box.height}`)"""
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_phone_has_room_for_a_thumb_and_a_camera(
    chat: RunningChat, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(chat, width=390, touch=True)
    taken = tmp_path / "taken.jpg"
    Image.new("RGB", (300, 200), "red").save(taken)
    expect(page.get_by_role("button", name="Take a photo")).to_be_visible()
    camera = page.locator("#pounce-camera-input")
    expect(camera).to_have_attribute("capture", "environment")
    with page.expect_response(lambda r: "/project/file" in r.url and r.ok):
        camera.set_input_files(taken)
    expect(page.locator("#attachments").get_by_role("img", name="taken.jpg")).to_be_visible()
    found = gallery(page)
    expect(page.get_by_text("[a case|1|1]")).to_be_visible()
    wish(found, "Keep: number 1").tap()
    expect(page.get_by_text("Kept. 1 on your list.")).to_be_visible()
    expect(page.get_by_test_id("shortlist")).to_have_count(0)
    assert page.evaluate(_SMALL) == []
    assert page.evaluate(_OVERFLOW) == 0
    found.get_by_role("button", name="Your list (1)").tap()
    expect(page.get_by_role("dialog", name="Shortlist")).to_be_visible()
    expect(page.get_by_test_id("kept")).to_have_count(1)


_HANGING = """() => {
  const parts = [...document.querySelectorAll(".pounce-wish, .pounce-kept-facts")];
  return parts.filter((part) => {
    const own = part.getBoundingClientRect();
    const around = part.closest("li").getBoundingClientRect();
    return own.width < 20 || own.right > around.right + 1;
  }).length;
}"""
"""How many parts of cards and of the list are cut off or hang over."""


@pytest.mark.parametrize("width", [320, 768])
def test_narrow_cards_and_panel_hold_all_that_they_show(
    chat: RunningChat, open_page: OpenPage, width: int
) -> None:
    page = open_page(chat, width=width)
    found = gallery(page)
    wish(found, "Keep: number 1").click()
    expect(wish(found, "Keep: number 1")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(_HANGING) == 0
    found.get_by_role("button", name="Your list (1)").click()
    expect(page.get_by_test_id("kept")).to_have_count(1)
    assert page.evaluate(_HANGING) == 0


_AT_REST = """() => new Promise((resolve) => {
  let timer = setTimeout(resolve, 500);
  new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(resolve, 500);
  }).observe(document.body, { childList: true, subtree: true });
})"""
"""Waits until nothing has come or gone for half a second."""


def check_with_axe(page: Page) -> None:
    """Fails with what axe finds to be serious or worse, with the elements."""
    # What is being drawn has no names yet, and what moves is half transparent.
    page.evaluate(_AT_REST)
    page.wait_for_function("document.getAnimations().every((a) => a.playState !== 'running')")
    result: dict[str, Any] = Axe().run(page).response
    wrong = [
        f"{found['id']}: {node['html'][:600]} {node['failureSummary'][:200]}"
        for found in result["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_assistive_technology(
    chat: RunningChat, open_page: OpenPage, theme: str
) -> None:
    page = open_page(chat, theme=theme)
    check_with_axe(page)
    send(page, "rank these")
    found = page.get_by_test_id("product-gallery").first
    expect(found).to_contain_text("moved up 3")
    expect(page.get_by_text("There they stand.")).to_be_visible()
    page.get_by_role("button", name="Searched 900 products").click()
    expect(page.get_by_role("img", name="What the vision model saw")).to_be_visible()
    check_with_axe(page)
    found.locator(".pounce-open").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check_with_axe(page)
    page.keyboard.press("Escape")
    wish(found, "Keep: number 1").click()
    expect(page.get_by_test_id("kept")).to_have_count(1)
    wish(found, "Compare: number 2").click()
    wish(found, "Compare: number 3").click()
    found.get_by_role("button", name="Compare 2 and 3").click()
    expect(page.get_by_test_id("compare-table")).to_be_visible()
    check_with_axe(page)
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check_with_axe(page)
