"""The chat's server: binds the address, prepares the folder, runs the application."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Set
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING

from tools.demo.shop.address import OWN_ADDRESS
from tools.errors import SetupError
from tools.files import keep_private
from tools.money import show_prices_in
from ui.chat.agent_api.api import AgentApi, agent_api_of, agent_settings_of
from ui.chat.branding import branding_of
from ui.chat.bridge.chainlit_root import chainlit_root
from ui.chat.deployment import Deployment, deployment_of, public_hosts_of
from ui.chat.links import Links
from ui.chat.logs import set_up_logs
from ui.chat.page_config import PageConfig
from ui.chat.web.allowlist import MAX_BODY

if TYPE_CHECKING:
    from fastapi import FastAPI

    from assistant.settings import Settings
    from tools.search.shop import Shop
    from ui.chat.ports import Assistant, OpenAssistant

STOP_SECONDS = 3
"""How long open connections are waited for at the end."""


def serve(settings: Settings, shop: Shop) -> None:
    """Serve the chat over a shop until it is told to stop, by Ctrl-C or SIGTERM.

    Raises SetupError when the port is taken or the home folder cannot be written to.
    """
    from assistant.factory import reranks_on

    deployment = check_address(settings)
    show_prices_in(settings.locale)
    set_up_logs(settings.log_level, settings.log_format, texts=settings.log_texts)
    page_config = PageConfig(
        home=settings.home_path,
        database_url=settings.database_url.get_secret_value(),
        title=settings.shop_title,
        profile=settings.profile,
        max_photo_mb=settings.max_photo_mb,
        max_photos=settings.max_photos,
        reranks=reranks_on(settings, shop.name),
        branding=branding_of(settings),
        root=deployment.root,
        results=settings.results,
        picture_hosts=settings.picture_hosts,
        links=Links(
            cart=settings.cart_url,
            tags=settings.link_tags,
            own_shop=OWN_ADDRESS,
            own_root=f"{deployment.root}/shop/",
        ),
    )
    agents = agent_api_of(settings)
    run(
        lambda: _opened(settings, shop, agents),
        page_config,
        settings.host,
        settings.port,
        public_hosts_of(settings),
        deployment,
        agents,
    )


@asynccontextmanager
async def _opened(
    settings: Settings, shop: Shop, agents: AgentApi | None
) -> AsyncIterator[Assistant]:
    """The assistant, and the endpoints for agents over its shop."""
    from assistant.factory import open_assistant

    async with open_assistant(settings, shop) as assistant, AsyncExitStack() as stack:
        if agents is not None:
            await stack.enter_async_context(agents.open(assistant.shop))
        yield assistant


def check_address(settings: Settings) -> Deployment:
    """How the chat is run where its settings say.

    Raises SetupError when it cannot listen there, or would be open to others without a login.
    """
    with _bound(settings.host, settings.port) as listener:
        branding_of(settings)
        agent_settings_of(settings)
        return deployment_of(settings, listener.getsockname()[0])


def run(
    open_assistant: OpenAssistant,
    page_config: PageConfig,
    host: str,
    port: int,
    names: Set[str] = frozenset(),
    deployment: Deployment = Deployment(),  # noqa: B008 - frozen
    agents: AgentApi | None = None,
) -> None:
    """Serve an assistant at an address; port 0 takes a free one. See `serve`.

    `names` are more hosts that browsers may call the chat by, as behind a proxy. `agents` answer
    while `open_assistant` has opened them.
    """
    keep_private()
    # The port first: a taken one is said at once, not after the models are loaded.
    with _bound(host, port) as listener, _sigterm_exits(), chainlit_root(page_config) as folder:
        from ui.chat.app import create_app

        app = create_app(
            open_assistant,
            page_config,
            folder,
            on_open=lambda: _say_address(listener, page_config.title),
            hosts=_names(listener, host, names),
            deployment=deployment,
            agents=agents,
        )
        with suppress(KeyboardInterrupt):
            asyncio.run(_serve(app, listener, deployment.trusted_proxies))


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # On Windows SO_REUSEADDR would share a port that is taken.
    only_here = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
    listener.setsockopt(socket.SOL_SOCKET, only_here, 1)
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


async def _serve(app: FastAPI, listener: socket.socket, trusted_proxies: str) -> None:
    import uvicorn

    config = uvicorn.Config(
        app,
        log_level="warning",
        server_header=False,
        ws_max_size=MAX_BODY,
        # Anybody can send these headers, also through a proxy that leaves them as they are.
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies,
        timeout_graceful_shutdown=STOP_SECONDS,
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
