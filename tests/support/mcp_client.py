"""The SDK's own client, connected to a shop's tools in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp import ClientSession
from mcp.shared.memory import create_connected_server_and_client_session
from mcp.types import CallToolResult, TextContent

from tests.support.mcp_shop import photo_base64
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


async def check_every_tool(client: ClientSession) -> None:
    """That each tool answers over the shop of `mcp_shop`, a photo included."""
    assert len((await client.list_tools()).tools) == 3
    photo = {"photo": photo_base64(), "in_stock": True, "limit": 1}
    found = await client.call_tool("search_products", photo)
    assert found.structuredContent is not None
    assert found.structuredContent["products"][0]["id"] == "backpack"
    details = await client.call_tool("get_product", {"id": "lamp"})
    assert "Bedside lamp" in text_of(details)
    table = await client.call_tool("compare_products", {"ids": ["lamp", "red-mug"]})
    assert table.structuredContent is not None
    assert table.structuredContent["ids"] == ["lamp", "red-mug"]
