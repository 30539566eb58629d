"""The chat on the shop's own pages: two real origins, a strict policy, cookies blocked or not.

The chat is at localhost, the shop at 127.0.0.1: to a browser they are two sites.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

from tests.support.browser import FLAGS, chromium_path_of
from tests.support.chat_client import RunningChat, color_chat, scripted_chat
from tests.support.color_shop import photo_of
from tests.support.shop_pages import ShopPages, shop_pages

pytestmark = pytest.mark.browser

Cookies = Literal["blocked", "allowed"]
LAUNCHER = "Ask about our products"
MOST_BYTES = 4096
WATCH = """
addEventListener("securitypolicyviolation", (event) => console.error("policy", event.blockedURI));
window.events = [];
for (const name of ["opened", "searched", "clicked", "added"])
  document.addEventListener(`pounce:${name}`, ({ detail }) => events.push([name, detail]));
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) window.shifts += each.value;
}).observe({ type: "layout-shift", buffered: true });
"""
ADDED = """
document.addEventListener("pounce:added", ({ detail }) => {
  sessionStorage.added = JSON.stringify(detail);
});
"""
JSON_LD = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "BreadcrumbList", "name": "Mugs"},
        {"@type": ["Product", "Thing"], "sku": "unknown-4711", "productID": "blue-mug-plus"},
    ],
}
PAGES = {
    "/red": {"data": ' data-product="red-mug-plus"'},
    "/blue": {"head": f'<script type="application/ld+json">{json.dumps(JSON_LD)}</script>'},
    "/unknown": {"data": ' data-product="no-such-thing"'},
    "/hebrew": {"attributes": ' dir="rtl"', "data": ' data-label="שאלו אותנו"'},
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ShopPages, RunningChat]]:
    """A shop that the chat lists, and the chat."""
    home, goods = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("goods")
    with shop_pages("") as pages:
        cart = f"{pages.url}/cart/{{id}}"
        with color_chat(home, goods, embed_origins=pages.url, cart_url=cart) as chat:
            pages.chat = chat.url
            pages.pages = PAGES
            yield pages, chat


@pytest.fixture(scope="module")
def context_of(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Cookies, int], BrowserContext]]:
    """A browser's state by what it does with cookies and by its width: the page is loaded once."""
    made: dict[tuple[Cookies, int], BrowserContext] = {}

    def make(cookies: Cookies, width: int) -> BrowserContext:
        phone = width < 500
        look: Any = {
            "viewport": {"width": width, "height": 844},
            "has_touch": phone,
            "is_mobile": phone,
        }
        if cookies == "blocked":  # as private windows block them
            return browser.new_context(**look)
        profile = tmp_path_factory.mktemp("profile")
        (profile / "Default").mkdir()
        allowed = {"profile": {"cookie_controls_mode": 0}}
        (profile / "Default" / "Preferences").write_text(json.dumps(allowed))
        chromium = browser.browser_type
        path = chromium_path_of(chromium)
        return chromium.launch_persistent_context(
            profile, executable_path=path, args=list(FLAGS), **look
        )

    def context(cookies: Cookies, width: int) -> BrowserContext:
        if (cookies, width) not in made:
            made[cookies, width] = make(cookies, width)
        return made[cookies, width]

    yield context
    for each in made.values():
        each.close()


@pytest.fixture
def open_shop(
    context_of: Callable[[Cookies, int], BrowserContext], shop: tuple[ShopPages, RunningChat]
) -> Iterator[Callable[..., Page]]:
    """Opens a page of the shop; at the end of the test, no error stands in its console."""
    pages, _ = shop
    opened: list[Page] = []
    errors: list[str] = []

    def open_at(
        path: str = "/",
        *,
        cookies: Cookies = "blocked",
        width: int = 1280,
        before: str = "",
        at: str = "",
    ) -> Page:
        """`before`: a script that runs before the page's own. `at`: another shop's address."""
        page = context_of(cookies, width).new_page()
        opened.append(page)
        page.set_default_timeout(90_000)
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.add_init_script(f"if (window === window.top) {{ {before}; {WATCH} }}")
        page.goto((at or pages.url) + path)
        return page

    yield open_at
    for page in opened:
        page.close()  # before its cookies go: what it still asks for would be refused
        page.context.clear_cookies()
    assert not [text for text in errors if "frame-ancestors" not in text]


