"""Pictures by their addresses: into a folder, each once, with retries and limits for each host.

Not covered: whether a picture has changed at its address. The folder can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore, Event, Lock
from urllib.parse import urlsplit

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from tools.files import PRIVATE, atomic_file
from tools.media.http_client import PublicHttpClient, Response, RetryableError, check_address
from tools.media.images import SIGNATURE_BYTES, looks_like_picture
from tools.media.public_network import FetchError

FETCHED = "pictures"
"""The folder of pictures by address, in a workspace."""


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """How hosts are treated, and what is too much."""

    at_once: int = 4
    """Requests to one host at a time."""
    attempts: int = 4
    first_wait_s: float = 0.5
    """Before the second attempt; doubled before each further one."""
    longest_wait_s: float = 20
    silence_s: float = 10
    """Without a byte."""
    picture_s: float = 60
    """For one attempt as a whole."""
    max_mb: float = 20
    give_up_after: int = 10
    """Pictures in a row that a host did not give; it is not asked again by this fetcher."""


@dataclass(slots=True)
class _Host:
    turns: BoundedSemaphore
    failures: int = 0
    not_before: float = 0
    """On `time.monotonic`: it said that it is asked too often."""
    lock: Lock = field(default_factory=Lock)


class PictureFetcher:
    """Fetches into a folder, each address once. Safe to share between threads."""

    def __init__(
        self, cache: Path, *, allowed_hosts: Iterable[str] = (), policy: FetchPolicy | None = None
    ) -> None:
        """`allowed_hosts`, "host:port", may have addresses that are not public."""
        self._cache = cache
        self.allowed_hosts = tuple(allowed_hosts)
        self._policy = policy or FetchPolicy()
        self._client = PublicHttpClient(
            accept="image/*", allowed_hosts=self.allowed_hosts, connections=64, keep_alive=16
        )
        self._hosts: dict[str, _Host] = {}
        self._hosts_lock = Lock()
        self._ended = Event()

    def place(self, address: str) -> Path:
        """Where the picture of an address lies once it is fetched."""
        name = hashlib.sha256(address.encode()).hexdigest()
        return self._cache / name[:2] / name

    def fetch(self, address: str) -> Path:
        """The file of a picture. Raises FetchError with the reason when it cannot be had."""
        place = self.place(address)
        if place.is_file():
            return place
        name = urlsplit(check_address(address)).netloc
        host = self._host(name)
        with host.turns:
            if host.failures >= self._policy.give_up_after:
                raise FetchError(
                    f"its host gave none of {host.failures} pictures in a row and is not asked "
                    "again in this run",
                    unreachable=name,
                )
            retrying = Retrying(
                stop=stop_after_attempt(self._policy.attempts),
                wait=self._wait,
                retry=retry_if_exception_type(RetryableError),
                sleep=self._sleep,
                reraise=True,
            )
            try:
                retrying(self._attempt, address, place, host)
            except RetryableError as error:
                host.failures += 1
                raise FetchError(
                    f"{error}, {self._policy.attempts} times; run the same command again later",
                    unreachable=name,
                ) from error
            host.failures = 0
        return place

    def close(self) -> None:
        """Ends waiting and closes all connections."""
        self._ended.set()
        self._client.close()

    def _host(self, name: str) -> _Host:
        with self._hosts_lock:
            if name not in self._hosts:
                self._hosts[name] = _Host(BoundedSemaphore(self._policy.at_once))
            return self._hosts[name]

    def _wait(self, state: RetryCallState) -> float:
        policy = self._policy
        grows: float = policy.first_wait_s * 2.0 ** (state.attempt_number - 1)
        # Spread, so that all who failed together do not come back together.
        grows += random.uniform(0, policy.first_wait_s)
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait_s if isinstance(error, RetryableError) else 0
        return min(max(grows, asked), policy.longest_wait_s)

    def _sleep(self, seconds: float) -> None:
        if self._ended.wait(seconds):
            raise FetchError("the run was ended")

    def _attempt(self, address: str, place: Path, host: _Host) -> None:
        if self._ended.is_set():
            raise FetchError("the run was ended")
        pause = host.not_before - time.monotonic()
        if pause > 0:
            self._sleep(pause)
        self._client.extend_deadline(self._policy.picture_s)
        try:
            with self._client.get(address, silence_s=self._policy.silence_s) as response:
                self._save(response, place)
        except RetryableError as error:
            with host.lock:
                wait = min(error.wait_s, self._policy.longest_wait_s)
                host.not_before = max(host.not_before, time.monotonic() + wait)
            raise
        finally:
            self._client.deadline.at = float("inf")

    def _save(self, response: Response, place: Path) -> None:
        most = int(self._policy.max_mb * 1_000_000)
        length = response.headers.get("content-length", "")
        if length.isdecimal() and int(length) > most:
            raise FetchError(f"it has more than {self._policy.max_mb:g} MB")
        place.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(place, mode=PRIVATE) as unfinished, unfinished.open("wb") as file:
            for chunk in self._checked_chunks(response.body, most):
                file.write(chunk)

    def _checked_chunks(self, chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
        """The body, as long as it is a picture by its first bytes and not too much."""
        total, start = 0, b""
        for chunk in chunks:
            total += len(chunk)
            if total > most:
                raise FetchError(f"it has more than {self._policy.max_mb:g} MB")
            if len(start) < SIGNATURE_BYTES:
                start += chunk
                if len(start) >= SIGNATURE_BYTES and not looks_like_picture(start):
                    break
            yield chunk
        if len(start) < SIGNATURE_BYTES or not looks_like_picture(start):
            raise FetchError("what is there is no picture that can be read")


def open_fetcher(
    workspace: Path, allowed_hosts: Iterable[str] = (), policy: FetchPolicy | None = None
) -> PictureFetcher:
    """A fetcher into a workspace's folder of pictures; see PictureFetcher for the options."""
    return PictureFetcher(workspace / FETCHED, allowed_hosts=allowed_hosts, policy=policy)
