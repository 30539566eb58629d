"""`pounce catalogues`: what was ingested, and what was interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.ingest_report import exit_interrupted, print_report, warn_if_too_many
from ui.cli.options import SET_ASIDE, workspace_of
from ui.cli.output import print_json, progress_bars

if TYPE_CHECKING:
    from tools.workspace import Workspace


def catalogues(
    context: typer.Context,
    go_on: Annotated[
        str, typer.Option("--continue", help="Go on with the interrupted ingest of this name.")
    ] = "",
    drop: Annotated[str, typer.Option(help="Give up the interrupted ingest of this name.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="A list of objects.")] = False,
) -> None:
    """List the catalogues; the active one has a star. Interrupted ingests are named below."""
    home = workspace_of(context)
    if go_on:
        _resume(home, go_on)
        return
    if drop:
        count = home.discard(drop)
        typer.echo(
            f"Dropped: {count:,} products that were taken in beside the catalogue in use."
            if count
            else "Given up. What was changed in the catalogue in use stays as it is."
        )
        return
    registry, interrupted = home.registry, home.interrupted
    active = registry.active()
    rows = [
        {
            "name": entry.name,
            "active": active is not None and entry.name == active.name,
            "total": entry.total,
            "ingested_at": entry.ingested_at,
            "source": entry.source,
            "interrupted": entry.name in interrupted,
        }
        for entry in registry.entries()
    ]
    known = {row["name"] for row in rows}
    rows += [
        {"name": name, "active": False, "total": 0, "ingested_at": "", "source": pending.source,
         "interrupted": True}
        for name, pending in interrupted.items()
        if name not in known
    ]  # fmt: skip
    if as_json:
        print_json(rows)
        return
    if not rows:
        typer.echo(
            "No catalogue yet. Add one: pounce ingest FILE, or see the built-in: pounce chat"
        )
    for row in rows:
        star = "*" if row["active"] else " "
        typer.echo(f"{star} {row['name']}  {row['total']:,} products  {row['ingested_at']}")
        typer.echo(f"    from {row['source']}")
        if row["interrupted"]:
            typer.echo(
                f"    An ingest begun {interrupted[str(row['name'])].begun_at} was interrupted. "
                f'Go on with it: pounce catalogues --continue "{row["name"]}". '
                f'Give it up: pounce catalogues --drop "{row["name"]}".'
            )


def _resume(home: Workspace, name: str) -> None:
    try:
        with progress_bars() as bars:
            report = home.resume(name, progress=bars.ingesting)
    except KeyboardInterrupt:
        exit_interrupted()
    print_report(report, name)
    warn_if_too_many(home, report)
    if report.set_aside:
        raise typer.Exit(SET_ASIDE)
