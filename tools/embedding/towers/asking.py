"""Whether a message asks about products that are shown, or wishes for others.

A logistic regression over MiniLM's vector of the message and a few of its words, learned from
questions and wishes that were written for this project (tools/demo/training/asking_training.py).
"""

from __future__ import annotations

import re

import torch
from torch import Tensor, nn

from tools.embedding.towers.minilm import DIM

FIRST = (
    "can", "do", "does", "is", "are", "was", "will", "would", "could", "should", "has", "have",
    "how", "what", "which", "where", "who", "when", "why", "any", "must", "may", "so", "and",
    "the", "it", "i", "my",
)  # fmt: skip
WITHIN = (
    "it", "its", "this", "that", "these", "those", "one", "ones", "them", "they", "you",
    "your", "show", "want", "need", "something", "looking", "find", "have", "any", "instead",
    "but", "cheaper", "also", "another", "then", "please",
)  # fmt: skip
"""Words that tell something at the beginning of a message, and anywhere in it."""
_WORDS = re.compile(r"[a-z']+|\?|\d+")
_LONG, _SCALE = 30, 4.0
"""Words of a long message, and what the vector is multiplied by to count like the words do."""
KNOWN = DIM + 2 + len(FIRST) + len(WITHIN)


class AskingNetwork(nn.Module):
    """KNOWN weights and a bias."""

    def __init__(self) -> None:
        super().__init__()
        self.odds = nn.Linear(KNOWN, 1)

    def forward(self, known: Tensor) -> Tensor:
        """(n, KNOWN) of `known` to (n,) log odds that a message asks about what is shown."""
        found: Tensor = self.odds(known)[:, 0]
        return found


def known_of(text: str, vector: Tensor) -> Tensor:
    """(KNOWN,) of a message and its vector (DIM,)."""
    words = _WORDS.findall(text.lower())
    told = [
        float(text.rstrip().endswith("?")),
        min(len(words), _LONG) / 10,
        *(float(words[:1] == [word]) for word in FIRST),
        *(float(word in words) for word in WITHIN),
    ]
    return torch.cat([vector * _SCALE, torch.tensor(told)])
