"""How the command line shows things: tables, JSON, progress."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tools.catalogue.facts import as_json, major
from tools.money import format_price
from tools.product import Filters, SearchResult, Variant

if TYPE_CHECKING:
    from rich.progress import Progress
    from rich.text import Text

    from tools.ingest import Report


def print_json(data: object) -> None:
    """One JSON object on one line of standard output."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")


def csv_cell(text: str) -> str:
    """Text that a spreadsheet shows and does not compute (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def plain_text(text: str, style: str = "") -> Text:
    """Strangers' words: no markup, and no character that a terminal obeys."""
    from rich.text import Text

    return Text("".join(c if c.isprintable() or c == "\n" else "�" for c in text), style)


def result_json(result: SearchResult, currency: str) -> dict[str, Any]:
    """A search as JSON: prices are decimals in major units, or null where unknown."""
    rows = []
    for number, match in enumerate(result.matches, start=1):
        facts = as_json(match.product)
        score = round(match.score, 6)
        rows.append(
            {"number": number, **facts, "variant": _variant(match.variant)}
            | {"score": score, "reason": match.reason}
        )
    timings = {stage: round(ms, 1) for stage, ms in result.timings_ms.items()}
    return {
        "results": rows,
        "filters": filters_json(result.filters, currency),
        "timings_ms": timings,
    }


def _variant(variant: Variant | None) -> dict[str, object] | None:
    """The variant that a result is shown as."""
    return None if variant is None else {"id": variant.id, "options": dict(variant.options)}


def filters_json(filters: Filters, currency: str) -> dict[str, Any]:
    """The filters that are set, prices in major units."""
    every = {
        "min_price": major(filters.min_price, currency),
        "max_price": major(filters.max_price, currency),
        "categories": list(filters.categories),
        "colors": list(filters.colors),
        "brands": list(filters.brands),
        "min_rating": filters.min_rating,
        "exclude_words": list(filters.exclude_words),
        "options": list(filters.options),
        "in_stock": filters.in_stock,
        "on_sale": filters.on_sale,
    }
    return {name: value for name, value in every.items() if value not in (None, [], False)}


def print_table(result: SearchResult) -> None:
    """The matches for a person."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("#", "Product", "Price", "Category", "Color", "Rating", "Id", box=None)
    for number, match in enumerate(result.matches, start=1):
        product = match.product
        price = product.price_minor
        table.add_row(
            str(number),
            Text(product.title),
            "not given" if price is None else format_price(price, product.currency),
            Text(product.category[-1] if product.category else ""),
            Text(product.color),
            "" if product.rating is None else f"{product.rating:.1f}",
            Text(product.id),
        )
    console = Console()
    if result.matches:
        console.print(table)
    else:
        console.print("Nothing in the catalogue fits all of this. Let one of the limits go.")
    console.print(f"[dim]{result.timings_ms['total']:.0f} ms[/dim]")


@dataclass(frozen=True)
class Bars:
    """Callbacks that draw progress on standard error."""

    drawing: Callable[[int, int], None]
    ingesting: Callable[[Report], None]
    counting: Callable[[str], Callable[[int, int], None]]
    """A bar of that name, to be told (done, all)."""


@contextmanager
def progress_bars() -> Iterator[Bars]:
    """Bars that appear when something reports for the first time, and stay when it is done."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
        TextColumn("{task.fields[counts]}"), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield Bars(
            _counter(progress, "Drawing the built-in shop"),
            _ingesting(progress),
            partial(_counter, progress),
        )


def _counter(progress: Progress, label: str) -> Callable[[int, int], None]:
    tasks: list[Any] = []

    def update(done: int, total: int) -> None:
        if not tasks:
            tasks.append(progress.add_task(label, total=total, counts=""))
        progress.update(tasks[0], completed=done, total=total, counts=f"{done:,} of {total:,}")

    return update


def _ingesting(progress: Progress) -> Callable[[Report], None]:
    tasks: list[Any] = []
    began, before = 0.0, 0

    def update(report: Report) -> None:
        nonlocal began, before
        if not tasks:
            began, before = time.monotonic(), report.read
            tasks.append(progress.add_task("Taking products in", total=None, counts=""))
        progress.update(
            tasks[0],
            completed=report.done or 0,
            total=None if report.done is None else 1.0,
            counts=counts_so_far(report, report.read - before, time.monotonic() - began),
        )

    return update


def counts_so_far(report: Report, rows: int, seconds: float) -> str:
    """For a progress bar: "1,200 rows, 40 set aside, 35 a second", by the rows of the seconds."""
    counts = [f"{report.read:,} rows"]
    for count, word in ((report.unchanged, "unchanged"), (report.set_aside, "set aside")):
        if count:
            counts.append(f"{count:,} {word}")
    if seconds > 1:
        counts.append(f"{rows / seconds:,.0f} a second")
    return ", ".join(counts)
