"""Heads that name kind, pattern and color from a vector; only there while training."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from tools.demo.drawing import COLORS, KINDS, PATTERNS
from tools.demo.training.labels import UNKNOWN

NAMES = (len(KINDS), len(PATTERNS), len(COLORS))


class Heads(nn.Module):
    """A linear head for each of the three."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.each = nn.ModuleList(nn.Linear(dim, count) for count in NAMES)

    def loss(self, vectors: Tensor, labels: Tensor) -> Tensor:
        """Mean cross-entropy of the three names; `vectors` (n, dim), `labels` (n, 3)."""
        losses = [
            F.cross_entropy(head(vectors), labels[:, i])
            for i, head in enumerate(self.each)
            if bool((labels[:, i] != UNKNOWN).any())
        ]
        return torch.stack(losses).mean() if losses else vectors.sum() * 0

    def named(self, vectors: Tensor) -> Tensor:
        """(n, 3): the likeliest kind, pattern and color."""
        return torch.stack([head(vectors).argmax(-1) for head in self.each], 1)
