"""The built-in shop by the built-in models, drawn and ingested once for all tests.

`python -m tests.support.demo_home` makes it before a run, on all cores and outside of any test's
time limit; a test that needs it makes it where it is missing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from filelock import FileLock

from tests.support.paths import ROOT

KEPT = ROOT / ".pytest_cache" / "d" / "demo-home"
"""Where pytest's own cache keeps it."""


def prepared_demo_home() -> Path:
    """The home, made anew when a file of `tools` has changed. To be copied, not to be used."""
    from tools.index.local_server import stop_server
    from tools.workspace import Workspace

    made = KEPT / _digest_of_tools()
    KEPT.mkdir(parents=True, exist_ok=True)
    with FileLock(KEPT / "lock"):
        if not (made / "whole").exists():
            for old in KEPT.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            Workspace(made).prepare_demo(activate=True)
            stop_server(made / "milvus")
            (made / "whole").touch()
    return made


def _digest_of_tools() -> str:
    folder = ROOT / "tools"
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        # Modules that are compiled meanwhile have files that come and go.
        if "__pycache__" not in file.parts and file.suffix != ".md" and file.is_file():
            digest.update(file.relative_to(folder).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    # As `pounce` does, before torch is imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    prepared_demo_home()