def launcher(page: Page, label: str = LAUNCHER) -> None:
    """Presses the launcher."""
    page.get_by_role("button", name=label).click()


def chat_of(page: Page) -> Frame:
    """The chat in its frame, once a message can be sent in it."""
    page.locator("iframe").wait_for()
    page.wait_for_function(
        "document.querySelector('pounce-chat').shadowRoot.querySelector('iframe')"
    )
    frame = next(each for each in page.frames if each != page.main_frame)
    frame.locator("#chat-input").wait_for()
    frame.wait_for_function(
        "window.pounce?.session() && typeof window.pounce.session() === 'string'"
    )
    return frame


def say(frame: Frame, words: str) -> None:
    frame.locator("#chat-input").click()
    frame.page.keyboard.type(words)
    frame.locator("#chat-submit:enabled").wait_for()
    frame.page.keyboard.press("Enter")


def events(page: Page, name: str) -> list[object]:
    return [detail for each, detail in page.evaluate("window.events") if each == name]


@pytest.mark.parametrize("cookies", ["blocked", "allowed"])
def test_shopper_talks_keeps_and_comes_back_on_the_next_page(
    open_shop: Callable[..., Page], tmp_path: Path, cookies: Cookies
) -> None:
    """Conversation, photo, cards, shortlist, reload, a card's link and the next page."""
    page = open_shop("/red", cookies=cookies, before=ADDED)
    launcher(page)
    chat = chat_of(page)
    storage = "Object.getOwnPropertyDescriptor(window, 'localStorage').get ? 'own' : 'ours'"
    assert chat.evaluate(storage) == ("ours" if cookies == "blocked" else "own")
    expect(chat.get_by_text("You are looking at Red Mug Plus.")).to_be_visible()
    say(chat, "similar but cheaper")
    expect(chat.get_by_text("Number 1 is Red Mug Basic")).to_be_visible()
    photo = tmp_path / "green.png"
    photo_of("green").save(photo)
    with page.expect_response(lambda r: "/project/file" in r.url and r.ok):
        chat.locator("#upload-button-input").set_input_files(photo)
    chat.locator("#attachments > *").first.wait_for()
    say(chat, "a phone case with this")
    expect(chat.get_by_test_id("product-gallery")).to_have_count(3)
    newest = chat.get_by_test_id("product-gallery").last
    expect(newest.get_by_test_id("product-card").first).to_contain_text("Green Phone Case")
    heart = newest.get_by_role("button", name="Keep: number 1", exact=True)
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")
    say(chat, "keep 2")
    second = newest.get_by_role("button", name="Keep: number 2", exact=True)
    expect(second).to_have_attribute("aria-pressed", "true")
    # Its panel would cover the narrow chat.
    expect(chat.get_by_test_id("shortlist")).to_have_count(0)
    found = events(page, "searched")
    assert [len(each["products"]) for each in found] == [6, 6]  # type: ignore[index]
    chat.evaluate("window.location.reload()")
    expect(chat.get_by_test_id("product-gallery")).to_have_count(3)
    expect(heart).to_have_attribute("aria-pressed", "true")
    newest.locator(".pounce-open").first.click()
    link = chat.get_by_test_id("large-view").get_by_test_id("cart-link")
    expect(link).to_have_attribute("target", "_top")
    expect(link).not_to_have_accessible_name(re.compile("new tab"))
    link.click()
    page.wait_for_url("**/cart/green-phone-case-*")
    # The page heard of it before the next one came in its place.
    added = json.loads(page.evaluate("sessionStorage.added"))
    assert page.url.endswith(f"/cart/{added['product']}")
    assert (added["variant"], added["number"]) == ("", 1)
    again = chat_of(page)  # the shop's next page, with the chat open as it was
    expect(again.get_by_test_id("product-gallery")).to_have_count(3)
    expect(again.get_by_text("You are looking at")).to_have_count(1)
    say(again, "blue backpacks")
    expect(again.get_by_test_id("product-gallery")).to_have_count(4)


