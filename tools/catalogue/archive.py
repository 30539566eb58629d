"""A zip or tar of pictures, with or without the file that names them, laid out as a folder.

Pictures are shown from files, so they are unpacked, once. Nothing is written outside of the
folder, links are left out, and no archive can grow without end.
"""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from tools.catalogue.source import DAMAGED, Source, open_source
from tools.errors import CatalogueError

_WHOLE = ".whole"
_LARGEST_BYTES = 64 * 1024**3
"""Of all that an archive unpacks to."""
_MOST_FILES = 2_000_000
_LONGEST_NAME = 200
_CHUNK = 1 << 20
_TAR_MARK = slice(257, 262)
_BROKEN = (
    *DAMAGED, tarfile.TarError, zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError,
)  # fmt: skip
"""What the two modules raise for archives that are broken, locked or packed in unknown ways."""

Member = tuple[str, IO[bytes]]


def is_archive(path: Path) -> bool:
    """Whether a file is a zip or a tar, packed or not, by its content.

    Raises CatalogueError for a path that cannot be read.
    """
    return is_packed_folder(open_source(path))


def is_packed_folder(source: Source) -> bool:
    """Whether what is read is a zip or a tar."""
    return source.head.startswith(b"PK\x03\x04") or source.head[_TAR_MARK] == b"ustar"


def unpack(archive: Path, into: Path) -> Path:
    """The folder under `into` with the files of an archive; unpacked only if it is another one.

    Raises CatalogueError for an archive that cannot be unpacked or is too large.
    """
    about = archive.stat()
    mark = f"{archive.resolve()}\0{about.st_size}\0{about.st_mtime_ns}"
    folder = into / hashlib.sha256(mark.encode("utf-8", "surrogateescape")).hexdigest()[:24]
    if (folder / _WHOLE).is_file():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
        _write(_members(archive), folder, archive)
        (folder / _WHOLE).touch()
    except _BROKEN as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise CatalogueError(
            f"{archive} cannot be unpacked ({str(error)[:200]}). Pack it again, without a password."
        ) from error
    except CatalogueError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise CatalogueError(
            f"{archive} cannot be unpacked into {into} ({error.strerror or error}). Make room "
            "there, or unpack it yourself and name the folder."
        ) from error
    return folder


def _members(archive: Path) -> Iterator[Member]:
    """The regular files of an archive in its order, one open at a time."""
    with archive.open("rb") as file:
        is_zip = file.read(4) == b"PK\x03\x04"
    if is_zip:
        with zipfile.ZipFile(archive) as packed:
            if "[Content_Types].xml" in packed.namelist():
                raise CatalogueError(f"{archive} is a spreadsheet. Save the catalogue as CSV.")
            for info in packed.infolist():
                if not info.is_dir():
                    with packed.open(info) as member:
                        yield info.filename, member
        return
    with tarfile.open(archive, "r|*") as stream:
        for entry in stream:
            content = stream.extractfile(entry) if entry.isreg() else None
            if content is not None:
                yield entry.name, content


def _write(members: Iterator[Member], folder: Path, archive: Path) -> None:
    left = min(_LARGEST_BYTES, shutil.disk_usage(folder).free * 9 // 10)
    for number, (name, content) in enumerate(members):
        place = _place(name, folder)
        if place is None:
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as file:
            while chunk := content.read(_CHUNK):
                left -= len(chunk)
                if left < 0 or number >= _MOST_FILES:
                    raise CatalogueError(
                        f"{archive} unpacks to more than can be kept here. Unpack it yourself and "
                        "name the folder."
                    )
                file.write(chunk)


def _place(name: str, folder: Path) -> Path | None:
    """Where a member is laid; None for one whose name leads elsewhere or cannot be a file's."""
    path = PurePosixPath(name.replace("\\", "/"))
    parts = [part for part in path.parts if part != "."]
    if path.is_absolute() or not parts or ".." in parts or parts[-1] == _WHOLE:
        return None
    if any(len(part.encode("utf-8", "surrogateescape")) > _LONGEST_NAME for part in parts):
        return None
    if len(parts) > 30 or any("\0" in part or ":" in part[:2] for part in parts):
        return None
    return folder.joinpath(*parts)
