"""`pounce explain`: the records of turns, listed and opened."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.errors import RequestError
from ui.cli.options import settings_of
from ui.cli.output import filters_json, plain_text, print_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from assistant.records.record import LookRow, RankingRow, SearchRow, TurnRecord
    from assistant.records.turn_records import TurnRecords
    from tools.product import Filters

LATEST = "latest"
_LISTED = 20
_FIRST_WORDS = 48


def explain(
    context: typer.Context,
    turn: Annotated[
        str, typer.Argument(help="Id of a turn, or `latest`; left out, the newest are listed.")
    ] = "",
    picture: Annotated[
        Path | None,
        typer.Option(help="Write the picture that the vision model saw last to this PNG file."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="The whole record as one object.")
    ] = False,
) -> None:
    """Show what a turn did: words, candidates, the picture that was looked at, order, seconds.

    Records hold shoppers' words; how many are kept is POUNCE_TURN_RECORDS.
    """
    from assistant.factory import open_records

    store = open_records(settings_of(context))
    if not turn:
        if picture is not None:
            raise RequestError("--picture needs a turn: its id, or latest.")
        _list(store, as_json=as_json)
        return
    record = _record(store, turn)
    if picture is not None:
        names = record.pictures()
        if not names:
            raise RequestError(
                f"No vision model looked at anything in turn {record.id}, so there is no picture. "
                "See what happened with: pounce explain " + record.id
            )
        picture.write_bytes(store.picture(record.id, names[-1]))
        typer.echo(f"{picture} holds what the vision model saw.", err=True)
    if as_json:
        print_json(dataclasses.asdict(record))
    elif picture is None:
        _print(record, store.place(record.id))
        if (thumb := store.feedback(record.id)) is not None:
            said = f": {thumb['comment']}" if thumb["comment"] else ""
            typer.echo(f"Thumb {'up' if thumb['value'] else 'down'}{said}")
        for click in store.clicks(record.id):
            where = "cart" if click["cart"] else "page"
            named = click["variant"] or click["product"]
            typer.echo(f"Link to the {where} of number {click['number']} followed: {named}")


def _record(store: TurnRecords, turn: str) -> TurnRecord:
    if turn != LATEST:
        return store.read(turn)
    listed = store.newest(1)
    for sentence in listed.unreadable:
        typer.echo(f"pounce: {sentence}", err=True)
    if not listed.records:
        raise RequestError(nothing_recorded(store))
    return listed.records[0]


def nothing_recorded(store: TurnRecords) -> str:
    """Says that there is no record, and what to do for one."""
    if not store.enabled:
        return (
            "No turn is recorded, and none will be. Set POUNCE_TURN_RECORDS and "
            "POUNCE_TURN_RECORDS_MB above 0 to keep some."
        )
    return "No turn is recorded yet. Ask for something first, with pounce ask or pounce chat."


def _list(store: TurnRecords, *, as_json: bool) -> None:
    listed = store.newest(_LISTED)
    for sentence in listed.unreadable:
        typer.echo(f"pounce: {sentence}", err=True)
    rows = [
        {
            "id": record.id,
            "started_at": record.started_at,
            "text": record.text,
            "photos": len(record.photos),
            "outcome": _outcome(record),
            "incident": record.incident,
            "seconds": record.seconds,
        }
        for record in listed.records
    ]
    if as_json:
        print_json(rows)
        return
    if not rows:
        typer.echo(nothing_recorded(store))
        return
    from rich.console import Console

    table = _table("Turn", "Started (UTC)", "Seconds", "Outcome", "First words")
    for row, record in zip(rows, listed.records, strict=True):
        words = " ".join(record.text.split()) or "(no words)"
        photos = f" +{len(record.photos)} photo" if record.photos else ""
        cut = words if len(words) <= _FIRST_WORDS else f"{words[:_FIRST_WORDS]}…"
        table.add_row(
            record.id,
            _time(record),
            f"{record.seconds:.1f}",
            plain_text(str(row["outcome"])),
            plain_text(cut + photos),
        )
    Console().print(table)


def _outcome(record: TurnRecord) -> str:
    """How the turn ended, and how the looks of it did: "done, reranked"."""
    rankings = [ranking for search in record.searches for ranking in search.rankings]
    looks = [_ranked(ranking) for ranking in rankings]
    return ", ".join([record.outcome, *dict.fromkeys(looks)])


def _ranked(ranking: RankingRow) -> str:
    if ranking.outcome in ("complete", "repaired"):
        return "reranked"
    return f"look {ranking.outcome}" if ranking.outcome == "stopped" else ranking.outcome


def _time(record: TurnRecord) -> str:
    return record.started_at[:19].replace("T", " ")


def _print(record: TurnRecord, place: str) -> None:
    """The whole record for a person."""
    from rich.console import Console

    console = Console()
    _heading(console, f"Turn {record.id}")
    _rows(
        console,
        {
            "Started": f"{_time(record)} UTC",
            "Ended": f"{_outcome(record)}, after {record.seconds:.2f} s",
            "Told": record.sentence,
            "Incident": record.incident,
            "Words": record.text or "none",
            "Photos": ", ".join(f"{photo.name} ({photo.ref[:12]})" for photo in record.photos),
            "Catalogue": record.catalogue,
            "Chat model": f"{record.chat_model} (prompt {record.prompt_version})",
            "Finished by": f"the built-in one ({record.fell_back})" if record.fell_back else "",
            "Thread": record.thread,
            "Time": _timings(record.timings_s),
            "Folder": place,
        },
    )
    for number, call in enumerate(record.calls, start=1):
        _heading(console, f"Call {number}: {call.tool}, {call.seconds:.2f} s")
        for name, value in call.arguments.items():
            console.print(plain_text(f"  {name}: {value}"))
        if call.error:
            console.print(plain_text(f"  It failed: {call.error}"))
    for number, search in enumerate(record.searches, start=1):
        _print_search(console, number, search, place)
    _heading(console, "Answer")
    console.print(plain_text(record.answer.strip() or "none"))


def _print_search(console: Console, number: int, search: SearchRow, place: str) -> None:
    _heading(console, f"Search {number}")
    left_out = len(search.filters.exclude_ids)
    _rows(
        console,
        {
            "Words": search.words or "none",
            "Photo": f"{search.photo.name} ({search.photo.ref[:12]})" if search.photo else "",
            "Second photo": search.second.name if search.second else "",
            "Like": f"{search.like.title} [{search.like.id}]" if search.like else "",
            "Filters": ", ".join(_filters(search.filters)) or "none",
            "Left out": f"{left_out} products" if left_out else "",
            "Found": f"{len(search.found)} of {search.searched:,}" if search.list_id else "no end",
            "Time": _timings(search.timings_s),
        },
    )
    if search.found:
        table = _table("#", "Score", "Product", "Price", "Color", "Id")
        for row in search.found:
            score = "" if row.score is None else f"{row.score:.4f}"
            price = "not given" if row.price is None else f"{row.price} {row.currency}"
            texts = (row.title, price, row.color, row.id)
            table.add_row(str(row.number), score, *map(plain_text, texts))
        console.print(table)
    for ranking in search.rankings:
        _print_ranking(console, ranking, place)


def _filters(filters: Filters) -> Iterator[str]:
    """Those that are set, prices in major units."""
    for name, value in filters_json(filters, filters.currency).items():
        label = "not" if name == "exclude_words" else name
        if value is True:
            yield label.replace("_", " ")
        else:
            yield f"{label} {' or '.join(value) if isinstance(value, list) else f'{value:g}'}"


def _print_ranking(console: Console, ranking: RankingRow, place: str) -> None:
    _heading(console, f"Look by {ranking.model}")
    _rows(
        console,
        {
            "Outcome": f"{ranking.outcome}, after {ranking.seconds:.2f} s",
            "Why": ranking.why,
            "Told": ranking.told,
            "Trust": f"{ranking.trust:g}",
            "Wanted": ranking.instruction,
            "Query": ranking.words or "the picture that the search started from",
            "Caption": ranking.caption or ranking.caption_why,
            "Confidence": "" if ranking.confidence is None else f"{ranking.confidence:g}",
            "Time": _timings(ranking.timings_s),
            "Model": ranking.fingerprint,
        },
    )
    for look in ranking.looks:
        _print_look(console, look, place)
    if ranking.final:
        mine = {identity: str(n) for n, identity in enumerate(ranking.model_order, start=1)}
        table = _table("#", "Was", "Model", "Moved", "Product", "Reason", "Id")
        for row in ranking.final:
            moved = row.was - row.number
            table.add_row(
                str(row.number),
                str(row.was),
                mine.get(row.id, ""),
                f"{moved:+d}" if moved else "",
                *map(plain_text, (row.title, row.reason, row.id)),
            )
        console.print(table)


def _print_look(console: Console, look: LookRow, place: str) -> None:
    _rows(
        console,
        {
            "Picture": str(Path(place, look.picture)),
            "Outcome": look.outcome,
            "Why": look.why,
            "Numbers": ", ".join(f"{n} {each}" for n, each in enumerate(look.products, start=1)),
            "Scores": ", ".join(
                f"{n} {'none' if score is None else f'{score:.3f}'}"
                for n, score in enumerate(look.scores, start=1)
            ),
            "Prompt": look.prompt,
            "Answer": look.answer,
        },
    )


def _heading(console: Console, words: str) -> None:
    console.print()
    console.print(plain_text(words, "bold"))


def _rows(console: Console, rows: Mapping[str, str]) -> None:
    """What there is, each behind its name; "" is left out."""
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows.items():
        if value:
            table.add_row(name, plain_text(value))
    console.print(table)


def _table(*columns: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _timings(timings_s: Mapping[str, float]) -> str:
    return ", ".join(f"{stage} {seconds:.3f} s" for stage, seconds in timings_s.items())
