"""A row made ready for the index: what of it changed, and its picture, decoded.

A row has two hashes: one of what its vectors are made from, one of all its facts. Where the facts
alone changed, a price for example, the vectors are carried over (`carry_over`). Rows of schema
version 1 have a single hash of both (UNSPLIT in `tools.index.schema`); what changed of them is
worked out from the product as it is stored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tools.catalogue.cells import SetAside, short
from tools.catalogue.facts import pack, searched_text
from tools.catalogue.reader import Numbered
from tools.errors import PhotoError
from tools.index.schema import UNSEEN, UNSPLIT, Hashes
from tools.index.sieve import sieve_of
from tools.media.fetch import FETCHED
from tools.media.images import open_product_picture
from tools.product import Product

if TYPE_CHECKING:
    from PIL.Image import Image

    from tools.index.milvus import ProductIndex, Stored

TEXT_VERSION = 1
"""Raised when what is embedded of a product changes, so that all are embedded again."""

_LARGEST_SIDE = 1024

Change = Literal["none", "facts", "unknown", "content"]
"""What is to be written of a row: nothing; its facts, with the vectors that are there; what its
stored product has to tell, see `carry_over`; its facts with new vectors."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A row whose content is known; `picture` is its picture where that is to be embedded."""

    row: Numbered
    hashes: Hashes
    change: Change
    picture_hash: str
    """See `_picture_hash`; "" for a picture that cannot be read."""
    picture: Image | SetAside | None = None
    """None for one that need not be embedded, that is opened where it is embedded, or that the
    product does not have."""

    @property
    def changed(self) -> bool:
        """Whether the index holds something else, or nothing, under its id."""
        return self.change != "none"


