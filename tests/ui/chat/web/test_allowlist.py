"""Requests that the chat refuses, and the hosts that browsers may call it by.

For a chat that only this machine reaches see `test_server` and `test_entry`.
"""

from __future__ import annotations

import asyncio
import io
import json
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image
from starlette.exceptions import HTTPException
from starlette.types import Receive

from tests.support.chat_client import RunningChat, scripted_chat, shopper
from tests.support.clock import LoopClock
from ui.chat.web.headers import SecurityHeadersMiddleware, server_error
from ui.chat.web.request_checks import limited, read_body

OWN = {"localhost", "127.0.0.1", "[::1]"}
OTHERS = {"shop.example", "evil.example"}


@pytest.mark.parametrize(
    ("more", "answered"), [((), OWN | OTHERS), (("shop.example",), {"shop.example"})]
)
async def test_names_that_browsers_may_call_the_chat_by(
    more: tuple[str, ...], answered: set[str], tmp_path: Path
) -> None:
    found = set()
    with scripted_chat(tmp_path, host="0.0.0.0", names=more) as chat:
        async with httpx.AsyncClient(base_url=chat.url) as http:
            for name in OWN | OTHERS:
                answer = await http.get("/health", headers={"host": name})
                found |= {name} if answer.status_code == 200 else set()
    assert found == answered


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningChat]:
    with scripted_chat(tmp_path_factory.mktemp("home")) as running:
        yield running


def asked(chat: RunningChat, request: bytes) -> tuple[int, dict[str, str], str]:
    """The status, headers and body of the answer to a request as it is written."""
    port = int(chat.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        connection.sendall(request.replace(b"\n", b"\r\n"))
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    head, _, body = answer.decode("latin-1").partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(status.split()[1]), headers, body


@pytest.mark.parametrize(
    "host",
    ["evil@localhost", "localhost/x", "localhost#x", "localhost?x", "localhost:x", "local host",
     "localhost:80:80", "[::1", "localhost\nHost: localhost", "localhost,evil.example",
     "@localhost", "localhost\\evil.example"],
)  # fmt: skip
def test_malformed_host_is_refused(chat: RunningChat, host: str) -> None:
    status, _, _ = asked(
        chat, f"GET /health HTTP/1.1\nHost: {host}\nConnection: close\n\n".encode()
    )
    assert status == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["evil.example", "10.0.0.7:8000", "pod-1.internal"])
async def test_probes_are_answered_by_any_name(chat: RunningChat, path: str, host: str) -> None:
    async with httpx.AsyncClient(base_url=chat.url) as http:
        assert (await http.get(path, headers={"host": host})).status_code == 200
        assert (await http.get("/health", headers={"host": host})).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/login", "/logout", "/project/action", "/project/file"])
async def test_form_of_another_site_without_an_origin_is_refused(
    chat: RunningChat, path: str, site: str
) -> None:
    async with httpx.AsyncClient(base_url=chat.url) as http:
        answer = await http.post(path, headers={"sec-fetch-site": site})
        own = await http.post("/logout", headers={"sec-fetch-site": "same-origin"})
    assert (answer.status_code, own.status_code) == (403, 200)


@pytest.mark.parametrize("origin", ["http://[", "null", "http://localhost@evil.example", "x"])
async def test_malformed_origin_is_refused(chat: RunningChat, origin: str) -> None:
    async with httpx.AsyncClient(base_url=chat.url) as http:
        answer = await http.post("/logout", headers={"origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/photos/a%00b.jpg", "/public/a%00b", "/avatars/a%00b", "/media/x/a%00b",
     "/project/thread/a%00b", "/public/" + "a" * 300, "/avatars/" + "a" * 300,
     "/project/file/" + "a" * 300, "/project/file/x?session_id=%00", "/media/x/" + "a" * 3000,
     "/login?" + "a" * 9000, "/thread/a%0ab"],
)  # fmt: skip
async def test_address_that_no_route_can_read_is_refused(chat: RunningChat, path: str) -> None:
    async with shopper(chat) as someone, someone.http() as http:
        answer = await http.get(path)
    assert answer.status_code == 400
    assert "Traceback" not in chat.log_text()


