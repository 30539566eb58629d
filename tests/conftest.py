"""Settings of every test run, and the built-in shop, drawn and taken in once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Before torch is imported. The models of the tests are small: with several threads they wait for
# each other, and on busy cores take five times as long (measured: 140 s against 31 s).
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's own POUNCE_ variables change no test."""
    for name in [name for name in os.environ if name.startswith("POUNCE_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A POUNCE_HOME with the built-in shop, by the built-in models. Not to be written to."""
    from tools.home import Home

    path = tmp_path_factory.mktemp("demo-home")
    Home(path).prepare_demo(activate=True)
    return path
