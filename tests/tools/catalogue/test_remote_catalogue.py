"""A catalogue by address: as safe as its pictures, and good up to where it breaks."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.command_line import run
from tests.support.picture_host import picture
from tests.support.shop_files import mug
from tools.catalogue.cells import SetAside
from tools.catalogue.reader import Numbered, Wanted, read_products
from tools.catalogue.source import catalogue_name, open_download
from tools.errors import CatalogueError
from tools.media.download import Download, DownloadPolicy

PATIENCE = DownloadPolicy(silence_s=30, attempts=3, first_wait_s=0.01)
HASTY = replace(PATIENCE, silence_s=0.4)
ROWS = 3_000


def catalogue(rows: int = ROWS) -> bytes:
    lines = (json.dumps(mug(n, image=f"images/{n}.png", noise="x" * 200)) for n in range(rows))
    return "\n".join(lines).encode()


class CatalogueHost(ThreadingHTTPServer):
    """What it does with the catalogue is in the first word of the path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.plain, self.packed = catalogue(), gzip.compress(catalogue())
        self.asked: list[tuple[str, str]] = []
        self.sent = 0
        self.ended = threading.Event()

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def url(self, path: str) -> str:
        return f"http://{self.name}/{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what is tested here."""


class _Handler(BaseHTTPRequestHandler):
    server: CatalogueHost

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        host, how = self.server, self.path.strip("/").split("/")[0]
        host.asked.append((self.path, self.headers.get("range", "")))
        with suppress(ConnectionError, TimeoutError):
            getattr(self, f"_{how}", self._nothing)()

    def _send(self, body: bytes, status: int = 200, length: int | None = None, **more: str) -> None:
        self.send_response(status)
        for name, value in {"ETag": '"one"', **more}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def _nothing(self) -> None:
        self._send(b"", 404)

    def _good(self) -> None:
        self._send(self.server.packed if self.path.endswith(".gz") else self.server.plain)

    def _picturesque(self) -> None:
        self._send(self.server.packed if self.path.endswith(".gz") else picture())

    def _moved(self) -> None:
        self._send(b"", 302, Location="file:///etc/passwd")

    def _inside(self) -> None:
        self._send(b"", 302, Location="http://127.0.0.1:1/x.csv")

    def _breaking(self) -> None:
        """Half of what is left at each request."""
        body = self.server.packed
        begin = int((self.headers.get("range") or "bytes=0-")[6:-1])
        rest = body[begin:]
        part = rest if len(rest) < 2_000 else rest[: len(rest) // 2]
        self._send(part, 206 if begin else 200, len(rest))
        self.close_connection = True

    def _cut(self) -> None:
        """The first half, and then nothing any more."""
        body = self.server.packed
        if self.headers.get("range"):
            self._send(b"", 500)
        else:
            self._send(body[: len(body) // 2], length=len(body))
        self.close_connection = True

    def _changing(self) -> None:
        ranged = bool(self.headers.get("range"))
        body = self.server.packed
        self._send(body[: len(body) // 2], 206 if ranged else 200, len(body), ETag=f'"{ranged}"')
        self.close_connection = True

    def _silent(self) -> None:
        self.server.ended.wait(30)

    def _endless(self) -> None:
        """Rows for a gigabyte."""
        self.send_response(200)
        self.end_headers()
        line = catalogue(200) + b"\n"
        while self.server.sent < 1 << 30 and not self.server.ended.is_set():
            self.wfile.write(line)
            self.server.sent += len(line)


@pytest.fixture(scope="module")
def host() -> Iterator[CatalogueHost]:
    host = CatalogueHost()
    thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield host
    host.ended.set()
    host.shutdown()
    host.server_close()
    thread.join()


@contextmanager
def coming(
    host: CatalogueHost, path: str, folder: Path, patience: DownloadPolicy = PATIENCE
) -> Iterator[Download]:
    address = host.url(path)
    with Download(address, folder, allowed_hosts=[host.name], policy=patience) as download:
        yield download


def read(download: Download, limit: int | None = None) -> list[Numbered | SetAside]:
    return list(read_products(open_download(download), Wanted(limit=limit)))


@pytest.mark.parametrize("path", ["good/shop.jsonl", "good/shop.jsonl.gz", "breaking/x.gz"])
def test_catalogue_comes_whole(host: CatalogueHost, tmp_path: Path, path: str) -> None:
    with coming(host, path, tmp_path) as download:
        items = read(download)
    assert [item.product.id for item in items if isinstance(item, Numbered)] == [
        f"m{n}" for n in range(ROWS)
    ]
    assert len(items) == ROWS
    first = items[0]
    assert isinstance(first, Numbered)
    # Relative pictures lie beside the catalogue, and never on this machine.
    folder = path.split("/")[0]
    assert first.product.image == host.url(f"{folder}/images/0.png")
    assert list(tmp_path.iterdir()) == []


def test_connection_that_breaks_goes_on_where_it_was(host: CatalogueHost, tmp_path: Path) -> None:
    with coming(host, "breaking/again.gz", tmp_path) as download:
        assert len(read(download)) == ROWS
    begins = [asked[6:-1] for path, asked in host.asked if path == "/breaking/again.gz"]
    assert begins[0] == ""
    assert sorted(map(int, begins[1:])) == list(map(int, begins[1:]))
    assert len(begins) > 3


@pytest.mark.parametrize("path", ["cut/shop.jsonl.gz", "changing/shop.jsonl.gz"])
def test_what_came_before_a_break_is_used_and_the_break_is_named(
    host: CatalogueHost, tmp_path: Path, path: str
) -> None:
    with coming(host, path, tmp_path) as download:
        *rows, last = read(download)
    assert len(rows) > 100
    assert all(isinstance(row, Numbered) for row in rows)
    assert isinstance(last, SetAside)
    assert (last.field, last.used) == ("row", False)
    assert "cut off" in last.reason


@pytest.mark.parametrize(
    ("path", "patience", "reason"),
    [
        ("missing/x.csv", PATIENCE, "answers 404"),
        ("moved/x.csv", PATIENCE, "file: address; only http and https"),
        ("inside/x.csv", PATIENCE, "127.0.0.1:1 is no public address"),
        ("silent/x.csv", HASTY, "too slow"),
    ],
)
def test_host_that_gives_no_catalogue_ends_in_a_sentence(
    host: CatalogueHost, tmp_path: Path, path: str, patience: DownloadPolicy, reason: str
) -> None:
    with (
        coming(host, path, tmp_path, patience) as download,
        pytest.raises(CatalogueError, match=f"cannot be fetched: .*{reason}"),
    ):
        open_download(download)
    assert list(tmp_path.iterdir()) == []


def test_this_machine_is_not_asked_unless_it_is_allowed(
    host: CatalogueHost, tmp_path: Path
) -> None:
    before = len(host.asked)
    with (
        Download(host.url("good/x.csv"), tmp_path, policy=PATIENCE) as download,
        pytest.raises(CatalogueError, match="no public address"),
    ):
        open_download(download)
    assert len(host.asked) == before


def test_no_more_is_fetched_than_is_wanted(host: CatalogueHost, tmp_path: Path) -> None:
    with coming(host, "endless/shop.jsonl", tmp_path) as download:
        assert len(read(download, limit=50)) == 50
    assert host.sent < 1 << 30
    assert list(tmp_path.iterdir()) == []


def test_catalogue_by_address_is_taken_in(host: CatalogueHost, tmp_path: Path) -> None:
    words = ("ingest", host.url("picturesque/Mugs.jsonl.gz"), "--limit", "5")
    assert "no public address" in run(*words, home=tmp_path).stderr
    done = run(*words, "--allow-host", host.name, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "'Mugs' has 5 products" in done.stdout
    assert host.url("picturesque/Mugs.jsonl.gz") in run("catalogues", home=tmp_path).stdout


def test_catalogue_is_named_as_its_file_or_its_host() -> None:
    assert catalogue_name("https://a.test/x/meta_All_Beauty.jsonl.gz?key=1") == "meta_All_Beauty"
    assert catalogue_name("https://a.test/") == "a.test"
