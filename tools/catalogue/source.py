"""A shop's file as it lies there: its first bytes, whether it is packed, and how to read it."""

from __future__ import annotations

import gzip
import io
import re
import stat
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from tools.errors import CatalogueError

DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
"""What reading a packed file raises where it is cut off or broken."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF32 = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_BINARY = (b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"%PDF", b"\x1f\x8b", b"\xd0\xcf\x11")
"""First bytes of what people mistake for a CSV: spreadsheets, archives, pictures."""
_CONTROLS = bytes({*range(1, 32)} - set(b"\t\n\v\f\r\x1a\x1b"))
_HEAD = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A file or folder that a catalogue is read from."""

    path: Path
    head: bytes = b""
    """The first MiB, unpacked; nothing of a folder."""
    packed: bool = False
    """By gzip, whatever its name says."""

    @property
    def is_folder(self) -> bool:
        """Whether there is no file to read but a folder to look through."""
        return self.path.is_dir()

    @property
    def folder(self) -> Path:
        """Where relative paths of pictures begin."""
        return self.path if self.is_folder else self.path.parent

    @property
    def start(self) -> str:
        """The first characters, without what may stand before the text itself."""
        encoding = "utf-16" if self.head.startswith(_UTF16) else "utf-8"
        return self.head.decode(encoding, errors="replace").lstrip("\ufeff \r\n\t")

    def open(self) -> BinaryIO:
        """The unpacked bytes. Reading a damaged packed file raises one of DAMAGED."""
        if self.packed:
            return cast(BinaryIO, gzip.open(self.path, "rb"))
        return self.path.open("rb")

    def open_text(self) -> TextIO:
        """The text, its line ends as they are: UTF-8, UTF-16 by its mark, else Windows-1252.

        Raises CatalogueError for a file that holds no text.
        """
        if not self.head.strip():
            raise CatalogueError(f"{self.path} is empty. Export the catalogue again.")
        if self.head.startswith(_UTF32):
            raise CatalogueError(
                f"{self.path} is UTF-32, which few programs write. Save it as UTF-8."
            )
        if _is_binary(self.head):
            raise CatalogueError(
                f"{self.path} is not a text file. Save the catalogue as CSV or JSONL."
            )
        encoding = self._encoding()
        return io.TextIOWrapper(self.open(), encoding=encoding, errors="replace", newline="")

    def _encoding(self) -> str:
        """UTF-8 only if the whole file is; Windows-1252 takes any other bytes."""
        if self.head.startswith(_UTF16):
            return "utf-16"
        try:
            with io.TextIOWrapper(self.open(), encoding="utf-8-sig") as file:
                while file.read(1 << 20):
                    pass
        except UnicodeDecodeError:
            return "cp1252"
        except DAMAGED:
            pass  # named where the rows end
        return "utf-8-sig"


def open_source(path: Path) -> Source:
    """The file or folder at a path. Raises CatalogueError for one that cannot be read."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return Source(path)
        # Opening a pipe waits for someone to fill it.
        if not stat.S_ISREG(mode):
            raise CatalogueError(f"{path} is a pipe or device. Save the catalogue in a file.")
        with path.open("rb") as raw:
            head = raw.read(_HEAD)
        if not head.startswith(b"\x1f\x8b"):
            return Source(path, head)
        return Source(path, _unpacked_head(path), packed=True)
    except FileNotFoundError as error:
        raise CatalogueError(f"There is no file {path}. Check the path.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CatalogueError(
            f"{path} cannot be read ({reason}). Check the path and who may read it."
        ) from error


def _unpacked_head(path: Path) -> bytes:
    head = b""
    try:
        with gzip.open(path, "rb") as file:
            while len(head) < _HEAD and (more := file.read1(_HEAD)):
                head += more
    except DAMAGED as error:
        if not head:
            raise CatalogueError(
                f"{path} is damaged: nothing in it can be unpacked. Download or export it again."
            ) from error
    return head


def _is_binary(head: bytes) -> bool:
    if head.startswith(_BINARY):
        return True
    if head.startswith(_UTF16):
        return False
    # A stray NUL is a broken export; a tenth of all bytes is another kind of file.
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return head.count(0) > len(head) / 10 or controls > len(head) / 50


def plain_stem(path: Path) -> str:
    """The name without its endings: "products" of "products.csv" and of "products.jsonl.gz"."""
    endings = r"\.(csv|tsv|txt|jsonl|ndjson|json|xml|gz|zip|tar|tgz)$"
    name = path.name
    while (shorter := re.sub(endings, "", name, flags=re.IGNORECASE)) not in (name, ""):
        name = shorter
    return name if name != path.name else path.stem
