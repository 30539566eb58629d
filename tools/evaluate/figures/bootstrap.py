"""How sure a mean is: the percentile bootstrap over queries (Efron 1979)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
SEED = 20_241
_AT_ONCE = 2_000_000
"""Numbers drawn at a time, so that many queries do not fill the memory."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the 95 % interval around it."""

    mean: float
    low: float
    high: float


def mean_interval(values: Sequence[float], *, resamples: int = RESAMPLES) -> Interval:
    """The interval of the mean of `values`, such as the differences of pairs, from a fixed seed.

    Raises ValueError for no values.
    """
    if not values:
        raise ValueError("no values to resample")
    given = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(SEED)
    rows = max(1, _AT_ONCE // len(given))
    means = np.concatenate(
        [
            given[rng.integers(len(given), size=(min(rows, resamples - start), len(given)))].mean(1)
            for start in range(0, resamples, rows)
        ]
    )
    low, high = np.percentile(means, (2.5, 97.5))
    return Interval(float(given.mean()), float(low), float(high))
