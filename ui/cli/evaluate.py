"""`pounce evaluate`: how good the search is, on labelled queries, photos and the built-in shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.errors import SetupError
from ui.cli.interrupt import INTERRUPTED
from ui.cli.options import SET_ASIDE, field_mapping, settings_of, workspace_of
from ui.cli.output import print_json, progress_bars

if TYPE_CHECKING:
    from assistant.dialogue_runner import DialogueRunner
    from assistant.settings import Settings
    from tools.evaluate.evaluation import Evaluation
    from tools.evaluate.figures.measurement import Measurement
    from tools.evaluate.inputs.labels import LabelledQuery
    from tools.evaluate.runs.shop_queries import RerankOptions, SearchOptions
    from tools.workspace import Workspace

DEMO = "demo"
_LISTS = {"picture": "picture", "words": "words", "text": "words", "bm25": "bm25"}
"""The lists of a search by what they may be called."""
_FILES = (".csv", ".tsv", ".txt", ".json", ".jsonl")
_SAID = 10
_MOST_COLUMNS = 7
"""Kinds of queries that stand side by side on a screen; more stand below each other."""


def evaluate(
    context: typer.Context,
    queries: Annotated[
        str,
        typer.Argument(help="Labelled queries or dialogues (JSONL), or `demo` for the built-in's."),
    ] = "",
    demo: Annotated[
        bool, typer.Option("--demo", help="The built-in shop's, made from its attributes.")
    ] = False,
    photos: Annotated[
        Path | None, typer.Option(help="Also real photos: FOLDER/<set>/<label>/<id>.jpg.")
    ] = None,
    catalogue: Annotated[
        str, typer.Option(help="Name of an ingested one, or a file; left out, the active one.")
    ] = "",
    column: Annotated[
        list[str] | None, typer.Option("--map", help="FIELD=COLUMN of the catalogue's file.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Keep the index of the file here, for the next time.")
    ] = None,
    filters: Annotated[bool, typer.Option(help="Search with the filters of the rows.")] = True,
    hide_titles: Annotated[
        bool, typer.Option("--hide-titles", help="The search does not see the titles.")
    ] = False,
    hide_colors: Annotated[
        bool, typer.Option("--hide-colors", help="The search does not see the color field.")
    ] = False,
    lists: Annotated[
        str, typer.Option(help="Search these alone, by commas: picture,words,bm25.")
    ] = "",
    dialogues: Annotated[
        int,
        typer.Option(
            min=0,
            help="Hold so many dialogues of four turns, made from the catalogue's words: 200, say.",
        ),
    ] = 0,
    made: Annotated[
        int,
        typer.Option(
            min=0,
            help="Make so many queries of each kind from the catalogue's own products: varied "
            "photos, kinds, colors, paraphrases; beside full text and color histograms alone.",
        ),
    ] = 0,
    seed: Annotated[int, typer.Option(help="Other dialogues and queries for another number.")] = 0,
    rerank: Annotated[
        bool, typer.Option("--rerank", help="Let the vision model look at what was found.")
    ] = False,
    trust: Annotated[
        float | None, typer.Option(min=0, max=1, help="How far it counts, in this run.")
    ] = None,
    learn_trust: Annotated[
        bool, typer.Option("--learn-trust", help="Rerank, learn how far it counts, keep that.")
    ] = False,
    hard: Annotated[
        bool,
        typer.Option("--hard", help="Also rerank lists with a near neighbour in the first place."),
    ] = False,
    sample: Annotated[
        int,
        typer.Option(
            min=0,
            help="Queries of each kind at most; the embedder alone then searches fewer pictures.",
        ),
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as one object.")] = False,
    html: Annotated[
        Path | None, typer.Option(help="Also a report with plots and worst cases, to this file.")
    ] = None,
) -> None:
    """Measure the search on labelled queries: recall, nDCG, broken limits, latency, lift by rerank.

    Dialogues are held with the chat itself, without a browser: a file of rows with `turns`, or
    --dialogues. Their figures are the share of turns that come out right and broken price limits.
    Ends with exit code 3 when a row could not be used; the figures are about the others.
    """
    from tools.evaluate.evaluation import Evaluation
    from tools.evaluate.runs.open_shop import HiddenFields
    from tools.evaluate.runs.shop_queries import SearchOptions

    subject = _subject(queries, photos, demo=demo, dialogues=dialogues, made=made, seed=seed)
    _check_file(html)
    ways = SearchOptions(
        filters=filters,
        hidden=HiddenFields(hide_titles, hide_colors),
        lists=_lists(lists),
        sample=sample,
        keep=keep,
        mapping=dict(map(field_mapping, column or ())),
    )
    settings, home = settings_of(context), workspace_of(context)
    findings, source = Evaluation(), _source(home, catalogue)
    try:
        looks = None
        if rerank or learn_trust or hard:
            name = DEMO if subject.demo else home.name_of(source)
            looks = _open_reranking(context, settings, trust, name, learn=learn_trust, hard=hard)
        _measure(findings, subject, settings, home, source, ways, looks)
    except KeyboardInterrupt:
        typer.echo("Stopped before the end, so there are no figures.", err=True)
        raise typer.Exit(INTERRUPTED) from None
    _say(findings, as_json=as_json)
    if html is not None:
        _write_report(findings, html)
    if findings.set_aside:
        raise typer.Exit(SET_ASIDE)


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is measured in one run."""

    path: Path | None
    """A file of labelled queries or of dialogues."""
    demo: bool
    photos: Path | None
    dialogues: int
    """Dialogues that are made from the catalogue's words."""
    made: int
    """Queries of each kind that are made from the catalogue's products."""
    seed: int
    talks: bool
    """Whether dialogues are held, from the file or made."""
    rows: Sequence[LabelledQuery] = ()
    """The labelled queries of the file."""
    problems: Sequence[str] = ()
    """Its rows that cannot be used, with the reason."""


