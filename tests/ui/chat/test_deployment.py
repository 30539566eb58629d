"""How a shop runs and dresses the chat: logs, figures, its own name and colors, a proxy's path."""

from __future__ import annotations

import asyncio
import colorsys
import json
import logging
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from assistant.settings import load_settings
from tests.support.chat_client import RunningChat, Shopper, attached, color_chat, shopper, titles
from tests.support.quick_hash import quick_hash
from tools.errors import SetupError, ShopperError
from tools.money import format_price, show_prices_in
from ui.chat.branding import Color, branding_of, contrast
from ui.chat.bridge.chainlit_root import chainlit_root
from ui.chat.logs import LogFormatter
from ui.chat.page_config import PageConfig

SECRET_WORDS = "a mug for my secret wedding"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4"/></svg>'


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory, shop: Path) -> Iterator[RunningChat]:
    home = tmp_path_factory.mktemp("home")
    logo = home / "logo.svg"
    logo.write_text(LOGO)
    dress = {
        "shop_title": "Kaufhaus <b>Süd</b>",
        "greeting": 'Hello "you" </style><script>alert(1)</script>',
        "starters": "A red mug; Something <i>blue</i>;;",
        "accent": "#ffee00",
        "theme": "dark",
        "logo": str(logo),
        "favicon": str(logo),
        "locale": "de-DE",
    }
    with color_chat(home, shop, **dress) as running:
        yield running


async def test_shop_brands_the_page_by_settings_alone(chat: RunningChat) -> None:
    async with shopper(chat) as someone, someone.http() as http:
        page = (await http.get("/")).text
        assert "<script>alert" not in page
        assert "<script>alert" not in (await http.get("/public/pounce.css")).text
        for path in ("/logo?theme=light", "/logo?theme=dark", "/favicon", "/avatars/default"):
            assert (await http.get(path)).text == LOGO, path
        assert '"dark"' in (await http.get("/public/pounce.js")).text.splitlines()[0]
        settings = (await http.get("/project/settings")).json()
        assert [s["label"] for s in settings["starters"]] == ["A red mug", "Something <i>blue</i>"]
        assert settings["ui"]["name"] == "Kaufhaus <b>Süd</b>"
        await someone.ask("a red mug")
    assert "8,99\u00a0$" in [card["price"] for card in someone.galleries()[0]["cards"]]


def color_of(hsl: str) -> Color:
    """The color of "56.0 100.0% 50.0%", as the theme's file has it."""
    hue, saturation, light = (float(part) for part in re.findall(r"[\d.]+", hsl))
    return colorsys.hls_to_rgb(hue / 360, light / 100, saturation / 100)


async def test_accent_can_be_read_in_both_themes(chat: RunningChat) -> None:
    async with httpx.AsyncClient(base_url=chat.url) as http:
        theme = (await http.get("/public/theme.json")).json()["variables"]
    for variables in theme.values():
        primary, ground, ink = (
            color_of(variables[name])
            for name in ("--primary", "--background", "--primary-foreground")
        )
        assert contrast(primary, ground) >= 4.5
        assert contrast(primary, ink) >= 4.5
    assert theme["dark"]["--primary"].startswith("56.0 100.0% 50")  # as it is: it can be read


async def test_page_names_no_other_host_whatever_the_branding(chat: RunningChat) -> None:
    async with httpx.AsyncClient(base_url=chat.url) as http:
        page = (await http.get("/")).text
    assert not re.findall(r"(?:href|src)=[\"'](?:https?:)?//", page)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("logo", "nowhere.svg", "POUNCE_LOGO=nowhere.svg is no file of a picture"),
        ("favicon", "/etc/passwd", "POUNCE_FAVICON=/etc/passwd is no file of a picture"),
        ("accent", "red", "POUNCE_ACCENT"),
        ("theme", "pink", "POUNCE_THEME"),
        ("locale", "xx_nowhere", "POUNCE_LOCALE"),
        ("shop_title", "x" * 41, "POUNCE_SHOP_TITLE"),
        ("public_url", "shop.example", "POUNCE_PUBLIC_URL"),
        ("public_url", "https://me:secret@shop.example", "POUNCE_PUBLIC_URL=https://…@"),
    ],
)
def test_setting_that_cannot_be_is_said_before_anything_starts(
    setting: str, value: str, said: str
) -> None:
    with pytest.raises(SetupError) as raised:
        branding_of(load_settings(**{setting: value}))
    assert said in str(raised.value)


def test_prices_are_written_as_the_locale_reads_them() -> None:
    async def shown() -> str:
        show_prices_in("de_DE")
        return await asyncio.to_thread(format_price, 123456, "EUR")

    assert asyncio.run(shown()) == "1.234,56\u00a0€"
    assert format_price(123456, "EUR") == "€1,234.56"


async def test_figures_count_turns_and_stages_and_hold_no_words(chat: RunningChat) -> None:
    async with httpx.AsyncClient(base_url=chat.url) as http, shopper(chat) as someone:
        before = await figures(http)
        await someone.ask(SECRET_WORDS)
        await someone.until(lambda: True)
        after = await figures(http)
        text = (await http.get("/metrics")).text
    done = 'pounce_turns_total{outcome="done"}'
    assert after[done] == before[done] + 1
    assert after['pounce_stage_seconds_count{stage="search total"}'] >= 1
    assert after["pounce_turn_seconds_count"] == before["pounce_turn_seconds_count"] + 1
    assert after["pounce_sessions"] >= 1
    assert "wedding" not in text


async def figures(http: httpx.AsyncClient) -> dict[str, float]:
    lines = (await http.get("/metrics")).text.splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


