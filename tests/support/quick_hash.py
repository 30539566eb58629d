"""Hashes of passwords that are checked in milliseconds, as older settings may have them."""

from __future__ import annotations

import base64
import hashlib

_POWER = 10
_SALT = bytes(range(16))


def quick_hash(password: str) -> str:
    """A hash in the form of `ui.chat.auth.passwords`, at the lowest cost that it reads."""
    key = hashlib.scrypt(password.encode(), salt=_SALT, n=2**_POWER, r=8, p=1, dklen=32)
    salt, text = (base64.urlsafe_b64encode(each).decode().rstrip("=") for each in (_SALT, key))
    return f"scrypt.{_POWER}.{salt}.{text}"
