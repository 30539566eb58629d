"""The seam of the embedder: what a shop needs from any model that places pictures and words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from tools.errors import ModelError

if TYPE_CHECKING:
    from PIL.Image import Image

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Item:
    """Words, a picture, or both; at least one of them. The picture is any decoded PIL image."""

    text: str = ""
    photo: Image | None = None

    def __post_init__(self) -> None:
        if not self.text and self.photo is None:
            raise ValueError("an item to embed needs words, a picture, or both")


class Embedder(ABC):
    """Places items in one space. A backend writes `_embed_batch`; batching and checks live here."""

    name: str
    """For people: "visualized-bge-base"."""
    dim: int
    fingerprint: str
    """Changes whenever the same item would get another vector: weights, sizes, preprocessing."""
    batch_size: int = 16

    @final
    def embed(self, items: Sequence[Item]) -> FloatArray:
        """Place items in the space that the products live in.

        Returns (n, dim) float32, rows L2-normalised, in the order given; (0, dim) for no items.
        Items of like shape share a batch, so that padding is small; the order of the results
        does not depend on it. Raises ModelError for a vector that is zero or not finite.
        """
        out = np.empty((len(items), self.dim), dtype=np.float32)
        order = sorted(range(len(items)), key=lambda i: self._bucket(items[i]))
        start = 0
        while start < len(order):
            kind = items[order[start]].photo is None
            stop = start + 1
            while (
                stop < len(order)
                and stop - start < self.batch_size
                and (items[order[stop]].photo is None) == kind
            ):
                stop += 1
            rows = order[start:stop]
            vectors = self._embed_batch([items[i] for i in rows])
            if vectors.shape != (len(rows), self.dim):
                raise ValueError(
                    f"{self.name} gave {vectors.shape} for {len(rows)} items of {self.dim} numbers"
                )
            lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
            if not (np.isfinite(lengths) & (lengths > 0)).all():
                raise ModelError(
                    f"{self.name} gave a vector without a direction: zero or not finite. "
                    "Its weights may be damaged: get them again, or compute in float32."
                )
            out[rows] = vectors / lengths
            start = stop
        return out

    @staticmethod
    def _bucket(item: Item) -> tuple[bool, int]:
        """Items with a picture apart from those without, then by length of the words."""
        return item.photo is None, len(item.text)

    @abstractmethod
    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        """Turn a batch into (len(batch), dim) float32, not zero; all with or all without photo."""
