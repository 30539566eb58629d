"""Pictures inside an archive: laid out once, and never outside of their folder."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.picture_host import picture
from tools.catalogue.archive import is_archive, unpack
from tools.errors import CatalogueError

FILES = {"shop/images/a.png": picture(), "shop/b.png": picture("blue"), "notes.txt": b"x"}


def write_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return path


def write_tar(path: Path, files: Mapping[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as packed:  # type: ignore[call-overload]  # any mode
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return path


def laid_out(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".whole")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("kind", ["zip", "w", "w:gz"])
def test_archive_is_told_by_content_and_laid_out_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "pictures.dat"
    write_zip(path, FILES) if kind == "zip" else write_tar(path, FILES, kind)
    assert is_archive(path)
    folder = unpack(path, tmp_path / "unpacked")
    assert laid_out(folder) == FILES
    (folder / "notes.txt").unlink()
    assert unpack(path, tmp_path / "unpacked") == folder
    assert "notes.txt" not in laid_out(folder)


def test_interrupted_unpacking_begins_again(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", FILES)
    folder = unpack(path, tmp_path / "unpacked")
    (folder / ".whole").unlink()
    (folder / "notes.txt").write_bytes(b"half")
    assert laid_out(unpack(path, tmp_path / "unpacked")) == FILES


@pytest.mark.parametrize("write", [write_zip, write_tar])
def test_no_member_is_laid_outside_of_the_folder(tmp_path: Path, write: object) -> None:
    assert callable(write)
    names = ["../up.png", "a/../../up.png", "/root.png", "..\\up.png", "C:/x.png", "x" * 300]
    path = write(tmp_path / "a.dat", {**dict.fromkeys(names, b"bad"), "good.png": b"good"})
    assert laid_out(unpack(path, tmp_path / "in" / "unpacked")) == {"good.png": b"good"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.dat", "in"]


def test_links_are_left_out(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as packed:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"link{kind.decode()}.png")
            info.type, info.linkname = kind, "/etc/passwd"
            packed.addfile(info)
    assert laid_out(unpack(tmp_path / "a.tar", tmp_path / "unpacked")) == {}


def test_archive_that_grows_without_end_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.catalogue.archive._LARGEST_BYTES", 10_000_000)
    path = write_zip(tmp_path / "bomb.zip", {"a.png": bytes(20_000_000)})
    assert path.stat().st_size < 50_000
    with pytest.raises(CatalogueError, match="more than can be kept"):
        unpack(path, tmp_path / "unpacked")
    assert laid_out(tmp_path / "unpacked").keys() <= {"a.png"}


def test_spreadsheet_gets_a_sentence(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "shop.xlsx", {"[Content_Types].xml": b"<x/>", "xl/a.xml": b""})
    with pytest.raises(CatalogueError, match="is a spreadsheet"):
        unpack(path, tmp_path / "unpacked")


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(["zip", "w", "w:gz"]), at=st.integers(0, 2000), data=st.binary())
def test_damage_to_an_archive_ends_in_a_sentence_or_in_what_is_left(
    kind: str, at: int, data: bytes
) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "a.dat"
        write_zip(path, FILES) if kind == "zip" else write_tar(path, FILES, kind)
        whole = path.read_bytes()
        path.write_bytes(whole[:at] + data)
        try:
            if is_archive(path):
                unpack(path, Path(place) / "unpacked")
        except CatalogueError as error:
            assert str(error).endswith(".")  # noqa: PT017 - a sentence is as good an end
