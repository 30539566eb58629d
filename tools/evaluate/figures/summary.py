"""Figures of many answers, under the names that the JSON and the tables have.

`recall@k`, `mrr`, `ndcg@9` and `map@9` are means over the queries that name something relevant;
`violations` is the share of shown results that break a constraint, over the queries that state
one; `hard_negatives@1` the share of queries with hard negatives whose first result is one. A
figure that nothing is known for is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from tools.evaluate.figures.metrics import average_precision, ndcg, recall, reciprocal_rank
from tools.evaluate.inputs.labels import SHOWN, Answer, LabelledQuery

Figures = dict[str, float | int | None]
"""By name. Shares and measures are 0 to 1, latencies milliseconds."""

_Measure = Callable[[Sequence[str], LabelledQuery], float]

MEASURES: Mapping[str, _Measure] = {
    "recall@1": lambda ids, query: recall(ids, query.relevant, 1),
    "recall@5": lambda ids, query: recall(ids, query.relevant, 5),
    f"recall@{SHOWN}": lambda ids, query: recall(ids, query.relevant, SHOWN),
    "mrr": lambda ids, query: reciprocal_rank(ids, query.relevant),
    f"ndcg@{SHOWN}": lambda ids, query: ndcg(ids, query.grades, SHOWN),
    f"map@{SHOWN}": lambda ids, query: average_precision(ids, query.relevant, SHOWN),
}
"""What one list is worth for one query."""


def figures(answers: Sequence[Answer]) -> Figures:
    """All figures of these answers."""
    labelled = [answer for answer in answers if answer.query.relevant]
    limited = [answer for answer in answers if answer.constrained]
    near = [answer for answer in answers if answer.query.hard_negatives]
    found: Figures = {"n": len(answers)}
    for name, measure in MEASURES.items():
        found[name] = _mean(measure(answer.ids, answer.query) for answer in labelled)
    shown = sum(len(answer.ids) for answer in limited)
    broken = sum(len(answer.broken) for answer in limited)
    found["violations"] = broken / shown if shown else 0.0 if limited else None
    found["hard_negatives@1"] = _mean(
        float(bool(set(answer.ids[:1]) & answer.query.hard_negatives)) for answer in near
    )
    return found | _latencies(answers)


def by_kind(answers: Sequence[Answer]) -> dict[str, list[Answer]]:
    """The answers by the kind of their query, in the order in which kinds come up."""
    kinds: dict[str, list[Answer]] = {}
    for answer in answers:
        kinds.setdefault(answer.query.kind, []).append(answer)
    return kinds


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which this percentage of the values lies."""
    return float(np.percentile(list(values), share))


def _latencies(answers: Sequence[Answer]) -> Figures:
    stages = dict.fromkeys(stage for answer in answers for stage in answer.timings_ms)
    found: Figures = {}
    for stage in stages:
        times = [a.timings_ms[stage] for a in answers if stage in a.timings_ms]
        found[f"latency.{stage}.p50"] = percentile(times, 50)
        found[f"latency.{stage}.p95"] = percentile(times, 95)
    return found


def _mean(values: Iterable[float]) -> float | None:
    given = list(values)
    return sum(given) / len(given) if given else None
