"""Draws and embeds the built-in shop anew, and writes the vectors that ship.

`python -m tools.demo.embed`, some two minutes on two cores, after a change of the embedder, of the
drawings or of the products; `--out FILE` writes to another place.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tools.catalogue.cells import SetAside
from tools.catalogue.reader import read_products
from tools.demo.shop.files import write_shop
from tools.demo.shop.products import demo_products
from tools.demo.shop.vectors import FILE, vector_key, write_vectors
from tools.embedding.base import Embedder
from tools.embedding.registry import EmbedderChoice, open_embedder
from tools.ingest.content import Ready, make_ready
from tools.ingest.embedding_workers import Vectors, embed_rows

_AT_ONCE = 32


def main() -> None:
    """Write the file, and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE)
    out: Path = parser.parse_args().out
    embedder = open_embedder(EmbedderChoice())
    with tempfile.TemporaryDirectory() as folder:
        vectors = dict(_embedded(Path(folder), embedder))
    write_vectors(vectors, embedder.fingerprint, out)
    sys.stdout.write(f"{out}: {len(vectors)} products, {out.stat().st_size:,} bytes\n")


def _embedded(folder: Path, embedder: Embedder) -> Iterator[tuple[str, Vectors]]:
    """The vectors of all products by their keys, as an ingest makes them."""
    drawn = {product.id: product for product in demo_products()}
    rows = _ready(write_shop(folder), folder)
    while part := list(islice(rows, _AT_ONCE)):
        pictures = [ready.picture for ready in part]
        for ready, made in zip(part, embed_rows(part, pictures, embedder, embedder), strict=True):
            if isinstance(made, SetAside):
                raise RuntimeError(f"the built-in shop cannot be embedded: {made.reason}")
            product = ready.row.product
            yield vector_key(drawn[product.id], product), made


def _ready(products: Path, home: Path) -> Iterator[Ready]:
    for row in read_products(products):
        if isinstance(row, SetAside):
            raise RuntimeError(f"the built-in shop cannot be read: {row.reason}")
        yield make_ready(row, {}, home, decode=True)


if __name__ == "__main__":
    main()
