"""The field's measures of one ranked list. Ids are distinct; what is not labelled does not fit.

recall@k here is that of shops: 1 when at least one relevant product is among the first k.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet


def recall(ranked: Sequence[str], relevant: AbstractSet[str], k: int) -> float:
    """1 when a relevant product is among the first k, else 0."""
    return float(any(identity in relevant for identity in ranked[:k]))


def reciprocal_rank(ranked: Sequence[str], relevant: AbstractSet[str]) -> float:
    """1 / place of the first relevant product, places from 1; 0 when none is in the list."""
    for place, identity in enumerate(ranked, start=1):
        if identity in relevant:
            return 1 / place
    return 0.0


def ndcg(ranked: Sequence[str], grades: Mapping[str, float], k: int) -> float:
    """Normalised discounted cumulative gain of the first k, 0 to 1; 0 when nothing has a grade.

    The gain of a grade g is 2^g - 1 (Burges et al. 2005), so that one product that fits in all is
    worth more than several that fit by half; for grades of 0 and 1 that is the grade itself.
    """
    ideal = sorted(grades.values(), reverse=True)[:k]
    best = _discounted(ideal)
    return _discounted([grades.get(identity, 0.0) for identity in ranked[:k]]) / best if best else 0


def _discounted(grades: Sequence[float]) -> float:
    return math.fsum(
        (2**grade - 1) / math.log2(place + 1) for place, grade in enumerate(grades, start=1)
    )


def average_precision(ranked: Sequence[str], relevant: AbstractSet[str], k: int) -> float:
    """Mean precision at the relevant places of the first k, over min(#relevant, k); 0 to 1."""
    found, total = 0, 0.0
    for place, identity in enumerate(ranked[:k], start=1):
        if identity in relevant:
            found += 1
            total += found / place
    return total / min(len(relevant), k) if relevant else 0.0
