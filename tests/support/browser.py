"""A real Chromium, and what a shopper does in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserType, Page, Playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No other host is even looked up; what asks for one fails its test below.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)

OpenPage = Callable[..., Page]


def chromium_path(playwright: Playwright) -> str:
    """The machine's Chromium or Chrome, else where Playwright's own would be."""
    return chromium_path_of(playwright.chromium)


def chromium_path_of(chromium: BrowserType) -> str:
    """The same, from Playwright's kind of browser."""
    return next(filter(None, map(shutil.which, _NAMES)), chromium.executable_path)


def attach(page: Page, path: Path) -> None:
    """Attaches a file by the button and waits until the server has it."""
    with page.expect_response(lambda r: "/project/file" in r.url and r.ok):
        page.locator("#upload-button-input").set_input_files(path)
    page.locator("#attachments > *").first.wait_for()


def send(page: Page, text: str) -> None:
    """Types a message and sends it once the page would take it: no photo is on its way."""
    page.locator("#chat-input").click()
    page.keyboard.type(text)
    page.locator("#chat-submit:enabled").wait_for()
    page.keyboard.press("Enter")
