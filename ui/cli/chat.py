"""`pounce chat`: the conversation in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.cli.options import settings_of, workspace_of
from ui.cli.output import progress_bars


def chat(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (POUNCE_PORT).")] = None,
) -> None:
    """Open the chat for the browser; draws the built-in shop first where there is no other."""
    from assistant.factory import check_chat
    from ui.chat.server import check_address, serve

    settings = settings_of(context, host=host, port=port)
    check_address(settings)  # before the minute that preparing may take
    check_chat(settings)
    typer.echo("Opening the shop: models and Milvus take some seconds.", err=True)
    with progress_bars() as bars:
        shop = workspace_of(context).open_shop(drawn=bars.drawing, progress=bars.ingesting)
    serve(settings, shop)
