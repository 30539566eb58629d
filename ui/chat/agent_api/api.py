"""The endpoints for other agents, as the settings say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Set
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response

from tools.errors import SetupError
from ui.chat.agent_api.keys import read_keys
from ui.chat.agent_api.limits import CallerLimits
from ui.chat.agent_api.middleware import AgentApiMiddleware, Endpoint, RefusedError

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from assistant.settings import Settings
    from tools.mcp_server.http import HttpServer
    from tools.search.searchable_shop import SearchableShop

MCP_PATH = "/mcp"


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """Plain values, read from the settings once."""

    keys: Mapping[str, str]
    """Name → hash."""
    mcp: bool = False
    per_minute: int = 60
    at_once: int = 2
    body_mb: float = 16
    results: int = 9
    max_photo_mb: float = 10


def agent_settings_of(settings: Settings) -> AgentSettings | None:
    """What the settings say of other agents; None where no endpoint is on.

    Raises SetupError for keys that cannot be read, and for an endpoint that needs a key where
    there is none.
    """
    if not settings.mcp:
        return None
    keys = read_keys(settings.agent_keys.get_secret_value(), settings.agent_keys_file)
    if not keys:
        raise SetupError(
            "Agents need a key, and the settings hold none. Make a line for POUNCE_AGENT_KEYS "
            "with: pounce key NAME. Or unset POUNCE_MCP."
        )
    return AgentSettings(
        keys=keys,
        mcp=settings.mcp,
        per_minute=settings.agent_requests_per_minute,
        at_once=settings.agent_requests_at_once,
        body_mb=settings.agent_body_mb,
        results=settings.results,
        max_photo_mb=settings.max_photo_mb,
    )


def agent_api_of(settings: Settings) -> AgentApi | None:
    """The endpoints that the settings turn on; None where there are none. See
    `agent_settings_of`."""
    found = agent_settings_of(settings)
    return None if found is None else AgentApi(found)


class AgentApi:
    """The endpoints over one shop. They answer while the shop is open."""

    def __init__(self, settings: AgentSettings) -> None:
        self._settings = settings
        self._most_bytes = int(settings.body_mb * 1_000_000)
        self._servers: dict[str, HttpServer] = {}

    def middleware(self, hosts: Set[str] | None) -> Middleware:
        """What answers the endpoints' paths. `hosts` are those of `create_app`."""
        settings = self._settings
        return Middleware(
            AgentApiMiddleware,
            endpoints=self._endpoints(),
            hosts=hosts,
            keys=settings.keys,
            limits=CallerLimits(settings.per_minute, settings.at_once),
            most_bytes=self._most_bytes,
        )

    @asynccontextmanager
    async def open(self, shop: SearchableShop) -> AsyncIterator[None]:
        """Answers from this shop inside the block."""
        from tools.mcp_server.http import HttpServer
        from tools.mcp_server.server import make_server
        from tools.mcp_server.shop_tools import ShopTools

        settings = self._settings
        async with AsyncExitStack() as stack:
            if settings.mcp:
                tools = ShopTools(shop, settings.results, settings.max_photo_mb)
                server = HttpServer(make_server(tools), self._most_bytes)
                await stack.enter_async_context(server.running())
                self._servers[MCP_PATH] = server
            yield

    def _endpoints(self) -> dict[str, Endpoint]:
        return {MCP_PATH: Endpoint(self._mcp(MCP_PATH), refused_over_mcp)}

    def _mcp(self, path: str) -> _Served:
        return _Served(self._servers, path)


class _Served:
    """The server of a path, which is there while the shop is open."""

    def __init__(self, servers: Mapping[str, HttpServer], path: str) -> None:
        self._servers = servers
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._servers[self._path](scope, receive, send)


def refused_over_mcp(error: RefusedError) -> Response:
    """A refusal as a JSON-RPC error."""
    from tools.mcp_server.http import rpc_error

    headers = {"www-authenticate": "Bearer"} if error.status == 401 else None
    answer = rpc_error(-32000, str(error), code=error.code)
    return JSONResponse(answer, error.status, headers)
