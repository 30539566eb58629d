"""A catalogue by address: downloaded into a file that can be read meanwhile.

The download runs as fast as the host sends, because no host waits as long as a model computes. A
broken connection resumes where it was. Addresses are checked as those of pictures are.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage
from threading import Condition, Thread

from tools.errors import CatalogueError
from tools.media.http_client import PublicHttpClient, Response, RetryableError
from tools.media.public_network import FetchError

_DEADLINE_BYTES = 1 << 16
"""So many bytes must come within `DownloadPolicy.silence_s`."""


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
        policy: DownloadPolicy | None = None,
    ) -> None:
        """`folder` holds the file meanwhile; `allowed_hosts` may have addresses not public."""
        self.address = address
        self._folder = folder
        self._policy = policy or DownloadPolicy()
        self._client = PublicHttpClient(accept="*/*", allowed_hosts=allowed_hosts, connections=1)
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
        self._client.close()
        self._thread.join(timeout=self._policy.silence_s)
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
        failures, wait = 0, self._policy.first_wait_s
        while not self._ended:
            before = self._there
            try:
                self._request()
                self._tell(whole=True)
                return
            except FetchError as error:
                self._tell(problem=str(error))
                return
            except OSError as error:
                self._tell(problem=f"it cannot be kept ({error.strerror or error})")
                return
            except RetryableError as error:
                problem = str(error)
            failures, wait = (
                (1, self._policy.first_wait_s) if self._there > before else (failures + 1, wait * 2)
            )
            if failures >= self._policy.attempts:
                self._tell(problem=problem)
                return
            with self._changed:
                self._changed.wait_for(lambda: self._ended, timeout=wait)
        self._tell(problem="the run was ended")

    def _tell(self, *, whole: bool = False, problem: str = "") -> None:
        with self._changed:
            self._whole, self._problem = whole, problem
            self._changed.notify_all()

    def _request(self) -> None:
        """Appends what the host still has of the file. Raises as `PublicHttpClient.get`."""
        headers = {"range": f"bytes={self._there}-"} if self._there else {}
        silence_s = self._policy.silence_s
        with self._client.get(
            self.address, silence_s=silence_s, hop_s=silence_s, headers=headers, expected=(200, 206)
        ) as response:
            self._save(response)

    def _save(self, response: Response) -> None:
        tag = response.headers.get("etag") or response.headers.get("last-modified", "")
        if self._there and tag != self._tag:
            raise FetchError("it was changed there while it was fetched")
        self._tag = tag
        # A host without ranges sends the file from its beginning.
        skip = self._there if response.status == 200 else 0
        most = min(self._policy.most_bytes, disk_usage(self._folder).free * 9 // 10)
        fresh = 0
        for chunk in response.body:
            if self._ended:
                return
            fresh += len(chunk)
            if fresh >= _DEADLINE_BYTES:
                self._client.extend_deadline(self._policy.silence_s)
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
