"""Atomic writes: a reader, or a run that was killed, never finds half a file."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE = 0o600
"""Mode of a file that its owner alone may read."""


@contextmanager
def atomic_file(path: Path, *, mode: int = 0o666) -> Iterator[Path]:
    """An empty file beside `path` to write to; it takes the place of `path` when the block ends.

    The umask applies to `mode`. After an error `path` is as it was, and nothing is left beside it.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_atomic(path: Path, data: bytes | str, *, mode: int = 0o666) -> None:
    """Write all of a file or nothing; text is written as UTF-8."""
    with atomic_file(path, mode=mode) as unfinished:
        unfinished.write_bytes(data.encode() if isinstance(data, str) else data)
