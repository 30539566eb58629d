"""What leaves with every answer, and what never reaches Chainlit.

Chainlit's page asks two other hosts for fonts and formulas, and a page that waits for a blocked
host stays blank: those links are taken out. The policy below keeps a browser from asking any
other host whatever a title or a message says.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
        "frame-ancestors 'none'",
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

_OUTSIDE_LINK = re.compile(r"<link\b[^>]*\bhref=[\"'](?:https?:)?//[^>]*>\s*", re.IGNORECASE)


def strip_outside_links(html: str) -> str:
    """The page without any <link> to another host."""
    return _OUTSIDE_LINK.sub("", html)


class SecurityHeaders:
    """ASGI middleware: sets our security headers on every HTTP answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_with_headers)


class SameOrigin:
    """ASGI middleware: refuses sockets and changes that a page of another site asks for.

    Without it any page that the shopper has open could talk to a chat on localhost.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and not _is_ours(scope):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await JSONResponse({"detail": "Another site asked."}, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_ours(scope: Scope) -> bool:
    if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
        return True
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    # Programs that are no browsers send no origin; they hold no shopper's page either.
    return origin is None or urlsplit(origin).netloc == headers.get("host")


class UploadLimit:
    """ASGI middleware: refuses an upload beyond the limit, with a sentence.

    Chainlit reads the whole body into memory before it looks at the size.
    """

    def __init__(self, app: ASGIApp, path: str, max_bytes: int, sentence: str) -> None:
        self._app = app
        self._path = path
        self._max_bytes = max_bytes
        self._sentence = sentence

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != self._path:
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        # A length that is not announced could be anything; browsers always announce it.
        if not announced.isdigit() or int(announced) > self._max_bytes:
            await self._refuse(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Read to the end and thrown away: a browser that is cut off while it sends hears nothing.
        while (await receive()).get("more_body", False):
            pass
        await JSONResponse({"detail": self._sentence}, 413)(scope, receive, send)
