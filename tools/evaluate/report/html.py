"""The measurement as one page of HTML that holds all it shows and asks for nothing.

Whatever a catalogue, a query or a model wrote is escaped; pictures are small JPEGs inside.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from tools.errors import PhotoError
from tools.evaluate.figures.measurement import Measurement, ReportItem
from tools.evaluate.figures.summary import MEASURES, Figures, by_kind
from tools.evaluate.inputs.labels import SHOWN, Answer
from tools.evaluate.report.svg_charts import Bar, bar_chart

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

WORST = 5
"""Cases of each kind that are shown, the worst first."""
_EXPECTED = 2
_SIDE = 96
_TITLE = 70

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { max-width: 1180px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 3rem; } h3 { margin: 2rem 0 .5rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; }
figure { margin: 1.5rem 0; overflow-x: auto; } figcaption { font-weight: 600; }
svg { font-size: 12px; } svg text { fill: currentColor; } svg .value { font-size: 11px; }
svg .zero { stroke: currentColor; opacity: .5; }
svg .interval { stroke: currentColor; fill: none; stroke-width: 1.5; }
.key { font-weight: 400; margin-left: 1rem; }
.key i { display: inline-block; width: .8em; height: .8em; margin-right: .3em; }
.case { border-top: 1px solid #8884; padding: .8rem 0; }
.row { display: flex; gap: .5rem; flex-wrap: wrap; align-items: flex-start; }
.row > .name { width: 5.5rem; opacity: .7; }
.thing { width: 100px; font-size: 11px; overflow-wrap: anywhere; }
.thing .picture { width: 96px; height: 96px; object-fit: contain; background: #8882;
  border: 2px solid transparent; display: block; }
.fits .picture { border-color: #2a9d8f; } .partly .picture { border-color: #e9a23b; }
.breaks .picture { border-color: #c8553d; }
"""

_PLOTTED = ("recall@1", "recall@5", f"recall@{SHOWN}", f"ndcg@{SHOWN}")


def html_report(title: str, measured: Mapping[str, Measurement], notes: Sequence[str] = ()) -> str:
    """The page: figures and plots of each measurement, and its worst cases with their pictures."""
    body = [f"<h1>{escape(title)}</h1>", *(f"<p>{escape(note)}</p>" for note in notes)]
    for each in measured.values():
        body += [f"<h2>{escape(each.title)}</h2>", _table(each), *_plots(each)]
        body += _worst_cases(each)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src data:; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(body)}</body></html>\n"
    )


def table_columns(measured: Measurement) -> tuple[list[str], list[tuple[str, Figures]]]:
    """The names of the figures that are known, and the figures by kind and over all."""
    columns = [*measured.kinds.items(), ("all", measured.figures)]
    if len(measured.kinds) < 2:
        columns = columns[-1:]
    names = dict.fromkeys(name for _, found in columns for name in found)
    known = [n for n in names if any(found.get(n) is not None for _, found in columns)]
    return known, columns


def _table(measured: Measurement) -> str:
    names, columns = table_columns(measured)
    head = "".join(f"<th>{escape(kind)}</th>" for kind, _ in columns)
    lines = "".join(
        f"<tr><td>{escape(name)}</td>"
        + "".join(
            f"<td>{escape(format_figure(name, found.get(name)))}</td>" for _, found in columns
        )
        + "</tr>"
        for name in names
    )
    return f"<table><tr><th></th>{head}</tr>{lines}</table>"


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


def _plots(measured: Measurement) -> Iterable[str]:
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


def _worst_cases(measured: Measurement) -> Iterable[str]:
    worth = MEASURES[f"ndcg@{SHOWN}"]
    for kind, answers in by_kind(measured.answers).items():
        cases = []
        for answer in answers:
            ids = measured.reranked.get(answer.query.qid, answer.ids)
            value = worth(ids, answer.query)
            if (answer.query.relevant and value < 1) or answer.broken:
                cases.append((value, answer, ids))
        cases.sort(key=lambda case: case[0])
        if cases:
            yield f"<h3>Worst cases: {escape(kind)}</h3>"
        for value, answer, ids in cases[:WORST]:
            yield _case(measured, answer, ids, value)


def _case(measured: Measurement, answer: Answer, ids: Sequence[str], value: float) -> str:
    query = answer.query
    start = "".join(
        _picture(thing, "", "searched from") for thing in _searched_from(measured, answer)
    )
    fits = sorted(query.grades, key=lambda identity: -query.grades[identity])
    wanted = [i for i in fits if i in query.relevant] or list(query.relevant)
    expected = "".join(_shown_thing(measured, answer, i) for i in wanted[:_EXPECTED])
    more = f"<span>and {len(wanted) - _EXPECTED} more</span>" if len(wanted) > _EXPECTED else ""
    came = "".join(_shown_thing(measured, answer, i) for i in ids) or "<span>nothing</span>"
    asked = f" “{escape(query.text)}”" if query.text else ""
    return (
        f'<div class="case"><p><b>{escape(query.qid)}</b>{asked} {escape(_limits(answer))} '
        f"nDCG {value:.2f}</p>"
        f'<div class="row"><span class="name">asked with</span>{start or "<span>words</span>"}'
        f'<span class="name">expected</span>{expected}{more}</div>'
        f'<div class="row"><span class="name">came</span>{came}</div></div>'
    )


def _searched_from(measured: Measurement, answer: Answer) -> Iterable[ReportItem]:
    query = answer.query
    if query.photo is not None:
        yield ReportItem("", query.photo)
    elif query.reference:
        yield measured.item(query.reference)


def _limits(answer: Answer) -> str:
    stated = answer.query.stated
    said = {
        "from": stated.min_price, "up to": stated.max_price, "stars": stated.min_rating,
        "category": ", ".join(stated.categories), "color": ", ".join(stated.colors),
        "brand": ", ".join(stated.brands),
    }  # fmt: skip
    told = "; ".join(f"{name} {value}" for name, value in said.items() if value not in (None, ""))
    return f"({told})" if told else ""


def _shown_thing(measured: Measurement, answer: Answer, identity: str) -> str:
    query = answer.query
    if identity in answer.broken:
        mark, said = "breaks", "breaks a constraint"
    elif identity in query.relevant:
        mark, said = "fits", "fits"
    elif identity in query.grades or identity in query.hard_negatives:
        mark, said = "partly", "nearly fits"
    else:
        mark, said = "", "does not fit"
    return _picture(measured.item(identity), mark, said)


def _picture(thing: ReportItem, mark: str, said: str) -> str:
    title = thing.title if len(thing.title) <= _TITLE else f"{thing.title[: _TITLE - 1]}…"
    data = _thumbnail(thing.picture)
    inside = (
        f'<img class="picture" alt="" src="data:image/jpeg;base64,{data}">'
        if data
        else '<span class="picture"></span>'
    )
    return f'<div class="thing {mark}" title="{escape(said)}">{inside}{escape(title)}</div>'


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
