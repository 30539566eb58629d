"""Color histograms: the baseline for an embedder on photos."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PIL import Image

from tools.embedding.base import FloatArray

BINS = 8
"""For each of hue, saturation and value."""


def histogram(picture: Image.Image) -> FloatArray:
    """(512,) shares of the pixels by hue, saturation and value; they add up to 1."""
    pixels = np.asarray(picture.convert("RGB").convert("HSV"), dtype=np.int64) * BINS // 256
    places = (pixels[..., 0] * BINS + pixels[..., 1]) * BINS + pixels[..., 2]
    counts = np.bincount(places.ravel(), minlength=BINS**3).astype(np.float32)
    shares: FloatArray = counts / counts.sum()
    return shares


def intersection(queries: FloatArray, gallery: FloatArray) -> FloatArray:
    """(n, m): the share of pixels that two histograms have in common (Swain, Ballard 1991)."""
    return np.stack([np.minimum(row, gallery).sum(1) for row in queries])


def cosine(queries: FloatArray, gallery: FloatArray) -> FloatArray:
    """(n, m): the cosine of the angle between two histograms."""

    def unit(rows: FloatArray) -> FloatArray:
        lengths: FloatArray = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows / lengths

    scores: FloatArray = unit(queries) @ unit(gallery).T
    return scores


SIMILARITIES: Mapping[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "intersection": intersection,
    "cosine": cosine,
}
"""Ways to compare histograms; the baseline is the better one."""


def histograms(pictures: Sequence[Image.Image]) -> FloatArray:
    """(n, 512), a row for each picture."""
    return np.stack([histogram(picture) for picture in pictures])
