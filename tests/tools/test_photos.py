from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tools.errors import PhotoError
from tools.media.images import open_photo


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


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    data = encoded(Image.new("1", (15_000, 15_000)), "PNG")
    assert len(data) < 100_000
    with pytest.raises(PhotoError, match="more pixels"):
        open_photo(data)


def test_pixel_limit_names_the_picture_s_size() -> None:
    data = encoded(Image.new("1", (3000, 2000)), "PNG")
    with pytest.raises(PhotoError, match="3000 × 2000"):
        open_photo(data, max_pixels=5_000_000)


def test_too_large_file_names_its_size_and_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    path.write_bytes(b"0" * 2_000_000)
    with pytest.raises(PhotoError, match=r"2\.0 MB; up to 1 MB"):
        open_photo(path, max_mb=1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@given(cut=st.floats(0.02, 0.95), flip=st.integers(0, 10_000))
def test_damaged_pictures_open_or_get_a_sentence(kind: str, cut: float, flip: int) -> None:
    picture = Image.effect_noise((32, 32), 50).convert("RGB")
    data = bytearray(encoded(picture, kind))
    data[flip % len(data)] ^= 0xFF
    try:
        opened = open_photo(bytes(data[: int(len(data) * cut)]))
    except PhotoError as error:
        assert "lease send" in str(error)  # noqa: PT017 - a sentence is as good as a picture
    else:
        assert opened.mode == "RGB"
