"""A folder of pictures and nothing else: no words, no prices."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.catalogue.kinds.kind import LABEL, Kind
from tools.catalogue.rows import Row
from tools.catalogue.source import Source
from tools.errors import CatalogueError
from tools.media.images import is_picture

_ENDINGS = {
    ".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif",
    ".jp2",
}  # fmt: skip
_CAMERA = re.compile(
    r"(img|dsc[nf]?|dcim|pxl|mvimg|image|photo|picture|screenshot|scan|whatsapp)"
    r"([\s\d]|image|at|copy|edited|wa)*",
    re.IGNORECASE,
)
"""Names that a camera, a phone or a scanner gives: they say nothing of the product."""
_CODE = re.compile(r"[^\W\d_]\d+[^\W\d_]|[a-z][A-Z][a-z]?(?![a-z])")
"""Digits between letters, or scattered capitals: an id and no words."""


def _rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row]:
    if mapping:
        raise CatalogueError(
            f"{source.name} is a folder of pictures, which has no columns to map. "
            "Leave out the mapping."
        )
    number = 0
    # Absolute, since a relative path of a row begins in the folder itself.
    folder = source.path.absolute()
    for path in _files(folder):
        # A text named .jpg is for the report; a list of files beside the pictures is not.
        if path.suffix.lower() in _ENDINGS or is_picture(path):
            number += 1
            name = path.relative_to(folder).as_posix()
            words = words_of(path.stem)
            label = f"Picture {plain_name(path.stem)}"
            yield Row(number, {"id": name, "image": str(path), "title": words, LABEL: label})
    if not number:
        raise CatalogueError(
            f"{source.name} is a folder without pictures. Name a file of products in it, or a "
            "folder of pictures."
        )


def _files(folder: Path) -> Iterator[Path]:
    """Files at any depth in the order of their names; nothing hidden, no linked folders."""
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        yield from (Path(root, name) for name in sorted(files) if not name.startswith("."))


def plain_name(stem: str) -> str:
    """A file's name without what image servers write behind it: "51bX" of "51bX._AC_SL1500_"."""
    return re.sub(r"(\._[A-Z0-9_,]+_)+$", "", stem) or stem


def words_of(stem: str) -> str:
    """The words of a file's name; "" for one that a camera or a server made up.

    "red-leather_bag-2" gives "Red leather bag 2", "518Gj1WQ-RL._AC_" and "IMG_2041" give "".
    """
    text = re.sub(r"%20|[\W_]+", " ", plain_name(stem)).strip()
    words = re.findall(r"[^\W\d_]{3,}", text)
    spoken = [
        word for word in words if re.search(r"[aeiouyäöüéèáíóúåøæ]|[^\x00-\u024f]", word, re.I)
    ]
    if not spoken or _CODE.search(text) or _CAMERA.fullmatch(text):
        return ""
    return text[0].upper() + text[1:]


FOLDER = Kind("a folder of pictures", lambda source: source.is_folder, _rows)
