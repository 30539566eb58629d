"""Names of drawn looks as places in the lists of kinds, patterns and colors."""

from __future__ import annotations

import numpy as np

from tools.demo.drawing import COLORS, KINDS, PATTERNS, Look
from tools.demo.training.captions import Wish

UNKNOWN = -100
"""A label that nobody knows; torch's cross entropy leaves it out."""


def unknown_labels(count: int) -> np.ndarray:
    """(count, 3) labels that nobody knows."""
    return np.full((count, 3), UNKNOWN)


def label(look: Look | Wish) -> tuple[int, int, int]:
    """Places of kind, pattern and color in KINDS, PATTERNS and COLORS; UNKNOWN for ""."""
    return (
        KINDS.index(look.kind) if look.kind else UNKNOWN,
        PATTERNS.index(look.pattern) if look.pattern else UNKNOWN,
        list(COLORS).index(look.color) if look.color else UNKNOWN,
    )
