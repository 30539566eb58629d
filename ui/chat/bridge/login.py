"""Chainlit's login callbacks, over our users, guests and OAuth."""

from __future__ import annotations

from typing import Annotated, Any

import chainlit as cl
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import OAuth2PasswordRequestForm

from ui.chat.auth.access import AccessPolicy, Identity
from ui.chat.auth.password_login import PasswordLogin
from ui.chat.auth.rate_limit import TooManyLoginsError
from ui.chat.bridge.internals import authenticate_user
from ui.chat.bridge.sessions import chainlit_user

_WRONG = "This name and password do not go together."
_CLOSED = "Nobody can log in at the moment. Please try again in a while."


def add_login_route(app: FastAPI, passwords: PasswordLogin) -> None:
    """Declare the login, in place of Chainlit's, which answers with a code and not a sentence."""

    @app.post("/login")
    async def login(request: Request, form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Any:
        """The cookie of whoever knows the password; 401 for anybody else, 429 for too many,
        503 where attempts cannot be counted."""
        address = request.client.host if request.client else ""
        try:
            right = await passwords.check(form.username, form.password, address)
        except TooManyLoginsError as error:
            raise HTTPException(429, str(error), {"retry-after": str(error.wait_s)}) from error
        except ConnectionError as error:
            raise HTTPException(503, _CLOSED) from error
        if not right:
            raise HTTPException(401, _WRONG)
        return await authenticate_user(request, _user(form.username))


def register(access: AccessPolicy, passwords: PasswordLogin) -> None:
    """Register the callbacks for the ways in that the settings open."""
    if access.without_login:
        _register_automatic(access)
    if access.users:
        _register_passwords(passwords)
    if access.oauth:
        _register_oauth()


def _register_automatic(access: AccessPolicy) -> None:
    @cl.header_auth_callback
    async def header_auth(_headers: object) -> cl.User | None:
        """Chainlit's page asks here when its cookie has expired while it was open."""
        identity = access.identity_without_login()
        return None if identity is None else chainlit_user(identity)


def _register_passwords(passwords: PasswordLogin) -> None:
    @cl.password_auth_callback
    async def password_auth(username: str, password: str) -> cl.User | None:
        """Has Chainlit's page ask for a password; the route above answers what it sends."""
        return _user(username) if await passwords.check(username, password, "") else None


def _user(name: str) -> cl.User:
    return chainlit_user(Identity(f"user:{name}", name))


def _register_oauth() -> None:
    @cl.oauth_callback
    async def oauth(
        provider_id: str,
        _token: str,
        _raw: dict[str, str],
        default_app_user: cl.User,
        _id_token: str | None = None,
    ) -> cl.User | None:
        identifier = default_app_user.identifier
        name = default_app_user.display_name or identifier
        return chainlit_user(Identity(f"oauth:{provider_id}:{identifier}", name))
