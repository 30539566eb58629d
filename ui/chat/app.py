"""The chat's ASGI application: middleware, our own routes, and Chainlit mounted at "/"."""

from __future__ import annotations

import asyncio
import gc
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Set
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from assistant.thread_locks import open_locks
from tools.money import format_price
from ui.chat.agent_api.api import AgentApi
from ui.chat.auth.secret import secret_of
from ui.chat.bridge.environment import set_environment
from ui.chat.conversations.store import open_threads
from ui.chat.deployment import Deployment
from ui.chat.page_config import PageConfig
from ui.chat.ports import OpenAssistant, OpenSessions
from ui.chat.state import ChatState
from ui.chat.web.allowlist import AllowlistMiddleware
from ui.chat.web.auth_cookie import AuthCookieMiddleware
from ui.chat.web.headers import (
    RootPathMiddleware,
    SecurityHeadersMiddleware,
    malformed_request,
    server_error,
)
from ui.chat.web.public_routes import add_public_routes
from ui.chat.web.user_routes import add_user_routes
from ui.chat.web.widget import add_widget_route

logger = logging.getLogger("pounce.chat")

_UNSENT_CHECK_S = 3600
"""Between two searches for photos that were attached and never sent."""
_LAST_WORDS_S = 2.0
"""Seconds in which turns that run at the end say so in their conversations."""
_FORM_BYTES = 16_384
"""Of an upload's form around its file."""


def create_app(
    open_assistant: OpenAssistant,
    page_config: PageConfig,
    folder: Path,
    on_open: Callable[[], None],
    hosts: Set[str] | None,
    deployment: Deployment,
    agents: AgentApi | None = None,
) -> FastAPI:
    """The application. The assistant is opened when it starts and closed when it stops.

    `on_open` is called once the chat answers. `hosts` are the names that browsers may call it by,
    None for any. `agents` are endpoints for other agents; whoever opens the assistant opens them.
    `folder` is a `chainlit_root`. Chainlit reads it when it is first imported, so a process holds
    one application; raises RuntimeError for a second folder, and SetupError for settings that
    Chainlit cannot use.
    """
    set_environment(folder, secret_of(page_config.home, page_config.database_url), deployment.url)
    # Not earlier: these modules import Chainlit, which reads the environment.
    from ui.chat.bridge.mount import check_chainlit, mount
    from ui.chat.bridge.sessions import (
        ChainlitSessions,
        ChainlitTokens,
        close_login,
        current_user,
    )

    check_chainlit(folder, deployment.access)
    lifespan = _lifespan(open_assistant, page_config, deployment, ChainlitSessions(), on_open)
    app = FastAPI(
        title=page_config.title, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )

    def state() -> ChatState:
        opened: ChatState = app.state.chat
        return opened

    embedded = bool(deployment.embed_origins)
    # From the inside out: the last one added sees a request first.
    app.add_middleware(
        AllowlistMiddleware,
        hosts=hosts,
        upload_bytes=int(page_config.max_photo_mb * 1_000_000) + _FORM_BYTES,
        upload_sentence=(
            f"This file is larger than {page_config.max_photo_mb:g} MB. Please send a smaller one."
        ),
    )
    app.add_middleware(
        AuthCookieMiddleware,
        access=deployment.access,
        tokens=ChainlitTokens(),
        ended=lambda: state().threads,
        close=close_login,
        secure=deployment.secure,
        embedded=embedded,
    )
    if agents is not None:
        counts = (lambda: state().threads.rates) if page_config.database_url else None
        inner = agents.middleware(hosts, counts, lambda *each: state().turns.metrics.agent(*each))
        app.add_middleware(inner.cls, *inner.args, **inner.kwargs)
    app.add_middleware(
        SecurityHeadersMiddleware,
        embed_origins=deployment.embed_origins,
        pictures_for_all=agents is not None and agents.names_pictures,
    )
    app.add_middleware(RootPathMiddleware, root=deployment.root)
    app.add_exception_handler(Exception, server_error)
    app.add_exception_handler(RequestValidationError, malformed_request)
    add_public_routes(app, state)
    add_user_routes(app, state, current_user)
    add_widget_route(app, page_config.title, page_config.branding, embedded=embedded)
    mount(app, state, deployment)
    return app


def _lifespan(
    open_assistant: OpenAssistant,
    page_config: PageConfig,
    deployment: Deployment,
    sessions: OpenSessions,
    on_open: Callable[[], None],
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """The application's lifespan: `app.state.chat` is a ChatState while it runs."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            open_threads(
                page_config.home / "conversations.sqlite", page_config.database_url
            ) as threads,
            open_locks(page_config.database_url) as locks,
            open_assistant() as assistant,
        ):
            # The first price loads the tables of currencies: not in the first shopper's turn.
            await asyncio.to_thread(format_price, 0, "USD")
            state = ChatState.create(assistant, page_config, threads, deployment, sessions, locks)
            app.state.chat = state
            # What is loaded by now stays. A full collection over a million objects of libraries
            # would hold the event loop for half a second now and then.
            gc.collect()
            gc.freeze()
            removing = asyncio.create_task(_remove_unsent_photos(state))
            on_open()
            try:
                yield
            finally:
                removing.cancel()
                await state.queue.close(_LAST_WORDS_S)
                await sessions.settle(_LAST_WORDS_S)
                del app.state.chat

    return lifespan


async def _remove_unsent_photos(state: ChatState) -> None:
    while True:
        try:
            await state.threads.forget_turns(at=time.time())
            await state.remove_unsent_photos()
        except (OSError, sqlite3.Error):
            logger.exception("photos that were never sent could not be removed")
        await asyncio.sleep(_UNSENT_CHECK_S)
