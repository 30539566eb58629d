"""Chainlit's CHAINLIT_APP_ROOT: one folder a process, made at the start and removed at the end.

Chainlit writes uploads, configuration and translations there, and removes the uploads when it
stops; two processes on one folder would destroy each other's.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import escape
from importlib.metadata import version
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tools.errors import SetupError
from tools.files import make_private
from ui.chat.branding import apply_branding, file_of
from ui.chat.page_config import PageConfig

_LOCK = ".lock"
_MOST_AT_ONCE = 20
"""Files that one choice of the page may hold."""


@contextmanager
def chainlit_root(page: PageConfig) -> Iterator[Path]:
    """A new folder under `home/chat`, filled for Chainlit and removed when the block ends.

    Folders that killed processes left behind are removed first: a living process holds the lock
    in its own. Raises SetupError when nothing can be written there.
    """
    parent = page.home / "chat"
    try:
        make_private(page.home)
        parent.mkdir(parents=True, exist_ok=True)
        # One process at a time: a folder cannot be removed before its lock is taken.
        with FileLock(parent / _LOCK):
            _remove_abandoned(parent)
            folder = parent / f"{os.getpid()}-{secrets.token_hex(4)}"
            folder.mkdir()
            lock = FileLock(folder / _LOCK)
            lock.acquire()
    except OSError as error:
        raise SetupError(
            f"The chat cannot write to {parent} ({error.strerror}). "
            "Set POUNCE_HOME to a folder that it may write to."
        ) from error
    try:
        _fill(folder, page)
        make_private(folder)  # what was copied kept the modes of the package's files
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()


def _remove_abandoned(parent: Path) -> None:
    for lock in parent.glob(f"*/{_LOCK}"):
        # Timeout: its process lives. Not found: its process has just removed it.
        with suppress(Timeout, FileNotFoundError), FileLock(lock, blocking=False):
            shutil.rmtree(lock.parent, ignore_errors=True)


def _fill(folder: Path, page: PageConfig) -> None:
    public = folder / "public"
    with as_file(files("ui.chat") / "public") as ours:
        shutil.copytree(ours, public)
    for theme, ink in (("light", "#12211d"), ("dark", "#f1ede2")):
        (public / f"logo_{theme}.svg").write_text(_logo(public, page.title, ink), "utf-8")
    apply_branding(public, page.branding)
    style = (public / "pounce.css").read_text("utf-8")
    words = f"--pounce-welcome: {_css(page.welcome)}; --pounce-notice: {_css(page.notice)};"
    (public / "pounce.css").write_text(f":root {{ {words} }}\n{style}", "utf-8")
    settings = folder / ".chainlit"
    (settings / "translations").mkdir(parents=True)
    (settings / "config.toml").write_text(_config(page, public), "utf-8")
    (settings / "translations" / "en-US.json").write_text(_translation(page), "utf-8")
    # An empty file: otherwise Chainlit writes its own welcome, with links to other hosts.
    (folder / "chainlit_en-US.md").write_text("", "utf-8")


def _config(page: PageConfig, public: Path) -> str:
    """Chainlit's configuration. JSON strings, numbers and lists are TOML's as well."""
    quoted = json.dumps
    avatar = file_of(public / "avatars", "pounce")
    theme = "light" if page.branding.theme == "system" else page.branding.theme
    return f"""
[project]
session_timeout = 3600
# Only pages of our own may talk to the chat.
allow_origins = []

[features]
unsafe_allow_html = false
latex = false
user_message_markdown = false
edit_message = false
# The shopper's message stays on top, with the cards below it, while the words are written.
assistant_message_autoscroll = false

[features.spontaneous_file_upload]
enabled = true
# The upload is ours and looks at the file itself: photos come without an ending, and HEIC without
# a media type. The page's refusal would name media types.
accept = ["*/*"]
# The page would refuse all and name no number; the chat says which are looked at.
max_files = {max(_MOST_AT_ONCE, page.max_photos)}
max_size_mb = {max(1, int(page.max_photo_mb))}

[features.mcp]
enabled = false

[UI]
name = {quoted(page.title, ensure_ascii=False)}
description = {quoted(page.welcome, ensure_ascii=False)}
language = "en-US"
default_theme = "{theme}"
confirm_new_chat = false
cot = "tool_call"
alert_style = "modern"
custom_css = "/public/pounce.css"
custom_js = "/public/pounce.js"
default_avatar_file_url = "/public/avatars/{avatar}"
custom_meta_url = "/"
custom_meta_image_url = "/public/{file_of(public, "favicon")}"
login_page_image = "{page.root}/public/login.svg"

[[UI.header_links]]
name = "Your data"
display_name = ""
icon_url = "{page.root}/public/your-data.svg"
url = "{page.root}/your-data"
target = "_self"

[meta]
generated_by = {quoted(version("chainlit"))}
"""


def _translation(page: PageConfig) -> str:
    """Chainlit's English with the shop's words where Chainlit's are about language models."""
    spec = find_spec("chainlit")
    if spec is None or spec.origin is None:
        raise SetupError('Chainlit is not installed. Run "make install".')
    source = Path(spec.origin).parent / "translations" / "en-US.json"
    words: dict[str, Any] = json.loads(source.read_text("utf-8"))
    chat = words["chat"]
    chat["input"]["placeholder"] = "What are you looking for?"
    chat["input"]["actions"]["attachFiles"] = "Add a photo"
    chat["input"]["actions"]["stop"] = "Stop"
    # A step's name says what happened; Chainlit would put "Used" before it.
    chat["messages"]["status"] = {"using": "", "used": ""}
    chat["settings"]["title"] = "Settings"
    chat["watermark"] = page.notice
    history = words["threadHistory"]
    history["sidebar"]["title"] = "Your conversations"
    history["sidebar"]["empty"] = "Your conversations will be here."
    history["thread"]["actions"]["delete"]["description"] = (
        "The conversation goes for good, with its photos and all that was shown."
    )
    login = words["auth"]["login"]
    login["title"] = f"Welcome to {page.title}"
    login["form"]["email"] |= {
        "label": "Name", "placeholder": "", "required": "Please type your name"
    }  # fmt: skip
    login["form"]["password"]["required"] = "Please type your password"
    # The page looks refusals up by a name that it spells in another way, and finds this one.
    login["errors"]["default"] = (
        "Please check what you typed. After many tries, please wait half a minute."
    )
    return json.dumps(words, ensure_ascii=False)


def _logo(public: Path, title: str, ink: str) -> str:
    """The mark with the shop's title beside it, wide enough for the title."""
    mark = (public / "favicon.svg").read_text("utf-8").replace("<svg ", '<svg width="64" ', 1)
    length = round(sum(_width(letter) for letter in title) * 44)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {length + 84} 64">{mark}'
        f'<text x="80" y="46" fill="{ink}" font-size="44" font-weight="750" '
        # The page's fonts differ from machine to machine; the title fits its frame with all.
        f'textLength="{length}" font-family="ui-sans-serif, system-ui, sans-serif">'
        f"{escape(title)}</text></svg>"
    )


def _width(letter: str) -> float:
    """Roughly, how wide a bold letter is, in ems."""
    if letter in "iljtfrI.,:;'!| ":
        return 0.36
    return 0.9 if letter in "mwMW" else 0.72 if letter.isupper() else 0.66


def _css(text: str) -> str:
    """A CSS string: whatever could end it is written as a code point, which a blank ends."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text) + '"'