def test_page_pays_four_kilobytes_and_nothing_moves(open_shop: Callable[..., Page]) -> None:
    page = open_shop()
    page.get_by_role("button", name=LAUNCHER).wait_for()
    page.wait_for_timeout(300)
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').map((e) => [e.name, e.decodedBodySize])"
    )
    of_chat = [name for name, _ in loaded if "widget.js" in name or "localhost" in name]
    assert len(of_chat) == 1
    body = page.request.get(of_chat[0]).body()
    assert len(body) <= MOST_BYTES
    height = page.evaluate("document.body.getBoundingClientRect().height")
    assert page.evaluate("Object.keys(window).filter((name) => name.startsWith('pounce'))") == (
        ["pounce"]
    )
    launcher(page)
    chat_of(page)
    page.get_by_role("button", name="Close").click()
    assert page.evaluate("document.body.getBoundingClientRect().height") == height
    assert page.evaluate("window.shifts") == 0


def test_keyboard_opens_closes_and_comes_back(open_shop: Callable[..., Page]) -> None:
    page = open_shop("/red")
    button = page.get_by_role("button", name=LAUNCHER)
    expect(button).to_have_attribute("aria-expanded", "false")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    chat = chat_of(page)
    expect(chat.get_by_text("You are looking at Red Mug Plus.")).to_be_visible()
    focused = "document.querySelector('pounce-chat').shadowRoot.activeElement.tagName"
    assert page.evaluate(focused) == "IFRAME"
    expect(page.locator("dialog")).to_have_accessible_name("Pounce")
    expect(page.locator("iframe")).to_have_attribute("title", "Pounce")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.keyboard.type("red mugs")  # the focus is in the message box
    expect(chat.locator("#chat-input")).to_have_text("red mugs")
    page.keyboard.press("Enter")
    expect(chat.get_by_test_id("product-gallery")).to_have_count(2)
    # Escape closes the larger view first, then the chat.
    chat.locator(".pounce-open").last.press("Enter")
    expect(chat.get_by_test_id("large-view")).to_be_visible()
    page.keyboard.press("Escape")
    expect(chat.get_by_test_id("large-view")).to_have_count(0)
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_be_focused()
    page.goto(page.url.replace("/red", "/other"))
    expect(button).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)  # closed stays closed


def test_phone_has_the_chat_on_its_whole_screen(open_shop: Callable[..., Page]) -> None:
    page = open_shop("/red", width=390)
    launcher(page)
    chat = chat_of(page)
    box = page.locator("dialog").bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    assert page.evaluate(
        "document.querySelector('pounce-chat').shadowRoot.querySelector('dialog').matches(':modal')"
    )
    say(chat, "red mugs")
    expect(chat.get_by_test_id("product-gallery")).to_have_count(2)
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name=LAUNCHER)).to_be_focused()
    launcher(page)
    # The next page is seen: the chat would cover all of it.
    page.goto(page.url.replace("/red", "/other"))
    expect(page.get_by_role("button", name=LAUNCHER)).to_be_visible()
    expect(page.locator("dialog")).to_be_hidden()
    launcher(page)
    expect(chat_of(page).get_by_test_id("product-gallery")).to_have_count(2)


