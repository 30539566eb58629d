"""Whether a message asks about products that are shown, or wishes for others.

A logistic regression over MiniLM's vector of the message and a few of its words, learned from
questions and wishes that were written for this project (tools/demo/training/asking_training.py).
Not covered: thanks, orders ("show more"), and wishes in the form of questions ("any with a lid?"),
which are few among the lessons.
"""

from __future__ import annotations

import re

import torch
from torch import Tensor, nn

from tools.embedding.towers.minilm import DIM

FIRST_WORDS = (
    "can", "do", "does", "is", "are", "was", "will", "would", "could", "should", "has", "have",
    "how", "what", "which", "where", "who", "when", "why", "any", "must", "may", "so", "and",
    "the", "it", "i", "my",
)  # fmt: skip
"""Words that tell something at the beginning of a message."""
ANY_WORDS = (
    "it", "its", "this", "that", "these", "those", "one", "ones", "them", "they", "you",
    "your", "show", "want", "need", "something", "looking", "find", "have", "any", "instead",
    "but", "cheaper", "also", "another", "then", "please",
)  # fmt: skip
"""Words that tell something anywhere in a message."""
_WORDS = re.compile(r"[a-z']+|\?|\d+")
_LONG, _SCALE = 30, 4.0
"""Words of a long message, and what the vector is multiplied by to count like the words do."""
N_FEATURES = DIM + 2 + len(FIRST_WORDS) + len(ANY_WORDS)


class AskingNetwork(nn.Module):
    """N_FEATURES weights and a bias."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(N_FEATURES, 1)

    def forward(self, known: Tensor) -> Tensor:
        """(n, N_FEATURES) of `known` to (n,) log odds that a message asks about what is shown."""
        found: Tensor = self.linear(known)[:, 0]
        return found


def features_of(text: str, vector: Tensor) -> Tensor:
    """(N_FEATURES,) of a message and its vector (DIM,)."""
    words = _WORDS.findall(text.lower())
    told = [
        float(text.rstrip().endswith("?")),
        min(len(words), _LONG) / 10,
        *(float(words[:1] == [word]) for word in FIRST_WORDS),
        *(float(word in words) for word in ANY_WORDS),
    ]
    return torch.cat([vector * _SCALE, torch.tensor(told)])
