"""Steps of a training whose rate rises quickly and falls to nothing, and its card."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from tools.embedding.towers.storage import digest

_WARM, _DECAY, _LONGEST = 40, 0.01, 1.0
"""Steps until the full rate, weight decay, and the length that gradients are cut to."""


class Tuning:
    """AdamW over groups of weights, each at its own rate."""

    def __init__(self, groups: Mapping[float, Sequence[nn.Parameter]]) -> None:
        """`groups` are by their full rates."""
        self._rates, self._done = list(groups), 0
        self._weights = [weight for group in groups.values() for weight in group]
        parts = [{"params": list(weights), "lr": rate} for rate, weights in groups.items()]
        self._optimiser = torch.optim.AdamW(parts, weight_decay=_DECAY)

    def step(self, loss: Tensor, steps: int) -> None:
        """One of so many steps."""
        share = min(1.0, (self._done + 1) / _WARM) * (1 - self._done / (steps + 1))
        for group, rate in zip(self._optimiser.param_groups, self._rates, strict=True):
            group["lr"] = rate * share
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        nn.utils.clip_grad_norm_(self._weights, _LONGEST)
        self._optimiser.step()
        self._done += 1


def write_card(
    given: argparse.Namespace,
    weights: str,
    curve: Sequence[Mapping[str, float]],
    *,
    lessons: int,
    kept_out: Sequence[str],
) -> None:
    """Writes beside the weights what they were made from, and the figures on shops kept out."""
    card = {
        "sha256": digest(given.out / weights),
        "from": "the upper layers of all-MiniLM-L6-v2, Apache-2.0",
        "trained_on": f"{lessons} lines of tests/data/conversations, written for this project",
        "kept_out": list(kept_out),
        "seed": given.seed,
        "curve": list(curve),
    }
    path = (given.out / weights).with_suffix(".json")
    path.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
