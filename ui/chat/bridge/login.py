"""Chainlit's login callbacks, over our users, guests and OAuth."""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated, Any

import chainlit as cl
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import OAuth2PasswordRequestForm

from ui.chat.auth.access import AccessPolicy, Identity
from ui.chat.auth.passwords import matches
from ui.chat.auth.rate_limit import LoginRateLimiter
from ui.chat.bridge.internals import authenticate_user, config
from ui.chat.bridge.sessions import chainlit_user

logger = logging.getLogger("pounce.chat")

_WRONG = "This name and password do not go together."


def add_login_route(app: FastAPI) -> None:
    """Declare the login, in place of Chainlit's, which answers with a code and not a sentence."""

    @app.post("/login")
    async def login(request: Request, form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Any:
        """The cookie of whoever knows the password; 401 for anybody else."""
        check = config.code.password_auth_callback
        user = await check(form.username, form.password) if check else None
        if user is None:
            raise HTTPException(401, _WRONG)
        return await authenticate_user(request, user)


def register(access: AccessPolicy) -> None:
    """Register the callbacks for the ways in that the settings open."""
    if access.without_login:
        _register_automatic(access)
    if access.users:
        _register_passwords(access)
    if access.oauth:
        _register_oauth()


def _register_automatic(access: AccessPolicy) -> None:
    @cl.header_auth_callback
    async def header_auth(_headers: object) -> cl.User | None:
        """Chainlit's page asks here when its cookie has expired while it was open."""
        identity = access.identity_without_login()
        return None if identity is None else chainlit_user(identity)


def _register_passwords(access: AccessPolicy) -> None:
    limiter = LoginRateLimiter()

    @cl.password_auth_callback
    async def password_auth(username: str, password: str) -> cl.User | None:
        if not limiter.allow(username):
            logger.warning("too many wrong passwords for one name; it waits some minutes")
            return None
        if not await asyncio.to_thread(matches, password, access.users.get(username)):
            return None
        limiter.reset(username)
        return chainlit_user(Identity(f"user:{username}", username))


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
