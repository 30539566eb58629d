"""A server on loopback that speaks OpenAI's chat completions, well and in every bad way.

The client is langchain-openai over a real connection. A behavior is what the server does with one
request; several make a conversation.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.support.vision_server import Behave, Request, VisionServer

Call = tuple[str, Any]
"""Name and arguments of a tool call; arguments that are a string go out as they are."""


def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    """One piece of a streamed completion."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {**_HEAD, "choices": [choice]}


_HEAD = {"id": "chatcmpl-7", "object": "chat.completion.chunk", "created": 1, "model": "tested"}
_USAGE = {"prompt_tokens": 900, "completion_tokens": 20, "total_tokens": 920}


def pieces(
    text: str, calls: Sequence[Call], *, id_of: str, finish: str = ""
) -> list[dict[str, Any]]:
    """A whole answer in the pieces that OpenAI sends: names first, arguments in halves."""
    sent = [chunk({"role": "assistant", "content": "" if text else None})]
    sent += [chunk({"content": word}) for word in text.split(" ") for word in (f"{word} ",)]
    for index, (name, arguments) in enumerate(calls):
        whole = arguments if isinstance(arguments, str) else json.dumps(arguments)
        half = len(whole) // 2
        function = {"name": name, "arguments": ""}
        head = {"index": index, "id": f"{id_of}_{index}", "type": "function", "function": function}
        sent.append(chunk({"tool_calls": [head]}))
        for part in (whole[:half], whole[half:]):
            sent.append(chunk({"tool_calls": [{"index": index, "function": {"arguments": part}}]}))
    sent.append(chunk({}, finish or ("tool_calls" if calls else "stop")))
    sent.append({**_HEAD, "choices": [], "usage": _USAGE})
    return sent


def answers(
    text: str = "", *calls: Call, cut: int | None = None, hang: bool = False, finish: str = ""
) -> Behave:
    """Streams text and tool calls; after `cut` pieces the line breaks, or is silent with `hang`."""

    def behave(request: Request) -> None:
        assert request.body["stream"] is True
        handler = request.handler
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("connection", "close")
        handler.end_headers()
        handler.close_connection = True
        asked = len(request.body["messages"])
        for place, piece in enumerate(pieces(text, calls, id_of=f"call_{asked}", finish=finish)):
            if place == cut:
                handler.wfile.flush()
                if hang:
                    request.passes(1)
                    request.over.wait()
                    return
                # A reset, as when a server dies.
                handler.connection.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
                )
                handler.connection.close()
                return
            handler.wfile.write(f"data: {json.dumps(piece)}\n\n".encode())
        handler.wfile.write(b"data: [DONE]\n\n")

    return behave


def ends_early(text: str) -> Behave:
    """Streams words and closes as if that were all, without a finish and without a [DONE]."""

    def behave(request: Request) -> None:
        handler = request.handler
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("connection", "close")
        handler.end_headers()
        handler.close_connection = True
        for piece in pieces(text, (), id_of="")[:-2]:
            handler.wfile.write(f"data: {json.dumps(piece)}\n\n".encode())

    return behave


@contextmanager
def serving(
    *script: Behave, passes: Callable[[float], None] = lambda _: None
) -> Iterator[VisionServer]:
    """A server for as long as the block lasts; the last behavior stays."""
    server = VisionServer(*script, passes=passes)
    try:
        yield server
    finally:
        server.close()
