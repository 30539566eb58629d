"""`pounce feedback`: what shoppers thought of answers, with the turn that each is about."""

from __future__ import annotations

import asyncio
import csv
import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tools.errors import RequestError, SetupError
from ui.cli.options import settings_of
from ui.cli.output import csv_cell, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.records.record import TurnRecord
    from assistant.records.turn_records import TurnRecords
    from ui.chat.conversations.store import Judgement

_COLUMNS = (
    "at", "thumb", "comment", "asked", "answered", "shown", "thread_name", "thread", "turn"
)  # fmt: skip
_ESCAPES = re.compile(r"\\([!-/:-@\[-`{-~])|\u2060")
"""What keeps an answer's words from being Markdown on the page."""


def feedback(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
) -> None:
    """Print every thumb, up or down, with its comment, what was asked, answered and shown.

    As CSV, the oldest first. Shoppers' words are in it. What their turns did in full:
    `pounce explain TURN`.
    """
    from assistant.factory import open_records

    settings = settings_of(context)
    path = settings.home_path / "conversations.sqlite"
    url = settings.database_url.get_secret_value()
    if not url and not path.exists():
        raise RequestError(
            f"No conversation was ever kept in {settings.home_path}. Open the chat first: "
            "pounce chat."
        )
    records = open_records(settings)
    rows = [_row(judgement, records) for judgement in asyncio.run(_judgements(path, url))]
    if as_json:
        for row in rows:
            print_json(row)
        return
    writer = csv.writer(sys.stdout)
    writer.writerow(_COLUMNS)
    for row in rows:
        cells = {**row, "shown": " · ".join(row["shown"])}
        writer.writerow([csv_cell(str(cells[column])) for column in _COLUMNS])


async def _judgements(path: Path, url: str) -> list[Judgement]:
    from ui.chat.conversations.store import open_threads

    async with open_threads(path, url) as threads:
        return await threads.judgements()


def _row(judgement: Judgement, records: TurnRecords) -> dict[str, Any]:
    record = _record(judgement, records)
    return {
        "at": judgement.at,
        "thumb": "up" if judgement.value else "down",
        "comment": judgement.comment,
        "asked": record.text if record else judgement.asked,
        "answered": record.answer if record else _ESCAPES.sub(r"\1", judgement.answered),
        "shown": _shown(record) if record else [],
        "thread_name": judgement.thread_name,
        "thread": judgement.thread,
        "turn": judgement.turn,
    }


def _record(judgement: Judgement, records: TurnRecords) -> TurnRecord | None:
    """The record of the turn; None for one that was not kept or has made room."""
    try:
        return records.read(judgement.turn) if judgement.turn else None
    except (RequestError, SetupError):
        return None


def _shown(record: TurnRecord) -> list[str]:
    """Titles of the newest list of the turn, in the order that the shopper saw last."""
    if not record.searches:
        return []
    search = record.searches[-1]
    ranked = [ranking.final for ranking in search.rankings if ranking.final]
    return [row.title for row in (ranked[-1] if ranked else search.found)]
