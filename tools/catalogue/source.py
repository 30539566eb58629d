"""A shop's file as it lies there: its first bytes, whether it is packed, and how to read it."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import stat
import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO, cast
from urllib.parse import unquote, urlsplit

from tools.errors import CatalogueError

if TYPE_CHECKING:
    from tools.media.download import Download

DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
"""What reading a packed file raises where it is cut off or broken."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF32 = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_BINARY = (b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"%PDF", b"\x1f\x8b", b"\xd0\xcf\x11")
"""First bytes of what people mistake for a CSV: spreadsheets, archives, pictures."""
_CONTROLS = bytes({*range(1, 32)} - set(b"\t\n\v\f\r\x1a\x1b"))
_HEAD = 1 << 20
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Source:
    """A file or folder that a catalogue is read from."""

    path: Path
    head: bytes = b""
    """The first MiB, unpacked; nothing of a folder."""
    packed: bool = False
    """By gzip, whatever its name says."""
    download: Download | None = None
    """Where it comes from an address; `path` then is no file, but named as the address is."""
    pictures: Path | None = None
    """The folder of its pictures, where one is named: then a file needs no column for them."""

    @property
    def name(self) -> str:
        """As the person knows it who named it."""
        return self.download.address if self.download else str(self.path)

    @property
    def is_folder(self) -> bool:
        """Whether there is no file to read but a folder to look through."""
        return self.download is None and self.path.is_dir()

    @property
    def folder(self) -> Path:
        """Where relative paths of pictures begin."""
        return self.path if self.is_folder else self.path.parent

    @property
    def start(self) -> str:
        """The first characters, without what may stand before the text itself."""
        encoding = "utf-16" if self.head.startswith(_UTF16) else "utf-8"
        return self.head.decode(encoding, errors="replace").lstrip("\ufeff \r\n\t")

    def lines_about(self) -> int:
        """How many lines there are, judged by the first ones; 0 where nobody can know."""
        if self.is_folder or not self.head:
            return 0
        begun = self.head.count(b"\n")
        if len(self.head) < _HEAD:
            return begun + (not self.head.endswith(b"\n"))
        if self.download is not None:
            return 0
        with self.path.open("rb") as raw:
            if self.packed:
                with gzip.GzipFile(fileobj=raw) as file, suppress(*DAMAGED):
                    file.read(len(self.head))
                share = raw.tell() / self.path.stat().st_size
            else:
                share = len(self.head) / self.path.stat().st_size
        return round(begun / share)

    def open(self) -> io.BufferedIOBase:
        """The unpacked bytes. Reading a damaged packed file raises one of DAMAGED."""
        if self.download is not None:
            coming = self.download.open()
            # Each as much as there is, so that what comes before a break is not lost with it.
            if self.packed:
                return gzip.GzipFile(fileobj=cast(BinaryIO, coming))
            return io.BufferedReader(coming)
        if self.packed:
            return gzip.open(self.path, "rb")
        return self.path.open("rb")

    def open_text(self) -> TextIO:
        """The text, its line ends as they are: UTF-8, UTF-16 by its mark, else Windows-1252.

        Of text that is mostly UTF-8, other bytes are read as `surrogateescape` does. Raises
        CatalogueError for a file that holds no text.
        """
        if not self.head.strip():
            raise CatalogueError(f"{self.name} is empty. Export the catalogue again.")
        if self.head.startswith(_UTF32):
            raise CatalogueError(
                f"{self.name} is UTF-32, which few programs write. Save it as UTF-8."
            )
        if _is_binary(self.head):
            raise CatalogueError(
                f"{self.name} is not a text file. Save the catalogue as CSV or JSON."
            )
        encoding = self._encoding()
        errors = "surrogateescape" if encoding == "utf-8-sig" else "replace"
        return io.TextIOWrapper(
            cast(BinaryIO, self.open()), encoding=encoding, errors=errors, newline=""
        )

    def _encoding(self) -> str:
        """UTF-8 if most letters beyond ASCII are; Windows-1252 takes any other bytes."""
        if self.head.startswith(_UTF16):
            return "utf-16"
        start = io.BytesIO(self.head)  # of what still comes: to wait for its end would be long
        whole = (lambda: start) if self.download else self.open
        good = bad = 0
        decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        # The damage is named where the rows end.
        with suppress(*DAMAGED), whole() as file:
            while chunk := file.read(_HEAD):
                text = decoder.decode(chunk)
                if not text.isascii():
                    wrong = len(_NOT_UTF8.findall(text))
                    bad += wrong
                    good += len(_BEYOND_ASCII.findall(text)) - wrong
        return "utf-8-sig" if good >= bad else "cp1252"


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


def open_download(download: Download) -> Source:
    """The file that comes from an address. Raises CatalogueError when nothing comes."""
    path = Path(unquote(urlsplit(download.address).path).replace("\0", "") or "/")
    with download.open() as coming:
        mark = coming.read(2)
    source = Source(path, packed=mark == b"\x1f\x8b", download=download)
    head = b""
    with source.open() as file, suppress(*DAMAGED):
        while len(head) < _HEAD and (more := file.read1(_HEAD)):
            head += more
    if source.packed and not head:
        raise CatalogueError(
            f"{source.name} is damaged: nothing in it can be unpacked. Export it again."
        )
    return replace(source, head=head)


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


def catalogue_name(path: Path | str) -> str:
    """What a catalogue is called that was given no name: as its file, or the host it is from."""
    if isinstance(path, Path):
        # "." and ".." have no name of their own; a link keeps its.
        return plain_stem(path if path.name.strip(".") else path.resolve())
    parts = urlsplit(path)
    return plain_stem(Path(unquote(parts.path))) or (parts.hostname or "")


def plain_stem(path: Path) -> str:
    """The name without its endings: "products" of "products.csv" and of "products.jsonl.gz"."""
    endings = r"\.(csv|tsv|txt|jsonl|ndjson|json|xml|gz|zip|tar|tgz)$"
    name = path.name
    while (shorter := re.sub(endings, "", name, flags=re.IGNORECASE)) not in (name, ""):
        name = shorter
    return name if name != path.name else path.stem
