"""The chat's server: our FastAPI application, with Chainlit mounted at "/"."""

from __future__ import annotations

import asyncio
import errno
import gc
import hashlib
import logging
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Set
from contextlib import asynccontextmanager, contextmanager, suppress
from html import escape
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import SetupError
from tools.money import format_price, show_prices_in
from ui.chat.auth.secret import secret_of
from ui.chat.branding import branding_of
from ui.chat.bridge.chainlit_root import chainlit_root
from ui.chat.deployment import Deployment, deployment_of, public_hosts_of
from ui.chat.logs import set_up_logs
from ui.chat.page_config import PageConfig
from ui.chat.web.allowlist import MAX_BODY, AllowlistMiddleware
from ui.chat.web.headers import RootPathMiddleware, SecurityHeadersMiddleware, strip_outside_links

if TYPE_CHECKING:
    from fastapi import FastAPI

    from assistant.settings import Settings
    from ui.chat.state import ChatState, OpenAssistant

logger = logging.getLogger("pounce.chat")

_STOP_SECONDS = 3
"""How long open sockets are waited for at the end."""

_TIDY_EVERY_S = 3600

_UNWANTED = ("DATABASE_URL", "LITERAL_API_KEY")
"""Settings of other programs that Chainlit would take for its own and send conversations to."""


