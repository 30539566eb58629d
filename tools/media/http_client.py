"""GET requests to public addresses: redirects are followed, and failures say if a retry may help.

Not covered: proxies, cookies and passwords.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import httpcore

from tools.errors import SetupError
from tools.media.public_network import FetchError, PublicBackend, ThreadDeadline

MAX_REDIRECTS = 5
_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_RETRY_STATUSES = frozenset({408, 425, 429})
_PORTS = {"http": 80, "https": 443}


class RetryableError(Exception):
    """A request that may work later: what went wrong, and the pause that the host asks for."""

    def __init__(self, reason: str, wait_s: float = 0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Response:
    """An answer with one of the expected statuses; its body comes as it is read."""

    status: int
    headers: Mapping[str, str]
    """Names in small letters."""
    body: Iterator[bytes]


class PublicHttpClient:
    """A pool of connections to public addresses. Safe to share between threads.

    `deadline` is when the calling thread's request must be done, body included.
    """

    def __init__(
        self, *, accept: str, allowed_hosts: Iterable[str], connections: int, keep_alive: int = 0
    ) -> None:
        """`allowed_hosts`, "host:port", may have addresses that are not public.

        Raises SetupError for what is no host.
        """
        self.deadline = ThreadDeadline()
        self._headers: dict[bytes | str, bytes | str] = {
            "user-agent": "pounce (a shop's own catalogue)",
            "accept": accept,
            # A packed body could be a bomb; pictures are packed already, and files by their reader.
            "accept-encoding": "identity",
        }
        self._pool = httpcore.ConnectionPool(
            max_connections=connections,
            max_keepalive_connections=keep_alive or connections,
            keepalive_expiry=5,
            network_backend=PublicBackend(allowed_addresses(allowed_hosts), self.deadline),
        )

    def close(self) -> None:
        """Closes all connections."""
        self._pool.close()

    def extend_deadline(self, seconds: float) -> None:
        """Gives the calling thread's request so many seconds from now."""
        self.deadline.at = time.monotonic() + seconds

    @contextmanager
    def get(
        self,
        address: str,
        *,
        silence_s: float,
        hop_s: float | None = None,
        headers: Mapping[str, str] | None = None,
        expected: Collection[int] = (200,),
        most_redirects: int = MAX_REDIRECTS,
    ) -> Iterator[Response]:
        """The response behind all redirects; the body is read inside the block.

        `silence_s` is the longest wait for a byte, `hop_s` a fresh deadline for each redirect.
        Raises FetchError for what a retry would not change and RetryableError for the rest, also
        for failures inside the block.
        """
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), silence_s)
        sent = self._headers | dict(headers or {})
        try:
            for _ in range(most_redirects + 1):
                if hop_s is not None:
                    self.extend_deadline(hop_s)
                with self._pool.stream(
                    "GET", as_url(address), headers=sent, extensions={"timeout": timeouts}
                ) as answer:
                    received = _header_texts(answer.headers)
                    if answer.status not in _REDIRECT_STATUSES:
                        _check_status(answer.status, received, expected)
                        yield Response(answer.status, received, answer.iter_stream())
                        return
                    address = check_address(urljoin(address, received.get("location", "")))
        except httpcore.TimeoutException as error:
            raise RetryableError("its host is too slow") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
            reason = str(error)[:100] or type(error).__name__
            raise RetryableError(f"its host cannot be reached or cuts off ({reason})") from error
        if not most_redirects:
            raise FetchError("its address leads to another one")
        raise FetchError(f"its address leads to another one more than {most_redirects} times")


def _check_status(status: int, headers: Mapping[str, str], expected: Collection[int]) -> None:
    if status in _RETRY_STATUSES or status >= 500:
        after = headers.get("retry-after", "")
        wait = float(after) if after.isdecimal() and len(after) < 6 else 0
        raise RetryableError(f"its host answers {status}", wait)
    if status not in expected:
        raise FetchError(f"its host answers {status}")


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


def check_address(address: str) -> str:
    """The address, if it is http or https without a password. Raises FetchError otherwise."""
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
    """The address as httpcore wants it: its host in IDNA, its path quoted."""
    parts = urlsplit(check_address(address))
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


def _header_texts(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
