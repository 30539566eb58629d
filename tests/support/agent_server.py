"""The endpoints for agents over a shop, served on a free port of this process: no page, no
Chainlit."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
import uvicorn
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from starlette.applications import Starlette

from tools.search.searchable_shop import SearchableShop
from tools.ucp.agents import AgentProfiles
from ui.chat.agent_api.api import AgentApi, AgentSettings
from ui.chat.agent_api.keys import hash_key

KEY = "pounce_key-of-the-tests"
OTHER_KEY = "pounce_other-key-of-the-tests"
KEYS = {"bot": hash_key(KEY), "other": hash_key(OTHER_KEY)}


@contextmanager
def agent_server(
    shop: SearchableShop, settings: AgentSettings, profiles: AgentProfiles | None = None
) -> Iterator[str]:
    """The address of a server with the endpoints of these settings over a shop.

    `profiles` are in place of those that fetch from public hosts.
    """
    api = AgentApi(settings, profiles)
    opened = threading.Event()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with api.open(shop):
            opened.set()
            yield

    app = Starlette(middleware=[api.middleware({"localhost", "127.0.0.1"})], lifespan=lifespan)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
        thread.start()
        try:
            assert opened.wait(60)
            yield f"http://localhost:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(60)


@asynccontextmanager
async def http_client(url: str, key: str = KEY) -> AsyncIterator[ClientSession]:
    """The SDK's own client over HTTP, which has shaken hands."""
    async with (
        httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=60) as http,
        streamable_http_client(url, http_client=http) as (reading, writing, _),
        ClientSession(reading, writing) as client,
    ):
        await client.initialize()
        yield client
