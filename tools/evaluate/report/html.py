"""The evaluation as one page of HTML that holds all it shows and loads nothing.

Texts are escaped by the templates; pictures are small JPEGs inside the page.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from tools.errors import PhotoError
from tools.evaluate.figures.measurement import Measurement, ReportItem
from tools.evaluate.figures.summary import MEASURES, Figures, by_kind
from tools.evaluate.inputs.labels import SHOWN, Answer
from tools.evaluate.report.svg_charts import Bar, bar_chart
from tools.evaluate.report.templating import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

WORST = 5
"""Cases of each kind that are shown, the worst first."""
_EXPECTED = 2
_SIDE = 96
_TITLE_LENGTH = 70

_PLOTTED = ("recall@1", "recall@5", f"recall@{SHOWN}", f"ndcg@{SHOWN}")


@dataclass(frozen=True, slots=True)
class _Picture:
    """A product or picture of a case."""

    title: str
    jpeg: str
    """In base64; "" where there is none or it cannot be opened."""
    mark: str = ""
    """The CSS class that says how it fits."""
    label: str = ""


@dataclass(frozen=True, slots=True)
class _Case:
    """A query that went wrong."""

    qid: str
    text: str
    constraints: str
    ndcg: str
    searched_from: list[_Picture]
    expected: list[_Picture]
    more: int
    """Expected products that are not shown."""
    came: list[_Picture]


@dataclass(frozen=True, slots=True)
class _Section:
    """One measurement."""

    title: str
    kinds: list[str]
    rows: list[tuple[str, list[str]]]
    """The table: a figure's name, and its value for each of `kinds`."""
    charts: list[Markup]
    worst: list[tuple[str, list[_Case]]]
    """By kind of query."""


def html_report(title: str, measured: Mapping[str, Measurement], notes: Sequence[str] = ()) -> str:
    """The page: figures and charts of each measurement, and its worst cases with their pictures."""
    sections = [_section(each) for each in measured.values()]
    return str(render("report.html", title=title, notes=notes, sections=sections))


def table_columns(measured: Measurement) -> tuple[list[str], list[tuple[str, Figures]]]:
    """The names of the figures that are known, and the figures by kind and over all."""
    columns = [*measured.kinds.items(), ("all", measured.figures)]
    if len(measured.kinds) < 2:
        columns = columns[-1:]
    names = dict.fromkeys(name for _, found in columns for name in found)
    known = [n for n in names if any(found.get(n) is not None for _, found in columns)]
    return known, columns


