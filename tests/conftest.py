"""Settings of every test run, and the built-in shop, drawn and taken in once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support.authority import authority_file
from tests.support.demo_home import prepared_demo_home
from tests.support.file_order import in_start_order
from tests.support.milvus_servers import stop_servers
from tests.support.postgres import PostgresServer, absence_fails, running_postgres, why_none

if TYPE_CHECKING:
    from tools.search.shop import Shop

SHARED = ("demo-home", "color-shop", "other-shop")
"""Folders of all tests of a worker."""
# Before torch is imported. The models of the tests are small: with several threads they wait for
# each other, and on busy cores take five times as long (measured: 140 s against 31 s).
os.environ.setdefault("OMP_NUM_THREADS", "1")
# In place of the file that the machine names, for httpx and OpenSSL of all processes.
os.environ["SSL_CERT_FILE"] = authority_file()
# By default an example that takes longer than 200 ms fails, on a busy machine as well.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that mostly wait are spread over the others."""
    of_file: dict[Path, list[pytest.Item]] = {}
    for item in items:
        of_file.setdefault(item.path, []).append(item)
    items[:] = [item for file in in_start_order(of_file) for item in of_file[file]]


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's own POUNCE_ variables change no test."""
    for name in [name for name in os.environ if name.startswith("POUNCE_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True, scope="module")
def _no_server_outlives_its_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The Milvus servers of a file's homes end with it; those of the shared shops stay."""
    folder = tmp_path_factory.getbasetemp()
    before = set(folder.iterdir())
    yield
    stop_servers(
        path
        for path in set(folder.iterdir()) - before
        if path.is_dir() and not path.is_symlink() and not path.name.startswith(SHARED)
    )


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A POUNCE_HOME with the built-in shop, by the built-in models. Not to be written to."""
    path = tmp_path_factory.mktemp(SHARED[0])
    # With the times of its files, which tell that it was taken in as it was drawn.
    shutil.copytree(prepared_demo_home(), path, dirs_exist_ok=True)
    return path


@pytest.fixture(scope="session")
def color_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop of colors. Not to be written to."""
    from tests.support.color_shop import open_color_shop

    return open_color_shop(tmp_path_factory.mktemp(SHARED[1]))


@pytest.fixture(scope="session")
def other_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop of other words than the shopper's. Not to be written to."""
    from tests.support.other_shop import open_other_shop

    return open_other_shop(tmp_path_factory.mktemp(SHARED[2]))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server; without one the tests are skipped, and in CI they fail."""
    if why := why_none():
        if absence_fails():
            pytest.fail(why)
        pytest.skip(why)
    with running_postgres() as server:
        yield server
