"""Opening untrusted pictures: checked by content, limited in size, turned upright, plain sRGB.

Not covered: JPEG XL. Its plug-in for Pillow is under the GPL and makes all pixels before it says
how many there are.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from functools import cache
from math import ceil
from pathlib import Path
from typing import BinaryIO, Literal, cast

from PIL import ExifTags, Image, JpegImagePlugin, UnidentifiedImageError

from tools.errors import PhotoError
from tools.media import png_chunks
from tools.media.color_profiles import profile_of_primaries, to_srgb
from tools.media.memory_budget import MemoryBudget

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF", "JPEG2000")
"""What is decoded, by Pillow and its plug-in for HEIF. SVG and PDF are programs, not pictures."""

Transparency = Literal["white", "dropped"]
"""What becomes of it: the picture is laid on white, or shows the colors under its alpha."""

MAX_PIXELS = 120_000_000
MAX_SIDE = 32_768
"""Pixels of one side: a row of its own costs memory, however short it is."""
LONGEST_SIDE = 4096
"""Pixels of a side that a picture is opened with at most, unless asked otherwise."""

PRODUCT_PICTURE_MB = 100
"""Largest file of a product's picture, wherever one is opened: ingest, search, cards, rerank."""

PRODUCT_PICTURE_SIDE = 2048
"""Pixels of a side at most: twice what a card or a model is given, so that it can be resampled."""

_FIRST_BYTES = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*",
    b"II+\0", b"MM\0+", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  \r\n\x87\n",
)  # fmt: skip
_BRANDS = frozenset(
    (
        b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs",
        b"mif1", b"msf1",
    )
)  # fmt: skip
"""Of ISO base media files (ISO/IEC 23008-12): AVIF and HEIF."""
SIGNATURE_BYTES = 12
"""Bytes that tell whether a file may be a picture."""

_BROKEN = (
    OSError, SyntaxError, ValueError, IndexError, KeyError, TypeError, EOFError, struct.error,
    ArithmeticError, AttributeError, RuntimeError, MemoryError, zlib.error,
)  # fmt: skip
"""What Pillow's decoders raise on damaged files, besides its own."""

_BYTES_PER_PIXEL = {"WEBP": 17, "JPEG2000": 20, "AVIF": 10, "HEIF": 8, "TIFF": 8}
"""Peak while a format is decoded, measured at 12 to 50 megapixels; others need the pixels alone."""
_OF_A_MODE = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
MOST_BYTES = 540_000_000
"""For the decoding of one picture."""
_BUDGET = MemoryBudget(256_000_000)
"""For the pixels of all pictures that this process decodes at once."""
_AVIF_HEAD = 65_536
"""Bytes in which an AVIF names its colors."""
STRIP_PIXELS = 4_000_000
"""That are converted at a time."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By the orientation in the EXIF data."""

# Pillow refuses from twice this on, before a format that allocates while it is opened does so.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
# Blocks over 32 MB go back to the system when they are freed. Those of Pillow's 16 MB stay with
# glibc: 477 MB after six photos of 50 megapixels, where it is 2 MB with these.
Image.core.set_block_size(64 * 1024 * 1024)  # type: ignore[attr-defined]  # no stub has it


