"""Connections to public addresses alone: a name is resolved once, and the checked address called.

Strangers write a shop's file. An address in it must not reach the machine's own services or its
local network: not by a redirect, and not by a name that changes between check and call (DNS
rebinding). This is the guard against server-side request forgery (SSRF).
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from tools.errors import PounceError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        # Site-local (RFC 3879), documentation (RFC 9637), local NAT64 (RFC 8215), IPv4-compatible
        # (RFC 4291) and Teredo (RFC 4380), which not every Python knows.
        ("fec0::/10", "3fff::/20", "64:ff9b:1::/48", "::/96", "2001::/32"),
    )
)
_ISATAP = 0x00005EFE
"""Before the IPv4 address in an interface's identifier, whose seventh bit may be set (RFC 5214)."""


class FetchError(PounceError):
    """A picture or file that cannot be fetched; a retry would give the same."""

    def __init__(self, text: str, *, unreachable: str = "") -> None:
        """`unreachable` is the host, where it gave nothing at all."""
        super().__init__(text)
        self.unreachable = unreachable


class ThreadDeadline(threading.local):
    """When the calling thread's request must be done, in seconds of `time.monotonic`."""

    at: float = float("inf")

    def left(self, most: float | None) -> float:
        """Seconds to wait at most, never over `most`. Raises httpcore.ReadTimeout when none."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("took longer than a picture may take")
        return left if most is None else min(left, most)


class PublicBackend(httpcore.NetworkBackend):
    """Connects to public addresses, and to others only where host and port are allowed."""

    def __init__(self, allowed: frozenset[str], deadline: ThreadDeadline) -> None:
        """`allowed` holds "host:port" in small letters."""
        self._allowed = allowed
        self._deadline = deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A stream to the first checked address that answers. Raises FetchError for none."""
        addresses = resolve(host, port)
        if f"{host.lower()}:{port}" not in self._allowed:
            addresses = [address for address in addresses if is_public(address)]
            if not addresses:
                raise FetchError(
                    f"{host}:{port} is no public address; allow it with --allow-host {host}:{port}"
                )
        problem: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                stream = self._plain.connect_tcp(
                    address, port, self._deadline.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
            else:
                return _DeadlineStream(stream, self._deadline)
        raise problem


class _DeadlineStream(httpcore.NetworkStream):
    """A stream that times out at the deadline, even while bytes drip in."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: ThreadDeadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return _DeadlineStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the order to try. Raises httpcore.ConnectError for none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"the name {host!r} is not known") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet at large, whatever it is wrapped in."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if any(ip in network for network in _NOT_PUBLIC):
            return False
        if (int(ip) >> 32) & 0xFDFFFFFF == _ISATAP:
            return ip.is_global and is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
