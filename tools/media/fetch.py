"""One picture by its address: politely, again after a failure, once, and into a file.

Not covered: proxies, cookies, passwords, and whether a picture has changed at its address; the
folder of the cache can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import random
import re
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore, Event, Lock
from urllib.parse import quote, urljoin, urlsplit

import httpcore
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from tools.errors import SetupError
from tools.files import PRIVATE, atomic_file
from tools.media.images import SIGNATURE_BYTES, looks_like_picture
from tools.media.public_network import FetchError, PublicBackend, ThreadDeadline

FETCHED = "pictures"
"""The folder of pictures by address, in a workspace."""
MOVED = frozenset({301, 302, 303, 307, 308})
LATER = frozenset({408, 425, 429})
MOST_MOVES = 5
_PORTS = {"http": 80, "https": 443}
_HEADERS: Mapping[bytes | str, bytes | str] = {
    "user-agent": "pounce (a shop's own catalogue)",
    "accept": "image/*",
    # Packed bodies could be bombs; pictures are packed already.
    "accept-encoding": "identity",
}


class AgainError(Exception):
    """It may work later: what went wrong, and how long the host wants to be left alone."""

    def __init__(self, reason: str, wait_s: float = 0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


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
        self, cache: Path, *, allowed_hosts: Iterable[str] = (), manners: FetchPolicy | None = None
    ) -> None:
        """`allowed_hosts`, "host:port", may have addresses that are not public."""
        self._cache = cache
        self.allowed_hosts = tuple(allowed_hosts)
        self._manners = manners or FetchPolicy()
        self._deadline = ThreadDeadline()
        self._pool = httpcore.ConnectionPool(
            max_connections=64,
            max_keepalive_connections=16,
            keepalive_expiry=5,
            network_backend=PublicBackend(allowed_addresses(self.allowed_hosts), self._deadline),
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
        host = self._host(urlsplit(checked(address)).netloc)
        with host.turns:
            if host.failures >= self._manners.give_up_after:
                raise FetchError(
                    f"its host gave none of {host.failures} pictures in a row and is not asked "
                    "again in this run"
                )
            retrying = Retrying(
                stop=stop_after_attempt(self._manners.attempts),
                wait=self._wait,
                retry=retry_if_exception_type(AgainError),
                sleep=self._sleep,
                reraise=True,
            )
            try:
                retrying(self._attempt, address, place, host)
            except AgainError as error:
                host.failures += 1
                raise FetchError(
                    f"{error}, {self._manners.attempts} times; run the same command again later"
                ) from error
            host.failures = 0
        return place

    def close(self) -> None:
        """Ends waiting and closes all connections."""
        self._ended.set()
        self._pool.close()

    def _host(self, name: str) -> _Host:
        with self._hosts_lock:
            if name not in self._hosts:
                self._hosts[name] = _Host(BoundedSemaphore(self._manners.at_once))
            return self._hosts[name]

    def _wait(self, state: RetryCallState) -> float:
        manners = self._manners
        grows: float = manners.first_wait_s * 2.0 ** (state.attempt_number - 1)
        # Spread, so that all who failed together do not come back together.
        grows += random.uniform(0, manners.first_wait_s)
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait_s if isinstance(error, AgainError) else 0
        return min(max(grows, asked), manners.longest_wait_s)

    def _sleep(self, seconds: float) -> None:
        if self._ended.wait(seconds):
            raise FetchError("the run was ended")

    def _attempt(self, address: str, place: Path, host: _Host) -> None:
        if self._ended.is_set():
            raise FetchError("the run was ended")
        pause = host.not_before - time.monotonic()
        if pause > 0:
            self._sleep(pause)
        self._deadline.at = time.monotonic() + self._manners.picture_s
        try:
            self._follow(address, place)
        except AgainError as error:
            with host.lock:
                wait = min(error.wait_s, self._manners.longest_wait_s)
                host.not_before = max(host.not_before, time.monotonic() + wait)
            raise
        except (httpcore.TimeoutException, httpcore.PoolTimeout) as error:
            raise AgainError("its host is too slow") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
            raise AgainError(f"its host cannot be reached or cuts off ({said(error)})") from error
        finally:
            self._deadline.at = float("inf")

    def _follow(self, address: str, place: Path) -> None:
        for _ in range(MOST_MOVES + 1):
            silence = self._manners.silence_s
            timeouts = dict.fromkeys(("connect", "read", "write", "pool"), silence)
            with self._pool.stream(
                "GET", as_url(address), headers=_HEADERS, extensions={"timeout": timeouts}
            ) as answer:
                headers = header_texts(answer.headers)
                if answer.status not in MOVED:
                    self._take(answer, headers, place)
                    return
                address = checked(urljoin(address, headers.get("location", "")))
        raise FetchError(f"its address leads to another one more than {MOST_MOVES} times")

    def _take(self, answer: httpcore.Response, headers: dict[str, str], place: Path) -> None:
        if answer.status in LATER or answer.status >= 500:
            after = headers.get("retry-after", "")
            wait = float(after) if after.isdecimal() and len(after) < 6 else 0
            raise AgainError(f"its host answers {answer.status}", wait)
        if answer.status != 200:
            raise FetchError(f"its host answers {answer.status}")
        most = int(self._manners.max_mb * 1_000_000)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > most:
            raise FetchError(f"it has more than {self._manners.max_mb:g} MB")
        place.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(place, mode=PRIVATE) as unfinished, unfinished.open("wb") as file:
            for chunk in self._checked_chunks(answer.iter_stream(), most):
                file.write(chunk)

    def _checked_chunks(self, chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
        """The body, as long as it is a picture by its first bytes and not too much."""
        total, start = 0, b""
        for chunk in chunks:
            total += len(chunk)
            if total > most:
                raise FetchError(f"it has more than {self._manners.max_mb:g} MB")
            if len(start) < SIGNATURE_BYTES:
                start += chunk
                if len(start) >= SIGNATURE_BYTES and not looks_like_picture(start):
                    break
            yield chunk
        if len(start) < SIGNATURE_BYTES or not looks_like_picture(start):
            raise FetchError("what is there is no picture that can be read")


def open_fetcher(
    workspace: Path, allowed_hosts: Iterable[str] = (), manners: FetchPolicy | None = None
) -> PictureFetcher:
    """A fetcher into a workspace's folder of pictures; see PictureFetcher for the options."""
    return PictureFetcher(workspace / FETCHED, allowed_hosts=allowed_hosts, manners=manners)


