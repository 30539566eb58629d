"""`/mcp`: the SDK's own client over HTTP, and requests that no tool is asked about."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.agent_server import KEY, KEYS, OTHER_KEY, agent_server, http_client
from tests.support.mcp_broken_calls import BROKEN, INSTEAD, PUBLIC, SECRET, check_harmless
from tests.support.mcp_client import check_every_tool, text_of
from tests.support.mcp_shop import open_mcp_shop
from tools.index.local_server import stop_server
from tools.search.shop import Shop
from ui.chat.agent_api.api import AgentSettings

HEADERS = {"accept": "application/json", "authorization": f"Bearer {KEY}"}
CALL = {
    "jsonrpc": "2.0", "id": 7, "method": "tools/call",
    "params": {"name": "get_product", "arguments": {"id": "lamp"}},
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("mcp-http")
    yield open_mcp_shop(folder)
    stop_server(folder / "home" / "milvus")


@pytest.fixture(scope="module")
def url(shop: Shop) -> Iterator[str]:
    settings = AgentSettings(KEYS, mcp=True, per_minute=100_000, at_once=100, body_mb=40)
    with agent_server(shop, settings) as address:
        yield f"{address}/mcp"


def asked(url: str, content: object = CALL, **more: Any) -> httpx.Response:
    """The answer to one POST; `content` is JSON unless it is bytes."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = HEADERS | {"content-type": "application/json"} | more.pop("headers", {})
    return httpx.post(url, content=body, headers=headers, timeout=60, **more)


async def test_client_runs_every_tool(url: str) -> None:
    async with http_client(url) as client:
        await check_every_tool(client)


async def test_broken_calls_are_told_what_to_do_and_leave_nothing_in_the_log(
    url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POUNCE_MILVUS_TOKEN", SECRET)
    with caplog.at_level(logging.INFO):
        async with http_client(url) as client:
            for name, arguments, advice in BROKEN:
                result = await client.call_tool(name, arguments)
                assert result.isError, (name, arguments)
                assert advice.lower() in text_of(result).lower()
                check_harmless(text_of(result))
            assert not (await client.call_tool("get_product", {"id": "lamp"})).isError
    ours = [each for each in caplog.records if not each.name.startswith(("mcp", "httpx"))]
    said = " ".join(each.getMessage() for each in ours)
    assert "Traceback" not in said
    assert SECRET not in said
    assert KEY not in caplog.text
    warned = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert not warned


@pytest.mark.parametrize(
    ("headers", "advice"),
    [
        ({"authorization": ""}, "A key is needed"),
        ({"authorization": "Bearer wrong"}, "another one"),
        ({"authorization": f"Basic {KEY}"}, "A key is needed"),
        ({"authorization": f"Bearer {KEYS['bot']}"}, "another one"),
        ({"authorization": "", "cookie": f"key={KEY}"}, "A key is needed"),
    ],
)
def test_request_without_a_valid_key_is_refused(
    url: str, headers: dict[str, str], advice: str
) -> None:
    answer = asked(url, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert advice in answer.json()["error"]["message"]
    check_harmless(answer.text)


async def test_client_with_a_wrong_key_is_not_let_in(url: str) -> None:
    with pytest.raises(ExceptionGroup) as raised:
        async with http_client(url, "wrong"):
            raise AssertionError("it was let in")
    assert raised.group_contains(httpx.HTTPStatusError, match="401")


def test_key_comes_by_the_other_header_too(url: str) -> None:
    answer = asked(url, headers={"authorization": "", "x-api-key": OTHER_KEY})
    assert answer.json()["result"]["structuredContent"]["product"]["id"] == "lamp"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 403),
        ({"host": "evil@localhost"}, 400),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
def test_other_hosts_and_pages_of_other_sites_are_refused(
    url: str, headers: dict[str, str], status: int
) -> None:
    answer = asked(url, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "status", "advice"),
    [
        (b"", 400, "no JSON"),
        (b"\xff\xfe", 400, "no JSON"),
        (b"[" * 100_000, 400, "no JSON"),
        (b'{"a":' * 20_000, 400, "no JSON"),
        ([CALL, CALL], 400, "Send one message"),
        ({"jsonrpc": "1.0", "id": 7, "method": "ping"}, 200, "Send one message"),
        ({**CALL, "method": "tools/none"}, 200, "Call one of"),
        ({**CALL, "method": "resources/read", "params": {"uri": "file:///etc/passwd"}}, 200,
         "Call one of"),
        ({**CALL, "params": {"name": 7}}, 200, "takes `name`"),
        ({**CALL, "id": "\ud800", "method": "tools/none"}, 400, "half a character"),
        ({**CALL, "id": "\ud800"}, 400, "half a character"),
        ({**CALL, "params": {"name": "\udfff", "arguments": {}}}, 400, "half a character"),
        (b'{"jsonrpc": "2.0", "id": "\xed\xa0\x80", "method": "ping"}', 400, "half a character"),
        ('{"jsonrpc": "2.0", "id": "\\ud800", "method": "ping"}'.encode("utf-16"), 400,
         "half a character"),
        ({**CALL, "params": {"name": "get_product", "arguments": ["lamp"]}}, 200, "takes `name`"),
    ],
)  # fmt: skip
def test_message_that_is_none_is_told_so(url: str, body: Any, status: int, advice: str) -> None:
    answer = asked(url, body)
    assert answer.status_code == status
    assert advice in answer.json()["error"]["message"]
    check_harmless(answer.text)
    assert "evil" not in answer.text


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "HEAD"])
def test_other_methods_are_refused(url: str, method: str) -> None:
    answer = httpx.request(method, url, headers=HEADERS)
    assert answer.status_code == 405


