"""A PNG's chunks that Pillow refuses a whole picture for: long texts and large color profiles.

PNG: Portable Network Graphics, third edition (W3C, 2025), sections 5.3 and 11.3.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from tools.media.color_profiles import MAX_PROFILE_BYTES, profile_of_primaries

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_TURNING = (b"XML:com.adobe.xmp\0", b"Raw profile type exif\0", b"Raw profile type APP1\0")
"""Texts that may say which side is up."""
_MAX_TURNING_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class PlainPng:
    """A PNG without its texts and its profile."""

    data: bytes
    profile: bytes | None
    """The ICC profile that its colors mean; None where it names none or a broken one."""


def plain_png(data: bytes) -> PlainPng:
    """The PNG without the chunks that hold no pixels and may be of any length."""
    kept = [data[:8]]
    profile: bytes | None = None
    primaries: bytes = b""
    at = whole = 8
    while len(head := data[at : at + 8]) == 8:
        name, end = head[4:], at + 12 + int.from_bytes(head[:4])
        dropped = False
        if name == b"iCCP":
            dropped, profile = True, _profile(data[at + 8 : end - 4])
        elif name == b"cICP":
            primaries = data[at + 8 : end - 4]
        elif name in _TEXTS:
            dropped = not _may_turn(name, data[at + 8 : min(end - 4, at + 9 + _MAX_TURNING_BYTES)])
        if dropped:
            kept.append(data[whole:at])
            whole = end
        at = end
        if name == b"IEND":
            break
    if len(primaries) == 4 and (named := profile_of_primaries(primaries[0])) is not None:
        profile = named  # it goes before an ICC profile (11.3.2.6)
    if len(kept) == 1:
        return PlainPng(data, profile)
    return PlainPng(b"".join([*kept, data[whole:at]]), profile)


def _profile(chunk: bytes) -> bytes | None:
    packed = chunk.partition(b"\0")[2][1:]
    return _unpacked(packed, MAX_PROFILE_BYTES) if packed else None


def _may_turn(name: bytes, chunk: bytes) -> bool:
    """Whether a text is worth reading for the orientation, and short however it is packed."""
    if not chunk.startswith(_TURNING) or len(chunk) > _MAX_TURNING_BYTES:
        return False
    text = chunk.partition(b"\0")[2]
    if name == b"zTXt":
        return _unpacked(text[1:], _MAX_TURNING_BYTES) is not None
    return name == b"tEXt" or text[:1] == b"\0"


def _unpacked(packed: bytes, most: int) -> bytes | None:
    """Inflated bytes; None for more than `most`, or for what cannot be inflated."""
    engine = zlib.decompressobj()
    try:
        unpacked = engine.decompress(packed, most)
    except zlib.error:
        return None
    return unpacked if engine.eof else None
