"""The page for everyone: screen readers, words from right to left, and a lost connection."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import OpenPage, send
from tests.support.chat_client import RunningChat

pytestmark = pytest.mark.browser

LISTEN = """
() => {
  window.heard = [];
  const live = "[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log]";
  const observer = new MutationObserver((changes) => {
    for (const { addedNodes, target } of changes)
      for (const node of addedNodes) {
        const around = target.nodeType === 1 ? target : target.parentElement;
        if (around?.closest(live) && node.textContent.trim()) heard.push(node.textContent);
      }
  });
  for (const root of [document, window.pounce.liveRegion])
    observer.observe(root, { childList: true, subtree: true, characterData: true });
}
"""


@pytest.fixture
def chat(scripted: RunningChat) -> RunningChat:
    return scripted


def heard(page: Page) -> list[str]:
    """What a screen reader has said of the page since it listens."""
    return [str(words) for words in page.evaluate("window.heard")]


def test_screen_reader_hears_each_search_its_result_and_the_answer_once(
    chat: RunningChat, open_page: OpenPage
) -> None:
    page = open_page(chat)
    page.evaluate(LISTEN)
    transcript: list[str] = []
    for words, said in (
        ("a case", ["9 products found.", "These nine come closest; 1 fits best. [a case|0|1]"]),
        ("nothing blue", ["Nothing found.", "Nothing in the shop fits."]),
        ("slowly a case", ["9 products found.",
                           "These nine come closest; 1 fits best. [slowly a case|0|1]"]),
    ):  # fmt: skip
        send(page, words)
        transcript += [f"Searching for {words}.", *said]
        page.wait_for_function(f"window.heard.length >= {len(transcript)}")
    page.wait_for_timeout(500)  # nothing comes behind it
    assert heard(page) == transcript


def test_screen_reader_hears_what_went_wrong(chat: RunningChat, open_page: OpenPage) -> None:
    page = open_page(chat)
    page.evaluate(LISTEN)
    send(page, "fail please")
    page.wait_for_function("window.heard.length >= 1")
    page.wait_for_timeout(500)
    assert [words.startswith("The search did not work.") for words in heard(page)] == [True]


def direction(page: Page, place: str) -> str:
    """In which the words at a place run."""
    page.wait_for_function(f"document.querySelector({place!r})?.closest('[dir]')")
    found = page.locator(place).first.evaluate("(node) => getComputedStyle(node).direction")
    return str(found)


@pytest.mark.parametrize(
    ("words", "way"), [("כוס אדומה", "rtl"), ("كوب أحمر", "rtl"), ("a red mug", "ltr")]
)
def test_words_run_in_the_direction_of_their_letters(
    chat: RunningChat, open_page: OpenPage, words: str, way: str
) -> None:
    page = open_page(chat)
    page.locator("#chat-input").click()
    page.keyboard.type(words)
    assert direction(page, "#chat-input") == way
    page.keyboard.press("Enter")
    mine = page.locator("[data-step-type=user_message]").get_by_text(words, exact=True)
    expect(mine).to_be_visible()
    expect(page.get_by_text("come closest")).to_be_visible()
    page.wait_for_timeout(400)
    assert mine.evaluate("(node) => getComputedStyle(node).direction") == way
    said = page.get_by_text("come closest").first
    assert said.evaluate("(node) => getComputedStyle(node).direction") == "ltr"
    title = page.locator(".pounce-title").first
    expect(title).to_have_attribute("dir", "auto")
    title.evaluate("(node, words) => { node.textContent = words; }", words)
    assert direction(page, ".pounce-title") == way


def test_lost_connection_is_shown_and_said_and_so_is_its_return(
    chat: RunningChat, open_page: OpenPage
) -> None:
    page = open_page(chat, offline=True)
    page.evaluate(LISTEN)
    banner = page.locator("#pounce-offline")
    expect(banner).to_be_hidden()
    page.context.set_offline(True)
    expect(banner).to_be_visible()
    expect(banner).to_contain_text("No connection")
    page.context.set_offline(False)
    expect(banner).to_be_hidden()
    assert heard(page) == ["No connection.", "Connected again."]
