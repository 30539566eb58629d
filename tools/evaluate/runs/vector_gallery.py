"""Pictures that are searched by their vectors alone, without a shop or an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from tools.embedding.base import FloatArray
from tools.evaluate.inputs.labels import SHOWN


@dataclass(frozen=True, slots=True)
class VectorGallery:
    """Ids and their vectors, which may be of any kind that a dot product compares."""

    ids: tuple[str, ...]
    vectors: FloatArray
    """(n, dim), rows of length 1."""

    def nearest(self, vector: FloatArray, leave_out: Sequence[str] = ()) -> tuple[str, ...]:
        """The ids nearest to a (dim,) vector, best first, at most SHOWN."""
        return ranked_ids(self.ids, self.vectors @ vector, leave_out)


def ranked_ids(
    ids: Sequence[str], scores: FloatArray, leave_out: Sequence[str] = ()
) -> tuple[str, ...]:
    """The ids by (n,) scores, best first, at most SHOWN; ties keep the order given."""
    best = (ids[place] for place in np.argsort(-scores, kind="stable"))
    return tuple(islice((identity for identity in best if identity not in leave_out), SHOWN))
