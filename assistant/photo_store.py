"""The shoppers' photos, stored outside the history under the hash of the stored file.

Not covered: who may see a photo, and when one is no longer wanted: the front end asks that.
"""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from assistant.events import Photo
from assistant.photo_files import FolderFiles, PhotoFiles
from tools.errors import PhotoError
from tools.media.images import open_photo

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST_SIDE_PX = 1024
_REF = re.compile(r"[0-9a-f]{64}")
_GONE = "That photo is no longer here. Please attach it again."


class PhotoStore:
    """JPEG files; the embedder sees at most 1024 pixels a side anyway."""

    def __init__(self, files: Path | PhotoFiles, *, max_mb: float = 10) -> None:
        """`files` may be the path of a folder."""
        self._files = FolderFiles(files) if isinstance(files, Path) else files
        self._max_mb = max_mb

    def add(self, data: bytes, name: str) -> Photo:
        """Store a photo as `jpeg_of` gives it. The same photo twice is stored once. Blocking.

        Raises PhotoError as `jpeg_of`.
        """
        jpeg, plain = self.jpeg_of(data, name)
        return Photo(ref=self.add_jpeg(jpeg), name=plain)

    def jpeg_of(self, data: bytes, name: str) -> tuple[bytes, str]:
        """A photo as it is stored: upright, at most 1024 pixels a side, without its metadata; and
        its name without folders. Blocking.

        Raises PhotoError with a sentence for the shopper when `data` is no picture, is broken, or
        is larger than allowed.
        """
        image = open_photo(data, max_mb=self._max_mb, longest_side=2 * LONGEST_SIDE_PX)
        image.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
        image.info = {}  # else Pillow writes the old file's comment again
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=92)
        return buffer.getvalue(), _plain_name(name)

    def add_jpeg(self, jpeg: bytes) -> str:
        """Store a JPEG that the program made, unchanged; returns its ref. Blocking."""
        ref = self.ref_of(jpeg)
        self._files.put(ref, jpeg)  # as new as its last arrival, see `older_than`
        return ref

    def ref_of(self, jpeg: bytes) -> str:
        """The ref that a JPEG is stored under."""
        return hashlib.sha256(jpeg).hexdigest()

    def older_than(self, seconds: float) -> list[str]:
        """The refs of photos that last arrived longer ago. Blocking."""
        return list(filter(_REF.fullmatch, self._files.older_than(seconds)))

    def remove(self, ref: str) -> None:
        """Delete a photo; does nothing where it is gone already. Blocking."""
        if _REF.fullmatch(ref):
            self._files.remove(ref)

    def check(self, ref: str) -> None:
        """Raises PhotoError for a ref that names no photo. Blocking."""
        if not _REF.fullmatch(ref) or not self._files.has(ref):
            raise PhotoError(_GONE)

    def read(self, ref: str) -> bytes:
        """The JPEG file of a photo. Blocking. Raises PhotoError for a ref that names none."""
        data = self._files.get(ref) if _REF.fullmatch(ref) else None
        if data is None:
            raise PhotoError(_GONE)
        return data

    def open(self, ref: str) -> Image:
        """The photo as an RGB picture. Blocking. Raises PhotoError for a ref that names none."""
        return open_photo(self.read(ref))


def _plain_name(name: str) -> str:
    """A file's name without folders and control characters, up to 80 characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[:80] or "photo"
