"""The hosts, origins, paths and sizes of requests that the chat accepts.

Chainlit has many more routes than this chat uses, and accepts requests from any site's page. A
path that is not listed here is answered with 404. Not covered: rate limits.
"""

from __future__ import annotations

import re
from collections.abc import Set
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

ACTION_PATH = "/project/action"
"""Where Chainlit's page sends what its buttons do."""
UPLOAD_PATH = "/project/file"
"""Where Chainlit's page sends files."""
MAX_BODY = 1_000_000
"""Bytes of anything but a photo."""

_SOCKET = "/ws/socket.io"

_READ = re.compile(
    r"/|/thread/.*"  # the page
    r"|/(?:assets|public|avatars|media)/.+|/favicon|/logo"
    r"|/project/(?:settings|translations|file/[^/]+|thread/[^/]+|thread/[^/]+/element/[^/]+)"
    r"|/auth/config|/user|/login|/login/callback|/auth/oauth/[^/]+|/auth/oauth/[^/]+/callback"
    r"|/photos/[^/]+|/shop/[^/]+|/your-data|/your-data\.zip|/health|/healthz|/readyz|/metrics"
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

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if self._hosts is not None and _name(headers.get("host", "")) not in self._hosts:
            return 403, "The chat is not known by this name."
        if not _same_origin(scope, headers):
            return 403, "Another site asked."
        if not _is_open(scope):
            return 404, "Not found"
        upload = scope["path"] == UPLOAD_PATH
        if not _fits(headers, self._upload_bytes if upload else MAX_BODY):
            return 413, self._upload_sentence if upload else "This is too large."
        return None


def _name(host: str) -> str:
    """The name in a Host header, without the port; "" for none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _same_origin(scope: Scope, headers: Headers) -> bool:
    if scope["path"] == _FROM_ELSEWHERE:
        return True
    origin = headers.get("origin")
    # Programs that are no browsers send no origin; they hold no shopper's page either.
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return False
    # A picture or script of another site's page is asked for without an origin. It may point
    # here, but not at the socket, whose polling answers to GET.
    site = headers.get("sec-fetch-site", "none")
    return not scope["path"].startswith(_SOCKET) or site in ("same-origin", "none")


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


def _fits(headers: Headers, most: int) -> bool:
    # A length that is not announced could be anything; browsers always announce it.
    length = headers.get("content-length", "0")
    return "transfer-encoding" not in headers and length.isdigit() and int(length) <= most
