"""A fake vision model that a person can check by eye: it goes by the colors in the grid."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event

import numpy as np
from PIL.Image import Image

from tools.embedding.base import FloatArray
from tools.rerank.vision_model import Constraint, VisionModel


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the model heard it."""

    picture: Image | None
    prompt: str
    answer_start: str


@dataclass
class ColorVision(VisionModel):
    """Ranks the cells of the grid by how near their color is to that of the first one.

    It really looks: middle of the cell against middle of the cell. `answer` is what it says in
    place of a ranking, `answers` what it says the first times, `error` what it raises from question
    number `error_from` on, `stuck` what it waits for before it says anything, `likes_late` how much
    it prefers a later cell for its place alone, `deaf_to` the labels that it gives no score.
    """

    answer: str | None = None
    answers: list[str] = field(default_factory=list)
    error: Exception | None = None
    error_from: int = 1
    stuck: Event | None = None
    likes_late: float = 0.0
    deaf_to: Sequence[str] = ()
    asked: list[Asked] = field(default_factory=list)
    name = "color"
    fingerprint = "color-1"
    crop_side = 96

    def _label_scores(
        self,
        picture: Image,
        prompt: str,
        answer_start: str,
        labels: Sequence[str],
        crops: int,
        timeout_s: float | None,
    ) -> FloatArray:
        self._hear(picture, prompt, answer_start)
        scores = [
            -np.inf if label in self.deaf_to else self._near(picture, int(label))
            for label in labels
        ]
        return np.asarray(scores, dtype=np.float32)

    def _generate(
        self,
        picture: Image | None,
        prompt: str,
        answer_start: str,
        crops: int,
        max_tokens: int,
        allow: Constraint | None,
        timeout_s: float | None,
    ) -> str:
        self._hear(picture, prompt, answer_start)
        if self.answers:
            return self.answers.pop(0)
        if self.answer is not None:
            return self.answer
        if picture is None or allow is None:
            return "Something\nof one color."
        count = prompt.count("\n", prompt.index("----"), prompt.rindex("----")) - 1
        numbers = sorted(range(1, count + 1), key=lambda n: -self._near(picture, n))
        if '"reasons"' in answer_start:
            numbers = json.loads(answer_start.split("], ")[0].partition(": ")[2] + "]")
        reasons = {str(number): f"Cell {number} is like it." for number in numbers[:3]}
        return json.dumps({"ranking": numbers, "reasons": reasons, "confidence": 0.8})

    def _hear(self, picture: Image | None, prompt: str, answer_start: str) -> None:
        self.asked.append(Asked(picture, prompt, answer_start))
        if self.stuck is not None:
            self.stuck.wait()
        if self.error is not None and len(self.asked) >= self.error_from:
            raise self.error

    def _near(self, picture: Image, number: int) -> float:
        away = float(np.abs(self._color(picture, number) - self._color(picture, 0)).mean())
        return -away / 20 + self.likes_late * number

    def _color(self, picture: Image, cell: int) -> FloatArray:
        side, columns = self.crop_side, picture.width // self.crop_side
        x, y = cell % columns * side + side // 2, cell // columns * side + side // 2
        middle = picture.crop((x - 4, y - 4, x + 4, y + 4))
        color: FloatArray = np.asarray(middle, dtype=np.float32).mean(axis=(0, 1))
        return color
