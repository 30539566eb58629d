"""A row made ready for the model: whether it changed, and its picture, decoded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.catalogue.cells import SetAside, short
from tools.catalogue.reader import Numbered
from tools.errors import PhotoError
from tools.media.fetch import FETCHED
from tools.media.images import open_product_picture
from tools.product import Product

if TYPE_CHECKING:
    from PIL.Image import Image

TEXT_VERSION = 1
"""Raised when what is embedded of a product changes, so that all are embedded again."""

_LARGEST_SIDE = 1024


@dataclass(frozen=True, slots=True)
class Ready:
    """A row whose content is known; `picture` is its picture where that is to be embedded."""

    row: Numbered
    digest: str
    """See `content_hash`; "" for a picture that cannot be read."""
    changed: bool
    """Whether the index holds something else, or nothing, under its id."""
    picture: Image | SetAside | None = None
    """None for one that did not change, or that is opened where it is embedded."""


def make_ready(row: Numbered, there: Mapping[str, str], home: Path, *, decode: bool) -> Ready:
    """The row with its content hash; with its picture when it changed and is wanted decoded."""
    try:
        digest = content_hash(row.product)
    except OSError:
        digest = ""  # equals none, so that opening the picture says what is wrong
    if digest and there.get(row.product.id) == digest:
        return Ready(row, digest, changed=False)
    return Ready(row, digest, changed=True, picture=open_picture(row, home) if decode else None)


def content_hash(product: Product) -> str:
    """Changes whenever the facts or the bytes of the picture do: 64 hexadecimal digits."""
    known = asdict(product)
    # As it was before products could have several pictures, so that no shop is embedded again.
    if not product.more_images:
        del known["more_images"]
    facts = json.dumps([TEXT_VERSION, known], ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(facts.encode())
    with Path(product.image).open("rb") as file:
        digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


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
