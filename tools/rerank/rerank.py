"""Putting found products in order by looking at them; whatever the model does, none is lost.

Not covered: whether the vision model's taste is any good (its trust is measured elsewhere), and
ending a call that hangs inside a model (it is left behind at the deadline).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from tools.product import Match
from tools.rank_fusion import Hit, fuse
from tools.rerank.answer_repair import Outcome
from tools.rerank.deadline import Deadline
from tools.rerank.session import FAILURES, RankingMethod, RankingSession, VisionCall
from tools.rerank.vision_model import VisionModel
from tools.rerank.windows import merge_window, plan_windows

if TYPE_CHECKING:
    from PIL.Image import Image

log = logging.getLogger(__name__)

DEFAULT_TRUST = 0.5
"""For a model that nothing is known of: its word is worth the retriever's."""


@dataclass(frozen=True, slots=True)
class RerankResult:
    """Every candidate exactly once, and how its place came about."""

    matches: tuple[Match, ...]
    """Best first, with the reasons that the model gave."""
    order: tuple[int, ...]
    """By new place: the place that it moved from, both from 0."""
    model_order: tuple[int, ...]
    """The model's own order, before the retriever's word; the retriever's when it has none."""
    outcome: Outcome | Literal["not asked"]
    """That of the looks where they agree, else "repaired"."""
    why: str = ""
    """What was wrong, as sentences; "" when nothing was."""
    confidence: float | None = None
    """What the model says of itself, 0 to 1; not calibrated."""
    late: bool = False
    """It fell back because the model was not done in time."""
    looks: tuple[VisionCall, ...] = ()
    """In their order; the last one is forwards at the first places."""
    timings_s: dict[str, float] = field(default_factory=dict)
    """Seconds by stage: pictures, grid, ranking, reasons."""

    @property
    def moved(self) -> tuple[int, ...]:
        """By new place: how many places up; below 0 for down."""
        return tuple(before - now for now, before in enumerate(self.order))


def rerank(
    vision: VisionModel,
    query: Image | str,
    caption: str,
    candidates: Sequence[Match],
    instruction: str,
    *,
    trust: float = DEFAULT_TRUST,
    timeout_s: float = 30,
    way: RankingMethod = "one pass",
    reasons: int = 3,
    both_orders: bool = False,
    watch: Callable[[RankingSession], None] = lambda _: None,
) -> RerankResult:
    """The candidates in the order of retriever and model together.

    `query` is the shopper's photo, `caption` one sentence about it ("" when there is none), or
    the words that stand for it. `candidates` come in the retriever's order; more than nine are
    looked at in windows. `trust`, 0 to 1, is the model's weight against the retriever's; at 0 it
    is not asked. `both_orders` looks twice, forwards and backwards, against a liking for places,
    and takes the mean. `reasons` is how many of the first get one. `watch` gets hold of the looks
    before the first is taken, so that who gives up waiting knows how far they got.

    A model that fails, or is not done in time, leaves the retriever's order, and the result says
    so. Raises ValueError for a trust outside 0 to 1.
    """
    if not 0 <= trust <= 1:
        raise ValueError(f"trust is between 0 and 1, not {trust}")
    order = tuple(range(len(candidates)))
    kept = RerankResult(tuple(candidates), order, order, "not asked")
    if len(candidates) < 2:
        return replace(kept, why="There is nothing to put in order.")
    if trust == 0:
        return replace(kept, why="The vision model is not trusted here, so it was not asked.")
    looking = RankingSession(
        vision, query, caption, candidates, instruction, Deadline(timeout_s), way
    )
    watch(looking)
    try:
        for window in plan_windows(len(candidates)):
            seen = order[window.start : window.stop]
            # Only the window in front holds what comes first in the end.
            most = reasons if window.start == 0 else 0
            ranked = looking.rank(seen, both_orders=both_orders, reasons=most)
            order = merge_window(order, window, ranked)
    except FAILURES as error:
        why = str(error) or "The vision model failed."
        log.warning("the retriever's order is kept: %s", why)
        return replace(
            kept,
            outcome="fell back",
            why=why,
            late=isinstance(error, TimeoutError),
            looks=tuple(looking.looks),
            timings_s=looking.timings_s,
        )
    final, said = fused_order(order, trust), {}
    trouble = [look.why for look in looking.looks if look.why]
    try:
        said = looking.reasons(final, reasons)
    except FAILURES as error:
        trouble.append(f"There are no reasons: {error}")
    if trouble:
        log.warning("the vision model answered with faults: %s", " ".join(trouble))
    return RerankResult(
        matches=tuple(
            replace(candidates[place], reason=said.get(place, candidates[place].reason))
            for place in final
        ),
        order=final,
        model_order=order,
        outcome=_overall([look.outcome for look in looking.looks]),
        why=" ".join(dict.fromkeys(trouble)),
        confidence=looking.confidence,
        looks=tuple(looking.looks),
        timings_s=looking.timings_s,
    )


def fused_order(order: Sequence[int], trust: float) -> tuple[int, ...]:
    """The model's order and the retriever's (0, 1, 2, ...) as one; ties are the retriever's."""
    lists = {
        "retriever": [Hit(str(place), 0.0) for place in range(len(order))],
        "model": [Hit(str(place), 0.0) for place in order],
    }
    return tuple(map(int, fuse(lists, {"retriever": 1 - trust, "model": trust})))


def _overall(outcomes: Sequence[Outcome | Literal["failed"]]) -> Outcome:
    if set(outcomes) == {"complete"}:
        return "complete"
    return "fell back" if set(outcomes) == {"fell back"} else "repaired"
