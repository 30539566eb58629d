"""Products from a shop's files. What cannot be used is set aside and named, never guessed at.

Pictures by address are only named here: `tools.media` fetches them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from tools.catalogue.cells import SetAside, category_path, clean_text
from tools.catalogue.detection import find_source, kind_of
from tools.catalogue.kinds.kind import DEPARTMENT
from tools.catalogue.mapping import mapping_beside
from tools.catalogue.places import places_of
from tools.catalogue.products import Made, Making, make_product
from tools.catalogue.rows import Row
from tools.catalogue.source import Source
from tools.errors import CatalogueError
from tools.product import Product
from tools.text import fold


@dataclass(frozen=True, slots=True)
class Numbered:
    """A product and the line of the file it came from."""

    line: int
    product: Product
    """Its pictures are absolute paths of files, or addresses that begin with http."""
    worded: bool = True
    """False where the shop has no words for it: the title is made from its number or code."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is taken of a catalogue, and how it is read."""

    mapping: Mapping[str, str] | None = None
    """Field → column; wins over a YAML beside the file."""
    currency: str = "USD"
    """Where the file names none."""
    category: str = ""
    """Only products with this name among the levels of their category; "" for all."""
    limit: int | None = None
    """So many products at most, the first of the file."""
    pictures: Path | None = None
    """Where relative paths of pictures begin; None for the folder of the file."""
    home: Path | None = None
    """Where the shop's own data is: what lies there is no picture, but what an ingest put there."""
    shop_url: str = ""
    """The shop's address, for links where a file has none."""
    link_template: str = ""
    """The path of a product's page under `shop_url`, with {id}, {handle} and {sku}; "" for what is
    usual in a file of that kind."""

    @property
    def part(self) -> bool:
        """Whether products of the file may be left out."""
        return bool(self.category) or self.limit is not None


@dataclass(slots=True)
class Reading:
    """What was met while a catalogue was read; grows with it."""

    currency_missing: bool = False
    """Whether there were prices without a currency."""
    variants: int = 0
    """Of all products together."""
    switched_off: dict[str, int] = field(default_factory=dict)
    """Products that the shop does not show, by why."""


def read_products(
    path: Path | Source,
    wanted: Wanted | None = None,
    reading: Reading | None = None,
) -> Iterator[Numbered | SetAside]:
    """Products in file order, with what had to be set aside in between.

    The kind of file is told by its content, see `tools.catalogue.detection`. Of two rows with
    one id the first counts. What the shop has switched off is counted in `reading` alone. Raises
    CatalogueError for a file that cannot be read at all.
    """
    wanted, reading = wanted or Wanted(), reading or Reading()
    source = path if isinstance(path, Source) else find_source(path)
    source = replace(source, pictures=wanted.pictures)
    mapping = mapping_of(source, wanted)
    places = places_of(source, wanted.pictures, wanted.home)
    now = datetime.now(UTC)
    making = Making(places, wanted.currency, now, wanted.shop_url, wanted.link_template)
    seen: dict[str, int] = {}
    empty = True
    for row in kind_of(source).rows(source, mapping):
        empty = False
        if row.off:
            reading.switched_off[row.problem] = reading.switched_off.get(row.problem, 0) + 1
            continue
        if row.problem:
            yield SetAside(row.line, row.field, row.problem, row.todo)
            continue
        if wanted.category and not _within(row, wanted.category):
            continue
        notes: list[SetAside] = []
        if row.mended:
            todo = "Check its words, and save the file as UTF-8."
            notes.append(SetAside(row.line, "row", row.mended, todo, used=True))
        made = make_product(row, making, notes)
        if isinstance(made, SetAside):
            yield made
            continue
        identity = made.product.id
        if identity in seen:
            yield SetAside(
                row.line,
                "id",
                f"the id {identity!r} stands on line {seen[identity]} too",
                "Give each product an id of its own.",
            )
            continue
        seen[identity] = row.line
        reading.variants += len(made.product.variants)
        reading.currency_missing |= made.currency_missing
        yield from notes
        yield _numbered(row, made)
        if wanted.limit is not None and len(seen) >= wanted.limit:
            return
    if empty:
        raise CatalogueError(f"{source.name} has no products in it. Export the catalogue again.")


def mapping_of(source: Source, wanted: Wanted) -> dict[str, str]:
    """Field → column: of a YAML beside the file, and what is wanted."""
    beside = {} if source.download else mapping_beside(source.path)
    return {**beside, **(wanted.mapping or {})}


def _numbered(row: Row, made: Made) -> Numbered:
    return Numbered(row.line, made.product, made.worded)


def _within(row: Row, category: str) -> bool:
    names = (*category_path(row.values.get("category")), clean_text(row.values.get(DEPARTMENT)))
    return fold(category) in map(fold, names)
