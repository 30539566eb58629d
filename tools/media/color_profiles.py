"""Colors of any profile as sRGB, which everything here takes pixels for.

Not covered: HDR transfer curves (PQ, HLG), and gamma that a PNG names without a profile.
"""

from __future__ import annotations

import io
import struct
from functools import cache

from PIL import Image, ImageCms

MAX_PROFILE_BYTES = 16_000_000

_SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}
"""The color space of an ICC profile that fits an image mode (ICC.1:2022, 7.2.6)."""

_PRIMARIES: dict[int, tuple[tuple[float, float, float], ...]] = {
    9: ((0.67348, 0.27904, -0.00194), (0.16566, 0.67535, 0.02998), (0.12505, 0.04561, 0.79686)),
    12: ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),
}
"""Red, green and blue as XYZ under D50, by their number in ITU-T H.273: BT.2020, Display P3."""


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """An RGB, L or CMYK image as RGB in sRGB.

    A profile that is broken, or of another color space than the image, is left out: the values
    count as sRGB then.
    """
    if profile is not None and len(profile) <= MAX_PROFILE_BYTES:
        try:
            opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            space = opened.profile.xcolor_space
            if space == "RGB " and image.mode == "L":
                image = image.convert("RGB")
            if _SPACES.get(image.mode) == space:
                converted = ImageCms.profileToProfile(image, opened, _srgb(), outputMode="RGB")
                if converted is not None:
                    return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # as without a profile
    return image.convert("RGB")


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@cache
def profile_of_primaries(primaries: int) -> bytes | None:
    """An ICC profile of these primaries (ITU-T H.273) with sRGB's curve; None for sRGB's own.

    AVIF, HEIF and PNG name their colors by such a number where they hold no profile.
    """
    if primaries not in _PRIMARIES:
        return None
    curve = b"para" + struct.pack(
        ">4xHxx5i", 3, *map(_fixed, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
    )
    tags = [(b"wtpt", _xyz(0.9642, 1.0, 0.8249))]
    for color, place in zip((b"r", b"g", b"b"), _PRIMARIES[primaries], strict=True):
        tags += [(color + b"XYZ", _xyz(*place)), (color + b"TRC", curve)]
    start = 128 + 4 + 12 * len(tags)
    table, data = b"", b""
    for name, value in tags:
        table += struct.pack(">4sII", name, start + len(data), len(value))
        data += value
    header = struct.pack(
        ">I4sI4s4s4s12x4s28x3i48x", start + len(data), b"", 0x04000000, b"mntr", b"RGB ", b"XYZ ",
        b"acsp", *map(_fixed, (0.9642, 1.0, 0.8249)),
    )  # fmt: skip
    return header + struct.pack(">I", len(tags)) + table + data


def _xyz(*values: float) -> bytes:
    return b"XYZ " + struct.pack(">4x3i", *map(_fixed, values))


def _fixed(value: float) -> int:
    """s15Fixed16Number."""
    return round(value * 65536)
