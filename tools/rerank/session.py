"""One list being looked at: grids and questions to the vision model, and the record of them."""

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
"""How an order is had: from the scores of the labels, without decoding, or from written JSON."""

FAILURES = (PounceError, OSError)
"""What a backend raises when its model fails; TimeoutError and lost connections are OSErrors."""


@dataclass(frozen=True, slots=True)
class VisionCall:
    """One time that the model looked, as it was."""

    places: tuple[int, ...]
    """Which candidate had number 1, 2, ...: places from 0 in the list that was given."""
    picture: Image
    prompt: str
    order: tuple[int, ...]
    """The places, best first; as they were seen where the model gave no order."""
    outcome: Outcome | Literal["failed"]
    """`failed`: the model did not answer, or not in time; `why` says what happened."""
    why: str
    answer: str = ""
    """Raw; in one pass the answer with the reasons, "" when none were asked for."""
    scores: tuple[float, ...] = ()
    """Log-probability of each number in one pass; () when the order was written."""


class RankingSession:
    """The looks at one list of candidates within one deadline.

    `looks`, `timings_s` and `confidence` hold what there is so far, also while the model is asked
    and after a failure; they may be read from another thread. Methods that ask the model raise what
    a backend raises, and TimeoutError at the deadline.
    """

    def __init__(
        self,
        vision: VisionModel,
        query: Image | str,
        caption: str,
        candidates: Sequence[Match],
        instruction: str,
        deadline: Deadline,
        way: RankingMethod,
    ) -> None:
        self._vision, self._query, self._caption = vision, query, caption
        self._titles = [match.product.title for match in candidates]
        self._instruction, self._deadline, self._way = instruction, deadline, way
        self._said: dict[int, str] = {}
        self.looks: list[VisionCall] = []
        self.timings_s: dict[str, float] = {}
        self.confidence: float | None = None
        with self._timed("pictures"):
            self._pictures = [_picture(match) for match in candidates]

    def rank(self, seen: Sequence[int], *, both_orders: bool, reasons: int) -> tuple[int, ...]:
        """These places, best first; as they are when no look at them gave an order."""
        # Forwards comes last: what the model keeps of it is what the reasons go on from.
        first = [self._look(tuple(reversed(seen)), seen, 0)] if both_orders else []
        looks = [*first, self._look(tuple(seen), seen, reasons)]
        return _mean(seen, [look for look in looks if look.outcome != "fell back"])

    def reasons(self, final: Sequence[int], most: int) -> dict[int, str]:
        """By place, why the first of the final order stand there.

        In one pass they are asked for now, about the last look. The final order is put into the
        model's mouth, so that it speaks about the list that the shopper sees.
        """
        look = self.looks[-1]
        shown = [place for place in final if place in look.places]
        most = sum(place in look.places for place in final[:most])
        if self._way == "generated" or not most or look.outcome == "fell back":
            return self._said
        numbers = tuple(look.places.index(place) + 1 for place in shown)
        wanted = RankingAnswer(len(shown), most, numbers)
        with self._timed("reasons"):
            text = self._generate(look.picture, look.prompt, wanted)
        self.looks[-1] = replace(look, answer=text)
        self._hear(text, look.places, set(shown[:most]))
        return self._said

    def _look(self, places: tuple[int, ...], seen: Sequence[int], reasons: int) -> VisionCall:
        with self._timed("grid"):
            pictures = [self._pictures[place] for place in places]
            grid = draw_grid(self._query, pictures, cell=self._vision.crop_side)
        prompt = ranking_prompt(
            [self._titles[place] for place in places],
            instruction=self._instruction,
            caption=self._caption,
            reasons=reasons,
        )
        # Kept before it is asked: the picture that a model fails at is the one to be looked at.
        look = VisionCall(places, grid, prompt, tuple(seen), "failed", "There is no answer yet.")
        self.looks.append(look)
        try:
            look = self._asked(look, seen, reasons)
        except FAILURES as error:
            self.looks[-1] = replace(look, why=str(error) or "The vision model failed.")
            raise
        self.looks[-1] = look
        return look

    def _asked(self, look: VisionCall, seen: Sequence[int], reasons: int) -> VisionCall:
        """The look with what the model says to it."""
        places, grid, prompt = look.places, look.picture, look.prompt
        numbers = [places.index(place) + 1 for place in seen]
        text, told = "", None
        scores: tuple[float, ...] = ()
        with self._timed("ranking"):
            if self._way == "one pass":
                scores = self._scores(grid, prompt, len(places))
                scored = [number for number in numbers if np.isfinite(scores[number - 1])]
                told = {"ranking": sorted(scored, key=lambda number: -scores[number - 1])}
            else:
                text = self._generate(grid, prompt, RankingAnswer(len(places), reasons))
        settled = repair_ranking(told or text, numbers)
        if reasons and text:
            self._hear(text, places, set(places))
        order = tuple(places[number - 1] for number in settled.order)
        return VisionCall(places, grid, prompt, order, settled.outcome, settled.why, text, scores)

    def _scores(self, grid: Image, prompt: str, count: int) -> tuple[float, ...]:
        labels = [str(number) for number in range(1, count + 1)]
        scores = self._deadline.wait(
            lambda left: self._vision.label_scores(
                grid, prompt, ANSWER_START, labels, timeout_s=left
            )
        )
        return tuple(scores.tolist())

    def _generate(self, grid: Image, prompt: str, wanted: RankingAnswer) -> str:
        return self._deadline.wait(
            lambda left: self._vision.generate(
                grid,
                prompt,
                wanted.start,
                max_tokens=wanted.max_tokens,
                allow=RankingConstraint(wanted),
                timeout_s=left,
            )
        )

    def _hear(self, text: str, places: Sequence[int], about: set[int]) -> None:
        settled = repair_ranking(text, range(1, len(places) + 1))
        said = {places[number - 1]: reason for number, reason in settled.reasons.items()}
        self._said |= {place: reason for place, reason in said.items() if place in about}
        self.confidence = settled.confidence

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = perf_counter()
        try:
            yield
        finally:
            self.timings_s[stage] = self.timings_s.get(stage, 0.0) + perf_counter() - start


def _mean(seen: Sequence[int], looks: Sequence[VisionCall]) -> tuple[int, ...]:
    """The order of several looks: by mean log-probability, or by mean rank where one has none.

    Ties, and no looks at all, keep the order that was seen.
    """
    if not looks:
        return tuple(seen)
    if all(look.scores and np.isfinite(look.scores).all() for look in looks):
        worth = {
            place: sum(look.scores[look.places.index(place)] for look in looks) for place in seen
        }
    else:
        worth = {place: -sum(look.order.index(place) for look in looks) for place in seen}
    return tuple(sorted(seen, key=lambda place: -worth[place]))


def _picture(match: Match) -> Image | None:
    """The product's picture; None when it has none that can be opened."""
    try:
        return open_product_picture(Path(match.product.image)) if match.product.image else None
    except (PhotoError, OSError) as error:
        log.warning("no picture of %s: %s", match.product.id, error)
        return None
