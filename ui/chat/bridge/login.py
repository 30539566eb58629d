"""Chainlit's callbacks of a login."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from typing import Annotated, Any

import chainlit as cl
from chainlit import server as chainlit_server
from chainlit.config import config
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import OAuth2PasswordRequestForm

from ui.chat.auth.access import AccessPolicy
from ui.chat.auth.passwords import matches
from ui.chat.web.auth_cookie import somebody

logger = logging.getLogger("pounce.chat")

_TRIES = 10
_WINDOW_S = 300


_WRONG = "This name and password do not go together."


def add_login_route(app: FastAPI) -> None:
    """Chainlit's login, which has a word of its own for a wrong password, with a sentence."""

    @app.post("/login")
    async def login(request: Request, form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Any:
        """The cookie of whoever knows the password; 401 for anybody else."""
        ask = config.code.password_auth_callback
        user = await ask(form.username, form.password) if ask else None
        if user is None:
            raise HTTPException(401, _WRONG)
        return await chainlit_server._authenticate_user(request, user)


def register(access: AccessPolicy) -> None:
    """Make Chainlit ask us."""
    if access.without_login:

        @cl.header_auth_callback
        async def header_auth(_headers: object) -> cl.User | None:
            # The page's own way back in, when its cookie has run out while it was open.
            return somebody(access)

    if access.users:
        tries = LoginAttempts()

        @cl.password_auth_callback
        async def password_auth(username: str, password: str) -> cl.User | None:
            if not tries.more(username):
                logger.warning("too many wrong passwords for one name; it waits some minutes")
                return None
            if not await asyncio.to_thread(matches, password, access.users.get(username)):
                return None
            tries.forget(username)
            return cl.User(identifier=f"user:{username}", display_name=username)

    if access.oauth:

        @cl.oauth_callback
        async def oauth(
            provider_id: str,
            _token: str,
            _raw: dict[str, str],
            default_app_user: cl.User,
            _id_token: str | None = None,
        ) -> cl.User | None:
            name = default_app_user.display_name or default_app_user.identifier
            return cl.User(
                identifier=f"oauth:{provider_id}:{default_app_user.identifier}", display_name=name
            )


class LoginAttempts:
    """Counts logins by name, so that passwords cannot be tried out at the speed of the machine."""

    def __init__(self) -> None:
        self._at: dict[str, deque[float]] = {}

    def more(self, name: str) -> bool:
        """Note one more; False when there were too many within five minutes."""
        now = time.monotonic()
        for known in [known for known, at in self._at.items() if at[-1] < now - _WINDOW_S]:
            del self._at[known]
        times = self._at.setdefault(name, deque(maxlen=_TRIES))
        if len(times) == _TRIES and times[0] > now - _WINDOW_S:
            return False
        times.append(now)
        return True

    def forget(self, name: str) -> None:
        """The right password came."""
        self._at.pop(name, None)
