"""Where the files of photos lie: a folder, which replicas may share, or an S3-compatible store.

All methods block.
"""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tools.errors import SetupError
from tools.files import PRIVATE, write_atomic

if TYPE_CHECKING:
    from obstore.store import S3Store

_ENDING = ".jpg"


class PhotoFiles(Protocol):
    """JPEG files by the hash of their content."""

    def put(self, ref: str, jpeg: bytes, /) -> None:
        """Store a file; one that is there is as new as this."""
        ...

    def get(self, ref: str, /) -> bytes | None:
        """The content of a file; None where there is none."""
        ...

    def has(self, ref: str, /) -> bool:
        """Whether there is such a file."""
        ...

    def remove(self, ref: str, /) -> None:
        """Delete a file; does nothing where it is gone already."""
        ...

    def older_than(self, seconds: float, /) -> list[str]:
        """The refs of files that were last stored longer ago."""
        ...


class FolderFiles:
    """PhotoFiles in a folder, made with the first file; readable by their owner alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, ref: str, jpeg: bytes) -> None:
        """Store a file; one that is there is as new as this."""
        try:
            os.utime(self._file(ref))
        except FileNotFoundError:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomic(self._file(ref), jpeg, mode=PRIVATE)

    def get(self, ref: str) -> bytes | None:
        """The content of a file; None where there is none."""
        with suppress(FileNotFoundError):
            return self._file(ref).read_bytes()
        return None

    def has(self, ref: str) -> bool:
        """Whether there is such a file."""
        return self._file(ref).is_file()

    def remove(self, ref: str) -> None:
        """Delete a file; does nothing where it is gone already."""
        self._file(ref).unlink(missing_ok=True)

    def older_than(self, seconds: float) -> list[str]:
        """The refs of files that were last stored longer ago."""
        oldest = time.time() - seconds
        return [
            file.stem for file in self._folder.glob(f"*{_ENDING}") if file.stat().st_mtime < oldest
        ]

    def _file(self, ref: str) -> Path:
        return self._folder / f"{ref}{_ENDING}"


class S3Files:
    """PhotoFiles in a bucket. Errors of the store become ConnectionError."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def put(self, ref: str, jpeg: bytes) -> None:
        """Store a file; one that is there is as new as this."""
        with _store_errors():
            self._store.put(f"{ref}{_ENDING}", jpeg, attributes={"Content-Type": "image/jpeg"})

    def get(self, ref: str) -> bytes | None:
        """The content of a file; None where there is none."""
        with suppress(FileNotFoundError), _store_errors():
            return bytes(self._store.get(f"{ref}{_ENDING}").bytes())
        return None

    def has(self, ref: str) -> bool:
        """Whether there is such a file."""
        with suppress(FileNotFoundError), _store_errors():
            self._store.head(f"{ref}{_ENDING}")
            return True
        return False

    def remove(self, ref: str) -> None:
        """Delete a file; does nothing where it is gone already."""
        with suppress(FileNotFoundError), _store_errors():
            self._store.delete(f"{ref}{_ENDING}")

    def older_than(self, seconds: float) -> list[str]:
        """The refs of files that were last stored longer ago."""
        oldest = datetime.now(UTC) - timedelta(seconds=seconds)
        with _store_errors():
            return [
                Path(each["path"]).stem
                for page in self._store.list()
                for each in page
                if each["last_modified"] < oldest and each["path"].endswith(_ENDING)
            ]


@contextmanager
def _store_errors() -> Iterator[None]:
    from obstore.exceptions import BaseError

    try:
        yield
    except BaseError as error:
        raise ConnectionError("the store of POUNCE_PHOTOS does not answer") from error


def open_photo_files(where: str, home: Path) -> PhotoFiles:
    """The files at `where`: "s3://BUCKET/PREFIX", a folder, or "" for one in the home. Blocks.

    A bucket's address and keys are in the environment, as `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`
    and so on. Raises SetupError for a store that cannot be used.
    """
    if not where.startswith("s3://"):
        return FolderFiles(Path(where).expanduser() if where else home / "photos")
    if not importlib.util.find_spec("obstore"):
        raise SetupError(
            "POUNCE_PHOTOS names an S3-compatible store, which needs a package more. Run: "
            "pip install 'pounce[s3]', or pip install '.[s3]' in its folder"
        )
    from obstore.exceptions import BaseError
    from obstore.store import S3Store

    bucket, _, prefix = where.removeprefix("s3://").strip("/").partition("/")
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    try:
        store = S3Store(
            bucket,
            prefix=prefix or None,
            client_options={"allow_http": endpoint.startswith("http://"), "timeout": "30s"},
        )
        store.list_with_delimiter()
    except BaseError as error:
        # Its words may hold the request's headers, and they the key.
        raise SetupError(
            f"The photos in {where} cannot be reached ({type(error).__name__}). Check the bucket, "
            "AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        ) from None
    return S3Files(store)
