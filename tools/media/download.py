"""A catalogue by address: read while the rest of it comes, and no further than it is wanted.

The same safety as for pictures. It comes into a file as fast as its host gives it, since no host
waits as long as a model works, and a connection that breaks goes on where it was.
"""

from __future__ import annotations

import io
import ssl
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage
from threading import Condition, Thread
from urllib.parse import urljoin

import httpcore

from tools.errors import CatalogueError
from tools.media.fetch import (
    LATER,
    MOST_MOVES,
    MOVED,
    AgainError,
    allowed_addresses,
    as_url,
    checked,
    header_texts,
    said,
)
from tools.media.public_network import FetchError, PublicBackend, ThreadDeadline

_SOME = 1 << 16
_HEADERS: dict[bytes | str, bytes | str] = {
    "user-agent": "pounce (a shop's own catalogue)",
    "accept": "*/*",
    # A packed file is unpacked by the reader, as one on disk is.
    "accept-encoding": "identity",
}


class CutOffError(EOFError):
    """The rest of a file does not come. What came before it is good."""


@dataclass(frozen=True, slots=True)
class DownloadPolicy:
    """How long a host is waited for, and what is too much."""

    silence_s: float = 30
    """For each 64 KiB."""
    attempts: int = 5
    """In a row without anything new."""
    first_wait_s: float = 0.5
    """Before the second attempt; doubled before each further one."""
    most_bytes: int = 64 * 1024**3


class Download:
    """A file that is on its way. As a context it is fetched in a thread and removed at the end."""

    def __init__(
        self,
        address: str,
        folder: Path,
        *,
        allowed_hosts: Iterable[str] = (),
        patience: DownloadPolicy | None = None,
    ) -> None:
        """`folder` holds the file meanwhile; `allowed_hosts` may have addresses not public."""
        self.address = address
        self._folder = folder
        self._patience = patience or DownloadPolicy()
        self._deadline = ThreadDeadline()
        self._pool = httpcore.ConnectionPool(
            max_connections=1,
            network_backend=PublicBackend(allowed_addresses(allowed_hosts), self._deadline),
        )
        self._changed = Condition()
        self._there = 0
        """Bytes that have come."""
        self._whole = self._ended = False
        self._problem = ""
        self._tag = ""
        """What the host calls this state of the file."""
        self._thread = Thread(target=self._fetch, name="download", daemon=True)

    def __enter__(self) -> Download:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.NamedTemporaryFile(dir=self._folder, prefix=".part-")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._pool.close()
        self._thread.join(timeout=self._patience.silence_s)
        with suppress(FileNotFoundError):  # somebody tidied up
            self._file.close()

    def open(self) -> io.RawIOBase:
        """The bytes from the first on; reading waits for those that have not come.

        Raises CatalogueError when none comes, and CutOffError where no more come.
        """
        return _Coming(self, Path(self._file.name))

    def wait_for(self, place: int) -> int:
        """How many bytes are there, at least one behind `place` unless that is the end."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._there > place or self._whole or self._problem or self._ended
            )
            if self._there > place or self._whole:
                return self._there
            problem = self._problem or "the run was ended"
        if not place:
            raise CatalogueError(f"{self.address} cannot be fetched: {problem}. Check the address.")
        raise CutOffError(problem)

    def _fetch(self) -> None:
        failures, wait = 0, self._patience.first_wait_s
        while not self._ended:
            before = self._there
            try:
                self._follow()
                self._tell(whole=True)
                return
            except FetchError as error:
                self._tell(problem=str(error))
                return
            except OSError as error:
                self._tell(problem=f"it cannot be kept ({error.strerror or error})")
                return
            except AgainError as error:
                problem = str(error)
            except (httpcore.TimeoutException, httpcore.PoolTimeout):
                problem = "its host is too slow"
            except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
                problem = f"its host cannot be reached or cuts off ({said(error)})"
            failures, wait = (
                (1, self._patience.first_wait_s)
                if self._there > before
                else (failures + 1, wait * 2)
            )
            if failures >= self._patience.attempts:
                self._tell(problem=problem)
                return
            with self._changed:
                self._changed.wait_for(lambda: self._ended, timeout=wait)
        self._tell(problem="the run was ended")

    def _tell(self, *, whole: bool = False, problem: str = "") -> None:
        with self._changed:
            self._whole, self._problem = whole, problem
            self._changed.notify_all()

    def _follow(self) -> None:
        address = checked(self.address)
        headers = dict(_HEADERS)
        if self._there:
            headers["range"] = f"bytes={self._there}-"
        for _ in range(MOST_MOVES + 1):
            self._soon()
            timeouts = dict.fromkeys(("connect", "read", "write", "pool"), self._patience.silence_s)
            with self._pool.stream(
                "GET", as_url(address), headers=headers, extensions={"timeout": timeouts}
            ) as answer:
                told = header_texts(answer.headers)
                if answer.status not in MOVED:
                    self._take(answer, told)
                    return
                address = checked(urljoin(address, told.get("location", "")))
        raise FetchError(f"its address leads to another one more than {MOST_MOVES} times")

    def _soon(self) -> None:
        self._deadline.at = time.monotonic() + self._patience.silence_s

    def _take(self, answer: httpcore.Response, told: dict[str, str]) -> None:
        if answer.status in LATER or answer.status >= 500:
            raise AgainError(f"its host answers {answer.status}")
        if answer.status not in (200, 206):
            raise FetchError(f"its host answers {answer.status}")
        tag = told.get("etag") or told.get("last-modified", "")
        if self._there and tag != self._tag:
            raise FetchError("it was changed there while it was fetched")
        self._tag = tag
        # A host that knows no ranges begins again.
        skip = self._there if answer.status == 200 else 0
        most = min(self._patience.most_bytes, disk_usage(self._folder).free * 9 // 10)
        fresh = 0
        for chunk in answer.iter_stream():
            if self._ended:
                return
            fresh += len(chunk)
            if fresh >= _SOME:
                self._soon()
                fresh = 0
            new = chunk[skip:]
            skip = max(0, skip - len(chunk))
            if self._there + len(new) > most:
                raise FetchError("it is larger than what can be kept here")
            self._file.write(new)
            self._file.flush()
            with self._changed:
                self._there += len(new)
                self._changed.notify_all()


class _Coming(io.RawIOBase):
    """Reads a file as far as it has come, and waits for more."""

    def __init__(self, download: Download, path: Path) -> None:
        self._download = download
        self._file = path.open("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # a narrower buffer
        there = self._download.wait_for(self._file.tell())
        room = min(len(buffer), there - self._file.tell())
        return self._file.readinto(memoryview(buffer)[:room]) or 0

    def close(self) -> None:
        self._file.close()
        super().close()
