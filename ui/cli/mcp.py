"""`pounce mcp`: the shop's tools for other agents, over standard input and output."""

from __future__ import annotations

from typing import Annotated

import typer

from tools.errors import SetupError
from ui.cli.options import settings_of, workspace_of
from ui.cli.output import progress_bars


def mcp(
    context: typer.Context,
    catalogue: Annotated[str, typer.Option(help="Instead of the active one.")] = "",
) -> None:
    """Answer another program's agent over the Model Context Protocol (stdio)."""
    try:
        from tools.mcp_server.server import make_server
        from tools.mcp_server.stdio import protocol_output, serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mcp":
            raise
        raise SetupError("The MCP SDK is not installed. Run: pip install '.[mcp]'.") from error
    from tools.mcp_server.shop_tools import ShopTools

    settings = settings_of(context)
    with protocol_output() as output:
        with progress_bars() as bars:
            shop = workspace_of(context).open_shop(
                catalogue, drawn=bars.drawing, progress=bars.ingesting
            )
        tools = ShopTools(shop, results=settings.results, max_photo_mb=settings.max_photo_mb)
        serve(make_server(tools), output)
