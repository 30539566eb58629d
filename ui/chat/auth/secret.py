"""The secret that signs cookies: made once for each POUNCE_HOME or database, never shown."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from tools.errors import SetupError
from tools.postgres import connect_blocking, connection_errors, set_up

_BYTES = 32


_SCHEMA = "CREATE TABLE IF NOT EXISTS cookie_secret (id BOOLEAN PRIMARY KEY, secret TEXT NOT NULL)"


def secret_of(home: Path, database_url: str = "") -> str:
    """The secret of this database, or without an address of this home, in a file that only its
    owner can read; made where there is none.

    All processes of one home or database share it. Raises SetupError when it can be neither read
    nor written, or when others may read the file.
    """
    if database_url:
        return _shared_secret(database_url)
    path = home / "secret"
    try:
        if not path.exists():
            _make(path)
        # Windows has no such modes: a home lies in its user's own folder there.
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise SetupError(
                f"Others may read {path}, which cookies are signed with. Run: chmod 600 {path}"
            )
        secret = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(
            f"The secret in {path} cannot be used ({error}). Remove the file: a new one is made, "
            "and everybody logs in again."
        ) from error
    if len(secret) < _BYTES:
        raise SetupError(
            f"The secret in {path} is too short. Remove the file: a new one is made, and "
            "everybody logs in again."
        )
    return secret


def _shared_secret(url: str) -> str:
    set_up(url, lambda connection: connection.execute(_SCHEMA))
    with connection_errors(), connect_blocking(url) as connection:
        # Of two replicas the first one wins.
        connection.execute(
            "INSERT INTO cookie_secret VALUES (true, %s) ON CONFLICT DO NOTHING",
            (secrets.token_urlsafe(_BYTES),),
        )
        row = connection.execute("SELECT secret FROM cookie_secret").fetchone()
    return str(row[0]) if row else ""


def _make(path: Path) -> None:
    """Writes a temporary file and links it: atomic, and of two processes the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".secret-")  # of mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(_BYTES))
        try:
            os.link(aside, path)
        except FileExistsError:
            return
    finally:
        Path(aside).unlink()