def format_figure(name: str, value: float | int | None) -> str:
    """A figure for a person: "0.913", "12.4 ms", "1.2 s"; "–" for one that is not known."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    if name.startswith("latency."):
        return f"{value:.1f} ms"
    if ".seconds." in name:
        return f"{value:.2f} s"
    return f"{value:.3f}"


def _section(measured: Measurement) -> _Section:
    names, columns = table_columns(measured)
    return _Section(
        title=measured.title,
        kinds=[kind for kind, _ in columns],
        rows=[
            (name, [format_figure(name, found.get(name)) for _, found in columns]) for name in names
        ],
        charts=[chart for chart in _charts(measured) if chart],
        worst=list(_worst_cases(measured)),
    )


def _charts(measured: Measurement) -> Iterator[Markup]:
    kinds = measured.kinds
    yield bar_chart(
        "Found, by kind of query",
        {kind: _bars(found, _PLOTTED) for kind, found in kinds.items()},
        most=1.0,
    )
    yield bar_chart("Place of the first relevant product", _places(measured.answers))
    stages = dict.fromkeys(
        name.split(".")[1] for name in measured.figures if name.startswith("latency.")
    )
    yield bar_chart(
        "Latency by stage, in ms",
        {
            stage: {
                end: Bar(float(value), f"{value:.1f}")
                for end in ("p50", "p95")
                if (value := measured.figures.get(f"latency.{stage}.{end}")) is not None
            }
            for stage in stages
        },
    )
    yield bar_chart(
        "Lift by the rerank, with its 95 % interval",
        {
            kind: lift
            for kind, found in [*kinds.items(), ("all", measured.figures)]
            if (lift := _lift(found))
        },
    )


def _bars(found: Figures, names: Sequence[str]) -> dict[str, Bar]:
    return {
        name: Bar(float(value), f"{value:.3f}")
        for name in names
        if (value := found.get(name)) is not None
    }


def _places(answers: Sequence[Answer]) -> dict[str, dict[str, Bar]]:
    counts = dict.fromkeys([*map(str, range(1, SHOWN + 1)), "not shown"], 0)
    for answer in answers:
        if answer.query.relevant:
            places = (n for n, i in enumerate(answer.ids, start=1) if i in answer.query.relevant)
            counts[str(next(places, "not shown"))] += 1
    if not any(counts.values()):
        return {}
    return {place: {"queries": Bar(float(n), str(n))} for place, n in counts.items()}


def _lift(found: Figures) -> dict[str, Bar]:
    bars = {}
    for name in ("recall@1", f"ndcg@{SHOWN}"):
        lift = found.get(f"rerank.lift.{name}")
        if lift is not None:
            low, high = found[f"rerank.lift.{name}.low"], found[f"rerank.lift.{name}.high"]
            bars[name] = Bar(float(lift), f"{lift:+.3f}", low, high)
    return bars


def _worst_cases(measured: Measurement) -> Iterator[tuple[str, list[_Case]]]:
    ndcg = MEASURES[f"ndcg@{SHOWN}"]
    for kind, answers in by_kind(measured.answers).items():
        cases = []
        for answer in answers:
            ids = measured.reranked.get(answer.query.qid, answer.ids)
            value = ndcg(ids, answer.query)
            if (answer.query.relevant and value < 1) or answer.broken:
                cases.append((value, answer, ids))
        cases.sort(key=lambda case: case[0])
        if cases:
            yield (
                kind,
                [_case(measured, answer, ids, value) for value, answer, ids in cases[:WORST]],
            )


def _case(measured: Measurement, answer: Answer, ids: Sequence[str], value: float) -> _Case:
    query = answer.query
    best_first = sorted(query.grades, key=lambda identity: -query.grades[identity])
    expected = [i for i in best_first if i in query.relevant] or list(query.relevant)
    return _Case(
        qid=query.qid,
        text=query.text,
        constraints=_constraints(answer),
        ndcg=f"{value:.2f}",
        searched_from=[_picture(item, "", "searched from") for item in _start(measured, answer)],
        expected=[_found(measured, answer, i) for i in expected[:_EXPECTED]],
        more=max(0, len(expected) - _EXPECTED),
        came=[_found(measured, answer, i) for i in ids],
    )


def _start(measured: Measurement, answer: Answer) -> Iterator[ReportItem]:
    """The picture or product that the search started from; none for words."""
    query = answer.query
    if query.photo is not None:
        yield ReportItem("", query.photo)
    elif query.reference:
        yield measured.item(query.reference)


def _constraints(answer: Answer) -> str:
    stated = answer.query.stated
    values = {
        "from": stated.min_price, "up to": stated.max_price, "stars": stated.min_rating,
        "category": ", ".join(stated.categories), "color": ", ".join(stated.colors),
        "brand": ", ".join(stated.brands),
    }  # fmt: skip
    text = "; ".join(f"{name} {value}" for name, value in values.items() if value not in (None, ""))
    return f"({text})" if text else ""


def _found(measured: Measurement, answer: Answer, identity: str) -> _Picture:
    query = answer.query
    if identity in answer.broken:
        mark, label = "breaks", "breaks a constraint"
    elif identity in query.relevant:
        mark, label = "fits", "fits"
    elif identity in query.grades or identity in query.hard_negatives:
        mark, label = "partly", "nearly fits"
    else:
        mark, label = "", "does not fit"
    return _picture(measured.item(identity), mark, label)


def _picture(item: ReportItem, mark: str, label: str) -> _Picture:
    title = item.title
    if len(title) > _TITLE_LENGTH:
        title = f"{title[: _TITLE_LENGTH - 1]}…"
    return _Picture(title, _thumbnail(item.picture), mark, label)


def _thumbnail(picture: Callable[[], Image] | None) -> str:
    """The picture small, as base64; "" where there is none or it cannot be opened."""
    if picture is None:
        return ""
    try:
        image = picture().convert("RGB")
    except (PhotoError, OSError):
        return ""
    image.thumbnail((_SIDE, _SIDE))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=70)
    return base64.b64encode(file.getvalue()).decode("ascii")
