"""A server on loopback that looks at pictures as vLLM does, and one for every way to misbehave.

What it says of a picture comes from `ColorVision`, so that a person can check it by eye. Nothing of
it is patched: requests and replies go over a real connection.
"""

from __future__ import annotations

import base64
import io
import json
import math
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import numpy as np
from PIL import Image

from tests.support.clock import LoopClock
from tests.support.color_vision import ColorVision
from tools.rerank.answer_constraint import RankingConstraint
from tools.rerank.answer_schema import RankingAnswer

Body = dict[str, Any]
Headers = Mapping[str, str]
NO_HEADERS: Headers = {}
DRIPS = 8
"""Bytes in which the time passes of a server that sends one now and then; a power of two, so that
the shares make up the whole."""
Behave = Callable[["Request"], None]
"""What the server does with one request."""


class _Vision(ColorVision):
    crop_side = 336


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the server got it, and the way to answer."""

    path: str
    headers: Headers
    body: Body
    handler: BaseHTTPRequestHandler
    over: Event
    """Set when the server is closed: what hangs hangs until then."""
    passes: Callable[[float], None]
    """Told which share of a wait is over, by what hangs."""

    @property
    def picture(self) -> Image.Image | None:
        """As it was sent, decoded."""
        for part in self.body["messages"][0]["content"]:
            if part["type"] == "image_url":
                kind, _, data = part["image_url"]["url"].partition(";base64,")
                assert kind == "data:image/png"
                return Image.open(io.BytesIO(base64.b64decode(data)), formats=["PNG"])
        return None

    @property
    def prompt(self) -> str:
        """The words of the user."""
        parts = self.body["messages"][0]["content"]
        (text,) = (part["text"] for part in parts if part["type"] == "text")
        return str(text)

    @property
    def begun(self) -> str:
        """What was put into the model's mouth."""
        if not self.body.get("continue_final_message"):
            return ""
        assert self.body["add_generation_prompt"] is False, "vLLM refuses the two together"
        last = self.body["messages"][-1]
        assert last["role"] == "assistant"
        return str(last["content"])

    @property
    def wants_scores(self) -> bool:
        """Whether log-probabilities are asked for."""
        return bool(self.body.get("logprobs"))

    @property
    def shaped(self) -> bool:
        """Whether the answer is to have a shape."""
        return "response_format" in self.body or "structured_outputs" in self.body

    def reply(self, data: bytes, status: int = 200, headers: Headers = NO_HEADERS) -> None:
        """One whole answer over HTTP."""
        self.head(len(data), status, headers)
        self.handler.wfile.write(data)

    def head(self, length: int, status: int = 200, headers: Headers = NO_HEADERS) -> None:
        """All of an answer but its body."""
        self.handler.send_response(status)
        for name, value in {"content_type": "application/json", **headers}.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.send_header("content-length", str(length))
        self.handler.end_headers()
        self.handler.wfile.flush()

    def complete(self, content: object, logprobs: object = None) -> None:
        """A chat completion with this content."""
        self.reply(completion(content, logprobs))


def completion(content: object, logprobs: object = None) -> bytes:
    """The body of a chat completion as vLLM sends it."""
    message = {"role": "assistant", "content": content, "tool_calls": []}
    choice = {"index": 0, "message": message, "logprobs": logprobs, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1900, "total_tokens": 1901, "completion_tokens": 1}
    whole = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "phi"}
    return json.dumps({**whole, "choices": [choice], "usage": usage}).encode()


def told(scores: Mapping[str, float]) -> Body:
    """Log-probabilities of a first token as vLLM tells them, the likeliest first."""
    ordered = sorted(scores.items(), key=lambda each: -each[1])
    top = [{"token": token, "logprob": score, "bytes": []} for token, score in ordered]
    return {"content": [{**top[0], "top_logprobs": top}]}