def make_ready(row: Numbered, there: Mapping[str, Hashes], home: Path, *, decode: bool) -> Ready:
    """The row with its hashes; with its picture where that may be embedded and `decode` is set."""
    picture_hash = ""
    # Opening the picture says what is wrong.
    with suppress(OSError):
        picture_hash = _picture_hash(row.product) if row.product.image else ""
    hashes = Hashes(_embedded_hash(row, picture_hash), facts_hash(row.product))
    change = _change(row.product, there.get(row.product.id), hashes, picture_hash)
    picture = None
    if decode and row.product.image and change in ("unknown", "content"):
        picture = open_picture(row, home)
    return Ready(row, hashes, change, picture_hash, picture)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What stood in one place of the file."""

    row: Numbered | SetAside
    ready: Ready | None
    """None for what is not written now."""
    problem: SetAside | None
    """What cannot be used of it, or the field of the next row that cannot."""

    @property
    def line(self) -> int:
        """In the file."""
        return self.row.line


def prepare(
    row: Numbered,
    unfetched: SetAside | None,
    there: Mapping[str, Hashes],
    home: Path,
    *,
    decode: bool,
) -> Prepared:
    """The row made ready; a product whose picture cannot be had is made ready without it.

    One that the index has with a picture keeps it as it is, and one without words is nothing
    without its picture: `ready` is None for these.
    """
    ready = make_ready(row, there, home, decode=decode and unfetched is None)
    problem = unfetched or (ready.picture if isinstance(ready.picture, SetAside) else None)
    return Prepared(row, ready, None) if problem is None else unopened(ready, problem, there)


def unopened(ready: Ready, problem: SetAside, there: Mapping[str, Hashes]) -> Prepared:
    """What becomes of a product whose picture cannot be had, see `prepare`."""
    row = ready.row
    before = there.get(row.product.id)
    if before is not None and not before.embedded.startswith(UNSEEN):
        return Prepared(row, None, replace(problem, used=True))
    if not row.worded:
        return Prepared(row, None, problem)
    bare = without_picture(ready)
    change = _change(bare.row.product, before, bare.hashes, "")
    return Prepared(bare.row, replace(bare, change=change), replace(problem, used=True))


def _change(product: Product, before: Hashes | None, now: Hashes, picture_hash: str) -> Change:
    if before is None or (product.image and not picture_hash):
        return "content"
    if before == now:
        return "none"
    if before.embedded == now.embedded:
        return "facts"
    if not before.embedded.startswith(UNSPLIT):
        return "content"
    if before.embedded != UNSPLIT + _unsplit_hash(product, picture_hash):
        return "unknown"
    return "none" if pack(product).keys() <= _UNSPLIT_FACTS else "facts"


def carry_over(
    rows: Sequence[Ready], index: ProductIndex, collection: str
) -> tuple[list[Stored], list[Ready]]:
    """Rows whose vectors in the collection are still right, with these; and all the others."""
    from tools.index.milvus import Stored

    ids = [ready.row.product.id for ready in rows if ready.change in ("facts", "unknown")]
    stored = index.stored(collection, ids)
    carried, others = [], []
    for ready in rows:
        product, old = ready.row.product, stored.get(ready.row.product.id)
        if old is not None and (ready.change == "facts" or _embedded_alike(ready, old)):
            carried.append(Stored(product, old.picture, old.words, ready.hashes))
        else:
            others.append(ready)
    return carried, others


def _embedded_alike(ready: Ready, old: Stored) -> bool:
    """Whether a product of schema version 1 has the same title, text and picture.

    Its hash was made from its facts and the bytes of its picture: it comes out again from its
    stored facts and the picture of today only where that is the same one.
    """
    product = ready.row.product
    return (
        old.hashes.embedded == UNSPLIT + _unsplit_hash(old.product, ready.picture_hash)
        and old.product.title == product.title
        and searched_text(old.product) == searched_text(product)
    )


def _embedded_hash(row: Numbered, picture_hash: str) -> str:
    """Changes with what `embed_rows` embeds."""
    words = [row.product.title, searched_text(row.product)] if row.worded else []
    mark = "" if row.product.image else UNSEEN
    return mark + _hash([TEXT_VERSION, words, picture_hash])


def without_picture(ready: Ready) -> Ready:
    """The same product without its picture, to be embedded by its words alone."""
    row = replace(ready.row, product=replace(ready.row.product, image="", more_images=()))
    hashes = Hashes(_embedded_hash(row, ""), facts_hash(row.product))
    return Ready(row, hashes, "content", "")


def facts_hash(product: Product) -> str:
    """Changes with any fact, and with what filters need of it. One that is new to this program
    changes it only where it is stated."""
    return _hash(pack(product) | sieve_of(product))


_UNSPLIT_FACTS = frozenset({
    "id", "title", "category", "description", "price_minor", "currency", "color", "brand",
    "rating", "rating_count", "image", "more_images",
})  # fmt: skip
"""The facts of schema version 1."""


def _unsplit_hash(product: Product, picture_hash: str) -> str:
    """The `content_hash` of schema version 1. What it is made from must stay as it is."""
    facts = {name: value for name, value in asdict(product).items() if name in _UNSPLIT_FACTS}
    if not product.more_images:
        del facts["more_images"]
    digest = hashlib.sha256(_json([1, facts]))
    digest.update(bytes.fromhex(picture_hash))
    return digest.hexdigest()


def _picture_hash(product: Product) -> str:
    with Path(product.image).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash(content: object) -> str:
    """128 bits in 32 hexadecimal digits: two for each product of an ingest are kept in memory."""
    return hashlib.sha256(_json(content)).hexdigest()[:32]


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def open_picture(row: Numbered, home: Path) -> Image | SetAside:
    """The picture of a row, no larger than any model sees, or why there is none."""
    path = Path(row.product.image)
    try:
        image = open_product_picture(path)
    except PhotoError as error:
        if path.is_relative_to(home / FETCHED):
            path.unlink(missing_ok=True)  # it may be whole the next time
        reason = f"{short(row.product.id)}: {error}"
        return SetAside(row.line, "image", reason, "Replace the picture.")
    except OSError as error:
        reason = f"{short(row.product.id)}: the picture cannot be read ({error.strerror or error})"
        return SetAside(row.line, "image", reason, "Replace it, or let it be read.")
    # No model here sees more than this, and a batch of camera pictures would fill the memory.
    image.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    return image
