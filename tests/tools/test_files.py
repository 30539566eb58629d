"""Atomic writes: all of a file, or what was there before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.files import PRIVATE, atomic_file, make_private, write_atomic


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


def test_folder_and_all_in_it_become_their_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "a" / "b").mkdir(parents=True)
    (home / "a" / "b" / "file").write_text("x")
    (home / "a" / "program").write_text("x")
    (home / "a" / "program").chmod(0o755)
    outside = tmp_path / "outside"
    outside.write_text("x")
    outside.chmod(0o644)
    (home / "link").symlink_to(outside)
    home.chmod(0o755)
    make_private(home)
    modes = [each.stat().st_mode & 0o777 for each in (home, home / "a" / "b")]
    assert modes == [0o700, 0o700]
    assert (home / "a" / "b" / "file").stat().st_mode & 0o777 == 0o600
    assert (home / "a" / "program").stat().st_mode & 0o777 == 0o700
    assert outside.stat().st_mode & 0o777 == 0o644
