"""The endpoints for agents in the whole chat, under a proxy's path; and a chat without them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.agent_server import KEY, KEYS
from tests.support.chat_client import RunningChat, color_chat
from tests.support.paths import ROOT

HEADERS = {"x-api-key": KEY, "accept": "application/json"}
CALL = {
    "jsonrpc": "2.0", "id": 1, "method": "tools/call",
    "params": {"name": "search_products", "arguments": {"words": "red mug of my aunt"}},
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory, shop: Path) -> Iterator[RunningChat]:
    settings = {
        "mcp": "true",
        "ucp": "keys",
        "ucp_profiles": "open",
        "agent_keys": f"bot={KEYS['bot']}",
        "agent_requests_per_minute": "1000",
        "public_url": "http://shop.example/chat",
        "guests": "true",
        "metrics": "true",
    }
    with color_chat(tmp_path_factory.mktemp("home"), shop, **settings) as running:
        yield running


def test_agent_is_answered_under_the_proxys_path_and_without_it(chat: RunningChat) -> None:
    for path in ("/chat/mcp", "/mcp", "/mcp/"):
        answer = httpx.post(f"{chat.url}{path}", json=CALL, headers=HEADERS)
        assert answer.status_code == 200, answer.text
        found = answer.json()["result"]["structuredContent"]["products"]
        assert found[0]["title"].startswith("Red Mug")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers


def test_profile_names_addresses_under_the_proxys_path(chat: RunningChat) -> None:
    for path in ("/.well-known/ucp", "/chat/.well-known/ucp"):
        answer = httpx.get(f"{chat.url}{path}")
        (service, _) = answer.json()["ucp"]["services"]["dev.ucp.shopping"]
        assert service["endpoint"] == "http://shop.example/chat/ucp/2026-08-25"
        assert answer.headers["cache-control"] == "public, max-age=300"


def test_picture_of_an_answer_is_served(chat: RunningChat) -> None:
    headers = HEADERS | {"ucp-agent": 'profile="https://agent.example/"'}
    path = "/ucp/2026-08-25/catalog/product"
    answer = httpx.post(f"{chat.url}{path}", json={"id": "red-mug-basic"}, headers=headers)
    (picture, *_) = answer.json()["product"]["media"]
    place = picture["url"].removeprefix("http://shop.example")
    elsewhere = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    found = httpx.get(f"{chat.url}{place}", headers=elsewhere | {"sec-fetch-dest": "image"})
    assert found.headers["content-type"] == "image/jpeg"
    # Pages of agents show it, and nothing else of the chat.
    assert found.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "set-cookie" not in found.headers
    for path in ("/", "/photos/x.jpg", "/public/pounce.js", "/shop/red-mug-basic"):
        private = httpx.get(f"{chat.url}{path}").headers
        assert private["cross-origin-resource-policy"] == "same-origin"


def test_agents_call_is_no_turn_and_its_words_are_not_logged(chat: RunningChat) -> None:
    httpx.post(f"{chat.url}/mcp", json=CALL, headers=HEADERS)
    turns = chat.home / "turns"
    assert not turns.exists() or not [each for each in turns.rglob("*") if each.is_file()]
    log = chat.log_text()
    assert "an agent asked" in log
    lines = [json.loads(line) for line in log.splitlines() if "an agent asked" in line]
    assert lines[-1].items() >= {"agent": "bot", "path": "/mcp", "status": 200}.items()
    assert "aunt" not in log
    assert KEY not in log


def test_requests_are_counted_by_path_and_status(chat: RunningChat) -> None:
    def counted() -> dict[str, float]:
        # The chat is behind a proxy: its metrics are opened by the setting.
        lines = httpx.get(f"{chat.url}/metrics").text.splitlines()
        found = (
            line.rsplit(" ", 1) for line in lines if line.startswith("pounce_agent_requests_t")
        )
        return {name: float(value) for name, value in found}

    before = counted()
    for path, headers in (("/mcp", HEADERS), ("/chat/mcp/", HEADERS), ("/mcp", {}), ("/", {})):
        httpx.post(f"{chat.url}{path}", json=CALL, headers=headers)
    answered, refused = (
        f'pounce_agent_requests_total{{path="/mcp",status="{status}"}}' for status in (200, 401)
    )
    after = counted()
    assert after[answered] == before.get(answered, 0) + 2
    assert after[refused] == before.get(refused, 0) + 1
    assert sum(after.values()) == sum(before.values()) + 3


def test_key_opens_nothing_of_the_page(chat: RunningChat) -> None:
    for method, path in (("POST", "/project/threads"), ("GET", "/your-data.zip")):
        answer = httpx.request(method, f"{chat.url}{path}", headers=HEADERS, json={})
        assert answer.status_code in (401, 404, 422), (path, answer.status_code)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_curl_example_of_the_readme_works(chat: RunningChat) -> None:
    readme = (ROOT / "ui/chat/agent_api/README.md").read_text("utf-8")
    examples = re.findall(r"<!-- curl -->\n```\n(.+?)```\n<!-- /curl -->", readme, re.DOTALL)
    assert len(examples) == 2
    environment = {"SHOP": chat.url, "KEY": KEY, "PATH": "/usr/bin:/bin"}
    for example in examples:
        done = subprocess.run(
            ["sh", "-c", example], env=environment, capture_output=True, text=True, check=True
        )
        assert "red-mug" in done.stdout, done.stdout


def test_chat_without_the_setting_knows_no_such_path(shop: Path, tmp_path: Path) -> None:
    with color_chat(tmp_path, shop) as quiet:
        shown = httpx.get(f"{quiet.url}/media/colors/red-mug-basic").headers
        assert shown["cross-origin-resource-policy"] == "same-origin"
        for path in ("/mcp", "/.well-known/ucp", "/ucp/2026-08-25/catalog/search"):
            for method in ("GET", "POST"):
                answer = httpx.request(method, f"{quiet.url}{path}", headers=HEADERS)
                assert answer.status_code == 404, path
