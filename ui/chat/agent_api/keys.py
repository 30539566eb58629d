"""The keys of other agents. The settings hold hashes, so that no file gives a key away.

A key has 256 random bits, so one SHA-256 is enough: nobody finds a key by trying, as they would a
password.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from starlette.datastructures import Headers

from tools.errors import SetupError
from ui.chat.auth.access import is_name

_PREFIX = "pounce_"
"""Begins a key, so that scanners for leaked secrets can know it."""
_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_LONGEST = 200


def new_key() -> str:
    """A new key: 256 random bits."""
    return _PREFIX + secrets.token_urlsafe(32)


def hash_key(key: str) -> str:
    """What the settings hold of a key."""
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def parse_keys(text: str) -> dict[str, str]:
    """Name → hash of the keys in a setting: NAME=HASH by commas or lines; "#" begins a comment.

    Raises SetupError for anything else. The message does not quote it: it may be a key.
    """
    keys: dict[str, str] = {}
    lines = ",".join(line.split("#", 1)[0] for line in text.splitlines())
    for number, part in enumerate(filter(None, map(str.strip, lines.split(","))), 1):
        name, _, hashed = part.partition("=")
        if not is_name(name) or not _HASH.fullmatch(hashed):
            raise SetupError(
                f"POUNCE_AGENT_KEYS: key number {number} is not NAME=HASH. Make such a line with: "
                "pounce key NAME"
            )
        if name in keys:
            raise SetupError(f"POUNCE_AGENT_KEYS names {name} twice. Remove one of the two.")
        keys[name] = hashed
    return keys


def read_keys(setting: str, file: str) -> dict[str, str]:
    """The keys of the setting and of the file. Raises SetupError for what cannot be read."""
    if not file:
        return parse_keys(setting)
    try:
        stored = Path(file).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(
            f"The keys in {file} cannot be read ({error}). Check POUNCE_AGENT_KEYS_FILE."
        ) from error
    return parse_keys(f"{setting}\n{stored}")


def given_key(headers: Headers) -> str:
    """The key of a request: `Authorization: Bearer KEY` or `X-API-Key: KEY`; "" for none."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    given = key.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "").strip()
    return given if len(given) <= _LONGEST else ""


def name_of_key(key: str, keys: Mapping[str, str]) -> str:
    """Whose key it is; "" for nobody's. Takes the same time whichever it is."""
    hashed = hash_key(key).encode()
    found = ""
    for name, each in keys.items():
        if hmac.compare_digest(hashed, each.encode()):
            found = name
    return found
