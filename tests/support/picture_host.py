"""A host of pictures on loopback that behaves as hosts do on bad days."""

from __future__ import annotations

import io
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image


def picture(color: str = "red", kind: str = "PNG") -> bytes:
    """A small picture's file."""
    buffer = io.BytesIO()
    Image.new("RGB", (48, 48), color).save(buffer, kind)
    return buffer.getvalue()


class PictureHost(ThreadingHTTPServer):
    """What it does with a request is in the first word of the path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: Counter[str] = Counter()
        self.at_once = self.most_at_once = 0
        self.sent = 0
        """Bytes of endless bodies."""
        self.counting = threading.Lock()
        self.ended = threading.Event()
        self.released = threading.Event()
        """Requests under /held wait until this is set."""
        self.elsewhere = ""

    @property
    def name(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_address[1]}"

    def url(self, path: str) -> str:
        """An address at this host."""
        return f"http://{self.name}/{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what is tested here."""


@contextmanager
def picture_host() -> Iterator[PictureHost]:
    """One that answers while the block runs."""
    host = PictureHost()
    thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield host
    finally:
        host.ended.set()
        host.shutdown()
        host.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: PictureHost

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        """Behaves as the path says."""
        host = self.server
        with host.counting:
            host.asked[self.path] += 1
        how = self.path.strip("/").split("/")[0]
        with suppress(ConnectionError, socket.timeout):
            getattr(self, f"_{how}", self._nothing)()

    def _send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _nothing(self) -> None:
        self._send(b"not here", 404)

    def _good(self) -> None:
        host = self.server
        with host.counting:
            host.at_once += 1
            host.most_at_once = max(host.most_at_once, host.at_once)
        host.ended.wait(0.02)
        with host.counting:
            host.at_once -= 1
        self._send(picture(), Content_Type="text/plain")

    def _text(self) -> None:
        self._send(b"<html>please sign in</html>" * 9, Content_Type="image/jpeg")

    def _forbidden(self) -> None:
        self._send(b"", 403)

    def _failing(self) -> None:
        self._send(b"", 500)

    def _busy(self) -> None:
        """Once, then well."""
        if self.server.asked[self.path] == 1:
            self._send(b"", 429, Retry_After="0")
        else:
            self._send(picture())

    def _cut(self) -> None:
        body = picture()
        self._send(body[:-20], Content_Length=str(len(body)))
        self.close_connection = True

    def _silent(self) -> None:
        self.server.ended.wait(30)

    def _dripping(self) -> None:
        """A byte of the header now and then: each in time, all of them never."""
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10_000:
            self.wfile.write(bytes([byte]))
            if self.server.ended.wait(0.02):
                return

    def _held(self) -> None:
        """A byte of a picture now and then until `released`, then all of it."""
        host, body = self.server, picture()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        sent = 0
        while not host.released.wait(1):
            self.wfile.write(body[sent : sent + 1])
            sent += 1
        self.wfile.write(body[sent:])

    def _endless(self) -> None:
        """A picture that goes on for a gigabyte and does not say so."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(picture())
        block = bytes(1 << 16)
        for _ in range(1 << 14):
            self.wfile.write(block)
            with self.server.counting:
                self.server.sent += len(block)

    def _huge(self) -> None:
        """The same, said beforehand."""
        self._send(picture(), Content_Length=str(1 << 30))

    def _moved(self) -> None:
        self._send(b"", 302, Location="/good/moved")

    def _round(self) -> None:
        self._send(b"", 302, Location=self.path)

    def _elsewhere(self) -> None:
        self._send(b"", 302, Location=self.server.elsewhere)
