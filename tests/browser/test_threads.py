"""Conversations in the sidebar and the login page: the real assistant over the shop of colors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.browser import OpenPage, attach, send
from tests.support.chat_client import RunningChat, color_chat
from tests.support.color_shop import photo_of
from tests.support.quick_hash import quick_hash

pytestmark = pytest.mark.browser

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory, shop: Path) -> Iterator[RunningChat]:
    with color_chat(tmp_path_factory.mktemp("home"), shop) as running:
        yield running


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory, shop: Path) -> Iterator[RunningChat]:
    users = ",".join(f"{name}={quick_hash(PASSWORD)}" for name in ("anna", "ben"))
    with color_chat(tmp_path_factory.mktemp("closed"), shop, users=users) as running:
        yield running


@pytest.mark.parametrize("width", [1280, 390])
def test_reloaded_thread_goes_on_from_its_old_photo(
    chat: RunningChat, open_page: OpenPage, tmp_path: Path, width: int
) -> None:
    """On a phone, whose sidebar is folded away, a reload led to an empty chat."""
    photo = tmp_path / "red.png"
    photo_of("red").save(photo)
    page = open_page(chat, width=width, touch=width < 400)
    attach(page, photo)
    send(page, "a phone case with this")
    expect(page.get_by_test_id("product-card")).to_have_count(6)
    expect(page.locator("button.positive-feedback-off").last).to_be_visible()
    heart = page.get_by_role("button", name="Keep: number 1", exact=True)
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")
    if width > 400:
        entry = page.get_by_role("link", name="Phone Cases like a photo").first
        expect(entry).to_be_visible()
        # The one that is open is marked, and has its menu.
        expect(entry.locator("[data-active=true]")).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("product-card")).to_have_count(6)
    expect(page.get_by_role("img", name="red.png").first).to_have_js_property("naturalWidth", 64)
    expect(heart.first).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("kept")).to_have_count(1 if width > 400 else 0)
    send(page, "a mug with this photo")
    expect(page.get_by_test_id("product-card")).to_have_count(12)
    expect(page.get_by_test_id("product-card").nth(6)).to_contain_text("Red Mug")
    if width < 400:
        page.get_by_role("button", name="Conversations").tap()
        expect(page.get_by_role("dialog")).to_have_css("transform", "none")  # it has slid in
        menu = page.locator("li[id^=thread-]").last.locator("[id=thread-options]")
        expect(menu).to_have_css("opacity", "1")  # a finger cannot hover
        menu.tap()
        expect(page.get_by_role("menuitem", name="Delete")).to_be_visible()


def test_reload_finds_its_thread_whichever_answer_comes_first(
    chat: RunningChat, open_page: OpenPage
) -> None:
    """Chainlit's page connects twice, the second time for the thread, each after a request of its
    own. Where the first answer came last, the page was left without the thread."""
    page = open_page(chat)
    send(page, "red mugs")
    expect(page.locator("button.positive-feedback-off").last).to_be_visible()
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/set-session-cookie", hold_the_first)
    with page.expect_response("**/set-session-cookie"):
        page.reload()
    held[0].continue_()
    expect(page.get_by_test_id("product-card")).to_have_count(2)


def test_open_conversation_is_marked_and_others_are_a_click_away(
    chat: RunningChat, open_page: OpenPage
) -> None:
    page = open_page(chat)
    entries = page.locator("li[id^=thread-]")
    before = entries.count()
    for count, words in enumerate(("green mugs", "blue mugs"), start=before + 1):
        send(page, words)
        expect(entries).to_have_count(count)
        expect(entries.first.locator("[data-active=true]")).to_be_visible()
        expect(entries.first.locator("[id=thread-options]")).to_have_css("opacity", "1")
        expect(page.locator("li[id^=thread-] [data-active=true]")).to_have_count(1)
        expect(page.locator("button.positive-feedback-off").last).to_be_visible()
        if count == before + 1:
            page.get_by_role("button", name="New chat").click()
            expect(page.locator("#starters button:enabled").first).to_be_visible()
            expect(page.locator("li[id^=thread-] [data-active=true]")).to_have_count(0)
    for name, color in (("Mugs, green", "Green"), ("Mugs, blue", "Blue")):
        page.get_by_role("link", name=name).first.click()
        expect(page.get_by_test_id("product-card").first).to_contain_text(f"{color} Mug")
        entry = page.get_by_role("link", name=name).first
        expect(entry).to_have_attribute("aria-current", "page")
        expect(page.locator("li[id^=thread-] [data-active=true]")).to_have_count(1)
        assert page.url.endswith(str(entry.get_attribute("href")))


def test_each_conversation_has_a_list_of_its_own(chat: RunningChat, open_page: OpenPage) -> None:
    page = open_page(chat)
    listed = page.get_by_role("button", name="Your list")
    kept = page.get_by_test_id("kept")
    heart = page.get_by_role("button", name="Keep: number 1", exact=True)
    entries = page.locator("li[id^=thread-]")
    before = entries.count()
    send(page, "green backpacks")
    heart.click()
    expect(kept).to_have_count(1)
    page.get_by_role("button", name="New chat").click()
    expect(page.locator("#starters button:enabled").first).to_be_visible()
    expect(kept).to_have_count(0)
    send(page, "green backpacks")
    expect(heart).to_have_attribute("aria-pressed", "false")
    expect(listed).to_have_count(0)
    expect(entries).to_have_count(before + 2)
    expect(page.locator("button.positive-feedback-off").last).to_be_visible()
    for _ in range(2):
        entries.nth(1).get_by_role("link").click()
        expect(kept).to_have_count(1)
        expect(heart).to_have_attribute("aria-pressed", "true")
        expect(listed.last).to_have_text("Your list (1)")
        entries.nth(0).get_by_role("link").click()
        expect(heart).to_have_attribute("aria-pressed", "false")
        expect(kept).to_have_count(0)
    expect(page.locator("[data-sonner-toast]")).to_have_count(0)


def test_message_sent_without_a_network_is_answered_once_there_is_one(
    chat: RunningChat, open_page: OpenPage
) -> None:
    page = open_page(chat, offline=True)
    send(page, "red mugs")
    cards = page.get_by_test_id("product-card")
    expect(cards.first).to_contain_text("Red Mug")
    expect(page.locator("button.positive-feedback-off").last).to_be_visible()
    before, address = cards.count(), page.url
    page.context.set_offline(True)
    page.wait_for_timeout(1500)
    send(page, "blue backpacks")
    page.wait_for_timeout(3000)
    assert page.url == address
    page.context.set_offline(False)
    expect(page.get_by_text("blue backpacks", exact=True)).to_be_visible()
    expect(cards.nth(before)).to_contain_text("Blue Backpack")


def test_words_that_keep_a_card_open_the_panel_where_there_is_room(
    chat: RunningChat, open_page: OpenPage
) -> None:
    """The server guessed the room from the name of the browser: a narrow window was covered."""
    page = open_page(chat)
    send(page, "red mugs")
    expect(page.get_by_test_id("product-card")).to_have_count(2)
    send(page, "keep 1")
    panel = page.get_by_test_id("shortlist")
    expect(panel).to_contain_text("Red Mug Basic")
    send(page, "remove 1 from my list")
    expect(panel).to_contain_text("Nothing is kept yet.")


def test_login_wrong_password_and_two_users_with_a_history_each(
    closed: RunningChat, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(90_000)
    page = context.new_page()
    page.goto(closed.url)
    _log_in(page, "anna", "wrong")
    expect(page.get_by_text("This name and password do not go together")).to_be_visible()
    _log_in(page, "anna", PASSWORD)
    page.locator("#starters button:enabled").first.wait_for()
    send(page, "red mugs")
    expect(page.get_by_test_id("product-card")).to_have_count(2)
    address = page.url
    context.clear_cookies()
    page.goto(closed.url)
    _log_in(page, "ben", PASSWORD)
    page.locator("#starters button:enabled").first.wait_for()
    page.locator("#sidebar-trigger-button").first.click()
    expect(page.get_by_text("Your conversations will be here.")).to_be_visible()
    page.goto(address)  # guessed, or found in the history of a shared browser
    expect(page.locator("#starters button:enabled").first).to_be_visible()
    expect(page.get_by_test_id("product-card")).to_have_count(0)
    expect(page.get_by_text("red mugs")).to_have_count(0)
    context.close()


def _log_in(page: Page, name: str, password: str) -> None:
    page.locator("#email").fill(name)
    page.locator("#password").fill(password)
    page.get_by_role("button", name="Sign In").click()
