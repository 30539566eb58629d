"""The embedded Milvus of a home serves several processes, and ends behind the last of them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from milvus_lite.storage.segment import Segment

from tests.support.paths import ROOT
from tools.index import lite_process
from tools.index.lite_process import CLIENTS, STATE

CLIENT = """
import sys
from pathlib import Path
from tools.index.local_server import ensure_server
for _ in sys.stdin:
    print(ensure_server(Path(sys.argv[1]), idle_s=1), flush=True)
"""


class Client:
    """A process that uses the server of a folder."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def address(self) -> str:
        """Where the server is; started if it is not there."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@contextmanager
def client(folder: Path) -> Iterator[Client]:
    """A client until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Client(process)
        finally:
            process.kill()


def test_server_outlives_a_killed_client_and_ends_behind_the_last(tmp_path: Path) -> None:
    with client(tmp_path) as last:
        with client(tmp_path) as first:
            address = first.address()
            assert last.address() == address
            assert len(list((tmp_path / CLIENTS).iterdir())) == 2
        time.sleep(3)  # longer than it waits for a client
        assert (tmp_path / STATE).exists()
        assert last.address() == address
    deadline = time.monotonic() + 120
    while (tmp_path / STATE).exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert not list((tmp_path / CLIENTS).iterdir())


def test_server_whose_folder_is_removed_ends_and_makes_it_no_more(tmp_path: Path) -> None:
    """Temporary homes were there again when their servers ended, with a lock in them."""
    folder = tmp_path / "milvus"
    with client(folder) as someone:
        someone.address()
        server = int(json.loads((folder / STATE).read_text())["pid"])
        shutil.rmtree(tmp_path)
        while is_running(server):
            time.sleep(0.1)
    assert not tmp_path.exists()


def test_only_the_columns_that_a_request_needs_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every vector of a hit was made into Python numbers, and then left out of the answer."""
    for name in ("table", "vector_data"):  # both are there again afterwards
        monkeypatch.setattr(Segment, name, getattr(Segment, name))
    lite_process._read_what_is_asked_for()
    picture = pa.array([[1.0, 0.0]], pa.list_(pa.float32(), 2))
    columns = {"_seq": [1], "id": ["a"], "title": ["Mug"], "price": [900], "picture": picture}
    segment = Segment(
        "", "", "id", "", ["a"], np.ones(1, np.uint64), np.zeros((1, 0)), pa.table(columns)
    )
    with lite_process._reading(["title"], ["price < 1000"]):
        assert segment.row_to_dict(0) == {"title": "Mug", "price": 900}
        assert segment.vector_data("picture")[0].tolist() == [[1.0, 0.0]]  # to compare with
        assert segment.row_to_dict(0).keys() == {"title", "price"}
    with lite_process._reading(["picture"]):
        assert segment.row_to_dict(0) == {"picture": [1.0, 0.0]}
    for everything in ([], ["*"]):
        with lite_process._reading(everything):
            assert segment.row_to_dict(0).keys() == {"id", "title", "price", "picture"}


def is_running(process: int) -> bool:
    """Whether a process of that number runs; one that has ended and is not waited for does not."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(") ")[2][0] != "Z"
