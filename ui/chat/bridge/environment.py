"""What Chainlit reads from the environment. It must be set before Chainlit is first imported."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_OTHERS = ("DATABASE_URL", "LITERAL_API_KEY")
"""Settings of other programs. Chainlit would take them for its own and send conversations there."""


def set_environment(folder: Path, secret: str, public_url: str) -> None:
    """Set the folder, the secret and the cookie of the Chainlit that this process will import.

    `folder` is a `chainlit_root`, `secret` signs cookies, and `public_url` is the chat's address
    behind a proxy, "" for none.
    """
    for name in _OTHERS:
        os.environ.pop(name, None)
    values = {
        "CHAINLIT_APP_ROOT": str(folder),
        # Chainlit would load a .env of the current folder; Pounce reads settings itself.
        "CHAINLIT_ENV_FILE": str(folder / "none.env"),
        "CHAINLIT_AUTH_SECRET": secret,
        # Cookies do not depend on the port: two chats of one machine need two names.
        "CHAINLIT_AUTH_COOKIE_NAME": (f"pounce_{hashlib.sha256(secret.encode()).hexdigest()[:8]}"),
    }
    if public_url:
        values["CHAINLIT_URL"] = public_url
    os.environ.update(values)
