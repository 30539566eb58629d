"""The photo store: what is kept of a photo, and what a reference can reach."""

from __future__ import annotations

import hashlib
import io
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from assistant.photo_files import PhotoFiles, open_photo_files
from assistant.photo_store import PhotoStore
from tests.support.s3_server import running_s3
from tools.errors import PhotoError, SetupError


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of an S3-compatible store's bucket, as POUNCE_PHOTOS takes it."""
    with running_s3() as address:
        yield address


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoFiles:
    """New, empty files in a folder, or under a prefix of a bucket."""
    if request.param == "folder":
        return open_photo_files("", tmp_path)
    return open_photo_files(f"{request.getfixturevalue('bucket')}/{tmp_path.name}", tmp_path)


@pytest.fixture
def store(files: PhotoFiles) -> PhotoStore:
    return PhotoStore(files)


def file_of(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_a_photo_is_kept_small_and_under_its_own_hash(store: PhotoStore) -> None:
    photo = store.add(file_of(Image.new("RGB", (3000, 1500), "teal")), "teal.png")
    kept = store.read(photo.ref)
    assert hashlib.sha256(kept).hexdigest() == photo.ref
    assert store.open(photo.ref).size == (1024, 512)
    assert kept.startswith(b"\xff\xd8")


def test_nothing_of_the_metadata_is_kept_and_the_turn_is_done(store: PhotoStore) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "SecretCamera"
    data = file_of(Image.new("RGB", (80, 40)), "JPEG", exif=exif, comment=b"SecretComment")
    assert b"Secret" in data
    ref = store.add(data, "x.jpg").ref
    assert b"Secret" not in store.read(ref)
    assert store.open(ref).size == (40, 80)


def test_the_same_photo_twice_is_kept_once(store: PhotoStore) -> None:
    data = file_of(Image.new("RGB", (10, 10), "red"))
    ref = store.add(data, "a.png").ref
    assert store.add(data, "b.png").ref == ref
    assert store.older_than(-60) == [ref]


def test_removed_photo_is_gone_and_may_be_removed_again(store: PhotoStore) -> None:
    ref = store.add(file_of(Image.new("RGB", (10, 10), "red")), "a.png").ref
    store.check(ref)
    for _ in range(2):
        store.remove(ref)
    for look in (store.check, store.read):
        with pytest.raises(PhotoError, match="attach it again"):
            look(ref)


def test_old_are_those_that_last_arrived_longer_ago(tmp_path: Path) -> None:
    store = PhotoStore(tmp_path)
    old, again = (store.add_jpeg(data) for data in (b"old", b"again"))
    for path in tmp_path.iterdir():
        os.utime(path, (0, time.time() - 120))
    (tmp_path / "strange.jpg").write_bytes(b"")
    store.add_jpeg(b"again")
    assert store.older_than(60) == [old]
    assert set(store.older_than(-60)) == {old, again}


def test_replicas_share_a_folder(tmp_path: Path) -> None:
    one, other = (
        PhotoStore(open_photo_files(str(tmp_path / "shared"), tmp_path / home)) for home in "ab"
    )
    ref = one.add(file_of(Image.new("RGB", (10, 10), "red")), "a.png").ref
    assert other.open(ref).size == (10, 10)


@pytest.mark.usefixtures("bucket")
def test_bucket_that_is_not_there_is_one_sentence_without_keys(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"s3://nowhere cannot be reached.*AWS_ENDPOINT") as raised:
        open_photo_files("s3://nowhere", tmp_path)
    assert "secret" not in str(raised.value).lower().replace("aws_secret_access_key", "")


def test_missing_package_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(SetupError, match=r"pip install 'pounce\[s3\]'"):
        open_photo_files("s3://photos", tmp_path)


@pytest.mark.parametrize(
    "ref", ["", "../secret", "a" * 63, "A" * 64, "a" * 64 + "\n", "a" * 64, "/etc/passwd", "." * 64]
)
def test_a_reference_reaches_nothing_but_kept_photos(store: PhotoStore, ref: str) -> None:
    with pytest.raises(PhotoError, match="attach it again"):
        store.open(ref)


def test_what_is_no_picture_gets_a_sentence_and_leaves_nothing(
    store: PhotoStore, tmp_path: Path
) -> None:
    with pytest.raises(PhotoError):
        store.add(b"<svg onload=alert(1)>", "x.svg")
    assert store.older_than(-60) == []
    assert not (tmp_path / "photos").exists()


def test_too_large_a_file_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="MB"):
        PhotoStore(tmp_path, max_mb=0.001).add(b"x" * 2000, "x.jpg")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\me\\cat.jpg", "cat.jpg"),
        ("../../cat.jpg", "cat.jpg"),
        ("c\x00a\nt.jpg", "cat.jpg"),
        ("", "photo"),
        ("x" * 300, "x" * 80),
    ],
)
def test_a_name_is_a_plain_file_name(store: PhotoStore, given: str, kept: str) -> None:
    assert store.add(file_of(Image.new("RGB", (4, 4))), given).name == kept
