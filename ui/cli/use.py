"""`pounce use`: which catalogue is the active one."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.cli.options import workspace_of
from ui.cli.output import progress_bars


def use(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Of a catalogue, or `demo` for the built-in shop.")],
) -> None:
    """Make another catalogue the active one."""
    from tools.workspace import DEMO

    home = workspace_of(context)
    if name == DEMO:
        with progress_bars() as bars:
            home.prepare_demo(activate=True, drawn=bars.drawing, progress=bars.ingesting)
    entry = home.registry.use(name)
    typer.echo(f"{entry.name!r} is active: {entry.total:,} products.")
