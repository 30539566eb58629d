"""What `pounce ingest` and `pounce catalogues --continue` say when an ingest has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import typer

from ui.cli.interrupt import INTERRUPTED

if TYPE_CHECKING:
    from tools.ingest import Report
    from tools.workspace import Workspace


def print_report(report: Report, name: str) -> None:
    """The counts of an ingest, and where the rows that could not be used are named."""
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
    if report.variants:
        typer.echo(f"They have {report.variants:,} variants together.")
    if report.switched_off:
        reasons = ", ".join(f"{count:,} {why}" for why, count in report.off_reasons.items())
        typer.echo(
            f"{report.switched_off:,} are switched off in the shop and stay out ({reasons})."
        )
    if report.without_picture:
        typer.echo(
            f"{report.without_picture:,} products have no picture that can be used: words find "
            "them, a photo does not."
        )
    for host, count in report.unreachable.items():
        typer.echo(
            f"{host} could not be reached for {count:,} pictures. The same command, run again "
            "later, tries these alone."
        )
    if report.report_path:
        typer.echo(
            f"{report.set_aside:,} rows could not be used, {report.mended:,} were used without a "
            f"field. Which and why: {report.report_path}, in short beside it: "
            f"{report.report_path.with_suffix('.txt').name}"
        )


def print_currency(currency: str) -> None:
    """Asks for the currency of prices that name none."""
    typer.echo(
        f"The file names no currency, so its prices were read as {currency}. Is that right? If "
        "not, set POUNCE_CURRENCY, such as POUNCE_CURRENCY=EUR, and run the same command again."
    )


def warn_if_too_many(home: Workspace, report: Report) -> None:
    """Names the limit of the embedded Milvus where a catalogue is past it."""
    from tools.index.milvus import LITE_LIMIT

    if not home.milvus_uri and report.total > LITE_LIMIT:
        typer.echo(
            f"{report.total:,} products are many for the embedded Milvus, which is good to about "
            f"{LITE_LIMIT:,}. Set POUNCE_MILVUS_URI to a Milvus server.",
            err=True,
        )


def exit_interrupted() -> NoReturn:
    """Ends the command after Ctrl-C."""
    typer.echo("Stopped. What is in is kept; the same command goes on from there.", err=True)
    raise typer.Exit(INTERRUPTED) from None
