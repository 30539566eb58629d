from __future__ import annotations

import io
import struct
import threading
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from tests.support.paths import ROOT
from tools.errors import PhotoError
from tools.media import images
from tools.media.images import is_picture, open_photo
from tools.media.memory_budget import MemoryBudget
from tools.media.png_chunks import SIGNATURE

PHOTOS = ROOT / "tests" / "data" / "photos"
"""Pictures as phones and pages give them; all of them red, (200, 30, 40), in their middle."""


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_photo_comes_upright_as_its_exif_says() -> None:
    image = Image.new("RGB", (40, 20), "red")
    image.putpixel((0, 0), (0, 0, 255))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees clockwise
    assert open_photo(encoded(image, "PNG", exif=exif.tobytes())).size == (20, 40)


def test_transparency_is_laid_on_white() -> None:
    image = Image.new("RGBA", (8, 8), (200, 0, 0, 0))
    assert open_photo(encoded(image, "PNG")).getpixel((3, 3)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.full((8, 8), 65535, dtype=np.uint16))
    else:
        image = Image.new("RGB", (8, 8), "white").convert(mode)
    opened = open_photo(encoded(image, "TIFF" if mode in ("CMYK", "I;16") else "PNG"))
    assert (opened.mode, opened.getpixel((4, 4))) == ("RGB", (255, 255, 255))


def test_first_frame_of_an_animation_is_taken() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    red, _, blue = open_photo(data).getpixel((0, 0))  # type: ignore[misc]  # RGB gives three
    assert red > 200 > blue


@pytest.mark.parametrize(
    "data",
    [b"", b"not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4", b"PK"],
)
def test_what_is_no_picture_gets_a_sentence(data: bytes) -> None:
    with pytest.raises(PhotoError, match=r"Please send"):
        open_photo(data)


