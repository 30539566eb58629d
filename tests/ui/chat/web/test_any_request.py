"""Requests of every shape to every route: none is answered by an error of the server.

Short here; POUNCE_FUZZ_EXAMPLES=20000 tries for some minutes.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Coroutine, Iterator
from threading import Thread
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.any_request import (
    AGENT_HEADERS,
    ARGUMENTS,
    CHANGED,
    KINDS,
    LIKELY,
    OBJECTS,
    QUERIES,
    READ,
    REST_PATHS,
    RPC,
    RPC_PATHS,
    SESSION,
    VALUES,
    WORDS,
)
from tests.support.chat_client import RunningChat, Shopper, scripted_chat

_LONGEST_ADDRESS = 60_000
"""Characters; httpx sends no longer one."""
EXAMPLES = int(os.environ.get("POUNCE_FUZZ_EXAMPLES", "150"))
LIMITS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="POUNCE_FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningChat]:
    everything = ("-m", "tests.support.open_chat")
    with scripted_chat(tmp_path_factory.mktemp("home"), everything) as running:
        yield running


@pytest.fixture(scope="module")
def agent(chat: RunningChat) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=chat.url, timeout=60) as client:
        yield client


class Browser:
    """Cookies of a shopper, and an open page for as long as they are good."""

    def __init__(self, chat: RunningChat) -> None:
        self._chat = chat
        self._http = httpx.Client(base_url=chat.url, timeout=60)
        self._loop = asyncio.new_event_loop()  # of the page's socket
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()
        self._page = Shopper(chat, session=SESSION)
        self.open()

    def open(self) -> None:
        """Open the page anew, as another guest of the chat."""
        self._await(self._page._socket.disconnect())
        self._http.cookies.clear()
        self._http.get("/")
        self._page = Shopper(self._chat, session=SESSION, cookies=self._http.cookies)
        self._await(self._page.connect())

    def ask(self, method: str, path: str, query: dict[str, str], **more: Any) -> httpx.Response:
        """The answer to a request."""
        asked = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in query.items())
        url = (f"{path}?{asked}" if asked else path)[:_LONGEST_ADDRESS]
        return self._http.request(method, url, **more)

    def close(self) -> None:
        """Close the page."""
        self._await(self._page._socket.disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._http.close()

    def _await(self, coroutine: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)


@pytest.fixture(scope="module")
def browser(chat: RunningChat) -> Iterator[Browser]:
    someone = Browser(chat)
    yield someone
    someone.close()


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@LIMITS
@given(st.sampled_from(READ), st.tuples(WORDS, WORDS), QUERIES)
def test_nothing_that_is_asked_for_breaks_the_server(
    browser: Browser, template: str, parts: tuple[str, str], query: dict[str, str]
) -> None:
    path = template.format(*map(_quoted, parts))[:60_000]
    if path.startswith("//"):  # of another host
        path = f"/x{path}"
    answer = browser.ask("GET", path, query)
    assert answer.status_code < 500, answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


@LIMITS
@given(st.sampled_from(CHANGED), OBJECTS | LIKELY | VALUES, KINDS, QUERIES, st.binary(max_size=40))
def test_nothing_that_is_sent_breaks_the_server(
    browser: Browser,
    where: tuple[str, str],
    value: Any,
    kind: str,
    query: dict[str, str],
    noise: bytes,
) -> None:
    method, path = where
    if path == "/project/file":
        query |= {"session_id": SESSION}
    body = noise
    if "json" in kind or not kind:
        body = json.dumps(value).encode()
    elif "urlencoded" in kind and isinstance(value, dict):
        body = "&".join(f"{_quoted(n)}={_quoted(str(v))}" for n, v in value.items()).encode()
    elif "multipart" in kind:
        head = 'Content-Disposition: form-data; name="file"; filename="{}"\r\n\r\n'
        name = str(value)[:400].encode("utf-8", "replace").decode()
        body = f"--b\r\n{head.format(name)}".encode() + noise + b"\r\n--b--\r\n"
    # A header's value with blanks around it cannot be sent: no client lets it out.
    headers = {"content-type": kind.encode("utf-8", "replace").strip()} if kind else {}
    answer = browser.ask(method, path, query, content=body, headers=headers)
    assert answer.status_code < 500, answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    if path in ("/logout", "/your-data/delete", "/ws/socket.io/"):
        browser.open()


@LIMITS
@given(
    st.sampled_from(RPC_PATHS).flatmap(lambda path: st.tuples(st.just(path), RPC))
    | st.tuples(st.sampled_from(REST_PATHS), ARGUMENTS | VALUES),
    AGENT_HEADERS,
)
def test_nothing_that_an_agent_sends_breaks_the_server(
    agent: httpx.Client, sent: tuple[str, Any], headers: dict[str, str]
) -> None:
    path, value = sent
    given = {"content-type": "application/json", "accept": "application/json"} | headers
    encoded = {
        name.encode(): each[:3000].encode("utf-8", "replace").strip()
        for name, each in given.items()
    }
    lines = {name: each for name, each in encoded.items() if min(each, default=32) >= 32}
    answer = agent.post(path, content=json.dumps(value), headers=lines)
    assert answer.status_code < 500, answer.text
    assert "in its log" not in answer.text  # where an error of the server is found
    assert answer.headers["x-content-type-options"] == "nosniff"


@LIMITS
@given(
    st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "TRACE", "get", "X" * 40, "é"]),
    st.sampled_from(["/", "/health", "/é", "/%zz", "/%", "*", "http://localhost/", "//x", "/\ud800",
                     "/media/%ff/%fe", "/photos/%2e%2e%2fsecret.jpg"]),
    st.dictionaries(
        st.sampled_from(["cookie", "range", "if-none-match", "if-modified-since", "origin",
                         "content-length", "accept-language", "accept-encoding", "authorization",
                         "x-forwarded-for", "x-forwarded-proto", "sec-fetch-site", "referer"]),
        WORDS | st.sampled_from(["bytes=0-", "bytes=9-1", "bytes=-", "bytes=a", "bytes=0-1,4-5"]),
        max_size=4,
    ),
)  # fmt: skip
def test_nothing_that_is_written_on_the_line_breaks_the_server(
    chat: RunningChat, method: str, path: str, headers: dict[str, str]
) -> None:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value[:3000]}" for name, value in headers.items()]
    request = "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogatepass")
    with socket.create_connection(
        ("127.0.0.1", int(chat.url.rpartition(":")[2])), timeout=60
    ) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        answer = b""
        while part := line.recv(65_536):
            answer += part
    assert not answer.startswith(b"HTTP/1.1 5"), answer[:300]


def test_log_of_all_that_holds_no_traceback(chat: RunningChat) -> None:
    assert "Traceback" not in chat.log_text()
