"""The folder of Chainlit: one for each process, and none left behind."""

from __future__ import annotations

from pathlib import Path

from ui.chat.bridge.chainlit_root import chainlit_root
from ui.chat.page_config import PageConfig


def test_folders_that_killed_processes_left_are_removed_and_living_ones_stay(
    tmp_path: Path,
) -> None:
    page = PageConfig(home=tmp_path)
    killed = tmp_path / "chat" / "1-dead"
    killed.mkdir(parents=True)
    (killed / ".lock").touch()
    (killed / "upload.png").touch()
    pictures = tmp_path / "chat" / "thumbnails"
    pictures.mkdir()
    with chainlit_root(page) as first, chainlit_root(page) as second:
        assert not killed.exists()
        assert pictures.is_dir()
        assert first != second
        assert (first / ".chainlit" / "config.toml").is_file()
    assert not first.exists()
    assert not second.exists()