async def test_health_and_readiness_answer_without_a_login(chat: RunningChat) -> None:
    async with httpx.AsyncClient(base_url=chat.url) as http:
        for path in ("/healthz", "/readyz"):
            answer = await http.get(path)
            assert (answer.status_code, answer.json()) == (200, {"ok": True})


async def test_log_is_json_lines_without_a_shoppers_words(chat: RunningChat) -> None:
    async with shopper(chat) as someone:
        await someone.ask(SECRET_WORDS)
        await someone.ask("x" * 5000)  # refused with a hint
    rows = [json.loads(line) for line in chat.log_text().splitlines() if line.startswith("{")]
    assert [row for row in rows if row.get("outcome") == "done" and row["stages_s"]]
    assert "wedding" not in chat.log_text()


def told(error: Exception, *, texts: bool) -> str:
    try:
        try:
            raise error
        except Exception as cause:
            raise RuntimeError(f"because of {SECRET_WORDS}") from cause
    except RuntimeError as raised:
        facts = (type(raised), raised, raised.__traceback__)
        record = logging.LogRecord("pounce", 40, "f", 1, "incident %s", ("cafe",), facts)
    return str(json.loads(LogFormatter(as_json=True, texts=texts).format(record))["error"])


def test_exception_is_logged_by_kind_and_place_and_only_by_setting_with_what_it_says() -> None:
    hint = ShopperError(f"I know no {SECRET_WORDS}")
    assert SECRET_WORDS not in told(hint, texts=False)
    assert "RuntimeError" in told(hint, texts=False)
    assert "in told" in told(hint, texts=False)
    assert SECRET_WORDS in told(hint, texts=True)
    assert "the disk is full" in told(OSError("the disk is full"), texts=False)


NGINX = """
daemon off; pid {folder}/pid; error_log stderr; worker_processes 1;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  map $http_upgrade $upgrade {{ default upgrade; '' close; }}
  # Sticky: all requests of one browser go to one process, by the cookie that it is known by.
  upstream pounce {{ hash $http_cookie consistent; {servers} }}
  server {{
    listen 127.0.0.1:{port};
    location /chat/ {{
      proxy_pass http://pounce{strip};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $upgrade;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Proto https;
      client_max_body_size 12m;
    }}
  }}
}}
"""


@contextmanager
def nginx(folder: Path, ports: list[int], *, strip: bool) -> Iterator[str]:
    """A proxy that has the chat under /chat; its address."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    servers = " ".join(f"server 127.0.0.1:{each};" for each in ports)
    path = folder / "nginx.conf"
    path.write_text(
        NGINX.format(folder=folder, port=port, servers=servers, strip="/" if strip else "")
    )
    log = (folder / "nginx.log").open("w")
    process = subprocess.Popen([program, "-c", str(path), "-p", str(folder)], stderr=log)
    try:
        _until_open(port, process)
        yield f"http://127.0.0.1:{port}/chat"
    finally:
        process.terminate()
        process.wait(timeout=60)
        log.close()


def _until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
            break
    raise AssertionError("nginx does not listen")


@pytest.mark.parametrize("strip", [False, True], ids=["path left on", "path taken off"])
async def test_two_processes_behind_a_proxy_under_a_path(
    tmp_path_factory: pytest.TempPathFactory, shop: Path, strip: bool
) -> None:
    """One home, two processes, sticky sessions: login, upload, turn, resume, photo, deletion."""
    home = tmp_path_factory.mktemp("proxied")
    users = f"anna={quick_hash('correct horse')},ben={quick_hash('correct horse')}"
    settings = {"users": users, "public_url": "https://127.0.0.1/chat"}
    with ExitStack() as stack:
        count = 1 if strip else 2
        chats = [stack.enter_context(color_chat(home, shop, **settings)) for _ in range(count)]
        ports = [int(chat.url.rsplit(":", 1)[1]) for chat in chats]
        url = stack.enter_context(nginx(tmp_path_factory.mktemp("nginx"), ports, strip=strip))
        front = RunningChat(url, home, chats[0].process, chats[0].log)
        for name in ("anna", "ben"):
            someone = Shopper(front)
            assert await someone.log_in(name, "correct horse") == 200
            await walk_through(front, someone)


async def walk_through(front: RunningChat, someone: Shopper) -> None:
    """What a shopper's browser asks of a chat under /chat, all of it through the proxy."""
    async with someone.http() as http:
        page = (await http.get(f"{front.url}/")).text
        addresses = re.findall(r"(?:href|src)=\"(/[^\"]+)\"", page)
        assert addresses
        assert all(address.startswith("/chat/") for address in addresses)
        for address in addresses:
            answer = await http.get(f"{front.url.removesuffix('/chat')}{address}")
            assert answer.status_code == 200, address
    async with shopper(front, cookies=someone.cookies) as here:
        await here.ask("a mug with this", (await attached(here, "red"),))
        assert titles(here)[0].startswith("Red Mug")
        picture = here.galleries()[0]["cards"][0]["image"]
        assert picture.startswith("/chat/media/")
    async with shopper(front, cookies=someone.cookies, threadId=here.thread) as again:
        (resumed,) = again.named("resume_thread")
        photo = next(e["url"] for e in resumed["elements"] if e["type"] == "image")
        async with someone.http() as http:
            for path in (picture, photo):
                found = await http.get(f"{front.url.removesuffix('/chat')}{path}")
                assert found.headers["content-type"] == "image/jpeg"
            gone = await http.post(f"{front.url}/your-data/delete")
            assert (gone.status_code, gone.headers["location"]) == (303, "/chat/your-data")


def test_cookies_go_over_https_alone_where_the_shop_is_there(tmp_path: Path) -> None:
    look = PageConfig(home=tmp_path, root="/chat")
    with chainlit_root(look) as folder:
        assert '"/chat/your-data"' in (folder / ".chainlit" / "config.toml").read_text()
