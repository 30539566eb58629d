"""Lists and pictures as examples to learn from, in exactly the prompts that the product sends."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np
from PIL import Image
from torch import Tensor

from tools.demo.training.lists import RankedList
from tools.phi3_vision.image_processor import PictureProcessor, picture_tokens
from tools.phi3_vision.tokenizer import (
    PromptTokenizer,
    chat_prompt,
    escape_special_tokens,
    picture_mark,
)
from tools.rerank.answer_schema import ANSWER_START, RankingAnswer
from tools.rerank.grid import draw_grid
from tools.rerank.prompt import ranking_prompt
from tools.rerank.vision_model import CAPTION_PROMPT


@dataclass(frozen=True)
class Example:
    """A prompt with an answer, in tokens."""

    ids: list[int]
    places: list[bool]
    answer: int
    """Where the answer begins; all before it is the prompt."""
    tiles: Tensor
    """(1 + tiles, 3, side, side)."""
    size: tuple[int, int]
    labels: tuple[int, ...] = ()
    """Tokens of the candidates' numbers, for a list."""
    lines: tuple[int, ...] = ()
    """Where the line ends that says what is asked for, then each candidate's title line."""
    grades: tuple[float, ...] = ()
    names: np.ndarray | None = None
    """(1 + candidates, 3): what is asked for, then what each candidate is."""


class Tutor:
    """Turns lists and pictures into examples, in exactly the prompts that the product sends."""

    def __init__(self, tokenizer: PromptTokenizer, processor: PictureProcessor, rng: Random):
        self._tokenizer, self._processor, self._rng = tokenizer, processor, rng

    def caption(self, picture: Image.Image, words: str) -> Example:
        """The prompt of a caption, answered."""
        cropped = PictureProcessor(1, self._processor.mean, self._processor.std,
                                   self._processor.tile)  # fmt: skip
        return self._example(picture, cropped, CAPTION_PROMPT, "", words, ())

    def ranking(self, given: RankedList, *, written: bool) -> Example:
        """The prompt of a ranking; `written` with the whole answer, else up to its first number."""
        count = len(given.pictures)
        grid = draw_grid(given.query, given.pictures, cell=self._processor.tile.side)
        reasons = 3 if written or self._rng.random() < 0.7 else 0
        prompt = ranking_prompt(
            given.titles, instruction=given.instruction, caption=given.caption, reasons=reasons
        )
        order = sorted(range(count), key=lambda n: (-given.grades[n], self._rng.random()))
        rest = ""
        if written:
            shape = RankingAnswer(count, reasons, tuple(n + 1 for n in order))
            told = [given.reasons[n].replace('"', "'") for n in order[: min(reasons, count)]]
            best = given.grades[order[0]]
            rest = shape.start.removeprefix(ANSWER_START)
            for place, reason in enumerate(told, start=1):
                rest += f'{reason}"{shape.text_after_reason(shape.ranked, place)}'
            rest += f"{round(3 * best)}}}"
        return self._example(
            grid,
            self._processor,
            prompt,
            ANSWER_START,
            rest,
            tuple(map(float, given.grades)),
            np.concatenate([[given.wanted], given.labels]),
        )

    def _example(
        self,
        picture: Image.Image,
        processor: PictureProcessor,
        prompt: str,
        start: str,
        rest: str,
        grades: tuple[float, ...],
        names: np.ndarray | None = None,
    ) -> Example:
        values, sizes = processor([picture])
        words = f"{picture_mark(1)}\n{escape_special_tokens(prompt)}"
        whole = chat_prompt([("user", words)], start)
        found = self._tokenizer.prompt_ids(whole, [picture_tokens(sizes[0], processor.tile)])
        ids, places = list(found.ids), list(found.places)
        answer = len(ids)
        if rest or not grades:
            # Numbers and signs are tokens of their own, so that the pieces are those of the whole.
            ids += self._tokenizer.prompt_ids(start + rest, []).ids[
                len(self._tokenizer.prompt_ids(start, []).ids) :
            ]
            ids.append(self._tokenizer.stop_ids[0])
            places += [False] * (len(ids) - len(places))
        labels = tuple(self._tokenizer.token_id(str(n + 1)) for n in range(len(grades)))
        lines = self._line_ends(whole, len(grades), answer) if grades else ()
        return Example(ids, places, answer, values[0], sizes[0], labels, lines, grades, names)

    def _line_ends(self, whole: str, count: int, answer: int) -> tuple[int, ...]:
        """Tokens that end what is asked for and the title lines, from the prompt's beginning."""
        behind = whole.split(picture_mark(1), 1)[1]
        offsets = self._tokenizer.tokenizer.encode(behind).offsets
        first = answer - len(offsets)
        ends, at = [behind.index("\nTitles")], behind.index("\n1: ") + 1
        for _ in range(count):
            ends.append(behind.index("\n", at))
            at = ends[-1] + 1
        return tuple(
            first + next(n for n, (start, stop) in enumerate(offsets) if start <= end < stop)
            for end in ends
        )
