"""Before an ingest in 8-bit integers: calibrates on a sample of the shop, compares with float32."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tools.catalogue.cells import SetAside
from tools.catalogue.reader import Numbered, Wanted, read_products
from tools.embedding.int8 import calibrating, make_int8
from tools.embedding.registry import EmbedderChoice, open_embedder
from tools.errors import CatalogueError, ModelError
from tools.ingest.content import Ready, make_ready
from tools.ingest.embedding_workers import Vectors, embed_rows
from tools.ingest.fetch_ahead import fetch_pictures
from tools.ingest.pipeline import opened_catalogue
from tools.media.fetch import open_fetcher
from tools.models.int8 import load_ranges, save_ranges

if TYPE_CHECKING:
    from tools.embedding.base import Embedder

LEAST_COSINE = 0.99
CALIBRATED, COMPARED = 64, 32
"""Products that the ranges are taken from, and others that are compared."""
_READ = 5_000
"""Rows of the catalogue that the sample is spread over."""

logger = logging.getLogger("pounce.ingest")


def prepare_int8(
    choice: EmbedderChoice, path: Path | str, wanted: Wanted, home: Path, hosts: Sequence[str] = ()
) -> float:
    """Makes sure that `choice.calibration` is there and good enough for this catalogue.

    Gives the lowest cosine between a product's vector in int8 and in float32. Raises ModelError
    when that is below LEAST_COSINE, and CatalogueError when the catalogue has no usable picture.
    """
    rows = sample(path, wanted, home, hosts, CALIBRATED + COMPARED)
    if not rows:
        raise CatalogueError(f"{path} has no picture to calibrate int8 on. See its rows.")
    embedder = open_embedder(replace(choice, dtype="float32", device="cpu"))
    file, named = Path(choice.calibration), embedder.fingerprint
    known = load_ranges(file, named)
    compared = rows[-COMPARED:]
    if known is None:
        with calibrating(embedder) as ranges:
            _embedded(rows[:CALIBRATED], embedder)
    else:
        ranges = known
    expected = _embedded(compared, embedder)
    make_int8(embedder, ranges)
    lowest = _lowest_cosine(expected, _embedded(compared, embedder))
    if lowest < LEAST_COSINE:
        raise ModelError(
            f"In int8 a product's vector is as far as a cosine of {lowest:.3f} from its own in "
            f"float32; below {LEAST_COSINE} the search would suffer. Set POUNCE_DTYPE to float32"
            + (f", or remove {file} to calibrate on this catalogue." if known else ".")
        )
    if known is None:
        save_ranges(ranges, file, named)
    logger.info("int8 against float32: lowest cosine %.4f of %d products", lowest, len(compared))
    return lowest


def sample(
    path: Path | str, wanted: Wanted, home: Path, hosts: Sequence[str], count: int
) -> list[Ready]:
    """Products with their pictures, spread over the catalogue's first rows, in its order."""
    fetcher = open_fetcher(home, hosts)
    with opened_catalogue(path, wanted, home, fetcher) as (source, wanted, _):
        rows: list[Numbered] = []
        for item in read_products(source, wanted):
            if isinstance(item, Numbered):
                rows.append(item)
            if len(rows) == _READ:
                break
        chosen = [rows[place * len(rows) // count] for place in range(min(count, len(rows)))]
        if len(rows) <= count:
            chosen = rows
        found = []
        for row, problem in fetch_pictures(chosen, fetcher):
            if problem is None and isinstance(row, Numbered):
                ready = make_ready(row, {}, home, decode=True)
                if ready.picture is not None and not isinstance(ready.picture, SetAside):
                    found.append(ready)
        return found


def _embedded(rows: Sequence[Ready], embedder: Embedder) -> list[Vectors]:
    found = embed_rows(rows, [row.picture for row in rows], embedder, embedder)
    return [each for each in found if not isinstance(each, SetAside)]


def _lowest_cosine(expected: Sequence[Vectors], found: Sequence[Vectors]) -> float:
    """Over all products and both spaces."""
    return min(
        float(np.dot(a, b))
        for before, after in zip(expected, found, strict=True)
        for a, b in zip(before, after, strict=True)
    )
