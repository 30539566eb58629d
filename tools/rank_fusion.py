"""Several ranked lists as one.

Weighted reciprocal rank fusion (Cormack, Clarke, Büttcher 2009). Ranks and not scores are
fused: cosines of Visualized BGE lie in a narrow band and BM25 has no upper end, so a weighted
sum of the two, as Milvus' own weighted ranker makes it, is decided by their scales.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """A product's id in one list of a search; a higher score is better within that list."""

    id: str
    score: float
    share: float = 1.0
    """How much of the query this list found in it, 0 to 1: it counts that much."""


RANK_OFFSET = 10
"""The constant k of the formula. 60 is usual for long lists; nine results want sharper tops."""


def fuse(lists: Mapping[str, Sequence[Hit]], weights: Mapping[str, float]) -> dict[str, float]:
    """Ids to fused scores in (0, 1], best first; ties keep the order of the lists given.

    A product in first place of every list has 1, where each found the whole query in it. A list
    without hits takes no part, and a list without a weight is an error (KeyError).
    """
    total = sum(weights[name] for name, hits in lists.items() if hits)
    scores: dict[str, float] = {}
    for name, hits in lists.items():
        for rank, hit in enumerate(hits):
            counts = weights[name] / total * RANK_OFFSET / (RANK_OFFSET + rank)
            scores[hit.id] = scores.get(hit.id, 0.0) + counts * hit.share
    return dict(sorted(scores.items(), key=lambda pair: -pair[1]))
