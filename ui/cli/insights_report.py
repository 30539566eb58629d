"""The counts of `pounce insights` as sections of rows, and those as a table, a page and CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.cli.output import csv_cell, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assistant.records.insights import Insights

_IN_TABLE = 10
_ON_PAGE = 50
"""Rows of a section; JSON and CSV have all."""


@dataclass(frozen=True, slots=True)
class Row:
    """A count, and what it is a part of."""

    name: str
    count: int
    total: int
    """0 where a share says nothing."""

    @property
    def share(self) -> str:
        """The count in percent of its total; "" where there is none."""
        return f"{self.count / self.total:.1%}" if self.total else ""


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind."""

    title: str
    of: str
    """What a row is."""
    rows: tuple[Row, ...]


def sections(found: Insights) -> list[Section]:
    """Everything that was counted, in the order in which it is read."""
    turns, searches, following = found.turns, found.searches, found.following
    thumbs = found.thumbs_up + found.thumbs_down
    ends = {name: found.outcomes.get(name, 0) for name in ("done", "failed", "stopped")}
    fell_back = sum(found.fell_back.values())
    return [
        Section("Turns", "How they ended", (
            *_rows(ends, turns),
            Row("the chat model fell back", fell_back, turns),
            *_rows({f"fell back: {why}": n for why, n in found.fell_back.items()}, turns),
            Row("the vision model fell back", found.rerank_fell_back, turns),
        )),
        Section("Searches", "What they found", (
            Row("without a result", found.without_result, searches),
            Row("words that no product has", found.unmentioned, searches),
        )),
        Section("Searches without a result", "Asked for", _rows(found.empty, searches)),
        Section("Asked for, and no product has it", "Asked for", _rows(found.missing, 0)),
        Section("Kinds", "Kind", _rows(found.kinds, searches)),
        Section("Colors", "Color", _rows(found.colors, searches)),
        Section("Brands", "Brand", _rows(found.brands, searches)),
        Section("Price limits", "Limit", _rows(found.price_limits, searches)),
        Section("Refinements", "Changed", _rows(found.refinements, following)),
        Section("Clicks by position", "Position", tuple(
            Row(str(each.number), each.clicks, each.shown) for each in found.positions
        )),
        Section("Clicks into the cart by position", "Position", tuple(
            Row(str(each.number), each.carts, each.shown) for each in found.positions
        )),
        Section("Thumbs", "Thumb", (
            Row("up", found.thumbs_up, thumbs), Row("down", found.thumbs_down, thumbs)
        )),
    ]  # fmt: skip


def notes(found: Insights, *, texts: bool) -> list[str]:
    """Sentences on what was counted."""
    if not found.turns:
        return ["No turn is counted.", *_left_out(found)]
    said = [
        f"Turns: {found.turns:,}. Conversations: {found.conversations:,}. Searches: "
        f"{found.searches:,}. From {found.first[:10]} to {found.last[:10]} (UTC)."
    ]
    if not texts:
        said.append("Shoppers' words are left out; POUNCE_LOG_TEXTS=true shows them.")
    return [*said, *_left_out(found)]


def _left_out(found: Insights) -> list[str]:
    if not found.unreadable:
        return []
    return [f"Records that cannot be read and are left out: {found.unreadable:,}."]


def print_insights(found: Insights, *, texts: bool) -> None:
    """The counts for a person at a terminal."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for note in notes(found, texts=texts):
        console.print(plain_text(note))
    for section in sections(found):
        console.print()
        console.print(plain_text(section.title, "bold"))
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(overflow="fold")
        table.add_column(justify="right")
        table.add_column(justify="right")
        for row in section.rows[:_IN_TABLE]:
            table.add_row(plain_text(row.name), f"{row.count:,}", row.share)
        console.print(table if section.rows else "none")
        if len(section.rows) > _IN_TABLE:
            console.print(f"and {len(section.rows) - _IN_TABLE:,} more")


def insights_page(found: Insights, *, texts: bool) -> str:
    """The counts as one page of HTML that loads nothing; all texts are escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("insights.html").render(
        notes=notes(found, texts=texts), sections=sections(found), most=_ON_PAGE
    )


def insights_csv(found: Insights) -> str:
    """A line a count: section, name, count, and the number that it is a part of."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("section", "name", "count", "of"))
    writer.writerows(_lines(found))
    return file.getvalue()


def _lines(found: Insights) -> Iterator[tuple[str, str, int, int | str]]:
    for section in sections(found):
        for row in section.rows:
            yield section.title, csv_cell(row.name), row.count, row.total or ""


def _rows(counts: Mapping[str, int], total: int) -> tuple[Row, ...]:
    return tuple(Row(name, count, total) for name, count in counts.items())
