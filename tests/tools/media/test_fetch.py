"""Fetching pictures from hosts that fail, stall, lie and lead astray."""

from __future__ import annotations

import ipaddress
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.picture_host import PictureHost, picture, picture_host
from tools.catalogue.cells import SetAside
from tools.catalogue.reader import Numbered
from tools.errors import SetupError
from tools.ingest.fetch_ahead import fetch_pictures
from tools.media.fetch import FetchPolicy, PictureFetcher
from tools.media.http_client import allowed_addresses
from tools.media.public_network import FetchError, is_public
from tools.product import Product

QUICK = FetchPolicy(attempts=2, first_wait_s=0.001, max_mb=1)
HASTY = FetchPolicy(attempts=2, first_wait_s=0.001, silence_s=0.3, picture_s=0.6)


@pytest.fixture(scope="module")
def host() -> Iterator[PictureHost]:
    with picture_host() as host:
        yield host


@pytest.fixture
def fetcher(tmp_path: Path, host: PictureHost) -> Iterator[PictureFetcher]:
    fetcher = PictureFetcher(tmp_path / "cache", allowed_hosts=[host.name], policy=QUICK)
    yield fetcher
    fetcher.close()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_picture_is_fetched_once_whatever_its_name_and_type_say(
    fetcher: PictureFetcher, host: PictureHost, tmp_path: Path
) -> None:
    address = host.url("good/once.html")
    assert fetcher.fetch(address).read_bytes() == picture()
    assert fetcher.fetch(address) == fetcher.place(address)
    assert host.asked["/good/once.html"] == 1
    assert files(tmp_path / "cache") == [fetcher.place(address)]


@pytest.mark.parametrize(
    ("path", "reason", "asked"),
    [
        ("missing/x.jpg", "answers 404", 1),
        ("forbidden/x.jpg", "answers 403", 1),
        ("failing/x.jpg", "answers 500, 2 times", 2),
        ("text/x.jpg", "no picture", 1),
        ("cut/x.jpg", "cuts off", 2),
        ("huge/x.jpg", "more than 1 MB", 1),
        ("endless/x.jpg", "more than 1 MB", 1),
        ("round/x.jpg", "more than 5 times", 6),
    ],
)
def test_host_that_gives_no_picture_ends_with_a_reason_and_leaves_no_file(
    fetcher: PictureFetcher,
    host: PictureHost,
    tmp_path: Path,
    path: str,
    reason: str,
    asked: int,
) -> None:
    before = host.asked[f"/{path}"]
    with pytest.raises(FetchError, match=reason):
        fetcher.fetch(host.url(path))
    assert host.asked[f"/{path}"] - before == asked
    assert files(tmp_path / "cache") == []


@pytest.mark.parametrize("path", ["silent/x.jpg", "dripping/x.jpg"])
def test_host_that_keeps_one_waiting_is_left_in_time(
    host: PictureHost, tmp_path: Path, path: str
) -> None:
    fetcher = PictureFetcher(tmp_path, allowed_hosts=[host.name], policy=HASTY)
    before = host.asked[f"/{path}"]
    with pytest.raises(FetchError, match="too slow, 2 times"):  # not that it ended or cut off
        fetcher.fetch(host.url(path))
    assert host.asked[f"/{path}"] - before == 2
    fetcher.close()


def test_endless_body_is_left_after_the_most_that_is_taken(
    fetcher: PictureFetcher, host: PictureHost
) -> None:
    before = host.sent
    with pytest.raises(FetchError):
        fetcher.fetch(host.url("endless/again.jpg"))
    # What a loopback's buffers took in besides.
    assert host.sent - before < 20_000_000


def test_host_that_is_asked_too_often_is_asked_again(
    fetcher: PictureFetcher, host: PictureHost
) -> None:
    assert fetcher.fetch(host.url("busy/x.jpg")).is_file()
    assert host.asked["/busy/x.jpg"] == 2


def test_redirect_within_what_is_allowed_is_followed(
    fetcher: PictureFetcher, host: PictureHost
) -> None:
    assert fetcher.fetch(host.url("moved/x.jpg")).read_bytes() == picture()


def test_redirect_to_another_port_of_this_machine_is_refused(
    fetcher: PictureFetcher, host: PictureHost
) -> None:
    with picture_host() as inner:
        host.elsewhere = inner.url("good/secret.png")
        with pytest.raises(FetchError, match=r"no public address; allow it with --allow-host"):
            fetcher.fetch(host.url("elsewhere/port.jpg"))
        assert not inner.asked


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x", "//", "http://u:p@h/x"]
)
def test_redirect_to_another_scheme_is_refused(
    fetcher: PictureFetcher, host: PictureHost, target: str
) -> None:
    host.elsewhere = target
    with pytest.raises(FetchError, match=r"its? (is at|address)"):
        fetcher.fetch(host.url("elsewhere/scheme.jpg"))


def test_this_machine_is_not_asked_unless_it_is_allowed(host: PictureHost, tmp_path: Path) -> None:
    fetcher = PictureFetcher(tmp_path, policy=QUICK)
    names = (host.name, host.name.replace("127.0.0.1", "localhost"))
    for name in names:
        with pytest.raises(FetchError, match="no public address"):
            fetcher.fetch(f"http://{name}/good/private.png")
    assert host.asked["/good/private.png"] == 0
    fetcher.close()


