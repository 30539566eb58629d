"""A real Chromium, and a page that fails its test when it asks another host for anything."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.support.browser import FLAGS, OpenPage, chromium_path
from tests.support.chat_client import RunningChat, scripted_chat

expect.set_options(timeout=60_000)  # five seconds are short on a busy machine


@pytest.fixture(scope="session")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningChat]:
    """The chat with a scripted assistant, one for all modules; each page is a new session."""
    with scripted_chat(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # By module: Playwright's loop runs while it is open, and tests with loops come after.
    with sync_playwright() as playwright:
        path = chromium_path(playwright)
        if not Path(path).exists():
            reason = "no Chromium or Chrome is installed, nor Playwright's own"
            if os.environ.get("CI", "").lower() in ("1", "true"):
                pytest.fail(reason)
            pytest.skip(reason)
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> Iterator[Callable[[bool], BrowserContext]]:
    """A browser's state for a mouse and one for a finger: what is loaded once stays loaded."""
    made: dict[bool, BrowserContext] = {}

    def context(touch: bool) -> BrowserContext:
        if touch not in made:
            made[touch] = browser.new_context(has_touch=touch, is_mobile=touch)
        return made[touch]

    yield context
    for each in made.values():
        each.close()


@pytest.fixture
def open_page(contexts: Callable[[bool], BrowserContext]) -> Iterator[OpenPage]:
    """Opens the chat and waits until a message can be sent.

    At the end of the test: no request to another host, no error in the page's console.
    """
    watched = _Watched()
    pages: list[Page] = []

    def open_at(
        chat: RunningChat,
        *,
        width: int = 1280,
        theme: Literal["light", "dark"] = "light",
        refuses: bool = False,
        touch: bool = False,
        offline: bool = False,
    ) -> Page:
        """`refuses`: the server will refuse a request, which Chromium notes as an error.

        `offline`: so it does when the test takes the network away.
        """
        watched.refuses, watched.offline = refuses, offline
        watched.host = urlsplit(chat.url).netloc
        page = contexts(touch).new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        page.set_default_timeout(90_000)
        page.on("request", watched.request)
        page.on("console", watched.console)
        page.goto(chat.url)
        # Chainlit enables these when its socket stands; an upload before that is lost.
        page.locator("#starters button:enabled").first.wait_for()
        return page

    yield open_at
    # Cookies go last: an open page that asks for anything without them notes a 401 as its error.
    used = {page.context for page in pages}
    for page in pages:
        page.evaluate("localStorage.clear()")
        page.close()
    for context in used:
        context.clear_cookies()
    assert not watched.outside
    assert not watched.errors


class _Watched:
    def __init__(self) -> None:
        self.host = ""
        self.refuses = self.offline = False
        self.outside: list[str] = []
        self.errors: list[str] = []

    def request(self, request: Request) -> None:
        if not self._inside(request.url):
            self.outside.append(request.url)

    def console(self, message: ConsoleMessage) -> None:
        refused = self.refuses and "status of 400" in message.text
        gone = self.offline and re.search("ERR_INTERNET_DISCONNECTED|Failed to fetch", message.text)
        # Chainlit's panel on a phone names its title in a way of its own; its name is mended.
        unnamed = message.text.startswith("`DialogContent` requires a `DialogTitle`")
        if message.type == "error" and not (refused or gone or unnamed):
            self.errors.append(message.text)

    def _inside(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme in ("data", "blob") or parts.netloc == self.host