def create_app(
    open_assistant: OpenAssistant,
    page_config: PageConfig,
    folder: Path,
    on_open: Callable[[], None],
    hosts: Set[str] | None,
    deployment: Deployment,
) -> FastAPI:
    """The application. The assistant is opened when it starts and closed when it stops.

    `on_open` is called once it can be talked to. `hosts` are the names that it is asked by, None
    for any. `folder` is a `chainlit_root`. Chainlit reads it
    when it is first imported, so a process holds one application; raises RuntimeError when it
    was imported before with another folder.
    """
    for name in _UNWANTED:
        os.environ.pop(name, None)
    os.environ["CHAINLIT_APP_ROOT"] = str(folder)
    # Chainlit would read a .env of the current folder; settings are ours to read.
    os.environ["CHAINLIT_ENV_FILE"] = str(folder / "none.env")
    secret = secret_of(page_config.home)
    os.environ["CHAINLIT_AUTH_SECRET"] = secret
    # Cookies know no ports: two chats of this machine would take each other's away.
    name = f"pounce_{hashlib.sha256(secret.encode()).hexdigest()[:8]}"
    os.environ["CHAINLIT_AUTH_COOKIE_NAME"] = name
    if deployment.url:
        os.environ["CHAINLIT_URL"] = deployment.url

    import chainlit as cl
    from chainlit import server as chainlit_server
    from chainlit.config import APP_ROOT, config
    from chainlit.oauth_providers import get_configured_oauth_providers
    from chainlit.utils import mount_chainlit
    from fastapi import FastAPI

    from ui.chat.bridge import button_route as actions
    from ui.chat.bridge import handlers, sockets
    from ui.chat.bridge import login as callbacks
    from ui.chat.bridge.data_layer import DataLayer
    from ui.chat.conversations.routes import add_thread_routes
    from ui.chat.conversations.store import open_threads
    from ui.chat.state import ChatState
    from ui.chat.web import uploads
    from ui.chat.web.assets import add_asset_route
    from ui.chat.web.auth_cookie import AuthCookieMiddleware
    from ui.chat.web.routes import add_routes

    if deployment.access.oauth and not get_configured_oauth_providers():
        raise SetupError(
            "The settings for OAuth are not whole: a provider needs its client id, its secret and "
            "for some a domain. See Chainlit's list, or unset the OAUTH_ variables."
        )
    if str(folder) != APP_ROOT:
        raise RuntimeError(f"Chainlit was imported before the chat was set up, in {APP_ROOT}")

    states: list[ChatState] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with (
            open_threads(page_config.home / "conversations.sqlite") as threads,
            open_assistant() as assistant,
        ):
            # The first price reads the tables of currencies: not in the first shopper's turn.
            await asyncio.to_thread(format_price, 0, "USD")
            states.append(ChatState.around(assistant, page_config, threads, deployment))
            # What is loaded by now stays. Left to the collector, going through a million objects of
            # libraries would hold the loop for half a second now and then.
            gc.collect()
            gc.freeze()
            tidying = asyncio.create_task(_tidy(states[0]))
            on_open()
            try:
                yield
            finally:
                tidying.cancel()
                states.clear()

    def state() -> ChatState:
        return states[0]

    app = FastAPI(title=page_config.title, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.openapi_url = None
    too_large = (
        f"This file is larger than {page_config.max_photo_mb:g} MB. Please send a smaller one."
    )
    app.add_middleware(
        AllowlistMiddleware,
        hosts=hosts,
        # The form around the file needs a little room of its own.
        upload_bytes=int(page_config.max_photo_mb * 1_000_000) + 16_384,
        upload_sentence=too_large,
    )
    app.add_middleware(AuthCookieMiddleware, access=deployment.access, secure=deployment.secure)
    app.add_middleware(SecurityHeadersMiddleware)
    app.add_middleware(RootPathMiddleware, root=deployment.root)
    add_routes(app, state)
    add_asset_route(app, Path(cl.__file__).parent / "frontend" / "dist" / "assets")
    add_thread_routes(app, state)
    callbacks.add_login_route(app)
    uploads.add_upload_route(app, lambda: state().uploads)
    actions.add_action_route(app, state)

    # Chainlit's page has no setting for this; its route looks the function up at each request.
    template: Callable[[str], str] = chainlit_server.get_html_template

    def page(_: str) -> str:
        ui = config.ui
        # The template lays these into its HTML as they are.
        config.ui = ui.model_copy(
            update={"name": escape(ui.name), "description": escape(ui.description)}
        )
        try:
            return strip_outside_links(template(deployment.root))
        finally:
            config.ui = ui

    chainlit_server.get_html_template = page
    callbacks.register(deployment.access)  # first: Chainlit asks for the secret when it is mounted
    mount_chainlit(app, target=handlers.__file__, path="/")
    handlers.register(state)
    cl.data_layer(
        lambda: DataLayer(state().threads, state().assistant.photos, lambda t: state().forget(t))
    )
    sockets.install_handlers(deployment.root, state)
    return app


async def _tidy(state: ChatState) -> None:
    while True:
        try:
            await state.tidy()
        except (OSError, sqlite3.Error):
            logger.exception("photos that were never sent could not be removed")
        await asyncio.sleep(_TIDY_EVERY_S)


def serve(settings: Settings) -> None:
    """Serve the chat until it is told to stop, by Ctrl-C or SIGTERM.

    Raises SetupError when the port is taken or the home folder cannot be written to.
    """
    from assistant.factory import open_assistant

    deployment = check_address(settings)
    show_prices_in(settings.locale)
    set_up_logs(settings.log_level, settings.log_format, texts=settings.log_texts)
    page_config = PageConfig(
        home=settings.home_path,
        title=settings.shop_title,
        profile=settings.profile,
        max_photo_mb=settings.max_photo_mb,
        max_photos=settings.max_photos,
        reranks=settings.reranks,
        branding=branding_of(settings),
        root=deployment.root,
        results=settings.results,
        picture_hosts=tuple(filter(None, map(str.strip, settings.picture_hosts.split(",")))),
    )
    run(
        lambda: open_assistant(settings),
        page_config,
        settings.host,
        settings.port,
        public_hosts_of(settings),
        deployment,
    )


def check_address(settings: Settings) -> Deployment:
    """How the chat is run where its settings say.

    Raises SetupError when it cannot listen there, or would be open to others without a login.
    """
    with _bound(settings.host, settings.port) as listener:
        branding_of(settings)
        return deployment_of(settings, listener.getsockname()[0])


def run(
    open_assistant: OpenAssistant,
    page_config: PageConfig,
    host: str,
    port: int,
    names: Set[str] = frozenset(),
    deployment: Deployment = Deployment(),  # noqa: B008 - frozen
) -> None:
    """Serve an assistant at an address; port 0 takes a free one. See `serve`.

    `names` are more hosts that browsers may call the chat by, as behind a proxy.
    """
    # The port first: a taken one is said at once, not after the models are loaded.
    with _bound(host, port) as listener, _sigterm_exits(), chainlit_root(page_config) as folder:
        app = create_app(
            open_assistant,
            page_config,
            folder,
            on_open=lambda: _say_address(listener, page_config.title),
            hosts=_names(listener, host, names),
            deployment=deployment,
        )
        with suppress(KeyboardInterrupt):
            asyncio.run(_serve(app, listener))


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise SetupError(
                f"Port {port} is taken by another program. Stop that one, or choose another "
                "port with POUNCE_PORT or --port."
            ) from error
        raise SetupError(
            f"The chat cannot listen on {host}:{port} ({error.strerror}). "
            "Check POUNCE_HOST and POUNCE_PORT."
        ) from error
    return listener


def _names(listener: socket.socket, host: str, more: Set[str]) -> Set[str] | None:
    """What browsers may call the chat by; None for anything, where other machines reach it."""
    if not ip_address(listener.getsockname()[0]).is_loopback:
        return more or None
    return {"localhost", "127.0.0.1", "::1", host.lower(), *more}


async def _serve(app: FastAPI, listener: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        app,
        log_level="warning",
        server_header=False,
        ws_max_size=MAX_BODY,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    await uvicorn.Server(config).serve(sockets=[listener])


def _say_address(listener: socket.socket, title: str) -> None:
    host, port = listener.getsockname()[:2]
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else host
    sys.stdout.write(f"{title} is open at http://{shown}:{port} (Ctrl-C closes it)\n")
    sys.stdout.flush()


@contextmanager
def _sigterm_exits() -> Iterator[None]:
    """SIGTERM as SystemExit: its default ends the process before anything is cleaned up.

    uvicorn stops on the signal, and raises it again when it has stopped.
    """

    def leave(*_: object) -> None:
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