def allowed_addresses(hosts: Iterable[str]) -> frozenset[str]:
    """ "host:port" in small letters; a host alone stands for both usual ports.

    Raises SetupError for what is neither.
    """
    found = set()
    for host in hosts:
        name = host.strip().lower()
        if not re.fullmatch(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?", name):
            raise SetupError(f"{host!r} is no host. Write HOST or HOST:PORT, such as media:8080.")
        bare, colon, port = name.rpartition(":")
        if colon and port.isdecimal() and not port.endswith("]"):
            found.add(f"{bare.strip('[]')}:{port}")
        else:
            found |= {f"{name.strip('[]')}:{port}" for port in _PORTS.values()}
    return frozenset(found)


def checked(address: str) -> str:
    """The address, if it is one that may be asked. Raises FetchError."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise FetchError(f"its address cannot be read ({error})") from error
    if parts.scheme not in _PORTS:
        raise FetchError(f"it is at {parts.scheme or 'no'}: address; only http and https are asked")
    if not parts.hostname or port == 0:
        raise FetchError("its address names no host")
    if parts.username is not None:
        raise FetchError("its address holds a password, which is not sent")
    return address


def as_url(address: str) -> httpcore.URL:
    parts = urlsplit(checked(address))
    try:
        host = (parts.hostname or "").encode("idna")
    except UnicodeError as error:
        raise FetchError("its address names no host that can exist") from error
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        target += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return httpcore.URL(
        scheme=parts.scheme.encode(), host=host, port=parts.port, target=target.encode()
    )


def header_texts(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def said(error: Exception) -> str:
    return str(error)[:100] or type(error).__name__
