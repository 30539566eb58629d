"""Figures of reranked answers: the lists as shown at a trust, and the lift over the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.evaluate.figures.bootstrap import mean_interval
from tools.evaluate.figures.summary import MEASURES, Figures, percentile
from tools.evaluate.inputs.labels import Answer
from tools.rerank.rerank import fused_order


@dataclass(frozen=True, slots=True)
class RerankedAnswer:
    """An answer whose list a vision model ranked."""

    answer: Answer
    model_order: tuple[int, ...]
    """The model's own order of `answer.ids`, as places from 0; theirs where it gave none."""
    outcome: str
    """"complete", "repaired" or "fell back"."""
    seconds: float
    """Of the whole rerank, with caption and reasons."""

    def ids(self, trust: float) -> tuple[str, ...]:
        """What is shown when the model is trusted this far."""
        order = fused_order(self.model_order, trust) if trust else range(len(self.answer.ids))
        return tuple(self.answer.ids[place] for place in order)


def rerank_figures(reranked: Sequence[RerankedAnswer], trust: float) -> Figures:
    """Figures of the lists as they are shown at this trust, and the lift over the search's order.

    `rerank.lift.NAME` is the mean difference by query, `.low` and `.high` its 95 % interval;
    `rerank.model.NAME` the model's order alone; `rerank.wrong_first` is about the queries whose
    first product the search had wrong.
    """
    found: Figures = {"rerank.n": len(reranked), "rerank.trust": trust}
    labelled = [each for each in reranked if each.answer.query.relevant]
    for name, measure in MEASURES.items():
        if not labelled:
            break
        after = [measure(each.ids(trust), each.answer.query) for each in labelled]
        before = [measure(each.answer.ids, each.answer.query) for each in labelled]
        alone = [measure(each.ids(1), each.answer.query) for each in labelled]
        lift = mean_interval([new - old for new, old in zip(after, before, strict=True)])
        found[f"rerank.{name}"] = sum(after) / len(after)
        found[f"rerank.model.{name}"] = sum(alone) / len(alone)
        found[f"rerank.lift.{name}"] = lift.mean
        found[f"rerank.lift.{name}.low"] = lift.low
        found[f"rerank.lift.{name}.high"] = lift.high
    wrong = [each for each in labelled if not each.answer.query.relevant & {*each.answer.ids[:1]}]
    found["rerank.wrong_first.n"] = len(wrong)
    if wrong:
        first = [MEASURES["recall@1"](each.ids(trust), each.answer.query) for each in wrong]
        found["rerank.wrong_first.recall@1"] = sum(first) / len(first)
    if reranked:
        for outcome in ("complete", "repaired", "fell back"):
            share = sum(each.outcome == outcome for each in reranked) / len(reranked)
            found[f"rerank.{outcome.replace(' ', '_')}"] = share
        seconds = [each.seconds for each in reranked]
        found["rerank.seconds.p50"] = percentile(seconds, 50)
        found["rerank.seconds.p95"] = percentile(seconds, 95)
    return found
