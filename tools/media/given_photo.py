"""The photo of a call: base64 in the arguments, or a public address that is fetched.

No argument ever names a file of this machine. Not covered: a photo that an agent wants to use
again, which it sends again.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tools.errors import PhotoError
from tools.media.fetch import FetchPolicy, PictureFetcher
from tools.media.images import open_photo
from tools.media.public_network import FetchError

if TYPE_CHECKING:
    from PIL.Image import Image

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_DATA_URL = re.compile(r"data:[^,;]{0,100}(?:;[^,;]{1,100}){0,5},", re.IGNORECASE)
_LONGEST_ADDRESS = 2048
_SILENCE_S = 5.0
_PICTURE_S = 20.0
_INSTEAD = "Give the public http(s) address of a JPEG, PNG or WebP, or base64 of the file."


def open_given_photo(given: str, *, max_mb: float, allowed_hosts: Iterable[str] = ()) -> Image:
    """The photo that a call gives, decoded. Blocking.

    `allowed_hosts`, "host:port", may have addresses that are not public.
    Raises PhotoError with a sentence that says what to give instead.
    """
    given = given.strip()
    if _ADDRESS.match(given):
        return _fetched(given, max_mb, allowed_hosts)
    why = f"The photo is neither an address nor valid base64. {_INSTEAD}"
    return open_photo(_decoded(given, max_mb, why), max_mb=max_mb)


def open_photo_data(given: str, max_mb: float) -> Image:
    """The photo in base64 or in a data URL, decoded. Blocking. Raises PhotoError."""
    why = "This is not valid base64. Send base64 of a JPEG, PNG or WebP."
    return open_photo(_decoded(given, max_mb, why), max_mb=max_mb)


def _decoded(given: str, max_mb: float, why: str) -> bytes:
    """The bytes of base64, of a data URL as well. Their number is checked before they are made.

    `why` is said of what is no base64.
    """
    header = _DATA_URL.match(given)
    text = given[header.end() :] if header else given
    size = len(text) * 3 // 4
    if size > max_mb * 1_000_000 * 1.1:  # line breaks count here and not in the file
        raise PhotoError(
            f"This photo has some {size / 1e6:.0f} MB; up to {max_mb:g} MB can be read. "
            "Send a smaller one: 1,024 pixels on the longer side are enough."
        )
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise PhotoError(why) from error


def _fetched(address: str, max_mb: float, allowed_hosts: Iterable[str]) -> Image:
    """The photo at an address; nothing of it stays on disk."""
    if len(address) > _LONGEST_ADDRESS:
        raise PhotoError(
            f"The address of the photo has more than {_LONGEST_ADDRESS:,} characters. {_INSTEAD}"
        )
    policy = FetchPolicy(attempts=1, silence_s=_SILENCE_S, picture_s=_PICTURE_S, max_mb=max_mb)
    with TemporaryDirectory(prefix="pounce-photo-") as folder:
        fetcher = PictureFetcher(Path(folder), allowed_hosts=allowed_hosts, policy=policy)
        try:
            return open_photo(fetcher.fetch(address), max_mb=max_mb)
        except FetchError as error:
            # What stands behind the semicolon is advice to the shop.
            why = str(error).partition(";")[0]
            if error.unreachable:
                why = "its host does not answer, or not in time"
            raise PhotoError(f"The photo cannot be fetched: {why}. {_INSTEAD}") from error
        finally:
            fetcher.close()
