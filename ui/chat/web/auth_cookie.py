"""The auth cookie: who sends a request, and whether the settings still admit them."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie
from typing import Protocol

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.chat.auth.access import AccessPolicy, Identity

_FOR_ALL = ("/assets/", "/public/", "/avatars/", "/health", "/readyz")
"""Begin the paths that are the same for everybody, whoever asks."""


class AuthTokens(Protocol):
    """Signed tokens in a cookie. `ui.chat.bridge` fills it with Chainlit's own."""

    @property
    def cookie_name(self) -> str:
        """Of the cookie, and the start of the names of its parts where it is split."""
        ...

    @property
    def max_age_s(self) -> int: ...

    def issue(self, identity: Identity, /) -> str:
        """A token for somebody."""
        ...

    def identifier(self, cookies: dict[str, str], /) -> str:
        """Whom the cookies of a request name; "" without a valid token."""
        ...

    def login(self, cookies: dict[str, str], /) -> str:
        """The key of the login that a valid token is of; another one for each login."""
        ...


class EndedLogins(Protocol):
    """The logins that ended by a logout, for all processes. `ThreadStore` fills it."""

    async def is_ended(self, login: str, /) -> bool: ...

    async def end_login(self, login: str, /, *, at: float, for_s: float) -> None:
        """Note that a login ended, for as long as its cookie would be valid."""
        ...


class AuthCookieMiddleware:
    """Removes auth cookies that are no longer good, and sets one where none is needed.

    Chainlit trusts a signed cookie until it expires; here it must also name somebody whom the
    current settings admit, and its login must not have ended by a logout. Where nobody has to log
    in, the page comes with a cookie, so that no login page is seen. `secure` marks cookies for
    HTTPS alone. `embedded`: the page may be shown in a frame of another site, where it gets a
    partitioned cookie. `ended` is asked at each request, and `close` closes the pages of a login.
    """

    def __init__(
        self,
        app: ASGIApp,
        access: AccessPolicy,
        tokens: AuthTokens,
        ended: Callable[[], EndedLogins],
        close: Callable[[str], Awaitable[None]],
        *,
        secure: bool,
        embedded: bool = False,
    ) -> None:
        self._app = app
        self._access = access
        self._tokens = tokens
        self._ended = ended
        self._close = close
        self._secure = secure
        self._embedded = embedded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        cookies = HTTPConnection(scope).cookies
        login = ""
        admitted = self._access.admits(self._tokens.identifier(cookies))
        if admitted and not scope["path"].startswith(_FOR_ALL):
            login = self._tokens.login(cookies)
            admitted = not await self._ended().is_ended(login)
        # Identity comes by cookie alone; Chainlit would take an Authorization header as well.
        headers = [header for header in scope["headers"] if header[0] != b"authorization"]
        if not admitted:
            headers = [_without_cookie(header, self._tokens.cookie_name) for header in headers]
        issued = None
        if not admitted and _is_page(scope):
            identity = self._access.identity_without_login()
            framed = self._embedded and _is_framed(scope)
            issued = (
                None
                if identity is None
                else self._cookie(self._tokens.issue(identity), framed=framed)
            )

        async def send_cookies(message: Message) -> None:
            if message["type"] == "http.response.start":
                if login and _is_logout(scope) and message["status"] == 200:
                    await self._log_out(login)
                if issued is not None and message["status"] == 200:
                    message["headers"] = [*message["headers"], (b"set-cookie", issued)]
                if self._secure or scope["scheme"] == "https":
                    message["headers"] = [_secured(header) for header in message["headers"]]
            await send(message)

        await self._app({**scope, "headers": headers}, receive, send_cookies)

    async def _log_out(self, login: str) -> None:
        await self._ended().end_login(login, at=time.time(), for_s=self._tokens.max_age_s)
        await self._close(login)

    def _cookie(self, token: str, *, framed: bool) -> bytes:
        name = self._tokens.cookie_name
        jar: SimpleCookie = SimpleCookie({name: token})
        cookie = jar[name]
        cookie["path"], cookie["httponly"], cookie["samesite"] = "/", True, "lax"
        cookie["max-age"] = self._tokens.max_age_s
        if framed:
            cookie["samesite"], cookie["secure"] = "none", True
        # The standard library writes this attribute from Python 3.14 on.
        partitioned = "; Partitioned" if framed else ""
        return f"{cookie.OutputString()}{partitioned}".encode("latin-1")


def _is_logout(scope: Scope) -> bool:
    return (scope["type"], scope.get("method"), scope["path"]) == ("http", "POST", "/logout")


def _is_page(scope: Scope) -> bool:
    path = scope["path"]
    pages = path in ("/", "/login") or path.startswith("/thread/")
    return scope["type"] == "http" and scope["method"] == "GET" and pages


def _is_framed(scope: Scope) -> bool:
    """Whether the page is loaded into a frame.

    Browsers say so over HTTPS and to this machine alone, which is where they store the cookie of a
    frame.
    """
    return Headers(scope=scope).get("sec-fetch-dest") == "iframe"


def _without_cookie(header: tuple[bytes, bytes], cookie_name: str) -> tuple[bytes, bytes]:
    """The header without the auth cookie; others, such as that of an OAuth login, stay."""
    name, value = header
    if name != b"cookie":
        return header
    cookies = (part.strip() for part in value.split(b";"))
    return name, b"; ".join(c for c in cookies if not c.startswith(cookie_name.encode()))


def _secured(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    name, value = header
    if name.lower() != b"set-cookie" or b"; secure" in value.lower():
        return header
    return name, value + b"; Secure"
