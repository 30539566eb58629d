"""The cookie on its way in and out: whom a request comes from, and who may be that no longer."""

from __future__ import annotations

import uuid
from http.cookies import SimpleCookie

from chainlit.auth import create_jwt, get_token_from_cookies
from chainlit.auth.cookie import _auth_cookie_name
from chainlit.auth.jwt import decode_jwt
from chainlit.config import config
from chainlit.user import User
from jwt import InvalidTokenError
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.chat.auth.access import LOCAL, AccessPolicy

COOKIE = _auth_cookie_name


def somebody(access: AccessPolicy) -> User | None:
    """Whom a browser without a login is taken for; None where it has to log in."""
    if access.without_login == "local":
        return User(identifier=LOCAL, display_name="You")
    if access.without_login == "guest":
        return User(identifier=f"guest:{uuid.uuid4()}", display_name="Guest")
    return None


class AuthCookieMiddleware:
    """ASGI middleware: takes away cookies that no longer count, gives them where none is needed.

    Chainlit trusts a signed cookie for as long as it lasts; here it must also name somebody whom
    the settings of today admit. Where nobody has to log in, a cookie comes with the page, so that
    no login page is seen. `secure` marks cookies for HTTPS alone.
    """

    def __init__(self, app: ASGIApp, access: AccessPolicy, *, secure: bool) -> None:
        self._app = app
        self._entry = access
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        known = self._admitted(scope)
        # Whoever holds a cookie comes by cookie; Chainlit would take a header as well.
        headers = [header for header in scope["headers"] if header[0] != b"authorization"]
        if not known:
            headers = [_without_token(header) for header in headers]
        given = None
        if not known and _is_page(scope) and (user := somebody(self._entry)) is not None:
            given = create_jwt(user)

        async def send_cookies(message: Message) -> None:
            if message["type"] == "http.response.start":
                if given is not None and message["status"] == 200:
                    message["headers"] = [*message["headers"], (b"set-cookie", _cookie(given))]
                if self._secure or scope["scheme"] == "https":
                    message["headers"] = [_secured(header) for header in message["headers"]]
            await send(message)

        await self._app({**scope, "headers": headers}, receive, send_cookies)

    def _admitted(self, scope: Scope) -> bool:
        token = get_token_from_cookies(HTTPConnection(scope).cookies)
        if not token:
            return False
        try:
            return self._entry.admits(decode_jwt(token).identifier)
        except (InvalidTokenError, KeyError, TypeError, ValueError):
            return False


def _is_page(scope: Scope) -> bool:
    path = scope["path"]
    pages = path in ("/", "/login") or path.startswith("/thread/")
    return scope["type"] == "http" and scope["method"] == "GET" and pages


def _without_token(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """The header without our cookie; others, such as that of an OAuth login, stay."""
    name, value = header
    if name != b"cookie":
        return header
    cookies = (part.strip() for part in value.split(b";"))
    return name, b"; ".join(c for c in cookies if not c.startswith(COOKIE.encode()))


def _cookie(token: str) -> bytes:
    jar: SimpleCookie = SimpleCookie({COOKIE: token})
    cookie = jar[COOKIE]
    cookie["path"], cookie["httponly"], cookie["samesite"] = "/", True, "lax"
    cookie["max-age"] = config.project.user_session_timeout
    return cookie.OutputString().encode("latin-1")


def _secured(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    name, value = header
    if name.lower() != b"set-cookie" or b"; secure" in value.lower():
        return header
    return name, value + b"; Secure"
