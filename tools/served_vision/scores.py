"""Scores of labels, from a server's log-probabilities or from an order that it wrote."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ValidationError

from tools.embedding.base import FloatArray
from tools.rerank.answer_repair import repair_ranking

TOP_LOGPROBS = 20
"""Likeliest tokens that a server is asked for; vLLM and OpenAI allow no more."""

_LEAST_SHARE = 0.01
"""Of the probability, for all labels together. Behind the answer's beginning they have nearly all
of it; a server that begins an answer of its own leaves them crumbs, and their order is noise."""


class _Token(BaseModel):
    token: str
    logprob: float


class _Position(_Token):
    top_logprobs: list[_Token] = []


class _Logprobs(BaseModel):
    content: list[_Position]


def scores_from_logprobs(logprobs: object, labels: Sequence[str]) -> FloatArray | None:
    """(len(labels),), the log-probability of each; -inf for a label that is missing.

    `logprobs` is that part of a chat completion, unchecked. None where it holds no label, or so
    little probability for them that the answer cannot have continued `answer_start`.
    """
    try:
        first = _Logprobs.model_validate(logprobs).content[0]
    except (ValidationError, IndexError):
        return None
    known: dict[str, float] = {}
    for each in (*first.top_logprobs, first):
        # The same text can be told twice: as a token of its own, and as a byte.
        known[each.token] = max(each.logprob, known.get(each.token, -np.inf))
    scores = np.asarray([known.get(label, -np.inf) for label in labels], dtype=np.float32)
    return None if np.exp(scores).sum() < _LEAST_SHARE else scores


def scores_from_ranking(answer: str, labels: Sequence[str]) -> FloatArray:
    """(len(labels),), stand-ins that keep the order of a written ranking of the numbers 1, 2, ….

    The reciprocal ranks as if they were probabilities; -inf for what the answer does not rank.
    """
    numbers = [int(label) for label in labels]
    # Of a number that it does not rank, an answer says nothing at all.
    ranked = [
        number
        for number in repair_ranking(answer, numbers).order
        if repair_ranking(answer, [number]).outcome != "fell back"
    ]
    worth = {number: 1 / rank for rank, number in enumerate(ranked, start=1)}
    total = sum(worth.values())
    return np.asarray(
        [np.log(worth[n] / total) if n in worth else -np.inf for n in numbers], dtype=np.float32
    )
