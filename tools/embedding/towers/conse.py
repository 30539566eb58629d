"""Pictures in the space of words, without training: ConSE (Norouzi et al. 2014).

A picture's vector is the mean of the vectors of the likeliest classes' names, each as heavy as the
class is likely. https://arxiv.org/abs/1312.5650
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

CLASSES_TAKEN = 10
TEMPERATURE = 2.0
"""Flattens the posterior: the right name is often the second or third."""


def conse(logits: Tensor, class_vectors: Tensor) -> Tensor:
    """(n, classes) and (classes, dim) to (n, dim) unit vectors."""
    likely, which = torch.softmax(logits / TEMPERATURE, -1).topk(CLASSES_TAKEN)
    return F.normalize((class_vectors[which] * likely[..., None]).sum(1), dim=-1)


def sharpness(logits: Tensor) -> Tensor:
    """(n, 3): logarithms of how likely the three likeliest classes are."""
    return torch.softmax(logits, -1).topk(3).values.clamp(min=1e-4).log()
