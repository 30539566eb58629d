"""Reranking: the candidates in the order of retriever and vision model together.

Whatever the model does, no candidate is lost. Not covered: how good the model's order is (its
trust is measured by `tools.evaluate`), and ending a call that hangs inside a model (it stays behind
at the deadline).
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
"""For a model without a learned trust: its order counts as much as the retriever's."""


@dataclass(frozen=True, slots=True)
class RerankResult:
    """Every candidate exactly once, and how it came to its place."""

    matches: tuple[Match, ...]
    """Best first, with the reasons that the model gave."""
    order: tuple[int, ...]
    """By new place: the place that it moved from, both from 0."""
    model_order: tuple[int, ...]
    """The model's own order before fusion; the retriever's when the model gave none."""
    outcome: Outcome | Literal["not asked"]
    """The outcome of the calls where they agree, else "repaired"."""
    why: str = ""
    """What was wrong, as sentences; "" when nothing was."""
    confidence: float | None = None
    """The model's own estimate, 0 to 1; not calibrated."""
    late: bool = False
    """Whether it fell back because the model was not done in time."""
    calls: tuple[VisionCall, ...] = ()
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
    method: RankingMethod = "one pass",
    reasons: int = 3,
    both_orders: bool = False,
    on_session: Callable[[RankingSession], None] = lambda _: None,
) -> RerankResult:
    """The candidates in the order of retriever and model together.

    `query` is the shopper's photo, or the words that stand for it; `caption` is one sentence about
    the photo, "" when there is none. `candidates` come in the retriever's order; more than nine are
    ranked in windows. `trust`, 0 to 1, is the model's weight against the retriever's; at 0 the
    model is not asked. `both_orders` asks twice, forwards and backwards, and takes the mean: this
    cancels a model's preference for certain places. `reasons` is how many of the first get a
    reason. `on_session` receives the session before the first call, so that a caller that stops
    waiting knows how far it got.

    A model that fails, or is not done in time, leaves the retriever's order, and the result says
    so. Raises ValueError for a trust outside 0 to 1.
    """
    if not 0 <= trust <= 1:
        raise ValueError(f"trust is between 0 and 1, not {trust}")
    order = tuple(range(len(candidates)))
    unchanged = RerankResult(tuple(candidates), order, order, "not asked")
    if len(candidates) < 2:
        return replace(unchanged, why="There is nothing to put in order.")
    if trust == 0:
        return replace(unchanged, why="The vision model is not trusted here, so it was not asked.")
    session = RankingSession(
        vision, query, caption, candidates, instruction, Deadline(timeout_s), method
    )
    on_session(session)
    try:
        for window in plan_windows(len(candidates)):
            shown = order[window.start : window.stop]
            # Only the window in front holds what comes first in the end.
            limit = reasons if window.start == 0 else 0
            ranked = session.rank(shown, both_orders=both_orders, reasons=limit)
            order = merge_window(order, window, ranked)
    except FAILURES as error:
        why = str(error) or "The vision model failed."
        log.warning("the retriever's order is kept: %s", why)
        return replace(
            unchanged,
            outcome="fell back",
            why=why,
            late=isinstance(error, TimeoutError),
            calls=tuple(session.calls),
            timings_s=session.timings_s,
        )
    final, reason_of = fused_order(order, trust), {}
    faults = [call.why for call in session.calls if call.why]
    try:
        reason_of = session.reasons(final, reasons)
    except FAILURES as error:
        faults.append(f"There are no reasons: {error}")
    if faults:
        log.warning("the vision model answered with faults: %s", " ".join(faults))
    return RerankResult(
        matches=tuple(
            replace(candidates[place], reason=reason_of.get(place, candidates[place].reason))
            for place in final
        ),
        order=final,
        model_order=order,
        outcome=_overall_outcome([call.outcome for call in session.calls]),
        why=" ".join(dict.fromkeys(faults)),
        confidence=session.confidence,
        calls=tuple(session.calls),
        timings_s=session.timings_s,
    )


def fused_order(order: Sequence[int], trust: float) -> tuple[int, ...]:
    """The model's order fused with the retriever's (0, 1, 2, ...); the retriever breaks ties."""
    lists = {
        "retriever": [Hit(str(place), 0.0) for place in range(len(order))],
        "model": [Hit(str(place), 0.0) for place in order],
    }
    return tuple(map(int, fuse(lists, {"retriever": 1 - trust, "model": trust})))


def _overall_outcome(outcomes: Sequence[Outcome | Literal["failed"]]) -> Outcome:
    if set(outcomes) == {"complete"}:
        return "complete"
    return "fell back" if set(outcomes) == {"fell back"} else "repaired"