def test_page_that_is_not_listed_gets_nothing(
    open_shop: Callable[..., Page], shop: tuple[ShopPages, RunningChat]
) -> None:
    pages, chat = shop
    with shop_pages(chat.url) as stranger:
        stranger.pages = PAGES
        refused: list[str] = []
        page = open_shop("/red", at=stranger.url)
        page.on("console", lambda message: refused.append(message.text))
        launcher(page)
        page.wait_for_function("() => true")
        page.wait_for_timeout(1500)
        assert [text for text in refused if "frame-ancestors" in text]
        frame = next(each for each in page.frames if each != page.main_frame)
        assert chat.url not in frame.url
        assert events(page, "opened") == [None]
        assert events(page, "searched") == []
        # It can be closed: the bar around the frame is the page's.
        page.get_by_role("button", name="Close").click()
        expect(page.locator("dialog")).to_be_hidden()
    assert pages.url != stranger.url


FORGED = """
([data, origin, source]) => window.dispatchEvent(
  new MessageEvent("message", { data, origin, source: source ? window.top : null }))
"""


def test_message_of_a_strange_origin_is_ignored_on_both_sides(
    open_shop: Callable[..., Page], shop: tuple[ShopPages, RunningChat]
) -> None:
    pages, running = shop
    page = open_shop("/other")
    launcher(page)
    chat = chat_of(page)
    question = {"pounce": {"ask": {"text": "evil words"}}}
    listed = pages.url
    for origin, source in (
        ("https://evil.example", True), ("null", True), (f"{listed}.evil.example", True),
        (listed.replace("http:", "https:"), True), (listed, False), ("", True),
    ):  # fmt: skip
        chat.evaluate(FORGED, [question, origin, source])
    said: tuple[dict[str, Any], ...] = ({"pounce": {}}, {"pounce": {"at": "//evil.example"}},
                 {"pounce": {"event": "added", "detail": {}}})  # fmt: skip
    for data in said:
        for origin in ("https://evil.example", listed, running.url):
            page.evaluate(FORGED, [data, origin, True])
    say(chat, "red mugs")
    expect(chat.get_by_test_id("product-gallery")).to_have_count(1)
    expect(chat.get_by_text("evil words")).to_have_count(0)
    expect(page.locator("dialog")).to_be_visible()
    assert "evil" not in page.evaluate("sessionStorage.pounce")
    assert events(page, "added") == []


HEARD = """
window.heard = [];
addEventListener("message", (event) => heard.push(JSON.stringify(event.data)));
"""


def test_page_hears_what_is_meant_for_it_and_no_word_of_the_shopper(
    open_shop: Callable[..., Page],
) -> None:
    """Chainlit hands on to any parent what the server tells its page: answers and the session."""
    page = open_shop("/red", before=HEARD)
    launcher(page)
    chat = chat_of(page)
    say(chat, "a secret gift in red")
    expect(chat.locator("button.positive-feedback-off").last).to_be_visible()
    heard = page.evaluate("window.heard")
    assert all('"pounce":' in each for each in heard)
    assert not [each for each in heard if "secret" in each or "pounceSession" in each]
    session = chat.evaluate("window.pounce.session()")
    assert session not in " ".join(heard)


def test_page_hears_which_links_of_cards_are_followed(browser: Browser, tmp_path: Path) -> None:
    program = ("-m", "tests.support.open_chat")
    with (
        shop_pages("") as pages,
        scripted_chat(tmp_path, program, names=(pages.url,)) as running,
        browser.new_context() as context,
    ):
        pages.chat = running.url
        context.route("https://shop.example/**", lambda route: route.fulfill(body="The shoe"))
        page = context.new_page()
        page.add_init_script(f"if (window === window.top) {{ {WATCH} }}")
        page.goto(pages.url)
        launcher(page)
        chat = chat_of(page)
        say(chat, "variants please")
        cards = chat.get_by_test_id("product-card")
        expect(cards).to_have_count(5)
        # In tabs of their own, so that this page goes on listening.
        cards.nth(4).get_by_test_id("shop-link").click(modifiers=["Control"])
        page.wait_for_function("window.events.some(([name]) => name === 'clicked')")
        blue = {"product": "r1-again", "variant": "r1-blue-10", "number": 5}
        assert (events(page, "clicked"), events(page, "added")) == ([blue], [])
        cards.nth(4).locator(".pounce-open").click()
        cart = chat.get_by_test_id("large-view").get_by_test_id("cart-link")
        cart.click(button="middle")
        page.wait_for_function("window.events.some(([name]) => name === 'added')")
        assert (events(page, "clicked"), events(page, "added")) == ([blue], [blue])