def test_name_that_turns_private_after_a_look_is_not_called(
    host: PictureHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # DNS rebinding: public for whoever checks first, this machine for whoever asks again.
    port = host.server_address[1]
    answers = (("203.0.114.1", port) if n == 0 else ("127.0.0.1", port) for n in count())
    called: list[str] = []

    def resolved(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", next(answers))]

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        called.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(socket, "create_connection", connect)
    fetcher = PictureFetcher(tmp_path, policy=QUICK)
    with pytest.raises(FetchError, match="no public address"):
        fetcher.fetch(f"http://rebinding.test:{port}/good/x.png")
    assert called == ["203.0.114.1"]
    fetcher.close()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1%eth0", "fc00::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
        "2002:7f00:1::", "nonsense", "fec0::1", "feff::1", "3fff::1", "3fff:fff::1",
        "2606:4700::5efe:7f00:1", "2606:4700::200:5efe:a9fe:a9fe", "2606:4700::5efe:a00:1",
        "::7f00:1", "64:ff9b:1::7f00:1", "2001:0:5ef5:79fb::80ff:fffe",
    ],
)  # fmt: skip
def test_address_that_is_not_of_the_internet_at_large_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "2606:4700::5efe:808:808"]
)
def test_public_address_is_known(address: str) -> None:
    assert is_public(address)
    ipaddress.ip_address(address)


def test_one_host_is_not_asked_for_many_at_once(fetcher: PictureFetcher, host: PictureHost) -> None:
    host.most_at_once = 0
    with ThreadPoolExecutor(16) as pool:
        addresses = [host.url(f"good/{n}.png") for n in range(40)]
        assert all(path.is_file() for path in pool.map(fetcher.fetch, addresses))
    assert 1 < host.most_at_once <= QUICK.at_once


def test_host_that_gives_nothing_is_left_alone(host: PictureHost, tmp_path: Path) -> None:
    policy = FetchPolicy(attempts=1, give_up_after=3)
    fetcher = PictureFetcher(tmp_path, allowed_hosts=[host.name], policy=policy)
    for n in range(6):
        with pytest.raises(FetchError):
            fetcher.fetch(host.url(f"failing/alone{n}"))
    assert sum(host.asked[f"/failing/alone{n}"] for n in range(6)) == 3
    fetcher.close()


def test_products_keep_their_order_and_say_why_a_picture_is_missing(
    fetcher: PictureFetcher, host: PictureHost
) -> None:
    paths = ["good/a", "missing/b", "good/c"]
    items: list[Numbered | SetAside] = [
        Numbered(n, Product(f"p{n}", "Mug", image=host.url(path))) for n, path in enumerate(paths)
    ]
    items.insert(1, SetAside(9, "row", "broken", "mend it"))
    items.append(Numbered(3, Product("p3", "Mug", image="/some/file.png")))
    brought = list(fetch_pictures(items, fetcher, ahead=2))
    assert [getattr(item, "line", 0) for item, _ in brought] == [0, 9, 1, 2, 3]
    reasons = [why.reason for _, why in brought if why is not None]
    assert len(reasons) == 1
    assert "answers 404" in reasons[0]
    first = brought[0][0]
    assert isinstance(first, Numbered)
    assert first.product.image == str(fetcher.place(host.url("good/a")))


def test_run_that_is_ended_stops_fetching(host: PictureHost, tmp_path: Path) -> None:
    patient = FetchPolicy(first_wait_s=60, longest_wait_s=60)
    fetcher = PictureFetcher(tmp_path, allowed_hosts=[host.name], policy=patient)
    address = host.url("failing/ended")
    products = (Numbered(n, Product(f"p{n}", "Mug", image=address)) for n in range(3))
    ending = threading.Timer(0.3, fetcher.close)
    ending.start()
    assert all(why is not None for _, why in fetch_pictures(products, fetcher))
    ending.join()


@pytest.mark.parametrize("name", ["", "a b", "http://x", "x:99999999", "x/y"])
def test_host_that_cannot_be_allowed_gets_a_sentence(name: str) -> None:
    with pytest.raises(SetupError, match="is no host"):
        allowed_addresses([name])


def test_host_is_allowed_with_its_port_or_with_the_usual_ones() -> None:
    assert allowed_addresses(["Media:8080", "[::1]:9"]) == {"media:8080", "::1:9"}
    assert allowed_addresses(["media"]) == {"media:80", "media:443"}


_FLAT = """
import resource, sys
from pathlib import Path
from tools.media.public_network import FetchError
from tools.media.fetch import FetchPolicy, PictureFetcher

policy = FetchPolicy(max_mb=20)
fetcher = PictureFetcher(Path(sys.argv[1]), allowed_hosts=[sys.argv[2]], policy=policy)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for number in range(3):
    try:
        fetcher.fetch(f"http://{sys.argv[2]}/endless/flat{number}")
    except FetchError as error:
        print(error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_stays_flat_under_bodies_of_a_gigabyte(host: PictureHost, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FLAT, str(tmp_path), host.name],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    *reasons, grown_kib = done.stdout.splitlines()
    assert ["more than 20 MB" in reason for reason in reasons] == [True] * 3
    assert int(grown_kib) < 10_000