def open_photo(
    data: bytes | Path,
    *,
    max_mb: float = 10,
    max_pixels: int = MAX_PIXELS,
    longest_side: int = LONGEST_SIDE,
    transparency: Transparency = "white",
) -> Image.Image:
    """A decoded picture: upright by its EXIF, transparency on white, RGB in sRGB, first frame.

    A picture with a side over `longest_side` is reduced by a whole factor, so that its longer side
    has more than half of that. Blocks while other threads decode large pictures.
    Raises PhotoError with a sentence for the shopper when the file is too large, has more than
    `max_pixels` or would need too much memory, is of no known picture format, or breaks while it
    is decoded.
    """
    size = data.stat().st_size if isinstance(data, Path) else len(data)
    if size > max_mb * 1_000_000:
        raise PhotoError(
            f"This file has {size / 1e6:.1f} MB; up to {max_mb:g} MB can be read. "
            "Please send a smaller picture."
        )
    source, profile = _source(data)
    with warnings.catch_warnings():
        # Pillow warns from half of the cap on, which the checks below refuse.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            image = Image.open(source, formats=FORMATS)
        except Image.DecompressionBombError as error:
            raise PhotoError(
                "This picture has more pixels than can be read. Please send a smaller one."
            ) from error
        except (UnidentifiedImageError, *_BROKEN) as error:
            raise PhotoError(
                "This file is not a picture that can be read. Please send a JPEG, PNG or WebP."
            ) from error
        with image:
            _check_sides(image, max_pixels)
            try:
                profile = profile or _profile(image)
                full, needed = image.size, coefficient_bytes(image)
                if (factor := ceil(max(full) / longest_side)) > 1:
                    image.draft(None, (image.width // factor, image.height // factor))
                needed += _pixel_bytes(image)
                _check_bytes(needed, full)
                with _BUDGET.reserve(needed):
                    image.load()
                    # Not before: a PNG is loaded for it, whose EXIF data may stand at its end.
                    turn = _TURNS.get(_orientation(image))
                    factor = ceil(max(image.size) / longest_side)
                    small = _reduced(image, factor, transparency)
                    image.close()
                    plain = to_srgb(small, profile)
                    return plain if turn is None else plain.transpose(turn)
            except (Image.DecompressionBombError, *_BROKEN) as error:
                raise PhotoError(
                    "This picture is damaged and cannot be read. Please send it again."
                ) from error


def open_product_picture(data: bytes | Path) -> Image.Image:
    """A product's picture, as `open_photo`; a shop's own file may be larger than an upload."""
    return open_photo(data, max_mb=PRODUCT_PICTURE_MB, longest_side=PRODUCT_PICTURE_SIDE)


def looks_like_picture(start: bytes) -> bool:
    """Whether a file that begins with these SIGNATURE_BYTES bytes may be one of FORMATS."""
    return (
        start.startswith(_FIRST_BYTES)
        or (start[:4] == b"RIFF" and start[8:12] == b"WEBP")
        or (start[4:8] == b"ftyp" and start[8:12] in _BRANDS)
    )


def is_picture(path: Path) -> bool:
    """Whether a regular file begins like a picture; False for one that cannot be read."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return looks_like_picture(file.read(SIGNATURE_BYTES))
    except OSError:
        return False


def to_rgb(image: Image.Image) -> Image.Image:
    """Any mode as RGB: transparency laid on white, 16-bit grey scaled to 8 bits."""
    return _flat(_eight_bits(image, _scale(image))).convert("RGB")


def _source(data: bytes | Path) -> tuple[Path | io.BytesIO, bytes | None]:
    """What Pillow is to open, and the color profile where it was taken out of that."""
    if isinstance(data, Path):
        with data.open("rb") as file:
            start = file.read(SIGNATURE_BYTES)
    else:
        start = data[:SIGNATURE_BYTES]
    if start[4:8] == b"ftyp":
        register_heif()
    if start.startswith(png_chunks.SIGNATURE):
        png = png_chunks.plain_png(data.read_bytes() if isinstance(data, Path) else data)
        return io.BytesIO(png.data), png.profile
    return data if isinstance(data, Path) else io.BytesIO(data), None


@cache
def register_heif() -> None:
    """Make Pillow open and write HEIF. `open_photo` does so when the first such file comes."""
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False)


def _check_sides(image: Image.Image, max_pixels: int) -> None:
    if image.width * image.height > max_pixels:
        raise PhotoError(
            f"This picture has {image.width} × {image.height} pixels, more than can be "
            "read. Please send a smaller one."
        )
    if max(image.size) > MAX_SIDE:
        raise PhotoError(
            f"This picture has {image.width} × {image.height} pixels; up to {MAX_SIDE} on a side "
            "can be read. Please send a smaller one."
        )


def _check_bytes(needed: int, size: tuple[int, int]) -> None:
    if needed > MOST_BYTES:
        raise PhotoError(
            f"This picture has {size[0]} × {size[1]} pixels, more than can be read of its file "
            "format. Please send it as a JPEG, or a smaller one."
        )


def _pixel_bytes(image: Image.Image) -> int:
    """The memory that decoding takes at its peak."""
    each = _BYTES_PER_PIXEL.get(image.format or "", _OF_A_MODE.get(image.mode, 4))
    return image.width * image.height * each


def coefficient_bytes(image: Image.Image) -> int:
    """What libjpeg keeps of a picture in several scans until the last, however it is reduced."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return 0
    if not image.info.get("progressive") and _scan_components(image) == {image.layers}:
        return 0
    samples = [wide * high for _, wide, high, _ in image.layer]
    most = max(layer[1] for layer in image.layer) * max(layer[2] for layer in image.layer)
    return 2 * image.width * image.height * sum(samples) // max(1, most)


def _scan_components(image: JpegImagePlugin.JpegImageFile) -> set[int]:
    """How many components the first scan may have, read backwards from the end of its header."""
    file = _open_file(image)
    end = file.tell()
    found = set()
    for components in range(1, 5):
        length = 6 + 2 * components
        file.seek(max(0, end - length))
        if file.read(3) == bytes((0, length, components)):
            found.add(components)
    return found


def _open_file(image: Image.Image) -> BinaryIO:
    """The file of a picture whose pixels are not loaded yet."""
    return cast(BinaryIO, image.fp)  # type: ignore[attr-defined]  # no stub has it


def _profile(image: Image.Image) -> bytes | None:
    """The ICC profile of a picture's colors, or one for the primaries that it names."""
    profile = image.info.get("icc_profile")
    if isinstance(profile, bytes) and profile:
        return profile
    named = image.info.get("nclx_profile")
    if isinstance(named, dict):
        return profile_of_primaries(named["color_primaries"])
    if image.format == "AVIF" and (file := _open_file(image)):  # Pillow does not tell
        file.seek(0)
        numbers = file.read(_AVIF_HEAD).partition(b"colrnclx")[2][:2]
        return profile_of_primaries(int.from_bytes(numbers))
    return None


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _BROKEN:
        return 1  # the picture may be whole where its EXIF data is not
    return value if isinstance(value, int) else 1


def _reduced(image: Image.Image, factor: int, transparency: Transparency) -> Image.Image:
    """A loaded picture with 1/factor of its sides, L, RGB or CMYK. A strip at a time: converting
    all of it would take its memory several times over.
    """
    scale = _scale(image)
    rows = max(1, STRIP_PIXELS // image.width // factor) * factor
    size = ceil(image.width / factor), ceil(image.height / factor)
    whole: Image.Image | None = None
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        strip = _eight_bits(strip, scale)
        strip = _flat(strip.reduce(factor) if factor > 1 else strip, transparency)
        if whole is None:
            if rows >= image.height:
                return strip
            whole = Image.new(strip.mode, size)
        whole.paste(strip, (0, top // factor))
    assert whole is not None  # Pillow opens no picture without pixels
    return whole


def _scale(image: Image.Image) -> float:
    """What values of more than 8 bits are multiplied with; 1 for others."""
    if not (image.mode.startswith("I;16") or image.mode in ("I", "F")):
        return 1.0
    _, high = image.getextrema()
    if not isinstance(high, int | float) or 1 < high <= 255:
        return 1.0
    return 255.0 if image.mode == "F" and 0 < high <= 1 else 255 / 65535 if high > 255 else 1.0


def _eight_bits(image: Image.Image, scale: float) -> Image.Image:
    """An image of 8 bits a channel: L, LA, RGB, RGBA or CMYK."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return image.convert("F").point(lambda v: v * scale).convert("L")
    if image.mode in ("PA", "RGBa", "La") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK") else image.convert("RGB")


def _flat(image: Image.Image, transparency: Transparency = "white") -> Image.Image:
    """The image without transparency: laid on white, or with its alpha dropped."""
    if image.mode not in ("LA", "RGBA"):
        return image
    if transparency == "dropped":
        return image.convert("L" if image.mode == "LA" else "RGB")
    white = Image.new("RGBA", image.size, "white")
    flat = Image.alpha_composite(white, image.convert("RGBA"))
    return flat.convert("L" if image.mode == "LA" else "RGB")
