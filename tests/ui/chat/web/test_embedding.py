"""The chat for the shop's own pages, by request: who may frame it, its launcher, its cookie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.settings import load_settings
from tests.support.chat_client import RunningChat, color_chat, scripted_chat
from tests.support.quick_hash import quick_hash
from tools.errors import SetupError
from ui.chat.branding import Branding
from ui.chat.deployment import deployment_of
from ui.chat.web.widget import widget_script

SHOP = "https://www.shop.example"
ORIGINS = f"{SHOP}, http://127.0.0.1:8765"
MOST_BYTES = 4096
PAGES = ("/", "/thread/6f3c1f0e-5d1b-4a52-9c1e-0b8f2d6a7e11", "/your-data", "/health")


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningChat]:
    """A chat without the setting."""
    with scripted_chat(tmp_path_factory.mktemp("closed")) as running:
        yield running


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningChat]:
    home, shop = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("shop")
    with color_chat(home, shop, embed_origins=ORIGINS, guests="true") as running:
        yield running


async def test_without_the_setting_no_page_may_frame_the_chat(closed: RunningChat) -> None:
    async with httpx.AsyncClient(base_url=closed.url) as http:
        for path in (*PAGES, "/widget.js"):
            headers = (await http.get(path, headers={"sec-fetch-dest": "iframe"})).headers
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-frame-options"] == "DENY"
            assert headers["cross-origin-resource-policy"] == "same-origin"
            assert "partitioned" not in headers.get("set-cookie", "").lower()
        assert (await http.get("/widget.js")).status_code == 404
        assert "embed" not in (await http.get("/")).text


async def test_listed_origins_alone_may_frame_every_page(chat: RunningChat) -> None:
    async with httpx.AsyncClient(base_url=chat.url) as http:
        await http.get("/")
        for path in PAGES:
            headers = (await http.get(path)).headers
            policy = headers["content-security-policy"].split("; ")
            assert f"frame-ancestors {ORIGINS.replace(',', '')}" in policy
            assert "x-frame-options" not in headers
            assert headers["cross-origin-resource-policy"] == "same-origin"


async def test_page_in_the_frame_knows_who_may_speak_to_it_before_all_else(
    chat: RunningChat,
) -> None:
    async with httpx.AsyncClient(base_url=chat.url) as http:
        page = (await http.get("/")).text
    assert f'<meta name="pounce-embed" content="{ORIGINS.replace(",", "")}" />' in page
    scripts = re.findall(r"<script[^>]*src=\"([^\"]+)\"", page)
    assert scripts[:2] == ["/public/embed.js", "/public/pounce.js"]


async def test_launcher_is_for_pages_of_other_sites_and_is_asked_again(chat: RunningChat) -> None:
    elsewhere = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    async with httpx.AsyncClient(base_url=chat.url, headers=elsewhere) as http:
        first = await http.get("/widget.js")
        again = await http.get("/widget.js", headers={"if-none-match": first.headers["etag"]})
    assert first.headers["cross-origin-resource-policy"] == "cross-origin"
    assert first.headers["content-type"].startswith("text/javascript")
    assert first.headers["cache-control"] == "public, max-age=600"
    assert "set-cookie" not in first.headers
    assert len(first.content) <= MOST_BYTES
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("title", ["Pounce", "店" * 40, 'A "shop" </script>'])
def test_launcher_is_small_whatever_the_shop_is_called(title: str) -> None:
    script = widget_script(title, Branding(accent="#ffee00"))
    assert len(script.encode()) <= MOST_BYTES
    assert "POUNCE_" not in script


@pytest.mark.parametrize(
    ("loaded_as", "marks"),
    [
        ("document", {"samesite=lax"}),
        ("iframe", {"samesite=none", "secure", "partitioned"}),
        ("", {"samesite=lax"}),
    ],
)
async def test_cookie_of_a_frame_is_partitioned(
    chat: RunningChat, loaded_as: str, marks: set[str]
) -> None:
    async with httpx.AsyncClient(base_url=chat.url) as http:
        cookie = (await http.get("/", headers={"sec-fetch-dest": loaded_as})).headers["set-cookie"]
    given = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {mark for mark in given if mark in {"secure", "partitioned"} or "samesite" in mark} == (
        marks
    )
    assert "httponly" in given


@pytest.mark.parametrize("origin", [SHOP, "https://evil.example", "null"])
async def test_page_around_the_frame_can_ask_the_chat_for_nothing_itself(
    chat: RunningChat, origin: str
) -> None:
    headers = {"origin": origin, "sec-fetch-site": "cross-site"}
    async with httpx.AsyncClient(base_url=chat.url, headers=headers) as http:
        for path in ("/project/action", "/project/file", "/project/threads", "/logout"):
            assert (await http.post(path, json={})).status_code == 403, path
        assert "access-control-allow-origin" not in (await http.get("/widget.js")).headers


@pytest.mark.parametrize(
    ("given", "origins"),
    [
        ("", ()),
        (f" {SHOP} ,,{SHOP}", (SHOP,)),
        ("HTTPS://Shop.Example:443", ("https://shop.example",)),
        (
            "http://localhost:8080,http://a.example:80",
            ("http://localhost:8080", "http://a.example"),
        ),
    ],
)
def test_origins_are_spelt_as_browsers_spell_them(given: str, origins: tuple[str, ...]) -> None:
    assert load_settings(embed_origins=given).embed_origins == origins


@pytest.mark.parametrize(
    "origin",
    ["*", "https://*.shop.example", "shop.example", "https://shop.example/", "null", "data:",
     "https://shop.example/shop", "https://me@shop.example", "https://shop.example:0",
     "https://shop.example:65536", "https://shop.example; script-src *", "https://[::1]:80",
     "https://shöp.example", "https://shop.example 'unsafe-inline'", "ftp://shop.example"],
)  # fmt: skip
def test_what_is_no_origin_is_refused_with_a_sentence(origin: str) -> None:
    with pytest.raises(SetupError, match=r"POUNCE_EMBED_ORIGINS.*https://www\.shop\.example"):
        load_settings(embed_origins=origin)


def test_chat_in_a_frame_takes_no_login() -> None:
    users = f"anna={quick_hash('correct horse')}"
    with pytest.raises(SetupError, match="POUNCE_GUESTS"):
        deployment_of(load_settings(embed_origins=SHOP, users=users), "127.0.0.1")
    guests = deployment_of(load_settings(embed_origins=SHOP, guests=True), "0.0.0.0")
    assert guests.embed_origins == (SHOP,)


def test_script_in_the_frame_is_read_before_the_page_s_own_storage(tmp_path: Path) -> None:
    """Whatever the theme, whose first line reads localStorage."""
    from ui.chat.bridge.chainlit_root import chainlit_root
    from ui.chat.page_config import PageConfig

    config = PageConfig(home=tmp_path, branding=Branding(theme="dark"))
    with chainlit_root(config) as folder:
        public = folder / "public"
        assert "localStorage" in (public / "pounce.js").read_text().splitlines()[0]
        assert (public / "embed.js").exists()
