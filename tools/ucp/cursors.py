"""Cursors of pages: where a page begins, bound to the request that they continue."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping

from tools.ucp.errors import TransportError

_DIGEST = 16


def fingerprint(request: Mapping[str, object]) -> str:
    """Of all in a request that decides its results."""
    whole = json.dumps(request, sort_keys=True, default=str)
    return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()[:_DIGEST]


def cursor_at(offset: int, of: str) -> str:
    """The cursor of the page that begins behind `offset` products; `of` is a fingerprint."""
    return base64.urlsafe_b64encode(f"{offset}.{of}".encode()).decode()


def offset_of(cursor: str | None, of: str, most: int) -> int:
    """Where the page of a cursor begins; 0 without one.

    Raises TransportError for a cursor of another request, and for what is none.
    """
    if cursor is None:
        return 0
    try:
        said = base64.urlsafe_b64decode(cursor.encode("ascii")).decode("ascii")
    except (ValueError, binascii.Error):
        said = ""
    number, _, digest = said.partition(".")
    if digest != of or not number.isdecimal() or len(number) > 6 or int(number) > most:
        raise TransportError(
            "This cursor does not belong to this request. Take the one of its last answer, or "
            "leave it out for the first page."
        )
    return int(number)
