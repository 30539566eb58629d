"""Atomic writes: all of a file, or what was there before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.files import PRIVATE, atomic_file, write_atomic


def test_file_is_replaced_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    with atomic_file(path) as unfinished:
        unfinished.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")

    def fail() -> None:
        with atomic_file(path) as unfinished:
            unfinished.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_text_is_written_as_utf_8(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a", "Größe")
    assert (tmp_path / "a").read_bytes() == "Größe".encode()


def test_private_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_atomic(path, b"x", mode=PRIVATE)
    assert path.stat().st_mode & 0o777 == 0o600
