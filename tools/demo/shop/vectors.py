"""The vectors of the built-in shop, which ship with Pounce, so that its first start embeds nothing.

A vector is known by what it was made from: the source of the drawings, the product's look and seed,
its searched text, and the embedder's fingerprint. What any of these does not match is embedded. The
bytes of a picture are no part of it: they differ in single pixels between processors, whose
floating-point functions round differently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from tools.catalogue.cells import SetAside
from tools.catalogue.facts import searched_text
from tools.demo.shop.files import drawings_version
from tools.demo.shop.products import DemoProduct, demo_products
from tools.embedding.base import Embedder
from tools.errors import ModelError
from tools.files import atomic_file
from tools.ingest.content import TEXT_VERSION, Ready, open_picture
from tools.ingest.embedding_workers import Vectors, embed_rows
from tools.product import Product

FILE = Path(__file__).resolve().parents[1] / "weights" / "shop" / "vectors.safetensors"
_EMBEDDER, _KEYS, _SPACES = "embedder", "keys", ("picture", "words")


class ShippedVectors:
    """Gives the vectors that ship where they are right, and embeds the other rows."""

    depth = 0
    opens_pictures = True
    """A row whose vectors ship needs no decoded picture."""

    def __init__(self, shipped: Mapping[str, Vectors], embedder: Embedder, home: Path) -> None:
        """`shipped` are those of `read_vectors` for this embedder."""
        self.fingerprint, self.dims = embedder.fingerprint, embedder.dims
        self._shipped, self._embedder, self._home = shipped, embedder, home

    @cached_property
    def _drawn(self) -> Mapping[str, DemoProduct]:
        return {product.id: product for product in demo_products()}

    def begin(self, rows: Sequence[Ready]) -> Future[list[Vectors | SetAside]]:
        """See `tools.ingest.embedding_workers.Embedding`."""
        known = [self._vectors_of(ready.row.product) for ready in rows]
        others = [ready for ready, found in zip(rows, known, strict=True) if found is None]
        pictures = [
            open_picture(ready.row, self._home) if ready.row.product.image else None
            for ready in others
        ]
        embedded = iter(embed_rows(others, pictures, self._embedder, self._embedder))
        done: Future[list[Vectors | SetAside]] = Future()
        done.set_result([next(embedded) if found is None else found for found in known])
        return done

    def _vectors_of(self, product: Product) -> Vectors | None:
        drawn = self._drawn.get(product.id)
        return None if drawn is None else self._shipped.get(vector_key(drawn, product))


def vector_key(drawn: DemoProduct, product: Product) -> str:
    """Changes with what a product's vectors are made from; `product` is `drawn` as it was read."""
    made_from = (
        drawings_version(), drawn.look, drawn.seed, Path(product.image).name,
        TEXT_VERSION, searched_text(product),
    )  # fmt: skip
    return hashlib.sha256(repr(made_from).encode()).hexdigest()[:32]


def read_vectors(fingerprint: str, file: Path = FILE) -> dict[str, Vectors]:
    """The vectors that ship by their keys; none where another embedder made them.

    Raises ModelError for a file that is missing or damaged.
    """
    try:
        with safe_open(file, "numpy") as stored:
            about = stored.metadata()
            if about[_EMBEDDER] != fingerprint:
                return {}
            pictures, words = (_unit(stored.get_tensor(name)) for name in _SPACES)
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"The vectors of the built-in shop at {file} cannot be read ({error}). "
            "Install Pounce again."
        ) from error
    return dict(zip(about[_KEYS].split(), zip(pictures, words, strict=True), strict=True))


def _unit(stored: NDArray[np.float16]) -> NDArray[np.float32]:
    """The rows as unit vectors, which rounding left a little longer or shorter."""
    rows = stored.astype(np.float32)
    found: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return found


def write_vectors(vectors: Mapping[str, Vectors], fingerprint: str, file: Path = FILE) -> None:
    """Writes vectors by their keys, as float16, with the fingerprint of the embedder that made
    them."""
    columns = zip(*vectors.values(), strict=True)
    arrays = {
        name: np.stack(rows).astype(np.float16) for name, rows in zip(_SPACES, columns, strict=True)
    }
    about = {_EMBEDDER: fingerprint, _KEYS: " ".join(vectors)}
    file.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(file) as unfinished:
        save_file(arrays, unfinished, about)
        unfinished.chmod(0o644)  # safetensors makes it readable for its owner alone
