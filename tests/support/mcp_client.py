"""The SDK's own client, connected to a shop's tools in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp import ClientSession
from mcp.shared.memory import create_connected_server_and_client_session
from mcp.types import CallToolResult, TextContent

from tools.mcp_server.server import make_server
from tools.mcp_server.shop_tools import ShopTools


@asynccontextmanager
async def connected(tools: ShopTools) -> AsyncIterator[ClientSession]:
    """A client that has shaken hands."""
    async with create_connected_server_and_client_session(make_server(tools)) as client:
        yield client


async def called(tools: ShopTools, name: str, arguments: dict[str, Any]) -> CallToolResult:
    """The answer to one call."""
    async with connected(tools) as client:
        return await client.call_tool(name, arguments)


def text_of(result: CallToolResult) -> str:
    """What a model reads of it."""
    return "\n".join(each.text for each in result.content if isinstance(each, TextContent))
