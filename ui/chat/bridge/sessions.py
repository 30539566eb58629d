"""Chainlit's sessions and users, as the rest of the chat knows them."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import shutil
from typing import Annotated, Any

import chainlit as cl
from chainlit.user import PersistedUser, User
from fastapi import Depends, HTTPException
from jwt import InvalidTokenError

from ui.chat.auth.access import Identity
from ui.chat.bridge.internals import (
    AUTH_COOKIE_NAME,
    FIRST_INTERACTION,
    WebsocketSession,
    config,
    create_jwt,
    decode_jwt,
    get_current_user,
    get_token_from_cookies,
    sio,
    ws_sessions_id,
    ws_sessions_sid,
)
from ui.chat.ports import CurrentUser
from ui.chat.turn_runner import THREAD_PREFIX

ChainlitUser = User | PersistedUser | None
"""Whom a request's cookie names, stored or not; None for nobody."""


async def current_user(user: Annotated[object, Depends(get_current_user)]) -> CurrentUser:
    """Whoever sends a request; a dependency of FastAPI. 401 where nobody is logged in."""
    if not isinstance(user, PersistedUser):
        raise HTTPException(401, "Please log in.")
    return CurrentUser(user.id, user.identifier)


def session_of(session_id: str, user: ChainlitUser) -> WebsocketSession:
    """The session of an open page of this user; 404 for an unknown one and for another user's."""
    session: WebsocketSession | None = WebsocketSession.get_by_id(session_id)
    if session is None or identifier_of(session.user) != identifier_of(user):
        raise HTTPException(404, "The chat has been away. Please reload the page.")
    return session


def identifier_of(user: ChainlitUser) -> str:
    """Who somebody is, such as "user:anna"; "" for nobody."""
    return "" if user is None else str(user.identifier)


def address_of(session: WebsocketSession) -> str:
    """The IP address that a page has connected from; "" for an unknown one."""
    client = ((session.environ or {}).get("asgi.scope") or {}).get("client")
    return str(client[0]) if client else ""


def thread_id() -> str:
    """The assistant's name for this session's conversation, which goes on when it is resumed.

    No browser chooses it: a thread that is resumed was found to be its user's own.
    """
    return f"{THREAD_PREFIX}{cl.context.session.thread_id}"


def page_session() -> WebsocketSession:
    """The session that a handler runs in."""
    session = cl.context.session
    assert isinstance(session, WebsocketSession)  # the page's; no other kind can connect
    return session


class ChainlitSessions:
    """Fills `ui.chat.ports.OpenSessions`."""

    def count(self) -> int:
        return len(ws_sessions_sid)

    def of_thread(self, thread: str) -> list[str]:
        return [each.id for each in ws_sessions_id.values() if each.thread_id == thread]

    async def settle(self, within_s: float) -> None:
        # Chainlit calls the data layer in tasks that it does not keep.
        writes = [task for task in asyncio.all_tasks() if _stores(task)]
        if writes:
            await asyncio.wait(writes, timeout=within_s)

    def remove_files(self, thread: str) -> None:
        for session in list(ws_sessions_id.values()):
            if session.thread_id == thread:
                session.files.clear()
                shutil.rmtree(session.files_dir, ignore_errors=True)


def _stores(task: asyncio.Task[Any]) -> bool:
    return getattr(task.get_coro(), "__qualname__", "").startswith("DataLayer.")


class ChainlitTurnSession:
    """Fills `ui.chat.ports.TurnSession` for the handler that it is used in."""

    @property
    def user(self) -> str:
        return identifier_of(cl.context.session.user)

    @property
    def address(self) -> str:
        return address_of(page_session())

    @property
    def run_id(self) -> str:
        run = cl.context.current_run
        return "" if run is None else str(run.id)

    async def show_thread_name(self, name: str) -> None:
        await first_interaction(name)


async def first_interaction(name: str) -> None:
    """Tell the page that its conversation has begun, under this name.

    It then shows a stop button and asks for the list of conversations.
    """
    thread = {"interaction": name, "thread_id": cl.context.session.thread_id}
    await cl.context.emitter.emit(FIRST_INTERACTION, thread)


class ChainlitTokens:
    """Fills `ui.chat.web.auth_cookie.AuthTokens`."""

    @property
    def cookie_name(self) -> str:
        return AUTH_COOKIE_NAME

    @property
    def max_age_s(self) -> int:
        return int(config.project.user_session_timeout)

    def issue(self, identity: Identity) -> str:
        return str(create_jwt(chainlit_user(identity)))

    def identifier(self, cookies: dict[str, str]) -> str:
        token = get_token_from_cookies(cookies)
        try:
            return str(decode_jwt(token).identifier) if token else ""
        except (InvalidTokenError, KeyError, TypeError, ValueError):
            return ""

    def login(self, cookies: dict[str, str]) -> str:
        return login_of(get_token_from_cookies(cookies) or "")


def login_of(token: str) -> str:
    """The key of a token's login: a hash of what is signed.

    Not of the signature, which can be spelt in several ways.
    """
    return hashlib.sha256(token.rpartition(".")[0].encode()).hexdigest()


async def close_login(login: str) -> None:
    """Close the sockets of the pages that were opened with a login."""
    for session in list(ws_sessions_id.values()):
        if session.token and login_of(session.token) == login:
            await sio.disconnect(session.socket_id)


def chainlit_user(identity: Identity) -> User:
    """An identity as Chainlit's callbacks give it back, for one login."""
    return User(
        identifier=identity.identifier,
        display_name=identity.display_name,
        # Two logins of one second would have the same token.
        metadata={"login": secrets.token_hex(8)},
    )
