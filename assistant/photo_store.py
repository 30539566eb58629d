"""The shoppers' photos, stored outside the history under the hash of the stored file.

Not covered: who may see a photo, and when one is no longer wanted: the front end asks that.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import time
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from assistant.events import Photo
from tools.errors import PhotoError
from tools.files import PRIVATE, write_atomic
from tools.media.images import open_photo

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST_SIDE_PX = 1024
_REF = re.compile(r"[0-9a-f]{64}")
_GONE = "That photo is no longer here. Please attach it again."


class PhotoStore:
    """A folder of JPEG files; the embedder sees at most 1024 pixels a side anyway."""

    def __init__(self, folder: Path, *, max_mb: float = 10) -> None:
        self._folder = folder
        self._max_mb = max_mb

    def add(self, data: bytes, name: str) -> Photo:
        """Store a photo: upright, at most 1024 pixels a side, without its metadata.

        The same photo twice is stored once. Blocking. Raises PhotoError with a sentence for the
        shopper when `data` is no picture, is broken, or is larger than allowed.
        """
        image = open_photo(data, max_mb=self._max_mb, longest_side=2 * LONGEST_SIDE_PX)
        image.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
        image.info = {}  # else Pillow writes the old file's comment again
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=92)
        return Photo(ref=self.add_jpeg(buffer.getvalue()), name=_plain_name(name))

    def add_jpeg(self, jpeg: bytes) -> str:
        """Store a JPEG that the program made, unchanged; returns its ref. Blocking."""
        ref = hashlib.sha256(jpeg).hexdigest()
        try:
            os.utime(self._file(ref))  # as new as its last arrival, see `older_than`
        except FileNotFoundError:
            self._write(ref, jpeg)
        return ref

    def older_than(self, seconds: float) -> list[str]:
        """The refs of photos that last arrived longer ago. Blocking."""
        oldest = time.time() - seconds
        return [
            file.stem
            for file in self._folder.glob("*.jpg")
            if _REF.fullmatch(file.stem) and file.stat().st_mtime < oldest
        ]

    def remove(self, ref: str) -> None:
        """Delete a photo; does nothing where it is gone already. Blocking."""
        if _REF.fullmatch(ref):
            self._file(ref).unlink(missing_ok=True)

    def path(self, ref: str) -> Path:
        """The JPEG file of a photo. Raises PhotoError for a ref that names none."""
        if not _REF.fullmatch(ref):
            raise PhotoError(_GONE)
        file = self._file(ref)
        if not file.is_file():
            raise PhotoError(_GONE)
        return file

    def open(self, ref: str) -> Image:
        """The photo as an RGB picture. Raises PhotoError for a ref that names none."""
        return open_photo(self.path(ref))

    def _file(self, ref: str) -> Path:
        return self._folder / f"{ref}.jpg"

    def _write(self, ref: str, jpeg: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        write_atomic(self._file(ref), jpeg, mode=PRIVATE)


def _plain_name(name: str) -> str:
    """A file's name without folders and control characters, up to 80 characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[:80] or "photo"
