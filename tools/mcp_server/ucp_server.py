"""The protocol's catalogue as tools of a server of the official SDK: UCP's binding to MCP.

`get_product` is a tool of the shop's own server as well, with another shape: so this is a server of
its own.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from importlib.metadata import version as installed_version
from typing import Any

from mcp import types
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import McpError
from pydantic import BaseModel

from tools.mcp_server.server import ToolServer
from tools.ucp.errors import INVALID_PARAMS, TransportError
from tools.ucp.requests import LookupRequest, ProductRequest, SearchRequest
from tools.ucp.service import UcpService
from tools.ucp.versions import Document, Operation, Version

logger = logging.getLogger("pounce.ucp")

_OPERATIONS: dict[str, Operation] = {
    "search_catalog": "search",
    "lookup_catalog": "lookup",
    "get_product": "product",
}
_DESCRIPTIONS = {
    "search_catalog": "Search the shop's products by words, filters, and pictures (`like`).",
    "lookup_catalog": "Products and variants by their ids, up to fifty.",
    "get_product": "One product, with the variants that match the chosen options.",
}
_REQUESTS: dict[str, type[BaseModel]] = {
    "search_catalog": SearchRequest,
    "lookup_catalog": LookupRequest,
    "get_product": ProductRequest,
}
_META: Document = {
    "type": "object",
    "required": ["ucp-agent"],
    "properties": {
        "ucp-agent": {
            "type": "object",
            "required": ["profile"],
            "properties": {
                "profile": {
                    "type": "string",
                    "description": "https address of the agent's UCP profile.",
                }
            },
        }
    },
}


def make_ucp_server(service: UcpService, version: Version) -> ToolServer:
    """A server of one version. No answer holds a traceback or a path."""
    server: ToolServer = Server("pounce-ucp", version=installed_version("pounce"))

    async def list_tools(_: types.ListToolsRequest) -> types.ServerResult:
        return types.ServerResult(types.ListToolsResult(tools=_TOOLS))

    async def call_tool(request: types.CallToolRequest) -> types.ServerResult:
        name, arguments = request.params.name, request.params.arguments or {}
        return types.ServerResult(
            await asyncio.to_thread(_result, service, version, name, arguments)
        )

    server.request_handlers[types.ListToolsRequest] = list_tools
    server.request_handlers[types.CallToolRequest] = call_tool
    return server


def _result(
    service: UcpService, version: Version, name: str, arguments: dict[str, Any]
) -> types.CallToolResult:
    """The answer. Raises McpError for a request that is not processed."""
    operation = _OPERATIONS.get(name)
    if operation is None:
        raise _error(INVALID_PARAMS, f"There is no such tool. Call {', '.join(_OPERATIONS)}.")
    try:
        answer = service.answer(operation, arguments.get("catalog"), _agent_of(arguments), version)
    except TransportError as error:
        raise _error(error.number, str(error), error.code) from error
    except Exception as error:  # whatever it is, its text is not for a stranger
        incident = uuid.uuid4().hex[:12]
        logger.exception("incident %s: a call of UCP failed", incident)
        raise _error(
            types.INTERNAL_ERROR,
            "The shop cannot answer this at the moment. Try again later; whoever runs the shop "
            f"finds the reason in its log under {incident}.",
        ) from error
    text = json.dumps(answer, ensure_ascii=False)
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)], structuredContent=answer
    )


def _agent_of(arguments: dict[str, Any]) -> str:
    """The address of the agent's profile; "" where none is named."""
    meta = arguments.get("meta")
    agent = meta.get("ucp-agent") if isinstance(meta, dict) else None
    profile = agent.get("profile") if isinstance(agent, dict) else None
    return profile if isinstance(profile, str) else ""


def _error(number: int, sentence: str, code: str = "invalid_request") -> McpError:
    return McpError(types.ErrorData(code=number, message=sentence, data={"code": code}))


def _tool(name: str) -> types.Tool:
    catalog = _REQUESTS[name].model_json_schema()
    return types.Tool(
        name=name,
        description=_DESCRIPTIONS[name],
        inputSchema={
            "type": "object",
            "required": ["meta", "catalog"],
            "$defs": catalog.pop("$defs", {}),
            "properties": {"meta": _META, "catalog": catalog},
        },
        outputSchema={
            "type": "object",
            "required": ["ucp"],
            "properties": {"ucp": {"type": "object"}},
        },
        annotations=types.ToolAnnotations(
            readOnlyHint=True, destructiveHint=False, idempotentHint=True, openWorldHint=False
        ),
    )


_TOOLS = [_tool(name) for name in _OPERATIONS]