def png_of_size(width: int, height: int, color_type: int = 0) -> bytes:
    """A PNG that claims a size and holds no pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    return SIGNATURE + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(b""))


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """A PNG with more chunks behind its header."""
    return b"".join((png[:33], *chunks, png[33:]))


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    data = encoded(Image.new("1", (15_000, 15_000)), "PNG")
    assert len(data) < 100_000
    with pytest.raises(PhotoError, match="more pixels"):
        open_photo(data)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (png_of_size(1, 50_000_000), "50000000 pixels; up to 32768 on a side"),
        (png_of_size(50_000_000, 1), "up to 32768 on a side"),
        (png_of_size(12_001, 10_000), "than can be read"),
        (png_of_size(2**31 - 1, 2**31 - 1), "more pixels than can be read"),
    ],
)
def test_small_file_of_many_pixels_is_refused_before_memory_is_taken(
    data: bytes, sentence: str
) -> None:
    assert len(data) < 100
    tracemalloc.start()
    with pytest.raises(PhotoError, match=sentence):
        open_photo(data)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "JPEG2000", "TIFF"])
def test_format_that_needs_more_memory_than_there_is_is_refused_with_advice(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MOST_BYTES", 64 * 64 * 8 - 1)
    data = encoded(Image.new("RGB", (64, 64), "red"), kind)
    with pytest.raises(PhotoError, match="Please send it as a JPEG"):
        open_photo(data)


def test_progressive_picture_counts_what_its_decoder_keeps() -> None:
    picture = Image.new("RGB", (64, 64), "red")
    plain = encoded(picture, "JPEG", subsampling=0)
    progressive = encoded(picture, "JPEG", subsampling=0, progressive=True)
    start = plain.index(b"\xff\xda\0\x0c\3")
    in_several_scans = plain[:start] + b"\xff\xda\0\x08\1\1\0\0\x3f\0" + plain[start + 14 :]
    with Image.open(io.BytesIO(plain)) as image:
        assert images.coefficient_bytes(image) == 0
    for data in (progressive, in_several_scans):
        with Image.open(io.BytesIO(data)) as image:
            assert images.coefficient_bytes(image) == 64 * 64 * 3 * 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF", "JPEG2000"])
def test_large_picture_is_opened_smaller(kind: str) -> None:
    images.register_heif()
    picture = Image.new("RGB", (900, 300), (200, 30, 40))
    picture.paste((20, 60, 200), (450, 0, 900, 300))
    opened = open_photo(encoded(picture, kind), longest_side=400)
    # A decoder of JPEG halves, and the rest is reduced by a whole factor again.
    assert opened.size == ((225, 75) if kind == "JPEG" else (300, 100))
    for x, color in ((50, (200, 30, 40)), (170, (20, 60, 200))):
        assert near(opened.getpixel((x, 50)), color, 6)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_reducing_in_strips_keeps_rows_where_they_are(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "STRIP_PIXELS", 1000)
    rows = np.repeat(np.linspace(0, 255, 103, dtype=np.uint8)[:, None], 50, axis=1)
    if mode == "I;16":
        picture = Image.fromarray(rows.astype(np.uint16) * 257)
    else:
        picture = Image.fromarray(rows).convert(mode)
    whole = np.asarray(open_photo(encoded(picture, "PNG")).convert("L"), dtype=float)
    small = open_photo(encoded(picture, "PNG"), longest_side=40)
    assert small.size == (17, 35)
    means = [whole[top : top + 3].mean() for top in range(0, 103, 3)]
    assert np.abs(np.asarray(small.convert("L"), dtype=float)[:, 8] - means).max() < 3 + 60 * (
        mode == "1"  # dithered: a column is no mean
    )


def near(pixel: object, color: tuple[int, int, int], most: int) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(int(a) - b) <= most for a, b in zip(pixel, color, strict=True))


@pytest.mark.parametrize("path", sorted(PHOTOS.iterdir()), ids=lambda path: path.name)
def test_photo_as_phones_and_pages_give_it_opens_in_srgb(path: Path) -> None:
    for data in (path, path.read_bytes()):
        opened = open_photo(data)
        assert near(opened.getpixel((320, 240)), (200, 30, 40), 3)
    assert is_picture(path)


DISPLAY_P3 = next(PHOTOS.glob("p3.jpg"))


def p3_profile() -> bytes:
    with Image.open(DISPLAY_P3) as image:
        return bytes(image.info["icc_profile"])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_colors_of_a_wide_profile_come_as_srgb(kind: str) -> None:
    images.register_heif()
    picture = Image.new("RGB", (64, 64), (182, 52, 52))
    opened = open_photo(encoded(picture, kind, icc_profile=p3_profile(), quality=95))
    assert near(opened.getpixel((32, 32)), (200, 29, 41), 4)


def test_primaries_named_without_a_profile_are_followed() -> None:
    picture = Image.new("RGB", (64, 64), (182, 52, 52))
    named = png_chunk(b"cICP", bytes((12, 13, 0, 1)))
    opened = open_photo(with_chunks(encoded(picture, "PNG"), named))
    assert near(opened.getpixel((32, 32)), (198, 34, 45), 3)
    avif = encoded(picture, "AVIF", quality=95)
    at = avif.index(b"colrnclx") + 8
    avif = avif[:at] + bytes((0, 12)) + avif[at + 2 :]
    assert near(open_photo(avif).getpixel((32, 32)), (198, 34, 45), 4)
    images.register_heif()
    heif = encoded(picture, "HEIF", quality=95, color_primaries=12, transfer_characteristics=13)
    assert near(open_photo(heif).getpixel((32, 32)), (198, 34, 45), 4)


@pytest.mark.parametrize("profile", [b"nothing", p3_profile()[:200], p3_profile()])
def test_profile_that_does_not_fit_is_left_out(profile: bytes) -> None:
    cmyk = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    opened = open_photo(encoded(cmyk, "TIFF", icc_profile=profile))
    assert opened.getpixel((4, 4)) == (255, 0, 0)


@pytest.mark.parametrize("name", [b"tEXt", b"zTXt", b"iTXt"])
def test_png_with_texts_of_any_length_opens(name: bytes) -> None:
    text = b"Comment\0" + {b"tEXt": b"", b"zTXt": b"\0", b"iTXt": b"\1\0\0\0"}[name]
    long = b"x" * 3_000_000
    text += long if name == b"tEXt" else zlib.compress(long)
    data = with_chunks(
        encoded(Image.new("RGB", (8, 8), "red"), "PNG"), *[png_chunk(name, text)] * 30
    )
    assert open_photo(data, max_mb=100).getpixel((4, 4)) == (255, 0, 0)


def test_png_with_a_large_profile_opens() -> None:
    profile = p3_profile().ljust(4_000_000, b"\0")
    picture = Image.new("RGB", (64, 64), (182, 52, 52))
    chunk = png_chunk(b"iCCP", b"P3\0\0" + zlib.compress(profile))
    opened = open_photo(with_chunks(encoded(picture, "PNG"), chunk))
    assert near(opened.getpixel((32, 32)), (200, 29, 41), 3)


def test_png_turned_by_its_metadata_comes_upright() -> None:
    xmp = (
        b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta><rdf:Description "
        b'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></x:xmpmeta>'
    )
    picture = encoded(Image.new("RGB", (40, 20), "red"), "PNG")
    assert open_photo(with_chunks(picture, png_chunk(b"iTXt", xmp))).size == (20, 40)


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_every_orientation_comes_upright(kind: str, turn: int) -> None:
    images.register_heif()
    picture = Image.new("RGB", (64, 32), "white")
    picture.paste((0, 0, 0), (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = turn
    data = encoded(picture, kind, exif=exif.tobytes())
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("L")
    opened = open_photo(data).convert("L")
    assert opened.size == upright.size
    assert np.abs(np.asarray(opened, dtype=float) - np.asarray(upright, dtype=float)).max() < 8


def test_broken_exif_leaves_the_picture() -> None:
    data = encoded(Image.new("RGB", (8, 8), "red"), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert near(open_photo(data).getpixel((4, 4)), (254, 0, 0), 2)


def test_pictures_that_need_the_whole_budget_are_decoded_one_after_the_other() -> None:
    budget = MemoryBudget(100)
    order: list[str] = []
    second = threading.Event()

    def wait() -> None:
        second.set()
        with budget.reserve(150):
            order.append("second")

    with budget.reserve(60), budget.reserve(40):
        thread = threading.Thread(target=wait)
        thread.start()
        second.wait()
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_pixel_limit_names_the_picture_s_size() -> None:
    data = encoded(Image.new("1", (3000, 2000)), "PNG")
    with pytest.raises(PhotoError, match="3000 × 2000"):
        open_photo(data, max_pixels=5_000_000)


def test_too_large_file_names_its_size_and_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    path.write_bytes(b"0" * 2_000_000)
    with pytest.raises(PhotoError, match=r"2\.0 MB; up to 1 MB"):
        open_photo(path, max_mb=1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF", "JPEG2000"])
@settings(deadline=None)
@given(cut=st.floats(0.02, 0.95), flip=st.integers(0, 10_000))
def test_damaged_pictures_open_or_get_a_sentence(kind: str, cut: float, flip: int) -> None:
    images.register_heif()
    picture = Image.effect_noise((32, 32), 50).convert("RGB")
    data = bytearray(encoded(picture, kind))
    data[flip % len(data)] ^= 0xFF
    try:
        opened = open_photo(bytes(data[: int(len(data) * cut)]))
    except PhotoError as error:
        assert "lease send" in str(error)  # noqa: PT017 - a sentence is as good as a picture
    else:
        assert opened.mode == "RGB"