def test_photo_at_a_private_address_is_not_fetched(url: str) -> None:
    arguments = {"photo": "http://169.254.169.254/latest/meta-data/"}
    call = {**CALL, "params": {"name": "search_products", "arguments": arguments}}
    result = asked(url, call).json()["result"]
    assert result["isError"]
    assert PUBLIC in result["content"][0]["text"]
    assert INSTEAD in result["content"][0]["text"]


def test_request_that_is_too_large_is_told_the_limit(shop: Shop) -> None:
    """Also where no length was announced."""
    call = {**CALL, "params": {"name": "search_products", "arguments": {"photo": "A" * 20_000_000}}}
    body = json.dumps(call).encode()
    with agent_server(shop, AgentSettings(KEYS, mcp=True, body_mb=3)) as address:
        for content in (body, (body[n : n + 65_536] for n in range(0, len(body), 65_536))):
            headers = HEADERS | {"content-type": "application/json"}
            answer = httpx.post(f"{address}/mcp", content=content, headers=headers, timeout=60)
            assert answer.status_code == 413
            assert "more than 3 MB" in answer.json()["error"]["message"]


async def test_limits_hold_for_each_key(shop: Shop) -> None:
    with agent_server(shop, AgentSettings(KEYS, mcp=True, per_minute=3)) as address:
        url = f"{address}/mcp"
        assert [asked(url).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
        over = asked(url)
        assert 0 < int(over.headers["retry-after"]) <= 60
        assert "Try again in" in over.json()["error"]["message"]
        other = {"authorization": f"Bearer {OTHER_KEY}"}
        assert asked(url, headers=other).status_code == 200
        assert asked(url, headers={"authorization": "Bearer no"}).status_code == 401


class _WaitingShop:
    """Answers when it is told to."""

    def __init__(self, shop: Shop) -> None:
        import threading

        self._shop = shop
        self.asked = threading.Event()
        self.go_on = threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shop, name)

    def product(self, identity: str) -> Any:
        self.asked.set()
        assert self.go_on.wait(60)
        return self._shop.product(identity)


async def test_one_key_has_so_many_requests_answered_at_a_time(shop: Shop) -> None:
    waiting = _WaitingShop(shop)
    with agent_server(waiting, AgentSettings(KEYS, mcp=True, at_once=1)) as address:
        url = f"{address}/mcp"
        first = asyncio.create_task(asyncio.to_thread(asked, url))
        assert await asyncio.to_thread(waiting.asked.wait, 60)
        second = await asyncio.to_thread(asked, url)
        waiting.go_on.set()
        assert (await first).status_code == 200
    assert second.status_code == 429
    assert "being answered" in second.json()["error"]["message"]
