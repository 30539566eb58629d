"""`pounce ingest`, `pounce catalogues` and `pounce use`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from tools.errors import SetupError
from ui.cli.interrupt import INTERRUPTED
from ui.cli.options import workspace_of
from ui.cli.output import print_json, progress_bars

if TYPE_CHECKING:
    from tools.ingest import Report
    from tools.workspace import Workspace

SOMETHING_SET_ASIDE = 3
"""Exit code of an ingest that could not use every row."""


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
    wanted = Wanted(dict(map(field_column, column or ())), home.currency, category, limit, pictures)
    where = path if is_address(path) else Path(path)
    try:
        with progress_bars() as bars:
            report = home.ingest(
                where,
                name=name,
                wanted=wanted,
                prune=prune,
                workers=workers,
                ray={"": None, "local": ""}.get(ray, ray),
                progress=bars.taken_in,
            )
    except KeyboardInterrupt:
        _stopped()
    if as_json:
        print_json(report.counts())
    else:
        _say(report, name or catalogue_name(where))
    _warn_of_many(home, report)
    if report.set_aside:
        raise typer.Exit(SOMETHING_SET_ASIDE)


def _warn_of_many(home: Workspace, report: Report) -> None:
    from tools.index.milvus import LITE_LIMIT

    if not home.milvus_uri and report.total > LITE_LIMIT:
        typer.echo(
            f"{report.total:,} products are many for the embedded Milvus, which is good to about "
            f"{LITE_LIMIT:,}. Set POUNCE_MILVUS_URI to a Milvus server.",
            err=True,
        )


def field_column(text: str) -> tuple[str, str]:
    """What `--map FIELD=COLUMN` says. Raises SetupError for anything else."""
    field, separator, column = text.partition("=")
    if not separator or not field or not column:
        raise SetupError(f"--map takes FIELD=COLUMN, such as title=name, not {text!r}.")
    return field.strip(), column.strip()


def _say(report: Report, name: str) -> None:
    typer.echo(
        f"{report.read:,} rows read: {report.new:,} new, {report.changed:,} changed, "
        f"{report.unchanged:,} unchanged. {name!r} has {report.total:,} products and is active."
    )
    if report.missing and report.unparsed:
        typer.echo(
            f"{report.missing:,} products of the catalogue were not found in the file. None is "
            f"removed while rows cannot be read, and {report.unparsed:,} cannot: mend them first."
        )
    elif report.missing and not report.removed:
        typer.echo(
            f"{report.missing:,} products of the catalogue are not in the file; remove them with "
            "--prune."
        )
    elif report.removed:
        typer.echo(f"{report.removed:,} products that the file lacks were removed.")
    if report.report_path:
        typer.echo(
            f"{report.set_aside:,} rows could not be used, {report.mended:,} were used without a "
            f"field. Which and why: {report.report_path}, in short beside it: "
            f"{report.report_path.with_suffix('.txt').name}"
        )


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
            report = home.resume(name, progress=bars.taken_in)
    except KeyboardInterrupt:
        _stopped()
    _say(report, name)
    _warn_of_many(home, report)
    if report.set_aside:
        raise typer.Exit(SOMETHING_SET_ASIDE)


def _stopped() -> NoReturn:
    typer.echo("Stopped. What is in is kept; the same command goes on from there.", err=True)
    raise typer.Exit(INTERRUPTED) from None


def use(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Of a catalogue, or `demo` for the built-in shop.")],
) -> None:
    """Make another catalogue the active one."""
    from tools.workspace import DEMO

    home = workspace_of(context)
    if name == DEMO:
        with progress_bars() as bars:
            home.prepare_demo(activate=True, drawn=bars.drawn, progress=bars.taken_in)
    entry = home.registry.use(name)
    typer.echo(f"{entry.name!r} is active: {entry.total:,} products.")
