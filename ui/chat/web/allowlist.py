"""The hosts, origins, paths and sizes of requests that the chat accepts.

Chainlit has many more routes than this chat uses, and accepts requests from any site's page. A
path that is not listed here is answered with 404. Not covered: rate limits.
"""

from __future__ import annotations

import re
from collections.abc import Set

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from tools.asgi import replayed
from ui.chat.web.request_checks import (
    address_problem,
    body_problem,
    host_name,
    limited,
    read_body,
    same_host,
)

ACTION_PATH = "/project/action"
"""Where Chainlit's page sends what its buttons do."""
UPLOAD_PATH = "/project/file"
"""Where Chainlit's page sends files."""
MAX_BODY = 1_000_000
"""Bytes of anything but a photo."""

_SOCKET = "/ws/socket.io"
_PROBES = frozenset(("/healthz", "/readyz"))
"""Asked by what runs the chat, by whatever name or address it has for it."""
_LENGTH_REQUIRED = frozenset((_SOCKET, "/set-session-cookie"))
"""Paths that accept no chunked body: engine.io reads as many bytes as are announced, and nothing
reads what is sent with the request for a cookie."""
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))

_READ = re.compile(
    r"/|/thread/.*"  # the page
    r"|/(?:assets|public|avatars|media)/.+|/favicon|/logo"
    r"|/project/(?:settings|translations|file/[^/]+|thread/[^/]+|thread/[^/]+/element/[^/]+)"
    r"|/auth/config|/user|/login|/login/callback|/auth/oauth/[^/]+|/auth/oauth/[^/]+/callback"
    r"|/photos/[^/]+|/shop/[^/]+|/your-data|/your-data\.zip|/health|/healthz|/readyz|/metrics|/widget\.js"
)
_CHANGED = {
    "POST": frozenset(
        (
            "/set-session-cookie",
            "/login",
            "/logout",
            "/auth/header",
            "/project/threads",
            "/your-data/delete",
            ACTION_PATH,
            UPLOAD_PATH,
        )
    ),
    "PUT": frozenset(("/feedback", "/project/thread")),
    "DELETE": frozenset(("/feedback", "/project/thread")),
}
_FROM_ELSEWHERE = "/auth/oauth/azure-ad-hybrid/callback"
"""The one form that comes from another site: this OAuth provider answers a login with it."""


class AllowlistMiddleware:
    """ASGI middleware: refuses requests that are not the chat's, before anything reads them.

    `hosts` are the allowed names in the Host header; None for any. Without them the page of
    another site could resolve its own name to this machine and be of the same origin (DNS
    rebinding). `upload_bytes` is the limit of a photo upload, and `upload_sentence` states it.
    """

    def __init__(
        self, app: ASGIApp, hosts: Set[str] | None, upload_bytes: int, upload_sentence: str
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._upload_bytes = upload_bytes
        self._upload_sentence = upload_sentence

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self._refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refused is None:
            try:
                receive = await self._checked_body(scope, receive)
            except HTTPException as error:
                refused = error.status_code, error.detail
                receive = replayed(b"", receive)
        if refused is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            status, sentence = refused
            # Read to the end and thrown away: a browser that is cut off while it sends hears
            # nothing.
            while status == 413 and (await receive()).get("more_body", False):
                pass
            await JSONResponse({"detail": sentence}, status)(scope, receive, send)

    async def _checked_body(self, scope: Scope, receive: Receive) -> Receive:
        """The receive of a request whose body is counted, and checked where it is no file.

        Raises HTTPException for one that is too large or that no route could read.
        """
        if scope["type"] != "http" or scope["method"] in _SAFE:
            return receive
        if scope["path"] == UPLOAD_PATH:
            return limited(receive, self._upload_bytes, self._upload_sentence)
        if scope["path"].startswith(_SOCKET):
            return limited(receive, MAX_BODY, "This is too large.")
        body = await read_body(receive, MAX_BODY, "This is too large.")
        if problem := body_problem(body, Headers(scope=scope).get("content-type", "")):
            raise HTTPException(400, problem)
        return replayed(body, receive)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if scope["path"] in _PROBES and scope.get("method") in _SAFE:
            return None
        name = host_name(headers)
        if name is None:
            return 400, "The Host header is malformed."
        if self._hosts is not None and name not in self._hosts:
            return 403, "The chat is not known by this name."
        if problem := address_problem(scope):
            return 400, problem
        if not _same_origin(scope, headers):
            return 403, "Another site asked."
        if not _is_open(scope):
            return 404, "Not found"
        upload = scope["path"] == UPLOAD_PATH
        if not _fits(scope, headers, self._upload_bytes if upload else MAX_BODY):
            return 413, self._upload_sentence if upload else "This is too large."
        return None


def _same_origin(scope: Scope, headers: Headers) -> bool:
    if scope["path"] == _FROM_ELSEWHERE:
        return True
    origin = headers.get("origin")
    # Programs that are no browsers send no origin; they hold no shopper's page either.
    if origin is not None and not same_host(origin, headers):
        return False
    # A picture or script of another site's page is asked for without an origin. It may point
    # here, but not at the socket, whose polling answers to GET.
    site = headers.get("sec-fetch-site", "none")
    reads = scope["type"] == "http" and scope["method"] in _SAFE
    return (reads and not scope["path"].startswith(_SOCKET)) or site in ("same-origin", "none")


def _is_open(scope: Scope) -> bool:
    path = scope["path"]
    if path.rstrip("/") == _SOCKET:
        return scope["type"] == "websocket" or scope["method"] in ("GET", "POST")
    if scope["type"] == "websocket":
        return False
    method = scope["method"]
    if method in ("GET", "HEAD"):
        return _READ.fullmatch(path) is not None
    return path in _CHANGED.get(method, ()) or (method == "POST" and path == _FROM_ELSEWHERE)


def _fits(scope: Scope, headers: Headers, most: int) -> bool:
    """Whether the announced length is allowed; the body is counted as well while it comes."""
    if "transfer-encoding" in headers and scope["path"].rstrip("/") in _LENGTH_REQUIRED:
        return False
    length = headers.get("content-length", "0")
    return length.isdecimal() and len(length) < 20 and int(length) <= most
