"""Settings of every test run, and the built-in shop, drawn and taken in once."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# Before torch is imported. The models of the tests are small: with several threads they wait for
# each other, and on busy cores take five times as long (measured: 140 s against 31 s).
os.environ.setdefault("OMP_NUM_THREADS", "1")
# By default an example that takes longer than 200 ms fails, on a busy machine as well.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's own POUNCE_ variables change no test."""
    for name in [name for name in os.environ if name.startswith("POUNCE_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """A POUNCE_HOME with the built-in shop, by the built-in models. Not to be written to.

    Made once for all processes of a run, and anew when a file of `tools` has changed.
    """
    from tools.index.local_server import stop_server
    from tools.workspace import Workspace

    kept = Path(pytestconfig.cache.mkdir("demo-home"))
    made = kept / _digest_of_tools()
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / "whole").exists():
            for old in kept.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            Workspace(made).prepare_demo(activate=True)
            stop_server(made / "milvus")
            (made / "whole").touch()
        path = tmp_path_factory.mktemp("demo-home")
        # With the times of its files, which tell that it was taken in as it was drawn.
        shutil.copytree(made, path, dirs_exist_ok=True)
    return path


def _digest_of_tools() -> str:
    folder = Path(__file__).parent.parent / "tools"
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            digest.update(file.relative_to(folder).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
