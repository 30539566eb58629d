"""The interface of a vision model: what the shop needs from any model that reads pictures.

A vision model returns words and numbers and has no tools. So a text that is printed in a picture,
or written in a title, can at worst change an order or a sentence.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, final

import numpy as np

from tools.embedding.base import FloatArray
from tools.errors import ModelError

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

    from tools.rerank.token_vocabulary import TokenVocabulary

CAPTION_PROMPT = "Describe the main thing in this picture in one short sentence for a shop search."

PICTURE_CROPS = 10
"""Most crops a picture is cut into: what makes a grid of 5 x 2 cells one crop each."""
CAPTION_CROPS = 1
"""One sentence needs no detail, and one crop costs 313 tokens instead of 1,621."""


class LogitsRule(Protocol):
    """Which tokens may come next in one answer; works as a transformers LogitsProcessor.

    Its methods receive the generated tokens alone, without the prompt and `answer_start`.
    """

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores of (rows, vocabulary), with -inf for every token that may not come next."""

    def forced(self, generated: Sequence[int]) -> tuple[int, ...]:
        """The tokens that must come next, whatever the scores; () where there is a choice.

        A backend appends them and computes them in one pass together with the next choice.
        """

    def finished(self, generated: Sequence[int]) -> bool:
        """Whether the answer is complete, so that no pass is needed for the stop token."""


class Constraint(Protocol):
    """The shape that an answer must have, for a backend that decodes and for a server."""

    def rule(self, vocabulary: TokenVocabulary) -> LogitsRule:
        """A fresh rule for one answer in the tokens of a model."""

    def json_schema(self) -> Mapping[str, object]:
        """The nearest JSON schema; it may allow more, and the answer is checked anyway."""


class VisionModel(ABC):
    """Answers questions about a picture. A backend implements `_label_scores` and `_generate`.

    Safe from any thread. Prompts are the user's words alone: the backend adds its chat template
    and puts the picture first. A backend caches its state for the last picture and prompt where it
    can, because `generate` follows `label_scores` on the same two.

    A backend raises ModelError or SetupError for what a person can repair (no memory, no server, a
    broken reply), and TimeoutError when it is not done within `timeout_s`; None waits forever.
    """

    name: str
    """Shown to people, and the key of a learned trust: "Phi-3.5-vision-instruct"."""
    fingerprint: str
    """Changes whenever the same question could give another answer."""
    crop_side: int = 336
    """Pixels along one crop of the model."""

    @final
    def caption(self, photo: Image, *, max_tokens: int = 40, timeout_s: float | None = None) -> str:
        """One line about what the photo shows; "" when the model gives none."""
        text = self._generate(photo, CAPTION_PROMPT, "", CAPTION_CROPS, max_tokens, None, timeout_s)
        return " ".join(text.split())

    @final
    def label_scores(
        self,
        picture: Image,
        prompt: str,
        answer_start: str,
        labels: Sequence[str],
        *,
        timeout_s: float | None = None,
    ) -> FloatArray:
        """Log-probability of each label as the very next token of the answer, in one pass.

        Labels are single tokens behind `answer_start`. Returns (len(labels),) float32; -inf for
        a label that a server does not report. Raises ModelError for a score that is not a number.
        """
        scores = self._label_scores(picture, prompt, answer_start, labels, PICTURE_CROPS, timeout_s)
        if scores.shape != (len(labels),):
            raise ValueError(f"{self.name} gave {scores.shape} scores for {len(labels)} labels")
        if (np.isnan(scores) | np.isposinf(scores)).any():
            raise ModelError(
                f"{self.name} gave a score that is no number. "
                "Its weights may be damaged: get them again, or compute in float32."
            )
        return scores.astype(np.float32)

    @final
    def generate(
        self,
        picture: Image | None,
        prompt: str,
        answer_start: str,
        *,
        max_tokens: int,
        allow: Constraint | None = None,
        timeout_s: float | None = None,
    ) -> str:
        """The whole answer, greedily, `answer_start` at its beginning and no stop token at its end.

        A server that cannot continue `answer_start` gives an answer of its own, and one that
        cannot constrain may give anything: the caller checks.
        """
        return self._generate(
            picture, prompt, answer_start, PICTURE_CROPS, max_tokens, allow, timeout_s
        )

    @abstractmethod
    def _label_scores(
        self,
        picture: Image,
        prompt: str,
        answer_start: str,
        labels: Sequence[str],
        crops: int,
        timeout_s: float | None,
    ) -> FloatArray:
        """(len(labels),), as `label_scores`; `crops` is the most that the picture is cut into."""

    @abstractmethod
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
        """The whole answer, as `generate`. `allow` starts behind `answer_start`."""
