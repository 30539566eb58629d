"""The seam of the embedder: what a shop needs from any model that places pictures and words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, final

import numpy as np
from numpy.typing import NDArray

from tools.errors import ModelError

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import nn

    from tools.embedding.meaning import WordFinder
    from tools.media.images import Transparency
    from tools.models.int8 import Layer

FloatArray = NDArray[np.float32]


Held = Literal["picture", "titled picture", "text"]
"""What of a product a vector is made of: its picture alone, with its title, or its words."""


@dataclass(frozen=True, slots=True)
class Space:
    """One vector of every product: a field of the index, in which some queries are compared."""

    name: str
    dim: int
    holds: Held
    words_alone: bool = True
    """Whether words without a picture have a place in it."""


@dataclass(frozen=True, slots=True)
class Item:
    """Words, a picture, or both; at least one of them. The picture is any decoded PIL image."""

    text: str = ""
    photo: Image | None = None
    misread: bool = False
    """Whether the picture does not show what `Embedder.photo_words` says, so that this is not to
    count. An embedder that never says it ignores this."""

    def __post_init__(self) -> None:
        if not self.text and self.photo is None:
            raise ValueError("an item to embed needs words, a picture, or both")


@dataclass(frozen=True, slots=True)
class MessageActs:
    """What a message does in a conversation, each as a likelihood from 0 to 1."""

    asks_of_shown: float
    """It asks about products that are shown, instead of wishing for others."""
    lifts_price: float
    """It takes back a limit of price that was set before."""
    other_kind: float
    """It goes over to another kind of thing than the message before."""


class Embedder(ABC):
    """Places products and queries in one or more spaces; batching and checks live here.

    A backend with a single space writes `_embed_batch`; one with several names them in `spaces`
    and writes `_embed_in`. Which spaces a query is compared in follows from the weights of the
    lists (`tools.search.shop`).
    """

    name: str
    """For people: "visualized-bge-base"."""
    dim: int
    fingerprint: str
    """Changes whenever the same item would get another vector: weights, sizes, preprocessing."""
    tokens_fingerprint: str = ""
    """Changes whenever the tokens of the same text would get other vectors."""
    batch_size: int = 16
    side_by_side: bool = False
    """Whether two batches at once, in two threads, take less time than one after the other: so it
    is with small layers, which leave cores idle."""
    compares_tokens: bool = False
    """Whether `token_vectors` gives any, as `tools.search.learned_rank` was learned with."""
    transparency: Transparency = "white"
    """What the published code makes of alpha. A shop's pictures and photos are laid on white before
    any embedder sees them; `pounce embed` opens files as the published code does."""

    @property
    def spaces(self) -> tuple[Space, ...]:
        """The vectors that every product has; `embed` takes the first of them unless told."""
        return (
            Space("picture", self.dim, "titled picture"),
            Space("words", self.dim, "text"),
        )

    @property
    def dims(self) -> dict[str, int]:
        """The sizes of the vectors, by the names of their spaces."""
        return {space.name: space.dim for space in self.spaces}

    @property
    def titled(self) -> bool:
        """Whether a product's picture is embedded with its title."""
        return any(space.holds == "titled picture" for space in self.spaces)

    @final
    def embed(self, items: Sequence[Item], space: str = "") -> FloatArray:
        """Place items in a space, the first one unless another is named.

        Returns (n, dim) float32, rows L2-normalised, in the order given; (0, dim) for no items.
        Items of like shape share a batch, so that padding is small; the order of the results
        does not depend on it. Raises ModelError for a vector that is zero or not finite, and
        ValueError for words alone in a space that has no place for them.
        """
        where = next(each for each in self.spaces if space in ("", each.name))
        if not where.words_alone and any(item.photo is None for item in items):
            raise ValueError(f"words alone have no place in the space {where.name} of {self.name}")
        out = np.empty((len(items), where.dim), dtype=np.float32)
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
            vectors = self._embed_in([items[i] for i in rows], where.name)
            if vectors.shape != (len(rows), where.dim):
                raise ValueError(
                    f"{self.name} gave {vectors.shape} for {len(rows)} items of {where.dim} numbers"
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

    def word_finder(self, words: Sequence[str]) -> WordFinder | None:  # noqa: ARG002
        """Chooses among words by meaning; None for an embedder that was not measured at it."""
        return None

    def answering(self, asked: str, texts: Sequence[str]) -> list[float]:  # noqa: ARG002
        """How surely each of some short texts answers a question, in their order: as log odds
        against none of them doing so; [] for an embedder that was not taught it.
        """
        return []

    def acts_in(self, text: str) -> MessageActs | None:  # noqa: ARG002
        """What a message does; None for an embedder that was not taught it."""
        return None

    def token_vectors(self, texts: Sequence[str]) -> list[FloatArray]:  # noqa: ARG002
        """Of each text (1 + tokens, n) float32: its unit vector, then a vector of each token, not
        normalised; [] for an embedder that was not measured at comparing tokens.
        """
        return []

    def read_ahead(self, searched: str, compared: Sequence[str] = ()) -> None:  # noqa: B027
        """Reads the words of a search and the texts whose tokens it compares at once, where that
        takes less time than one after the other: `embed` and `token_vectors` find them read.
        """

    def photo_words(self, photo: Image) -> str:  # noqa: ARG002
        """What a photo shows: "sneaker, gray"; "" where the model is not sure, or never says."""
        return ""

    @staticmethod
    def _bucket(item: Item) -> tuple[bool, int]:
        """Items with a picture apart from those without, then by length of the words."""
        return item.photo is None, len(item.text)

    def linear_layers(self) -> tuple[nn.Module, list[Layer]] | None:
        """The model and its layers that may be computed in int8; None where that is not offered."""
        return None

    def forget(self) -> None:  # noqa: B027 - most embedders remember nothing
        """Drops what was computed before the model changed."""

    def _embed_in(self, batch: Sequence[Item], space: str) -> FloatArray:  # noqa: ARG002
        """Turn a batch into (len(batch), dim of the space) float32; one space unless overridden."""
        return self._embed_batch(batch)

    @abstractmethod
    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        """Turn a batch into (len(batch), dim) float32, not zero; all with or all without photo."""
