"""Products from a shop's files. What cannot be used is set aside and named, never guessed at.

Pictures by address are only named here: `tools.media` fetches them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urljoin

from tools.catalogue.cells import (
    SetAside,
    category_path,
    clean_text,
    cut,
    identity_of,
    read_price,
    short,
    texts_of,
    unused,
    without_odd,
)
from tools.catalogue.detection import find_source, kind_of
from tools.catalogue.fact_types import Cell
from tools.catalogue.facts import FACTS
from tools.catalogue.kinds.kind import DEPARTMENT, LABEL
from tools.catalogue.mapping import mapping_beside
from tools.catalogue.rows import Row
from tools.catalogue.source import Source
from tools.errors import CatalogueError
from tools.money import is_currency
from tools.product import Product
from tools.text import fold

MAX_TITLE = 1_000
MAX_ID_BYTES = 512
MAX_PICTURES = 20
_MOST_PLACE_BYTES = 20_000
_NUMERIC = frozenset(fact.name for fact in FACTS if fact.type.numeric)
_BOOLEAN = frozenset(fact.name for fact in FACTS if fact.type.boolean)
_UNKEEPABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Refused in an id: controls, which no filter expression can hold, and lone surrogates, which
cannot be encoded. Removing them could give two products one id."""
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):(//)?", re.IGNORECASE)


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

    @property
    def part(self) -> bool:
        """Whether products of the file may be left out."""
        return bool(self.category) or self.limit is not None


SHOPPERS_PICTURES = ("photos", "turns", "chat")
"""Folders in a home that hold shoppers' photos, as attached, as a model saw them, and as served:
no picture in them is a catalogue's, wherever its file lies."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the pictures of a catalogue may be."""

    base: Path | str
    """The folder where relative paths begin, or the address of the catalogue: a remote catalogue
    cannot name files of this machine."""
    roots: tuple[Path, ...]
    """The folders that all files must lie in, links followed."""
    home: Path | None

    def allow(self, place: Path) -> bool:
        """Whether a resolved path may be a picture of the catalogue."""
        if not any(place.is_relative_to(root) for root in self.roots):
            return False
        home = self.home
        return home is None or not any(
            place.is_relative_to(home / name) for name in SHOPPERS_PICTURES
        )


def read_products(
    path: Path | Source, wanted: Wanted | None = None
) -> Iterator[Numbered | SetAside]:
    """Products in file order, with what had to be set aside in between.

    The kind of file is told by its content, see `tools.catalogue.detection`. Of two rows with
    one id the first counts. Raises CatalogueError for a file that cannot be read at all.
    """
    wanted = wanted or Wanted()
    source = path if isinstance(path, Source) else find_source(path)
    beside = {} if source.download else mapping_beside(source.path)
    mapping = {**beside, **(wanted.mapping or {})}
    places = _places(source, wanted)
    seen: dict[str, int] = {}
    empty = True
    for row in kind_of(source).rows(source, mapping):
        empty = False
        if row.problem:
            yield SetAside(row.line, row.field, row.problem, row.todo)
            continue
        if wanted.category and not _within(row, wanted.category):
            continue
        notes: list[SetAside] = []
        if row.mended:
            todo = "Check its words, and save the file as UTF-8."
            notes.append(SetAside(row.line, "row", row.mended, todo, used=True))
        item = _product(row, places, wanted.currency, notes)
        if isinstance(item, SetAside):
            yield item
            continue
        identity = item.product.id
        if identity in seen:
            yield SetAside(
                row.line,
                "id",
                f"the id {identity!r} stands on line {seen[identity]} too",
                "Give each product an id of its own.",
            )
            continue
        seen[identity] = row.line
        yield from notes
        yield item
        if wanted.limit is not None and len(seen) >= wanted.limit:
            return
    if empty:
        raise CatalogueError(f"{source.name} has no products in it. Export the catalogue again.")


def _within(row: Row, category: str) -> bool:
    names = (*category_path(row.values.get("category")), clean_text(row.values.get(DEPARTMENT)))
    return fold(category) in map(fold, names)


def _product(row: Row, places: Places, currency: str, notes: list[SetAside]) -> Numbered | SetAside:
    fields = without_odd(row.values, row.line, notes, numeric=_NUMERIC, boolean=_BOOLEAN)
    title = cut(clean_text(fields.get("title")), "title", MAX_TITLE, row.line, notes)
    label = clean_text(fields.get(LABEL))[:MAX_TITLE]
    images = _images(fields.get("image"))
    if not (title or label):
        return SetAside(row.line, "title", "no title", "Give the product a title.")
    if not images:
        return SetAside(row.line, "image", "no picture", "Name the product's picture.")
    place, problem = _place(images[0], places)
    if problem:
        return SetAside(row.line, "image", problem, "Check the picture's path or address.")
    others = [_place(image, places) for image in images[1:MAX_PICTURES]]
    identity = identity_of(fields.get("id"))
    if not identity:
        identity = images[0]
        if "id" in fields:
            reason = "no id; the picture's path or address stands for it"
            notes.append(SetAside(row.line, "id", reason, "Give the product an id.", used=True))
    if _UNKEEPABLE.search(identity):
        reason = f"the id {short(identity)} holds a control or half a character"
        return SetAside(row.line, "id", reason, "Write it without these, on one line.")
    if len(identity.encode()) > MAX_ID_BYTES:
        return SetAside(row.line, "id", "the id is too long", f"Use up to {MAX_ID_BYTES} bytes.")
    named = clean_text(fields.get("currency")).upper()
    if named and not is_currency(named):
        notes.append(unused(row.line, "currency", named, "Use a code such as USD."))
    elif named:
        currency = named
    price, currency = read_price(fields.get("price"), currency, row.line, notes)
    others_read = {
        fact.attribute: fact.type.read(Cell(fields.get(fact.name), fact.name, row.line, notes))
        for fact in FACTS
        if fact.type.read is not None
    }
    product = Product(
        id=identity,
        title=title or label,
        price_minor=price,
        currency=currency,
        image=place,
        more_images=_keepable([other for other, wrong in others if not wrong]),
        **others_read,
    )
    return Numbered(row.line, product, worded=bool(title))


def _images(value: object) -> list[str]:
    """The pictures as they are written, the first first; several addresses may share a cell."""
    images = texts_of(value)
    if len(images) == 1 and _ADDRESS.match(images[0]):
        images = re.split(r"(?:\s*[,|;]\s*|\s+)(?=https?://)", images[0], flags=re.IGNORECASE)
    return list(dict.fromkeys(filter(None, images)))


def _keepable(places: list[str]) -> tuple[str, ...]:
    """The first of them, as many as fit into one column of the index."""
    kept: list[str] = []
    for place in places:
        if sum(len(each.encode()) for each in (*kept, place)) > _MOST_PLACE_BYTES:
            break
        kept.append(place)
    return tuple(kept)


def _places(source: Source, wanted: Wanted) -> Places:
    folders = [wanted.pictures, None if source.download else source.folder]
    roots = tuple(folder.resolve() for folder in folders if folder is not None)
    home = wanted.home.resolve() if wanted.home else None
    return Places(roots[0] if roots else source.name, roots, home)


def _place(image: str, places: Places) -> tuple[str, str]:
    """Where the picture is (a path or an address) and "", or "" and why there is none."""
    base = places.base
    if image.startswith("//"):
        image = f"https:{image}"  # as the pages of a shop write it
    if isinstance(base, str) and not _SCHEME.match(image):
        with suppress(ValueError):  # said where it is looked at as an address
            image = urljoin(base, quote(image, safe="/%:@!$&'()*+,;=~-._?"))
    if _ADDRESS.match(image):
        return _address(image)
    scheme = _SCHEME.match(image)
    if scheme and (scheme[2] or scheme[1].lower() in {"data", "file"}):
        return "", f"{short(image)} is no address that is fetched: only http and https are"
    try:
        outside = False
        for spelling in _spellings(image):
            place = (Path(base) / Path(spelling).expanduser()).resolve()
            str(place).encode()  # what cannot be written down cannot be kept
            if not places.allow(place):
                outside = True
            elif place.is_file():
                return str(place), ""
        if outside:
            return "", f"{short(image)} lies outside of the catalogue's folder and of --pictures"
        return "", f"no file {short(image)}"
    # Too long, NULs, half characters, a loop of links, a home of nobody, a closed folder.
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "no path that a file can have"
        return "", f"{short(image)} cannot be used ({reason})"


def _spellings(path: str) -> Iterator[str]:
    """A path as it is written, then as Windows and as pages write such a path."""
    yield path
    if "\\" in path:
        path = path.replace("\\", "/")
        yield path
    if "%" in path:
        yield unquote(path)


def _address(image: str) -> tuple[str, str]:
    if len(image) > 2_000 or re.search(r"[\x00-\x20\x7f-\x9f\ud800-\udfff]", image):
        return "", f"{short(image)} is no address: it holds blanks or controls, or is too long"
    return image, ""
