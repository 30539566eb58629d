"""Security headers, the root path behind a proxy, and a page without links to other hosts.

Chainlit's page loads fonts and a stylesheet from two other hosts, and stays blank while a blocked
host is waited for; those links are removed. The policy below keeps a browser from calling any
other host, whatever a title or a message contains.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote, urlsplit, urlunsplit

from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FRAMES = "frame-ancestors"

POLICY = "; ".join(
    (
        "default-src 'self'",
        # Chainlit's page has an inline script, and compiles custom elements in the browser.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        f"{_FRAMES} 'none'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    )
)

_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

WIDGET_PATH = "/widget.js"
"""The launcher for the shop's own pages."""
_PICTURES = "/media/"
"""Products' pictures: the same for everybody, and sent without a cookie."""

_FIXED = ("/public/", "/avatars/", "/favicon", "/logo")
"""Paths of files that are the same for everybody; browsers ask whether they have changed."""

_OUTSIDE_LINK = re.compile(r"<link\b[^>]*\bhref=[\"'](?:https?:)?//[^>]*>\s*", re.IGNORECASE)


def _framed(origins: Sequence[str]) -> dict[str, str]:
    """The headers where pages of these origins may show the chat in a frame.

    X-Frame-Options has no list of origins and goes; every browser that has `frame-ancestors`
    ignores it beside that.
    """
    headers = {name: value for name, value in _HEADERS.items() if name != "x-frame-options"}
    allowed = f"{_FRAMES} {' '.join(origins)}"
    headers["content-security-policy"] = POLICY.replace(f"{_FRAMES} 'none'", allowed)
    return headers


def strip_outside_links(html: str) -> str:
    """The page without any <link> to another host."""
    return _OUTSIDE_LINK.sub("", html)


class RootPathMiddleware:
    """ASGI middleware: serves the chat under a path of another site.

    The proxy may strip the path or leave it on; the application sees requests without it.
    Redirects get it back.
    """

    def __init__(self, app: ASGIApp, root: str) -> None:
        self._app = app
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        root = self._root
        if not root or scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if path == root or path.startswith(f"{root}/"):
            path = path[len(root) :] or "/"
            scope = {**scope, "path": path, "raw_path": quote(path).encode()}

        async def send_rooted(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if (target := headers.get("location")) is not None:
                    headers["location"] = self._under(target, scope)
            await send(message)

        await self._app(scope, receive, send_rooted)

    def _under(self, target: str, scope: Scope) -> str:
        parts = urlsplit(target)
        own = parts.netloc in ("", Headers(scope=scope).get("host", ""))
        inside = parts.path == self._root or parts.path.startswith(f"{self._root}/")
        if not own or inside or not parts.path.startswith("/"):
            return target
        # Without scheme and host: behind a proxy they differ from the browser's.
        return urlunsplit(("", "", f"{self._root}{parts.path}", parts.query, parts.fragment))


def _set_caching(scope: Scope, headers: MutableHeaders) -> None:
    """Pages, sign-in state and all else that says nothing of caches are kept by none."""
    if headers.get("content-type", "").startswith("text/html"):
        headers["cache-control"] = "no-store"
    elif "cache-control" not in headers:
        fixed = scope["type"] == "http" and scope["path"].startswith(_FIXED)
        headers["cache-control"] = "no-cache" if fixed else "no-store"


async def server_error(_: Request, __: Exception) -> JSONResponse:
    """The answer of a route that failed, which no middleware sees; it is logged by the server."""
    headers = {**_HEADERS, "cache-control": "no-store"}
    return JSONResponse({"detail": "Something went wrong. Please try again."}, 500, headers)


async def malformed_request(_: Request, error: Exception) -> JSONResponse:
    """The answer to a body or parameters of another form than a route takes, in place of FastAPI's,
    which repeats what was sent and fails where that is no text."""
    assert isinstance(error, RequestValidationError)
    wrong = [
        {"loc": each["loc"], "msg": each["msg"], "type": each["type"]} for each in error.errors()
    ]
    return JSONResponse({"detail": wrong}, 422)


class SecurityHeadersMiddleware:
    """ASGI middleware: sets the security headers on every HTTP response.

    `embed_origins` are the origins whose pages may show the chat in a frame. `pictures_for_all`:
    pages of any site may show products' pictures, whose addresses agents are told.
    """

    def __init__(
        self,
        app: ASGIApp,
        embed_origins: Sequence[str] = (),
        *,
        pictures_for_all: bool = False,
    ) -> None:
        self._app = app
        files = {WIDGET_PATH: bool(embed_origins), _PICTURES: pictures_for_all}
        self._shared = tuple(path for path, shared in files.items() if shared)
        self._headers = _framed(embed_origins) if embed_origins else _HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                if scope["path"].startswith(self._shared):
                    # Files that pages of other sites load.
                    headers["cross-origin-resource-policy"] = "cross-origin"
                _set_caching(scope, headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)
