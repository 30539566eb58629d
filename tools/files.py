"""Atomic writes, of which nobody ever finds half a file, and files for their owner alone."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PRIVATE = 0o600
"""Mode of a file that its owner alone may read."""

_OTHERS = 0o077
"""What the group and everybody else may do with a file."""


def keep_private() -> None:
    """Let this process, and those that it starts, create files for their owner alone."""
    os.umask(_OTHERS)


def make_private(folder: Path) -> None:
    """Make a folder where there is none, and take it and all in it from everybody but its owner.

    Links are left alone, and so is what another user owns or removes meanwhile.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for root, _, files in os.walk(folder):
        for path in (Path(root), *(Path(root, name) for name in files)):
            with suppress(FileNotFoundError, PermissionError):
                mode = path.lstat().st_mode
                if mode & _OTHERS and not stat.S_ISLNK(mode):
                    path.chmod(stat.S_IMODE(mode) & ~_OTHERS)


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