def _subject(
    queries: str, photos: Path | None, *, demo: bool, dialogues: int, made: int, seed: int
) -> _Subject:
    """Reads the file of queries, so that a bad one is named before any model is loaded.

    Raises SetupError for nothing to measure, for two sources of dialogues, and for a bad file.
    """
    from tools.evaluate.inputs.dialogue_file import holds_dialogues
    from tools.evaluate.inputs.query_file import read_queries

    demo = demo or queries == DEMO
    path = Path(queries) if queries and queries != DEMO else None
    if path is None and not (demo or dialogues or made) and photos is None:
        raise SetupError(
            "Nothing to measure. Name a JSONL file of labelled queries or dialogues, `demo` for "
            "the built-in shop, --dialogues 200, --made 100, or --photos FOLDER."
        )
    if path is not None and dialogues:
        raise SetupError("Measure a file or --dialogues, not both in one run.")
    talks = bool(dialogues) or (path is not None and holds_dialogues(path))
    read, unusable = read_queries(path) if path and not talks else ([], [])
    problems = [f"{row.where}: {row.reason}" for row in unusable]
    return _Subject(path, demo, photos, dialogues, made, seed, talks, read, problems)


def _measure(
    findings: Evaluation,
    subject: _Subject,
    settings: Settings,
    home: Workspace,
    source: str | Path,
    ways: SearchOptions,
    looks: RerankOptions | None,
) -> None:
    """Adds to the findings what the subject of the run gives."""
    from tools.evaluate.evaluation import (
        QUERIES,
        SHOP,
        compare_with_float32,
        evaluate_demo,
        evaluate_dialogues,
        evaluate_made,
        evaluate_photos,
        evaluate_queries,
    )
    from tools.evaluate.inputs.demo_queries import shop_queries
    from tools.evaluate.progress import ProgressCallbacks

    findings.set_aside += subject.problems
    path = subject.path
    with progress_bars() as bars:
        watch = ProgressCallbacks(bars.drawing, bars.ingesting, bars.counting)
        if subject.talks:
            title = path.name if path else "Dialogues made from the catalogue's words"
            talk = _dialogue_runner(settings, looks)
            evaluate_dialogues(
                findings, home, source, path or subject.dialogues, title, ways, talk, watch,
                seed=subject.seed, max_photo_mb=settings.max_photo_mb,
            )  # fmt: skip
        elif path is not None:
            evaluate_queries(findings, home, source, subject.rows, path.name, ways, looks, watch)
            rows = subject.rows
            compare_with_float32(findings, home, source, lambda: rows, QUERIES, ways, watch)
        if subject.made:
            evaluate_made(findings, home, source, subject.made, ways, watch, seed=subject.seed)
        if subject.demo:
            evaluate_demo(findings, home, ways, looks, watch)
            compare_with_float32(findings, home, DEMO, shop_queries, SHOP, ways, watch)
        if subject.photos is not None:
            evaluate_photos(findings, home, subject.photos, bars.counting)


def _check_file(html: Path | None) -> None:
    """Said before the minutes that measuring may take."""
    if html is not None and (html.is_dir() or not html.absolute().parent.is_dir()):
        raise SetupError(f"--html takes a file in a folder that is there, not {html}.")


