"""Vectors of the tokens of products' texts, computed once and kept in a file of the home.

A cache: what is not in it is computed again, and whoever deletes the file loses some seconds.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tools.catalogue.facts import searched_text

if TYPE_CHECKING:
    from tools.embedding.base import Embedder
    from tools.product import Product

logger = logging.getLogger(__name__)

Codes = NDArray[np.int8]
"""(1 + tokens, n): unit vectors times SCALE, that of the whole text first."""
SCALE = 127
_MOST_REMEMBERED = 2000
"""Texts whose vectors stay in memory: some 25 kB each."""
_LONGEST = 4000
"""Characters of a text that are read."""
MOST_PREPARED = 5000
"""Products of a catalogue whose texts are read before they are asked for."""
_PATIENCE_S = 2
"""Seconds that another process may hold the file."""


class TokenStore:
    """Filled as products are asked for. May be used from several threads and processes."""

    def __init__(self, embedder: Embedder, path: Path | None = None) -> None:
        """`path` is a file of the home, None for memory alone."""
        self._embedder, self._path = embedder, path
        self._remembered: OrderedDict[bytes, Codes] = OrderedDict()
        self._prepared = 0
        self._lock = Lock()
        self._one_at_a_time = Lock()

    def known(self, products: Sequence[Product]) -> dict[str, Codes]:
        """Those of these products whose texts were read before, by id."""
        keys = {product.id: self._key(product) for product in products}
        with self._lock:
            found = {key: self._remembered[key] for key in keys.values() if key in self._remembered}
        missing = [key for key in dict.fromkeys(keys.values()) if key not in found]
        if missing and self._path is not None and self._path.exists():
            stored = dict(self._stored(missing))
            self._remember(stored)
            found |= stored
        return {id_: found[key] for id_, key in keys.items() if key in found}

    def read(self, products: Sequence[Product]) -> dict[str, Codes]:
        """All of these products; the texts of those that are not known are read, and kept."""
        # Two threads that ask for the same texts would read them twice.
        with self._one_at_a_time:
            found = self.known(products)
            new = [product for product in products if product.id not in found]
            vectors = self._embedder.token_vectors([self._text(product) for product in new])
            codes = [_codes(each) for each in vectors]
            made = {self._key(p): each for p, each in zip(new, codes, strict=True)}
            self._remember(made)
            if made and self._path is not None:
                self._keep(made)
            return found | {p.id: each for p, each in zip(new, codes, strict=True)}

    def prepare(self, products: Sequence[Product]) -> None:
        """Reads the texts of the first MOST_PREPARED products that are given in all."""
        left = MOST_PREPARED - self._prepared
        self._prepared += len(products)
        if left > 0:
            self.read(products[:left])

    def _remember(self, found: dict[bytes, Codes]) -> None:
        with self._lock:
            self._remembered |= found
            while len(self._remembered) > _MOST_REMEMBERED:
                self._remembered.popitem(last=False)

    def _stored(self, keys: Sequence[bytes]) -> Iterator[tuple[bytes, Codes]]:
        marks = ", ".join("?" * len(keys))
        try:
            with closing(self._open()) as file:
                asked = f"SELECT key, n, codes FROM tokens WHERE key IN ({marks})"
                rows = file.execute(asked, keys)
                for key, n, codes in rows.fetchall():
                    yield key, np.frombuffer(codes, np.int8).reshape(-1, n)
        except sqlite3.Error as error:
            logger.warning("the tokens of the shop's texts could not be read: %s", error)

    def _keep(self, made: dict[bytes, Codes]) -> None:
        rows = [(key, codes.shape[1], codes.tobytes()) for key, codes in made.items()]
        try:
            with closing(self._open()) as file, file:
                file.executemany("INSERT OR IGNORE INTO tokens VALUES (?, ?, ?)", rows)
        except (sqlite3.Error, OSError) as error:
            logger.warning("the tokens of the shop's texts could not be kept: %s", error)

    def _open(self) -> sqlite3.Connection:
        assert self._path is not None
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.touch(mode=0o600)
        file = sqlite3.connect(self._path, timeout=_PATIENCE_S)
        file.execute("CREATE TABLE IF NOT EXISTS tokens (key BLOB PRIMARY KEY, n INT, codes BLOB)")
        return file

    def _key(self, product: Product) -> bytes:
        named = f"{self._embedder.tokens_fingerprint}\n{self._text(product)}"
        return hashlib.blake2b(named.encode("utf-8", "replace"), digest_size=16).digest()

    @staticmethod
    def _text(product: Product) -> str:
        return searched_text(product)[:_LONGEST]


def _codes(vectors: NDArray[np.float32]) -> Codes:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    codes: Codes = np.rint(vectors / np.maximum(lengths, 1e-9) * SCALE).astype(np.int8)
    return codes