@pytest.mark.parametrize(
    "text",
    ["a\0b", "\ud800", "x" * 60_000, "%" * 30_000, [[["\udfff"]]]],
    ids=lambda t: repr(t)[:9],
)
async def test_text_that_no_route_can_keep_is_refused(chat: RunningChat, text: object) -> None:
    search = {"pagination": {"first": 9}, "filter": {"search": text}}
    rename = {"threadId": "x", "name": text}
    vote = {"feedback": {"forId": "x", "value": 1, "comment": text}, "sessionId": "y"}
    async with shopper(chat) as someone, someone.http() as http:
        for method, path, body in (
            ("POST", "/project/threads", search),
            ("PUT", "/project/thread", rename),
            ("PUT", "/feedback", vote),
        ):
            answer = await http.request(
                method, path, content=json.dumps(body), headers={"content-type": "application/json"}
            )
            assert answer.status_code == 400, path
            assert "\n" not in answer.json()["detail"]
    assert "Traceback" not in chat.log_text()


async def test_deeply_nested_body_is_refused(chat: RunningChat) -> None:
    async with shopper(chat) as someone, someone.http() as http:
        answer = await http.post("/project/threads", content="[" * 200_000)
    assert answer.status_code in (400, 422)
    assert "Traceback" not in chat.log_text()


@pytest.mark.parametrize("name", ["a%00b", "x" * 5000])
async def test_login_by_a_name_that_nobody_can_have_is_refused(
    chat: RunningChat, name: str
) -> None:
    form = f"username={name}&password=x"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    async with httpx.AsyncClient(base_url=chat.url) as http:
        answer = await http.post("/login", content=form, headers=kind)
    assert answer.status_code == 400


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def form_of(data: bytes, name: str = "a.png") -> tuple[bytes, dict[str, str]]:
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return head.encode() + data + b"\r\n--b--\r\n", {
        "content-type": "multipart/form-data; boundary=b"
    }


async def test_chunked_upload_is_counted_as_it_comes(chat: RunningChat) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "PNG")
    async with shopper(chat) as someone, someone.http() as http:
        where = {"session_id": someone.session}
        body, kind = form_of(buffer.getvalue())
        good = await http.post(
            "/project/file", params=where, content=chunks(body[:50], body[50:]), headers=kind
        )
        body, kind = form_of(b"x" * 3_000_000)
        large = await http.post(
            "/project/file", params=where, content=chunks(*[body] * 2), headers=kind
        )
        other = await http.post("/project/threads", content=chunks(*[b" " * 700_000] * 2))
    assert (good.status_code, large.status_code, other.status_code) == (200, 413, 413)
    assert "larger than 1 MB" in large.json()["detail"]
    assert "Traceback" not in chat.log_text()


async def test_pages_and_sign_in_state_are_kept_by_no_cache(chat: RunningChat) -> None:
    async with shopper(chat) as someone, someone.http() as http:
        for path in ("/", "/login", "/user", "/auth/config", "/project/settings", "/thread/x",
                     "/your-data", "/healthz", "/nothing"):  # fmt: skip
            assert (await http.get(path)).headers["cache-control"] == "no-store", path
        polled = await http.get("/ws/socket.io/?EIO=4&transport=polling")
        assert polled.headers["cache-control"] == "no-store"
        assert (await http.get("/public/pounce.css")).headers["cache-control"] == "no-cache"


def test_answer_of_a_route_that_fails_has_the_security_headers() -> None:
    app = FastAPI()
    app.add_middleware(SecurityHeadersMiddleware)
    app.add_exception_handler(Exception, server_error)

    @app.get("/")
    def fails() -> None:
        raise RuntimeError("secret")

    answer = TestClient(app, raise_server_exceptions=False).get("/")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_body_that_comes_too_slowly_is_given_up() -> None:
    """As an upload of which a byte comes now and then."""
    clock = LoopClock()

    async def drip() -> dict[str, object]:
        clock.now += 10
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def hang() -> dict[str, object]:
        clock.now += 60
        await asyncio.Event().wait()
        raise AssertionError("it hangs")

    async def read(receive: Receive) -> int:
        try:
            await read_body(receive, 1_000_000, "too large")
        except HTTPException as error:
            return error.status_code
        return 200

    def run(receive: Receive) -> int:
        with asyncio.Runner(loop_factory=clock.new_loop) as runner:
            return runner.run(read(receive))

    assert await asyncio.to_thread(run, drip) == 408
    assert await asyncio.to_thread(run, hang) == 408


async def test_browser_that_leaves_while_it_is_answered_is_no_slow_body() -> None:
    clock = LoopClock()
    messages = [{"type": "http.request", "body": b"x"}]

    async def receive() -> dict[str, object]:
        if messages:
            return dict(messages.pop())
        clock.now += 3600
        await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def both() -> list[object]:
        counted = limited(receive, 10, "too large")
        return [(await counted())["type"], (await counted())["type"]]

    def run() -> list[object]:
        with asyncio.Runner(loop_factory=clock.new_loop) as runner:
            return runner.run(both())

    assert await asyncio.to_thread(run) == ["http.request", "http.disconnect"]
