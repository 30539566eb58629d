"""Steps of a training whose rate rises quickly and falls to nothing, and its card."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from tools.embedding.towers.storage import digest

UPPER_LAYERS = "the upper layers of all-MiniLM-L6-v2, Apache-2.0"
ADAPTED = "random numbers, beside the layers of all-MiniLM-L6-v2, Apache-2.0"
Lesson = TypeVar("Lesson")
_WARM, _DECAY, _MOST_GRADIENT = 40, 0.01, 1.0
"""Steps until the full rate, weight decay, and the norm that gradients are cut to."""


class Tuning:
    """AdamW over groups of weights, each at its own rate."""

    def __init__(self, groups: Sequence[tuple[float, Sequence[nn.Parameter]]], steps: int) -> None:
        """`groups` are full rates with their weights; the rates fall to zero over `steps`."""
        self._rates, self._steps, self._done = [rate for rate, _ in groups], steps, 0
        self._weights = [weight for _, group in groups for weight in group]
        parts = [{"params": list(weights), "lr": rate} for rate, weights in groups]
        self._optimiser = torch.optim.AdamW(parts, weight_decay=_DECAY)

    def step(self, loss: Tensor) -> None:
        """Lowers a loss by one step of the optimiser."""
        share = min(1.0, (self._done + 1) / _WARM) * (1 - self._done / (self._steps + 1))
        for group, rate in zip(self._optimiser.param_groups, self._rates, strict=True):
            group["lr"] = rate * share
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        nn.utils.clip_grad_norm_(self._weights, _MOST_GRADIENT)
        self._optimiser.step()
        self._done += 1


def one_pass(
    lessons: Sequence[Lesson],
    batch: int,
    tuning: Tuning,
    order: np.random.Generator,
    loss_of: Callable[[Sequence[Lesson]], Tensor],
) -> float:
    """A step for each `batch` of all lessons, in an order of chance; the mean of the losses."""
    lost = []
    rows = order.permutation(len(lessons)).tolist()
    for at in range(0, len(rows), batch):
        loss = loss_of([lessons[row] for row in rows[at : at + batch]])
        tuning.step(loss)
        lost.append(float(loss.detach()))
    return round(float(np.mean(lost)), 3)


def write_card(
    given: argparse.Namespace,
    weights: str,
    curve: Sequence[Mapping[str, float]],
    *,
    origin: str,
    lessons: int,
    kept_out: Sequence[str],
) -> None:
    """Writes beside the weights what they were made from, and the figures on shops kept out."""
    card = {
        "sha256": digest(given.out / weights),
        "from": origin,
        "trained_on": f"{lessons} lines of tests/data/conversations, written for this project",
        "kept_out": list(kept_out),
        "seed": given.seed,
        "curve": list(curve),
    }
    path = (given.out / weights).with_suffix(".json")
    path.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
