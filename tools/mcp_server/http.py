"""The server over streamable HTTP: one POST a message, one JSON answer, no session.

Without sessions any process behind a proxy can answer. Keys, limits, hosts and origins are those
of the application that it is mounted in.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from mcp import types
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse

from tools.asgi import replayed

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from tools.mcp_server.server import ToolServer

_METHODS = frozenset(("initialize", "ping", "tools/list", "tools/call"))
"""Requests that are answered; notifications have no answer."""


class HttpServer:
    """An ASGI application that answers while `running`. A server is run once."""

    def __init__(self, server: ToolServer, most_bytes: int) -> None:
        self._manager = StreamableHTTPSessionManager(
            server, json_response=True, stateless=True, max_request_body_size=most_bytes
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Runs the server inside the block."""
        async with self._manager.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        if problem := message_problem(body):
            status = 400 if problem["id"] is None else 200
            await JSONResponse(problem, status)(scope, receive, send)
            return
        await self._manager.handle_request(scope, replayed(body, receive), send)


def message_problem(body: bytes) -> dict[str, Any] | None:
    """The JSON-RPC answer to a message that cannot be read; None for one that can.

    The SDK would repeat what was sent, in its answer and in the log.
    """
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return rpc_error(types.PARSE_ERROR, "The body is no JSON. Send one JSON-RPC message.")
    identity = given.get("id") if isinstance(given, dict) else None
    if not isinstance(identity, str | int):
        identity = None
    try:
        message = types.JSONRPCMessage.model_validate(given)
    except (ValidationError, RecursionError):
        return rpc_error(
            types.INVALID_REQUEST, "This is no JSON-RPC 2.0 message. Send one message.", identity
        )
    if not isinstance(message.root, types.JSONRPCRequest):
        return None
    if message.root.method not in _METHODS:
        methods = ", ".join(sorted(_METHODS))
        return rpc_error(
            types.METHOD_NOT_FOUND, f"There is no such method. Call one of: {methods}.", identity
        )
    try:
        types.ClientRequest.model_validate(
            message.root.model_dump(by_alias=True, mode="json", exclude_none=True)
        )
    except (ValidationError, RecursionError):
        return rpc_error(
            types.INVALID_PARAMS,
            "The parameters do not fit the method. tools/call takes `name`, a text, and "
            "`arguments`, an object.",
            identity,
        )
    return None


def rpc_error(
    number: int, sentence: str, identity: str | int | None = None, code: str = ""
) -> dict[str, Any]:
    """A JSON-RPC error; `code` is a word for programs."""
    error: dict[str, object] = {"code": number, "message": sentence}
    if code:
        error["data"] = {"code": code}
    return {"jsonrpc": "2.0", "id": identity, "error": error}
