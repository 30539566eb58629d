"""Opening untrusted pictures: checked by content, limited in size, turned upright, plain RGB."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from tools.errors import PhotoError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
"""What is decoded; all by Pillow's own decoders. SVG and PDF are programs, not pictures."""

PRODUCT_PICTURE_MB = 100
"""Largest file of a product's picture, wherever one is opened: ingest, search, cards, rerank."""

_FIRST_BYTES = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*",
    b"II+\0", b"MM\0+",
)  # fmt: skip
SIGNATURE_BYTES = 12
"""Bytes that tell whether a file may be a picture."""

_BROKEN = (OSError, SyntaxError, ValueError, IndexError, KeyError, TypeError, EOFError)
"""What Pillow's decoders raise on damaged files, besides its own."""


def open_photo(
    data: bytes | Path, *, max_mb: float = 10, max_pixels: int = 50_000_000
) -> Image.Image:
    """A decoded picture: upright by its EXIF, transparency on white, RGB, first frame.

    Raises PhotoError with a sentence for the shopper when the file is too large, has more than
    `max_pixels`, is of no known picture format, or breaks while it is decoded.
    """
    size = data.stat().st_size if isinstance(data, Path) else len(data)
    if size > max_mb * 1_000_000:
        raise PhotoError(
            f"This file has {size / 1e6:.1f} MB; up to {max_mb:g} MB can be read. "
            "Please send a smaller picture."
        )
    source: Path | io.BytesIO = data if isinstance(data, Path) else io.BytesIO(data)
    with warnings.catch_warnings():
        # Pillow only warns from 89 million pixels on; the cap below refuses long before that.
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
            if image.width * image.height > max_pixels:
                raise PhotoError(
                    f"This picture has {image.width} × {image.height} pixels, more than can be "
                    "read. Please send a smaller one."
                )
            try:
                image.load()
                return to_rgb(ImageOps.exif_transpose(image))
            except (Image.DecompressionBombError, *_BROKEN) as error:
                raise PhotoError(
                    "This picture is damaged and cannot be read. Please send it again."
                ) from error


def open_product_picture(data: bytes | Path) -> Image.Image:
    """A product's picture, as `open_photo`; a shop's own file may be larger than an upload."""
    return open_photo(data, max_mb=PRODUCT_PICTURE_MB)


def looks_like_picture(start: bytes) -> bool:
    """Whether a file that begins with these LONGEST_MARK bytes may be one of FORMATS."""
    return start.startswith(_FIRST_BYTES) or (start[:4] == b"RIFF" and start[8:12] == b"WEBP")


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
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        _, high = image.getextrema()
        scale = 255 / 65535 if isinstance(high, int | float) and high > 255 else 1.0
        image = image.convert("F").point(lambda v: v * scale).convert("L")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")