OPENED = """
(given) => window.pounce.open(given)
"""
WITH_PHOTO = """
async () => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const context = canvas.getContext("2d");
  context.fillStyle = "rgb(30, 160, 60)";
  context.fillRect(0, 0, 64, 64);
  const photo = await new Promise((done) => canvas.toBlob(done));
  window.pounce.open({ photo, text: "a mug with this" });
}
"""


def test_page_opens_the_chat_with_a_product_words_or_a_photo(
    open_shop: Callable[..., Page],
) -> None:
    page = open_shop("/blue")
    page.evaluate(OPENED, {"text": "cheaper"})  # before anything is loaded
    chat = chat_of(page)
    expect(chat.get_by_text("You are looking at Blue Mug Plus.")).to_be_visible()
    expect(chat.get_by_text("Number 1 is Blue Mug Basic")).to_be_visible()
    page.evaluate(WITH_PHOTO)
    galleries = chat.get_by_test_id("product-gallery")
    expect(galleries).to_have_count(3)
    expect(galleries.nth(2).get_by_test_id("product-card").first).to_contain_text("Green Mug")
    page.evaluate(OPENED, {"like": "red-backpack-basic"})
    expect(chat.get_by_text("You are looking at Red Backpack Basic.")).to_be_visible()
    expect(chat.get_by_text("More like this", exact=True)).to_be_visible()
    page.evaluate(OPENED, {"product": "green-mug-basic"})  # a page that changes without loading
    expect(chat.get_by_text("You are looking at Green Mug Basic.")).to_be_visible()


def test_unknown_product_is_said_in_one_quiet_sentence(open_shop: Callable[..., Page]) -> None:
    page = open_shop("/unknown")
    launcher(page)
    chat = chat_of(page)
    expect(chat.locator("[data-sonner-toast]")).to_contain_text("I do not know this product.")
    expect(chat.locator("#starters button").first).to_be_visible()


THROWING = """
Object.defineProperty(window, "sessionStorage", { get() { throw new Error("blocked"); } });
"""


def test_page_without_storage_of_its_own_has_the_chat_all_the_same(
    open_shop: Callable[..., Page],
) -> None:
    page = open_shop("/red", before=THROWING)
    launcher(page)
    expect(chat_of(page).get_by_text("You are looking at Red Mug Plus.")).to_be_visible()


def test_launcher_follows_the_page_s_direction_and_calm(open_shop: Callable[..., Page]) -> None:
    page = open_shop("/hebrew")
    button = page.get_by_role("button", name="שאלו אותנו")
    box = button.bounding_box()
    assert box is not None
    assert box["x"] == 20
    page.emulate_media(reduced_motion="reduce")
    button.click()
    moved = page.locator("dialog").evaluate("(node) => getComputedStyle(node).animationName")
    assert moved == "none"
    chat_of(page)


def test_link_starts_a_conversation_once(
    open_shop: Callable[..., Page], shop: tuple[ShopPages, RunningChat]
) -> None:
    _, chat = shop
    page = open_shop("/?q=a%20phone%20case%20with%20this&like=red-mug-plus", at=chat.url)
    expect(page.get_by_text("You are looking at Red Mug Plus.")).to_be_visible()
    mine = page.locator("[data-step-type=user_message]")
    expect(mine).to_have_text("a phone case with this")
    newest = page.get_by_test_id("product-gallery").last
    expect(newest.get_by_test_id("product-card").first).to_contain_text("Red Phone Case")
    expect(page.locator("button.positive-feedback-off").last).to_be_visible()
    assert "q=" not in page.url
    page.reload()
    expect(page.get_by_test_id("product-gallery")).to_have_count(2)
    expect(mine).to_have_count(1)
