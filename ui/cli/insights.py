"""`pounce insights`: what shoppers ask for, miss, refine and click, counted from turn records."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from tools.errors import SetupError
from tools.files import PRIVATE, write_atomic
from ui.cli.explain import nothing_recorded
from ui.cli.options import settings_of
from ui.cli.output import print_json


def insights(
    context: typer.Context,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=36_500, help="Only turns of the last so many days; else all."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All counts as one object.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write them to this file as a page.")] = None,
    csv: Annotated[
        Path | None, typer.Option(help="Write them to this file for a spreadsheet.")
    ] = None,
) -> None:
    """Count what shoppers ask for, what no product has, what they refine and click, and failures.

    How many turns are kept is POUNCE_TURN_RECORDS. Shoppers' words are shown only where
    POUNCE_LOG_TEXTS is true; else the catalogue's own words.
    """
    from assistant.factory import open_records
    from assistant.records.insights import count_insights
    from ui.cli.insights_report import insights_csv, insights_page, print_insights

    for flag, path in (("--html", html), ("--csv", csv)):
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            raise SetupError(f"{flag} takes a file in a folder that is there, not {path}.")
    settings = settings_of(context)
    store, texts = open_records(settings), settings.log_texts
    since = None if days is None else datetime.now(UTC) - timedelta(days=days)
    found = count_insights(store, since=since, texts=texts)
    if html is not None:
        write_atomic(html, insights_page(found, texts=texts), mode=PRIVATE)
    if csv is not None:
        write_atomic(csv, insights_csv(found), mode=PRIVATE)
    for path in (html, csv):
        if path is not None:
            typer.echo(f"{path} is written.", err=True)
    if as_json:
        print_json(dataclasses.asdict(found))
    elif found.turns or found.unreadable:
        if html is None and csv is None:
            print_insights(found, texts=texts)
    elif days is None:
        typer.echo(nothing_recorded(store))
    else:
        typer.echo(f"No turn of the last {days} days is recorded. Leave --days out for all.")
