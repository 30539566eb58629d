"""Putting found products in order by looking at them; whatever the model does, none is lost.

Not covered: whether the vision model's taste is any good (its trust is measured elsewhere), and
ending a call that hangs inside a model (it is left behind at the deadline).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Literal

import numpy as np
from PIL.Image import Image

from tools.errors import PhotoError, PounceError
from tools.fusion import fuse
from tools.index.milvus import Hit
from tools.photos import open_photo
from tools.product import Match
from tools.rerank.answer import ANSWER_START, RankingAnswer
from tools.rerank.deadline import Deadline
from tools.rerank.grid import draw_grid
from tools.rerank.guarantee import Outcome, Settled, settle
from tools.rerank.prompt import ranking_prompt
from tools.rerank.vision_model import VisionModel
from tools.rerank.windows import merge_window, plan_windows

log = logging.getLogger(__name__)

Way = Literal["one pass", "generated"]
"""How the order is had: from the scores of the labels, without decoding, or from written JSON."""

UNKNOWN_TRUST = 0.5
"""For a model that nothing is known of: its word is worth the retriever's."""

_FAILURES = (PounceError, OSError)
"""What a backend raises when its model fails; TimeoutError and lost connections are OSErrors."""


@dataclass(frozen=True, slots=True)
class Look:
    """One time that the model looked, as it was."""

    places: tuple[int, ...]
    """Which candidate had number 1, 2, ...: places from 0 in the list that was given."""
    picture: Image
    prompt: str
    outcome: Outcome
    why: str
    answer: str = ""
    """Raw; in one pass the answer with the reasons, "" when none were asked for."""
    scores: tuple[float, ...] = ()
    """Log-probability of each number in one pass; () when the order was written."""
    order: tuple[int, ...] = ()
    """The places, best first."""


@dataclass(frozen=True, slots=True)
class Reranked:
    """Every candidate exactly once, and how its place came about."""

    matches: tuple[Match, ...]
    """Best first, with the reasons that the model gave."""
    order: tuple[int, ...]
    """By new place: the place that it moved from, both from 0."""
    model_order: tuple[int, ...]
    """The model's own order, before the retriever's word; the retriever's when it has none."""
    outcome: Outcome | Literal["not asked"]
    why: str
    """What was wrong, as a sentence; "" when nothing was."""
    confidence: float | None = None
    """What the model says of itself, 0 to 1; not calibrated."""
    looks: tuple[Look, ...] = ()
    """The last one is about the first candidates, in the order given unless windows moved them."""
    timings_s: dict[str, float] = field(default_factory=dict)
    """Seconds by stage: pictures, grid, ranking, reasons."""


def rerank(
    vision: VisionModel,
    query: Image | str,
    caption: str,
    candidates: Sequence[Match],
    instruction: str,
    *,
    trust: float = UNKNOWN_TRUST,
    timeout_s: float = 30,
    way: Way = "one pass",
    reasons: int = 3,
    both_orders: bool = False,
) -> Reranked:
    """The candidates in the order of retriever and model together.

    `query` is the shopper's photo, `caption` one sentence about it, or the words that stand for
    it. `candidates` come in the retriever's order; more than nine are looked at in windows.
    `trust`, 0 to 1, is the model's weight against the retriever's; at 0 it is not asked.
    `both_orders` looks twice, forwards and backwards, against a liking for places, and takes the
    mean. A model that fails, or is not done in time, leaves the retriever's order, and the result
    says so; it raises ValueError only, for a trust outside 0 to 1.
    """
    if not 0 <= trust <= 1:
        raise ValueError(f"trust is between 0 and 1, not {trust}")
    places = tuple(range(len(candidates)))
    kept = Reranked(tuple(candidates), places, places, "not asked", "")
    if len(candidates) < 2:
        return replace(kept, why="There is nothing to put in order.")
    if trust == 0:
        return replace(kept, why="The vision model is not trusted with this shop.")
    turn = _Turn(vision, query, caption, candidates, instruction, Deadline(timeout_s), way)
    order = places
    try:
        turn.open_pictures()
        for window in plan_windows(len(places)):
            front = window.start == 0
            seen = order[window.start : window.stop]
            ranked = turn.rank(seen, both_orders=both_orders, reasons=reasons if front else 0)
            order = merge_window(order, window, ranked)
    except _FAILURES as error:
        log.warning("retrieval order kept: %s", error)
        failed = replace(kept, outcome="fell back", why=str(error) or "The vision model failed.")
        return replace(failed, looks=tuple(turn.looks), timings_s=turn.timings_s)
    final = _fused(order, trust)
    said = turn.reasons(final, reasons)
    outcome = _overall([look.outcome for look in turn.looks])
    if outcome != "complete":
        log.warning("the vision model's answer was %s: %s", outcome, turn.why())
    matches = (
        replace(candidates[place], reason=said.get(place, candidates[place].reason))
        for place in final
    )
    return Reranked(
        matches=tuple(matches),
        order=final,
        model_order=order,
        outcome=outcome,
        why=turn.why(),
        confidence=turn.confidence,
        looks=tuple(turn.looks),
        timings_s=turn.timings_s,
    )


def _fused(order: Sequence[int], trust: float) -> tuple[int, ...]:
    """The model's order and the retriever's (0, 1, 2, ...) as one."""
    lists = {
        "retriever": [Hit(str(place), 0.0) for place in range(len(order))],
        "model": [Hit(str(place), 0.0) for place in order],
    }
    return tuple(map(int, fuse(lists, {"retriever": 1 - trust, "model": trust})))


def _overall(outcomes: Sequence[Outcome]) -> Outcome:
    """That of all, where all looks agree; repaired where some do better than others."""
    return outcomes[0] if len(set(outcomes)) == 1 else "repaired"


def _picture(match: Match) -> Image | None:
    """The product's picture; None when it has none that can be opened."""
    try:
        return open_photo(Path(match.product.image)) if match.product.image else None
    except (PhotoError, OSError) as error:
        log.warning("no picture of %s: %s", match.product.id, error)
        return None