def looks(request: Request, vision: ColorVision | None = None) -> None:
    """What vLLM does with a request: scores, a begun answer gone on with, or a whole one."""
    vision, picture = vision or _Vision(), request.picture
    if request.wants_scores:
        assert picture is not None
        assert request.body["max_completion_tokens"] == 1
        count = request.prompt.count("\n", request.prompt.index("----")) - 2
        labels = [str(number) for number in range(1, count + 1)]
        near = vision.label_scores(picture, request.prompt, request.begun, labels)
        logs = near - np.log(np.exp(near).sum())
        scores = {label: float(score) for label, score in zip(labels, logs, strict=True)}
        fillers = {f" {n}": -30.0 - n for n in range(20)}
        known = {t: s for t, s in (scores | fillers).items() if math.isfinite(s)}
        top = dict(sorted(known.items(), key=lambda each: -each[1])[:20])
        request.complete(next(iter(top)), told(top))
        return
    # Any shape: to the colors it says that a ranking is asked for.
    allow = RankingConstraint(RankingAnswer(1)) if request.shaped or request.begun else None
    said = vision.generate(picture, request.prompt, request.begun, max_tokens=1, allow=allow)
    request.complete(said.removeprefix(request.begun))


def says(content: object) -> Behave:
    """Answers with this and nothing else, without log-probabilities."""
    return lambda request: request.complete(content)


def sends(data: bytes, **headers: str) -> Behave:
    """Answers with these bytes as a body."""
    return lambda request: request.reply(data, headers=headers)


def refuses(status: int, message: str = "No.", **headers: str) -> Behave:
    """Answers with an error as OpenAI words it."""
    body = json.dumps({"error": {"message": message, "type": "error", "code": status}}).encode()
    return lambda request: request.reply(body, status, headers)


def hangs(request: Request) -> None:
    """Hears everything and says nothing."""
    request.passes(1)
    request.over.wait()


def hangs_in_body(request: Request) -> None:
    """Says that something is coming, begins it, and stops."""
    request.head(1000)
    request.handler.wfile.write(completion("x")[:40])
    request.handler.wfile.flush()
    request.passes(1)
    request.over.wait()


def drips(request: Request) -> None:
    """Sends a byte now and then, so that no pause between two of them is long."""
    request.head(100_000)
    with suppress(OSError):
        while not request.over.wait(0.02):
            request.handler.wfile.write(b" ")
            request.handler.wfile.flush()
            request.passes(1 / DRIPS)


def drips_headers(request: Request) -> None:
    """The same before its headers are whole."""
    with suppress(OSError):
        request.handler.wfile.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
        while not request.over.wait(0.02):
            request.handler.wfile.write(b"a")
            request.handler.wfile.flush()
            request.passes(1 / DRIPS)


def speaks_no_http(request: Request) -> None:
    """Sends what is no answer over HTTP at all."""
    request.handler.wfile.write(b"\x00\xff\x10 220 smtp.example ESMTP\r\n\r\n")
    request.handler.close_connection = True


def cuts(request: Request) -> None:
    """Breaks the connection in the middle of an answer."""
    request.head(1000)
    request.handler.wfile.write(completion("x")[:100])
    request.handler.wfile.flush()
    request.handler.connection.shutdown(socket.SHUT_RDWR)
    request.handler.close_connection = True


class _Loopback(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is what the tests are about."""


class VisionServer:
    """Runs until it is closed. `script` has a behavior for each request, the last one for all
    that follow; `heard` has the requests so far. What hangs tells `passes` that it waits, in
    shares that make up 1 for each request, so that a test can put a clock forward."""

    def __init__(self, *script: Behave, passes: Callable[[float], None] = lambda _: None) -> None:
        self.script = list(script) or [looks]
        self.heard: list[Request] = []
        self._passes = passes
        self._over = Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                request = outer._request(self, body)
                outer.heard.append(request)
                outer.script[min(len(outer.heard), len(outer.script)) - 1](request)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._server = _Loopback(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def _request(self, handler: BaseHTTPRequestHandler, body: Body) -> Request:
        left = [1.0]

        def passes(share: float) -> None:
            if left[0] > 0:
                left[0] -= share
                self._passes(share)

        return Request(handler.path, dict(handler.headers), body, handler, self._over, passes)

    def close(self) -> None:
        """End what hangs, and listen no more."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


class ClockedServer(VisionServer):
    """Each time that it hangs, `waits_s` pass by `clock`."""

    def __init__(self, *script: Behave, waits_s: float = 0) -> None:
        self.clock = LoopClock()
        super().__init__(*script, passes=lambda share: self.clock.turn(share * waits_s))


@contextmanager
def served(*script: Behave, waits_s: float = 0) -> Iterator[ClockedServer]:
    """A server for as long as the block lasts."""
    server = ClockedServer(*script, waits_s=waits_s)
    try:
        yield server
    finally:
        server.close()
