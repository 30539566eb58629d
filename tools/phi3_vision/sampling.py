"""The choice of the next token from its logits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tools.errors import ModelError

LogitsProcessor = Callable[[Tensor, Tensor], Tensor]
"""(1, tokens) ids of the answer so far and (1, vocabulary) logits to new logits: the form of
transformers' `LogitsProcessor`, any of which can be given. Minus infinity forbids a token."""

ForcedTokens = Callable[[Sequence[int]], Sequence[int]]
"""Ids of the answer so far to the ids that must come now; none where the model has a choice."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Drawing tokens at random, the same for the same seed on every device."""

    temperature: float = 1.0
    top_p: float = 1.0
    """Draw among the likeliest tokens that together have at least this probability."""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.temperature <= 0 or not 0 < self.top_p <= 1:
            raise ValueError("temperature must be above 0, top_p above 0 and at most 1")


class TokenSampler:
    """Picks tokens one after another: the likeliest without `sampling`, drawn with it."""

    def __init__(self, processors: Sequence[LogitsProcessor], sampling: Sampling | None) -> None:
        self._processors = processors
        self._sampling = sampling
        self._random = torch.Generator().manual_seed(sampling.seed if sampling else 0)

    def choose(self, answer: Sequence[int], logits: Tensor) -> int:
        """The next token behind `answer`; `logits` may be written into.

        Raises ValueError when every token is forbidden, ModelError for logits that are no numbers.
        """
        if not bool(logits.isfinite().any()) or bool(logits.isnan().any()):
            raise ModelError(
                "The vision model computed logits that are no numbers. Its weights may be damaged: "
                "get them again, or compute in float32."
            )
        scores = logits[None]
        if self._processors:
            so_far = torch.tensor([list(answer)], dtype=torch.long)
            for processor in self._processors:
                scores = processor(so_far, scores)
        if not bool((scores > -torch.inf).any()):
            raise ValueError("the processors forbid every token")
        if self._sampling is None:
            return int(scores[0].argmax())
        scores, tokens = (scores[0] / self._sampling.temperature).sort(descending=True)
        chances = scores.softmax(dim=-1)
        chances[chances.cumsum(dim=-1) - chances >= self._sampling.top_p] = 0
        return int(tokens[torch.multinomial(chances, 1, generator=self._random)])
