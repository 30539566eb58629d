"""An S3-compatible store on a free port of 127.0.0.1: as much of the protocol as photos need.

moto's server cannot be installed beside the pinned python-dateutil. A request without a signature
is refused; what a signature says is not checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape, unescape

import pytest

_BUCKET = "photos"
_SECRET = "very secret"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["content-length"]))
        if (key := self._key()) is not None:
            self.server.objects[key] = (data, datetime.now(UTC))
            self._answer(200)

    def do_GET(self) -> None:
        if (key := self._key()) is None:
            return
        if not key:
            self._answer(200, self._listing())
        elif key in self.server.objects:
            self._answer(200, *self.server.objects[key])
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        """Delete the objects that the body names."""
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        if self._key() is not None:
            keys = [unescape(key) for key in re.findall("<Key>(.+?)</Key>", body)]
            for key in keys:
                self.server.objects.pop(key, None)
            rows = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
            self._answer(200, f"<DeleteResult>{rows}</DeleteResult>".encode())

    def _key(self) -> str | None:
        """The object that is asked for, "" for the bucket; None where that was answered already."""
        bucket, _, key = unquote(urlsplit(self.path).path).strip("/").partition("/")
        if not self.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256"):
            self._answer(403, b"<Error><Code>AccessDenied</Code></Error>")
        elif bucket != _BUCKET:
            self._answer(404, b"<Error><Code>NoSuchBucket</Code></Error>")
        else:
            return key
        return None

    def _listing(self) -> bytes:
        (prefix,) = parse_qs(urlsplit(self.path).query).get("prefix", [""])
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(data)}</Size>"
            f"<LastModified>{at:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
            for key, (data, at) in self.server.objects.items()
            if key.startswith(prefix)
        )
        return f"<ListBucketResult><Name>{_BUCKET}</Name>{rows}</ListBucketResult>".encode()

    def _answer(self, status: int, body: bytes = b"", at: datetime | None = None) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("etag", '"1"')
        self.send_header("last-modified", f"{at or datetime.now(UTC):%a, %d %b %Y %H:%M:%S GMT}")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, tuple[bytes, datetime]] = {}


@contextmanager
def running_s3() -> Iterator[str]:
    """The address of its bucket; the environment names the store until the block ends."""
    with _Server() as server, pytest.MonkeyPatch.context() as patch:
        Thread(target=server.serve_forever, daemon=True).start()
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "anybody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", _SECRET)
        patch.setenv("AWS_REGION", "us-east-1")
        yield f"s3://{_BUCKET}"
        server.shutdown()
