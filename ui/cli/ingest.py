"""`pounce ingest`: a shop's catalogue into the index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ui.cli.catalogue_look import look_json, print_look, print_understood
from ui.cli.ingest_report import (
    exit_interrupted,
    print_currency,
    print_report,
    warn_if_too_many,
)
from ui.cli.options import SET_ASIDE, field_mapping, settings_of, workspace_of
from ui.cli.output import print_json, progress_bars

_FIRST = 5
"""Products that a dry run shows."""


def ingest(
    context: typer.Context,
    path: Annotated[
        str,
        typer.Argument(
            help="The shop's products: a file, its https address, or a folder of pictures."
        ),
    ],
    name: Annotated[str, typer.Option(help="Of the catalogue; the file's name if left out.")] = "",
    column: Annotated[
        list[str] | None,
        typer.Option("--map", help="FIELD=COLUMN where a column has an unusual name."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="So many products at most, the first of the file.")
    ] = None,
    category: Annotated[str, typer.Option(help="Only products of this category.")] = "",
    pictures: Annotated[
        Path | None, typer.Option(help="Where the pictures that the file names lie.")
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="HOST:PORT of pictures whose address is not public."),
    ] = None,
    prune: Annotated[bool, typer.Option(help="Remove products that the file lacks.")] = False,
    workers: Annotated[
        int,
        typer.Option(min=1, max=64, help="Processes that embed, on all GPUs in turn if any."),
    ] = 1,
    ray: Annotated[
        str,
        typer.Option(help="Embed on a Ray cluster: its address, or `local` for one started here."),
    ] = "",
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Show how the file is understood and its first products; no more."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The counts as one object.")] = False,
) -> None:
    """Read a shop's catalogue and make it the active one. Run again, it takes in what changed.

    Ends with exit code 3 when something had to be set aside; the rest is in all the same. Ctrl-C
    ends it with 130; what is in is kept, and the same command goes on from there.
    """
    from tools.catalogue.reader import Wanted
    from tools.catalogue.source import catalogue_name
    from tools.ingest.fetch_ahead import is_address

    hosts = ",".join(allow_host) if allow_host else None
    home = workspace_of(context, picture_hosts=hosts)
    wanted = Wanted(
        dict(map(field_mapping, column or ())), home.currency, category, limit, pictures
    )
    where = path if is_address(path) else Path(path)
    home.free_name(where, name)  # said before the file is read
    if dry_run:
        look = home.look(where, wanted=wanted, most=_FIRST)
        print_json(look_json(look)) if as_json else print_look(look)
        return
    if not as_json and isinstance(where, Path):  # an address is read once, and told at the end
        print_understood(home.look(where, wanted=wanted, most=0).understood)
    try:
        with progress_bars() as bars:
            report = home.ingest(
                where,
                name=name,
                wanted=wanted,
                prune=prune,
                workers=workers,
                ray={"": None, "local": ""}.get(ray, ray),
                progress=bars.ingesting,
            )
    except KeyboardInterrupt:
        exit_interrupted()
    if as_json:
        understood = report.understood.as_json() if report.understood else {}
        print_json({**report.counts(), **understood})
    else:
        if isinstance(where, str) and report.understood:
            print_understood(report.understood)
        print_report(report, name or catalogue_name(where))
        if report.currency_missing and "currency" not in settings_of(context).model_fields_set:
            print_currency(home.currency)
    warn_if_too_many(home, report)
    if report.set_aside:
        raise typer.Exit(SET_ASIDE)