def _lists(named: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in named.split(",") if name.strip())
    for name in names:
        if name not in _LISTS:
            raise SetupError(
                f"There is no list {name!r} to search. Name some of: {', '.join(_LISTS)}."
            )
    return tuple(_LISTS[name] for name in names)


def _source(home: Workspace, named: str) -> str | Path:
    """The name of an ingested catalogue, or a file."""
    path = Path(named)
    if not named or any(entry.name == named for entry in home.registry.entries()):
        return named
    if path.exists() or path.suffix.lower() in _FILES or len(path.parts) > 1:
        return path
    return named


def _open_reranking(
    context: typer.Context,
    settings: Settings,
    trust: float | None,
    catalogue: str,
    *,
    learn: bool,
    hard: bool,
) -> RerankOptions:
    """The vision model of the settings, asked as the chat asks it over this catalogue."""
    from assistant.factory import open_vision_model, vision_trust
    from tools.evaluate.runs.shop_queries import RerankOptions

    # It is loaded whatever its trust: how far it can be trusted is the question.
    vision = open_vision_model(settings_of(context, rerank_trust=1.0))
    if vision is None:
        raise SetupError(
            "There is no vision model to rerank with. Name one with POUNCE_VISION_MODEL, or leave "
            "out --rerank."
        )
    return RerankOptions(
        vision,
        vision_trust(settings, vision.name, catalogue) if trust is None else trust,
        learn=learn,
        hard=hard,
        timeout_s=settings.rerank_timeout_s,
        method=settings.rerank_way,
        both_orders=settings.rerank_both_orders,
        reasons=settings.rerank_reasons,
    )


def _dialogue_runner(settings: Settings, looks: RerankOptions | None) -> DialogueRunner:
    """The chat of the settings, which looks at pictures only where that is asked for."""
    from assistant.dialogue_runner import DialogueRunner
    from assistant.factory import check_chat, open_chat
    from tools.agent_tools.rerank import make_rerank
    from tools.rerank.captions import CaptionCache

    check_chat(settings)
    more_tools = []
    if looks is not None:
        captions = CaptionCache(looks.vision, timeout_s=looks.timeout_s)
        more_tools = [
            make_rerank(
                looks.vision,
                captions,
                trust=looks.trust,
                timeout_s=looks.timeout_s,
                way=looks.method,
                both_orders=looks.both_orders,
                reasons=looks.reasons,
            )
        ]
    return DialogueRunner(
        lambda shop: open_chat(settings, lambda: shop.vocabulary, shop),
        results=settings.results,
        limits=settings.turn_limits,
        more_tools=more_tools,
        max_photo_mb=settings.max_photo_mb,
    )


def _say(findings: Evaluation, *, as_json: bool) -> None:
    for note in findings.notes:
        typer.echo(note, err=True)
    if findings.set_aside:
        typer.echo(f"{len(findings.set_aside)} rows could not be used:", err=True)
        for row in findings.set_aside[:_SAID]:
            typer.echo(f"  {row}", err=True)
    if as_json:
        rows = {"set_aside": len(findings.set_aside), "problems": findings.set_aside}
        print_json(findings.figures | rows)
        return
    for done in findings.measurements.values():
        _print_table(done)


def _print_table(done: Measurement) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from tools.evaluate.report.html import format_figure, table_columns

    names, columns = table_columns(done)
    rows = [[format_figure(name, found.get(name)) for _, found in columns] for name in names]
    heads = [head for head, _ in columns]
    if len(heads) > _MOST_COLUMNS:  # turned round, with the figures that peers are compared by
        names, heads, rows = heads, names, [list(row) for row in zip(*rows, strict=True)]
        kept = [place for place, name in enumerate(heads) if not name.startswith("latency.")]
        heads, rows = [heads[n] for n in kept], [[row[n] for n in kept] for row in rows]
    table = Table("", box=None, title=Text(done.title), title_justify="left")
    for head in heads:
        table.add_column(Text(head), justify="right")
    for name, row in zip(names, rows, strict=True):
        table.add_row(Text(name), *row)
    Console().print(table)


def _write_report(findings: Evaluation, path: Path) -> None:
    from tools.evaluate.report.html import html_report

    said = [*findings.notes, *(f"Left out: {row}" for row in findings.set_aside[:_SAID])]
    page = html_report("How good the search is", findings.measurements, said)
    path.write_text(page, encoding="utf-8")
    typer.echo(f"The report is in {path}.", err=True)
