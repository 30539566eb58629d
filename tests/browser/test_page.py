"""The page itself, with a scripted assistant: what a shopper sees and can do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import OpenPage, attach, send
from tests.support.chat_client import RunningChat

pytestmark = pytest.mark.browser


@pytest.fixture
def chat(scripted: RunningChat) -> RunningChat:
    return scripted


@pytest.fixture
def red_photo(tmp_path: Path) -> Path:
    path = tmp_path / "red.jpg"
    Image.new("RGB", (300, 200), "red").save(path)
    return path


def cards(page: Page) -> Locator:
    return page.get_by_test_id("product-card")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_starter_shows_its_photo_the_step_the_cards_and_the_words(
    chat: RunningChat, open_page: OpenPage, theme: str
) -> None:
    page = open_page(chat, theme=theme)
    page.locator("#starters").get_by_role("button", name="A phone case with this").click()
    expect(cards(page)).to_have_count(9)
    expect(page.get_by_role("img", name="Leopard's coat").first).to_be_visible()
    expect(page.get_by_text("Looked at your photo · searched 900 products")).to_be_visible()
    expect(page.get_by_text("These nine come closest")).to_be_visible()
    expect(page.get_by_text("starter-leopard")).to_be_hidden()


def test_card_shows_the_facts_as_plain_text(chat: RunningChat, open_page: OpenPage) -> None:
    page = open_page(chat)
    send(page, "a case")
    expect(cards(page)).to_have_count(9)
    first, second, fourth = cards(page).nth(0), cards(page).nth(1), cards(page).nth(3)
    expect(first).to_have_attribute("data-product-id", "case/0 é")
    expect(first).to_have_attribute("data-number", "1")
    expect(first).to_contain_text("$12.99")
    expect(first.get_by_role("img", name="Rated 3.6 of 5 by 17 shoppers")).to_be_visible()
    picture = first.get_by_role("img", name="Picture of Phone Case with Leopard Print, Tan")
    expect(picture).to_have_js_property("naturalWidth", 384)
    expect(second).to_contain_text("<b>Bold</b>")
    expect(fourth).to_contain_text("Price not given")
    expect(cards(page).nth(6).get_by_role("img", name="No picture")).to_be_visible()


_WATCH_MOVES = """() => {
  window.moves = [];
  const animate = Element.prototype.animate;
  Element.prototype.animate = function (frames, options) {
    const move = animate.call(this, frames, options);
    const seen = { from: frames[0].transform, seen: false };
    if (!this.matches(".pounce-gallery li")) return move;
    window.moves.push(seen);
    move.finished.then(() => (seen.seen = this.isConnected));
    return move;
  };
}"""


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_cards_move_to_the_final_order_and_say_so(
    chat: RunningChat, open_page: OpenPage, motion: Literal["no-preference", "reduce"]
) -> None:
    page = open_page(chat)
    page.emulate_media(reduced_motion=motion)
    page.evaluate(_WATCH_MOVES)
    send(page, "rank these")
    expect(cards(page)).to_have_count(9)
    expect(cards(page).first).to_have_attribute("data-product-id", "case/3 é")
    expect(cards(page)).to_have_count(9)
    expect(cards(page).first).to_contain_text("moved up 3")
    expect(cards(page).first).to_contain_text("The same spots.")
    expect(cards(page).first).to_have_attribute("data-number", "1")
    expect(cards(page).nth(4)).not_to_contain_text("moved")
    expect(page.get_by_text("Searched 900 products · reranked 9")).to_be_visible()
    expect(page.get_by_text("There they stand.")).to_be_visible()
    if motion == "reduce":
        assert page.evaluate("window.moves") == []
        return
    # Chainlit may mount the gallery again in mid-move; the last one on the page ends it.
    page.wait_for_function("window.moves.filter((move) => move.seen).length === 4")
    assert "translate(0px, 0px)" not in [m["from"] for m in page.evaluate("window.moves")]


_COUNT_CARDS = """() => {
  window.counts = [];
  const count = () => {
    window.counts.push(document.querySelectorAll("[data-testid=product-card]").length);
    requestAnimationFrame(count);
  };
  count();
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_cards_that_stand_stay(chat: RunningChat, open_page: OpenPage, width: int) -> None:
    """Chainlit drew the whole page anew when it gave a conversation its address."""
    page = open_page(chat, width=width)
    page.evaluate(_COUNT_CARDS)
    send(page, "a case")
    expect(page.get_by_text("These nine come closest")).to_be_visible()
    send(page, "rank these")
    expect(page.get_by_text("There they stand.")).to_be_visible()
    counts = page.evaluate("window.counts")
    assert counts == sorted(counts)
    assert counts[-1] == 18


@pytest.mark.parametrize(("width", "columns"), [(390, 2), (1280, 3)])
def test_gallery_fits_the_screen(
    chat: RunningChat, open_page: OpenPage, width: int, columns: int
) -> None:
    page = open_page(chat, width=width)
    send(page, "a case")
    expect(cards(page)).to_have_count(9)
    tops = [box["y"] for card in cards(page).all() if (box := card.bounding_box())]
    assert sum(abs(top - tops[0]) < 5 for top in tops) == columns
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0


def test_cards_can_be_reached_with_the_keyboard(chat: RunningChat, open_page: OpenPage) -> None:
    page = open_page(chat)
    send(page, "a case")
    expect(cards(page)).to_have_count(9)
    first, second = (cards(page).nth(i).locator("button").first for i in (0, 1))
    first.focus()
    for _ in range(5):  # its title, then its four buttons
        page.keyboard.press("Tab")
    expect(second).to_be_focused()


def test_photo_is_uploaded_by_hand(chat: RunningChat, open_page: OpenPage, red_photo: Path) -> None:
    page = open_page(chat)
    attach(page, red_photo)
    send(page, "like this")
    expect(cards(page)).to_have_count(9)
    expect(page.get_by_text("[like this|1|1]")).to_be_visible()
    expect(page.get_by_role("img", name="red.jpg").first).to_be_visible()


def test_photo_alone_is_enough(chat: RunningChat, open_page: OpenPage, red_photo: Path) -> None:
    page = open_page(chat)
    attach(page, red_photo)
    page.locator("#chat-submit").click()
    expect(page.get_by_text("[|1|1]")).to_be_visible()


def test_photo_is_pasted_and_dropped(
    chat: RunningChat, open_page: OpenPage, red_photo: Path
) -> None:
    page = open_page(chat)
    for event, target in (("paste", "#chat-input"), ("drop", "#message-composer")):
        with page.expect_response(lambda r: "/project/file" in r.url and r.ok):
            page.evaluate(
                """([event, target, bytes]) => {
                  const data = new DataTransfer();
                  data.items.add(new File([new Uint8Array(bytes)], event + ".jpg",
                                          {type: "image/jpeg"}));
                  const node = document.querySelector(target);
                  const init = {bubbles: true, cancelable: true};
                  node.dispatchEvent(event === "paste"
                    ? new ClipboardEvent("paste", {...init, clipboardData: data})
                    : new DragEvent("drop", {...init, dataTransfer: data}));
                }""",
                [event, target, list(red_photo.read_bytes())],
            )
    send(page, "both")
    expect(page.get_by_text("[both|2|1]")).to_be_visible()


def test_cells_of_a_spreadsheet_are_pasted_as_text(
    chat: RunningChat, open_page: OpenPage, red_photo: Path
) -> None:
    page = open_page(chat)
    uploads = []
    page.on("request", lambda request: uploads.append(request.url))
    page.evaluate(
        """(bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "image.png", {type: "image/png"}));
          data.setData("text/plain", "red mug\\t12.50");
          data.setData("text/html", "<table><tr><td>red mug</td><td>12.50</td></tr></table>");
          const init = {bubbles: true, cancelable: true, clipboardData: data};
          const node = document.querySelector("#chat-input");
          window.cellsKept = node.dispatchEvent(new ClipboardEvent("paste", init));
        }""",
        list(red_photo.read_bytes()),
    )
    # The browser itself pastes the text, unless a listener has cancelled that.
    assert page.evaluate("window.cellsKept")
    send(page, "cells")
    expect(page.get_by_text("[cells|0|1]")).to_be_visible()
    assert not [url for url in uploads if "/project/file" in url]


def test_photo_without_an_ending_is_attached(
    chat: RunningChat, open_page: OpenPage, red_photo: Path, tmp_path: Path
) -> None:
    photo = tmp_path / "1000012345"
    photo.write_bytes(red_photo.read_bytes())
    page = open_page(chat)
    attach(page, photo)
    send(page, "this")
    expect(page.get_by_text("[this|1|1]")).to_be_visible()


@pytest.mark.parametrize("name", ["holiday.jpg", "list.txt"])
def test_file_that_is_no_picture_gives_a_sentence_and_the_words_go_on(
    chat: RunningChat, open_page: OpenPage, tmp_path: Path, name: str
) -> None:
    fake = tmp_path / name
    fake.write_bytes(b"PK\x03\x04 not a picture at all")
    page = open_page(chat, refuses=True)
    page.locator("#upload-button-input").set_input_files(fake)
    expect(page.get_by_text(f"{name}: This file is not a picture")).to_be_visible()
    expect(page.locator("#attachments")).to_have_count(0)
    send(page, "a case")
    expect(cards(page)).to_have_count(9)


def test_turn_after_a_photo_alone_can_be_stopped(
    chat: RunningChat, open_page: OpenPage, red_photo: Path
) -> None:
    # Chainlit hides the button in a thread whose first message had no words.
    page = open_page(chat)
    attach(page, red_photo)
    page.locator("#chat-submit").click()
    expect(page.get_by_text("[|1|1]")).to_be_visible()
    send(page, "wait for it")
    page.locator("#stop-button").click()
    expect(page.get_by_text("Stopped. What would you like instead?")).to_be_visible()


def test_stop_ends_a_search_and_the_chat_goes_on(chat: RunningChat, open_page: OpenPage) -> None:
    page = open_page(chat)
    send(page, "wait for it")
    expect(page.get_by_text("Searching")).to_be_visible()
    page.locator("#stop-button").click()
    expect(page.get_by_text("Stopped searching")).to_be_visible()
    send(page, "a case")
    expect(cards(page)).to_have_count(9)


def test_step_opens_to_what_was_searched_for(chat: RunningChat, open_page: OpenPage) -> None:
    page = open_page(chat)
    send(page, "a case")
    page.get_by_role("button", name="Searched 900 products").click()
    expect(page.get_by_role("button", name="Remove the filter up to $40.00")).to_be_visible()
    expect(page.get_by_text("embed 12 ms")).to_be_visible()


def test_step_says_that_pictures_are_looked_at(chat: RunningChat, open_page: OpenPage) -> None:
    page = open_page(chat)
    send(page, "look forever")
    expect(page.get_by_text("Searched 900 products · looking at the pictures…")).to_be_visible()
    expect(cards(page)).to_have_count(9)
    page.locator("#stop-button").click()
    expect(page.get_by_text("looking at the pictures")).to_have_count(0)


def test_step_opens_to_the_picture_that_was_looked_at(
    chat: RunningChat, open_page: OpenPage
) -> None:
    page = open_page(chat)
    send(page, "rank these")
    expect(cards(page)).to_have_count(9)
    line = page.get_by_role("button", name="Searched 900 products · reranked 9 · 1.2 s")
    picture = page.get_by_role("img", name="What the vision model saw")
    expect(line).to_be_visible()
    expect(page.get_by_text("looking at the pictures")).to_have_count(0)
    expect(picture).to_have_count(0)  # folded
    line.click()
    expect(page.get_by_text("Navy (was 4): The same spots.")).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 1680)


def test_breakdown_is_told_with_a_number(chat: RunningChat, open_page: OpenPage) -> None:
    page = open_page(chat)
    send(page, "explode")
    expect(page.get_by_text(re.compile("tell the shop this number: [0-9a-f]{8}"))).to_be_visible()
    expect(page.get_by_text("hunter2")).to_have_count(0)


def test_title_in_the_answer_shows_as_it_is(chat: RunningChat, open_page: OpenPage) -> None:
    title = (
        "Offer [Click here](http://evil.example/pay) **SALE** ![p](http://evil.example/x.png) "
        "www.evil.example a@evil.example <b>bold</b> `code` :name[x] &lt; # ~~no~~"
    )
    page = open_page(chat)
    send(page, title)
    answer = page.locator("[data-step-type=assistant_message]").filter(has_text="nine come")
    expect(answer).to_contain_text("best.")
    assert f"[{title}|0|1]" in answer.inner_text().replace("\u2060", "")
    expect(answer.locator("a, strong, em, del, code, h1, .message-content img")).to_have_count(0)
