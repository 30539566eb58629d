"""The photo store: what is kept of a photo, and what a reference can reach."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from assistant.photo_store import PhotoStore
from tools.errors import PhotoError


@pytest.fixture
def store(tmp_path: Path) -> PhotoStore:
    return PhotoStore(tmp_path / "photos")


def file_of(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_a_photo_is_kept_small_and_under_its_own_hash(store: PhotoStore) -> None:
    photo = store.add(file_of(Image.new("RGB", (3000, 1500), "teal")), "teal.png")
    kept = store.path(photo.ref).read_bytes()
    assert hashlib.sha256(kept).hexdigest() == photo.ref
    assert store.open(photo.ref).size == (1024, 512)
    assert kept.startswith(b"\xff\xd8")


def test_nothing_of_the_metadata_is_kept_and_the_turn_is_done(store: PhotoStore) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "SecretCamera"
    data = file_of(Image.new("RGB", (80, 40)), "JPEG", exif=exif, comment=b"SecretComment")
    assert b"Secret" in data
    ref = store.add(data, "x.jpg").ref
    assert b"Secret" not in store.path(ref).read_bytes()
    assert store.open(ref).size == (40, 80)


def test_the_same_photo_twice_is_kept_once(store: PhotoStore) -> None:
    data = file_of(Image.new("RGB", (10, 10), "red"))
    assert store.add(data, "a.png").ref == store.add(data, "b.png").ref
    assert len(list(store.path(store.add(data, "c.png").ref).parent.iterdir())) == 1


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
