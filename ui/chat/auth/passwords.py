"""Password hashes for the settings, made with scrypt (RFC 7914)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

_COST = 2**17
"""The cost N, as OWASP recommends; with blocks of 8 × 128 bytes one attempt takes 134 MB."""
_NAME = "scrypt"
_DUMMY = "scrypt.17.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""Checked for an unknown name, so that it takes as long as a wrong password."""


def hash_password(password: str) -> str:
    """The hash to put into a setting: letters, digits, "-", "_" and ".", safe in any shell."""
    salt = secrets.token_bytes(16)
    return f"{_NAME}.{_COST.bit_length() - 1}.{_text(salt)}.{_text(_scrypt(password, salt, _COST))}"


def is_hash(text: str) -> bool:
    """Whether this is what `hash_password` gives."""
    try:
        _parts(text)
    except ValueError:
        return False
    return True


def matches(password: str, hashed: str | None, unknown: str = _DUMMY) -> bool:
    """Whether this is the password of a hash; False for None, in the time of `unknown`. Blocking.

    A hash of any cost is read: those made before a change of the cost stay good.
    """
    cost, salt, expected = _parts(hashed or unknown)
    same = hmac.compare_digest(_scrypt(password, salt, cost), expected)
    return same and hashed is not None


def dearest(hashes: Iterable[str]) -> str:
    """The hash that takes longest to check; a dummy for none."""
    return max(hashes, key=lambda each: _parts(each)[0], default=_DUMMY)


def _parts(text: str) -> tuple[int, bytes, bytes]:
    """Rounds, salt and hash. Raises ValueError for anything else."""
    name, power, salt, key = text.split(".")
    if name != _NAME or not 10 <= int(power) <= 20:
        raise ValueError(f"{name}.{power} is not known")
    parts = 1 << int(power), _bytes(salt), _bytes(key)
    if (len(parts[1]), len(parts[2])) != (16, 32):
        raise ValueError("cut short")
    return parts


def _scrypt(password: str, salt: bytes, cost: int) -> bytes:
    data = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(data, salt=salt, n=cost, r=8, p=1, maxmem=2**31 - 1, dklen=32)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
