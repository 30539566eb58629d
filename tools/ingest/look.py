"""A catalogue looked at before it is ingested: how it is understood, and its first products."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from tools.catalogue.cells import SetAside
from tools.catalogue.reader import Numbered, Reading, Wanted, mapping_of, read_products
from tools.catalogue.understanding import Understood, understand
from tools.ingest.pipeline import opened_catalogue
from tools.media.fetch import PictureFetcher
from tools.product import Product

_MOST_ITEMS = 1_000
"""Of a file in which hardly any row can be used."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a catalogue."""

    understood: Understood
    products: tuple[Product, ...]
    """The first ones."""
    problems: tuple[SetAside, ...]
    """What is wrong up to there."""
    reading: Reading


def look(
    path: Path | str, wanted: Wanted, home: Path, fetcher: PictureFetcher, *, most: int
) -> Look:
    """Reads the first `most` products; fetches no picture and asks no model.

    Raises CatalogueError for a file that cannot be read at all.
    """
    with (
        closing(fetcher),
        opened_catalogue(path, replace(wanted, limit=most or None), home, fetcher) as opened,
    ):
        source, wanted, _ = opened
        source = replace(source, pictures=wanted.pictures)
        understood = understand(source, mapping_of(source, wanted))
        reading = Reading()
        items = islice(read_products(source, wanted, reading), _MOST_ITEMS if most else 0)
        found = list(items)
    products = tuple(item.product for item in found if isinstance(item, Numbered))
    problems = tuple(item for item in found if isinstance(item, SetAside))
    return Look(understood, products, problems, reading)
