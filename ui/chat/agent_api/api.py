"""The endpoints for other agents, as the settings say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Set
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response

from tools.errors import SetupError
from ui.chat.agent_api.keys import read_keys
from ui.chat.agent_api.limits import CallerLimits, RequestCounts
from ui.chat.agent_api.middleware import AgentApiMiddleware, Endpoint, RefusedError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from assistant.settings import Settings
    from tools.mcp_server.http import HttpServer
    from tools.mcp_server.server import ToolServer
    from tools.search.searchable_shop import SearchableShop
    from tools.ucp.agents import AgentProfiles
    from ui.chat.agent_api.ucp_api import UcpApi

MCP_PATH = "/mcp"


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """Plain values, read from the settings once."""

    keys: Mapping[str, str]
    """Name → hash."""
    mcp: bool = False
    ucp: Literal["", "keys", "open"] = ""
    checks_profiles: bool = True
    """Whether agents' profiles are fetched and checked."""
    base: str = ""
    """The address under which others reach the chat."""
    per_minute: int = 60
    at_once: int = 2
    body_mb: float = 16
    results: int = 9
    max_photo_mb: float = 10


def agent_settings_of(settings: Settings) -> AgentSettings | None:
    """What the settings say of other agents; None where no endpoint is on.

    Raises SetupError for keys that cannot be read, for an endpoint that needs a key where there is
    none, and for one that needs an address.
    """
    if not settings.mcp and not settings.ucp:
        return None
    keys = read_keys(settings.agent_keys.get_secret_value(), settings.agent_keys_file)
    if not keys and (settings.mcp or settings.ucp == "keys"):
        raise SetupError(
            "Agents need a key, and the settings hold none. Make a line for POUNCE_AGENT_KEYS "
            "with: pounce key NAME. Or unset POUNCE_MCP and POUNCE_UCP."
        )
    if settings.ucp and not settings.public_url:
        raise SetupError(
            "POUNCE_UCP needs POUNCE_PUBLIC_URL: the profile names the address that agents ask."
        )
    return AgentSettings(
        keys=keys,
        mcp=settings.mcp,
        ucp=settings.ucp,
        checks_profiles=settings.ucp_profiles == "check",
        base=settings.public_url,
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

    def __init__(self, settings: AgentSettings, profiles: AgentProfiles | None = None) -> None:
        """`profiles` fetches agents' profiles, where the settings say that they are checked."""
        self._settings = settings
        self._most_bytes = int(settings.body_mb * 1_000_000)
        self._servers: dict[str, HttpServer] = {}
        self._ucp: UcpApi | None = None
        if settings.ucp:
            from tools.ucp.agents import AgentProfiles
            from ui.chat.agent_api.ucp_api import UcpApi

            checked = (profiles or AgentProfiles()) if settings.checks_profiles else None
            self._ucp = UcpApi(settings.base, checked, settings.max_photo_mb)

    @property
    def names_pictures(self) -> bool:
        """Whether answers hold the addresses of products' pictures, for pages of any site."""
        return self._ucp is not None

    def middleware(
        self,
        hosts: Set[str] | None,
        counts: Callable[[], RequestCounts] | None = None,
        answered: Callable[[str, int], None] = lambda _path, _status: None,
    ) -> Middleware:
        """What answers the endpoints' paths.

        `hosts` are those of `create_app`. `counts` is where requests are counted, by default in
        this process. `answered` hears the path and status of each request that is answered.
        """
        settings = self._settings
        endpoints: dict[str, Endpoint] = {}
        if settings.mcp:
            endpoints[MCP_PATH] = Endpoint(self._served(MCP_PATH), refused_over_mcp)
        if self._ucp is not None:
            keyed = settings.ucp == "keys"
            endpoints |= self._ucp.endpoints(keyed=keyed)
            for path in self._ucp.mcp_paths:
                endpoints[path] = Endpoint(self._served(path), refused_over_mcp, keyed=keyed)
        return Middleware(
            AgentApiMiddleware,
            endpoints=endpoints,
            hosts=hosts,
            keys=settings.keys,
            limits=CallerLimits(settings.per_minute, settings.at_once, counts),
            most_bytes=self._most_bytes,
            answered=answered,
        )

    @asynccontextmanager
    async def open(self, shop: SearchableShop) -> AsyncIterator[None]:
        """Answers from this shop inside the block."""
        from tools.mcp_server.http import HttpServer
        from tools.mcp_server.server import make_server
        from tools.mcp_server.shop_tools import ShopTools

        settings = self._settings
        servers: dict[str, ToolServer] = {}
        if settings.mcp:
            tools = ShopTools(shop, settings.results, settings.max_photo_mb)
            servers[MCP_PATH] = make_server(tools)
        if self._ucp is not None:
            servers |= self._ucp.open(shop)
        async with AsyncExitStack() as stack:
            for path, server in servers.items():
                self._servers[path] = HttpServer(server, self._most_bytes)
                await stack.enter_async_context(self._servers[path].running())
            yield

    def _served(self, path: str) -> ASGIApp:
        """The server of a path, which is there while the shop is open."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            await self._servers[path](scope, receive, send)

        return answer


def refused_over_mcp(error: RefusedError) -> Response:
    """A refusal as a JSON-RPC error."""
    from tools.mcp_server.http import rpc_error

    headers = {"www-authenticate": "Bearer"} if error.status == 401 else None
    answer = rpc_error(-32000, str(error), code=error.code)
    return JSONResponse(answer, error.status, headers)
