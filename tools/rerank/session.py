"""The ranking of one list: grids and questions to the vision model, and a record of each call."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Literal

import numpy as np
from PIL.Image import Image

from tools.errors import PhotoError, PounceError
from tools.media.images import open_product_picture
from tools.product import Match
from tools.rerank.answer_constraint import RankingConstraint
from tools.rerank.answer_repair import Outcome, repair_ranking
from tools.rerank.answer_schema import ANSWER_START, RankingAnswer
from tools.rerank.deadline import Deadline
from tools.rerank.grid import draw_grid
from tools.rerank.prompt import ranking_prompt
from tools.rerank.vision_model import VisionModel

log = logging.getLogger(__name__)

RankingMethod = Literal["one pass", "generated"]
"""Where an order comes from: the scores of the labels, without decoding, or generated JSON."""

FAILURES = (PounceError, OSError)
"""What a backend raises when its model fails; TimeoutError and lost connections are OSErrors."""


@dataclass(frozen=True, slots=True)
class VisionCall:
    """One question to the vision model and what it answered."""

    places: tuple[int, ...]
    """Which candidate had number 1, 2, ...: places from 0 in the list that was given."""
    picture: Image
    prompt: str
    order: tuple[int, ...]
    """The places, best first; in the order shown where the model gave none."""
    outcome: Outcome | Literal["failed"]
    """`failed`: the model did not answer, or not in time; `why` says what happened."""
    why: str
    answer: str = ""
    """The raw text; in one pass the answer with the reasons, "" when none were asked for."""
    scores: tuple[float, ...] = ()
    """Log-probability of each number in one pass; () when the order was generated."""


class RankingSession:
    """The calls about one list of candidates within one deadline.

    `calls`, `timings_s` and `confidence` hold what there is so far, also during a call and after a
    failure; they may be read from another thread. Methods that ask the model raise what a backend
    raises, and TimeoutError at the deadline.
    """

    def __init__(
        self,
        vision: VisionModel,
        query: Image | str,
        caption: str,
        candidates: Sequence[Match],
        instruction: str,
        deadline: Deadline,
        method: RankingMethod,
    ) -> None:
        self._vision, self._query, self._caption = vision, query, caption
        self._titles = [match.product.title for match in candidates]
        self._instruction, self._deadline, self._method = instruction, deadline, method
        self._reasons: dict[int, str] = {}
        self.calls: list[VisionCall] = []
        self.timings_s: dict[str, float] = {}
        self.confidence: float | None = None
        with self._timed("pictures"):
            self._pictures = [_picture(match) for match in candidates]

    def rank(self, shown: Sequence[int], *, both_orders: bool, reasons: int) -> tuple[int, ...]:
        """These places, best first; in the given order when no call about them gave one."""
        # Forwards comes last: the reasons continue from what the model keeps of the last call.
        first = [self._call(tuple(reversed(shown)), shown, 0)] if both_orders else []
        calls = [*first, self._call(tuple(shown), shown, reasons)]
        return _mean_order(shown, [call for call in calls if call.outcome != "fell back"])

    def reasons(self, final: Sequence[int], limit: int) -> dict[int, str]:
        """By place, why the first `limit` of the final order stand there.

        In one pass the model is asked for them now, about the last call's grid. The answer begins
        with the final order, so that the reasons are about the list that the shopper sees.
        """
        call = self.calls[-1]
        order = [place for place in final if place in call.places]
        limit = sum(place in call.places for place in final[:limit])
        if self._method == "generated" or not limit or call.outcome == "fell back":
            return self._reasons
        numbers = tuple(call.places.index(place) + 1 for place in order)
        answer = RankingAnswer(len(order), limit, numbers)
        with self._timed("reasons"):
            text = self._generate(call.picture, call.prompt, answer)
        self.calls[-1] = replace(call, answer=text)
        self._read_reasons(text, call.places, set(order[:limit]))
        return self._reasons

    def _call(self, places: tuple[int, ...], shown: Sequence[int], reasons: int) -> VisionCall:
        with self._timed("grid"):
            pictures = [self._pictures[place] for place in places]
            grid = draw_grid(self._query, pictures, cell=self._vision.crop_side)
        prompt = ranking_prompt(
            [self._titles[place] for place in places],
            instruction=self._instruction,
            caption=self._caption,
            reasons=reasons,
        )
        # Noted before the model is asked: the picture that it fails at is the one to look into.
        call = VisionCall(places, grid, prompt, tuple(shown), "failed", "There is no answer yet.")
        self.calls.append(call)
        try:
            call = self._answered(call, shown, reasons)
        except FAILURES as error:
            self.calls[-1] = replace(call, why=str(error) or "The vision model failed.")
            raise
        self.calls[-1] = call
        return call

    def _answered(self, call: VisionCall, shown: Sequence[int], reasons: int) -> VisionCall:
        """The call with the model's answer."""
        places = call.places
        numbers = [places.index(place) + 1 for place in shown]
        text, from_scores = "", None
        scores: tuple[float, ...] = ()
        with self._timed("ranking"):
            if self._method == "one pass":
                scores = self._scores(call.picture, call.prompt, len(places))
                scored = [number for number in numbers if np.isfinite(scores[number - 1])]
                from_scores = {"ranking": sorted(scored, key=lambda number: -scores[number - 1])}
            else:
                text = self._generate(
                    call.picture, call.prompt, RankingAnswer(len(places), reasons)
                )
        repaired = repair_ranking(from_scores or text, numbers)
        if reasons and text:
            self._read_reasons(text, places, set(places))
        return replace(
            call,
            order=tuple(places[number - 1] for number in repaired.order),
            outcome=repaired.outcome,
            why=repaired.why,
            answer=text,
            scores=scores,
        )

    def _scores(self, grid: Image, prompt: str, count: int) -> tuple[float, ...]:
        labels = [str(number) for number in range(1, count + 1)]
        scores = self._deadline.run(
            lambda left: self._vision.label_scores(
                grid, prompt, ANSWER_START, labels, timeout_s=left
            )
        )
        return tuple(scores.tolist())

    def _generate(self, grid: Image, prompt: str, answer: RankingAnswer) -> str:
        return self._deadline.run(
            lambda left: self._vision.generate(
                grid,
                prompt,
                answer.start,
                max_tokens=answer.max_tokens,
                allow=RankingConstraint(answer),
                timeout_s=left,
            )
        )

    def _read_reasons(self, text: str, places: Sequence[int], about: set[int]) -> None:
        repaired = repair_ranking(text, range(1, len(places) + 1))
        by_place = {places[number - 1]: reason for number, reason in repaired.reasons.items()}
        self._reasons |= {place: reason for place, reason in by_place.items() if place in about}
        self.confidence = repaired.confidence

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = perf_counter()
        try:
            yield
        finally:
            self.timings_s[stage] = self.timings_s.get(stage, 0.0) + perf_counter() - start


def _mean_order(shown: Sequence[int], calls: Sequence[VisionCall]) -> tuple[int, ...]:
    """The order of several calls: by mean log-probability, or by mean rank where one has none.

    Ties, and no calls at all, keep the order shown.
    """
    if not calls:
        return tuple(shown)
    if all(call.scores and np.isfinite(call.scores).all() for call in calls):
        worth = {
            place: sum(call.scores[call.places.index(place)] for call in calls) for place in shown
        }
    else:
        worth = {place: -sum(call.order.index(place) for call in calls) for place in shown}
    return tuple(sorted(shown, key=lambda place: -worth[place]))


def _picture(match: Match) -> Image | None:
    """The product's picture; None when it has none that can be opened."""
    try:
        return open_product_picture(Path(match.picture)) if match.picture else None
    except (PhotoError, OSError) as error:
        log.warning("no picture of %s: %s", match.product.id, error)
        return None
