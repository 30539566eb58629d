"""An ingest that is killed or stopped: what is in is kept, and the next run goes on from there."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from tests.color_shop import ColorEmbedder
from tests.shop_files import mug, write_csv
from tools.catalogue.registry import Registry
from tools.embedding.base import FloatArray, Item
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex
from tools.ingest import BATCH, Report, ingest
from tools.ingest.stages import WriteBehind, parallel, read_ahead
from tools.product import Query
from tools.search.shop import Shop

PRODUCTS = 300
KILLS = 3


class NotingEmbedder(ColorEmbedder):
    """Notes in a file each picture that it was given, so that a killed run's are known too."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        with self._notes.open("a") as file:
            file.write("x" * sum(item.photo is not None for item in batch))
        return super()._embed_batch(batch)


def take_in(home: Path, uri: str, path: Path, **options: object) -> Report:
    return ingest(
        path,
        name="shop",
        home=home,
        registry=Registry(home),
        index=index_of(home, uri),
        embedder=NotingEmbedder(home / "embedded"),
        **options,  # type: ignore[arg-type]  # what ingest takes
    )


def index_of(home: Path, uri: str) -> ProductIndex:
    return ProductIndex(lambda: Address(uri), f"pounce_{home.name}")


def embedded(home: Path) -> int:
    notes = home / "embedded"
    return notes.stat().st_size if notes.exists() else 0


_RUN = """
import sys
from pathlib import Path
from tests.test_ingest_interrupted import take_in

take_in(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
"""


def killed_run(home: Path, uri: str, path: Path, after: int) -> bool:
    """Begins a run and kills it when it has embedded so many; False when it ended by itself."""
    run = subprocess.Popen(
        [sys.executable, "-c", _RUN, str(home), uri, str(path)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    enough = embedded(home) + after
    while embedded(home) < enough and run.poll() is None:
        time.sleep(0.005)
    run.kill()
    return run.wait() != 0


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return ensure_server(tmp_path_factory.mktemp("milvus"), idle_s=5)


def shown(home: Path, uri: str) -> list[object]:
    """All that searches show, to the last digit."""
    registry = Registry(home)
    embedder = NotingEmbedder(home / "queries")
    shop = Shop(registry.get("shop"), registry, index_of(home, uri), embedder)
    queries = [Query("mug"), Query("red mug 7"), Query(like="m3"), Query("blue", sort="cheapest")]
    return [shop.search(query, 100).matches for query in queries]


def test_run_killed_again_and_again_ends_as_an_undisturbed_one(tmp_path: Path, uri: str) -> None:
    path = write_csv(tmp_path / "shop.csv", [mug(n) for n in range(PRODUCTS)])
    take_in(tmp_path / "whole", uri, path)
    assert embedded(tmp_path / "whole") == PRODUCTS
    home, moments = tmp_path / "killed", random.Random(7)
    kills = sum(
        killed_run(home, uri, path, moments.randrange(1, PRODUCTS // KILLS)) for _ in range(KILLS)
    )
    report = take_in(home, uri, path)
    assert kills
    assert (report.total, report.new + report.unchanged) == (PRODUCTS, PRODUCTS)
    assert embedded(home) <= PRODUCTS + kills * BATCH
    assert shown(home, uri) == shown(tmp_path / "whole", uri)


def test_stopped_run_keeps_what_it_embedded(tmp_path: Path, uri: str) -> None:
    path = write_csv(tmp_path / "shop.csv", [mug(n) for n in range(2 * BATCH)])

    def stop(report: Report) -> None:
        if report.new >= BATCH:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_in(tmp_path / "stopped", uri, path, progress=stop)
    threads = [thread.name for thread in threading.enumerate()]
    assert not [name for name in threads if name.startswith(("ahead", "prepare", "write", "fetch"))]
    report = take_in(tmp_path / "stopped", uri, path)
    assert (report.unchanged, report.new) == (BATCH, BATCH)
    assert embedded(tmp_path / "stopped") == 2 * BATCH


def test_progress_tells_how_much_is_done(tmp_path: Path, uri: str) -> None:
    path = write_csv(tmp_path / "shop.csv", [mug(n) for n in range(2 * BATCH)])
    told: list[float | None] = []
    take_in(tmp_path / "told", uri, path, progress=lambda report: told.append(report.done))
    shares = [share for share in told if share is not None]
    assert len(shares) == len(told) > 3
    assert shares == sorted(shares)
    assert 0.2 < shares[0] < 0.3
    assert shares[-1] == 1.0


def counted(made: list[int], most: int = 1000) -> Generator[int, None, None]:
    for number in range(most):
        made.append(number)
        yield number


def test_nothing_is_made_further_ahead_than_there_is_room() -> None:
    made: list[int] = []
    with closing(read_ahead(parallel(counted(made), abs, workers=2, depth=8), depth=4)) as items:
        assert next(items) == 0
        assert len(made) <= 1 + 8 + 4 + 3
    assert "ahead" not in [thread.name for thread in threading.enumerate()]


def test_items_keep_their_order_and_errors_their_place() -> None:
    def work(number: int) -> int:
        if number == 30:
            raise ValueError("thirty")
        return number

    items = read_ahead(parallel(counted([]), work, workers=4, depth=8), depth=4)
    assert list(islice(items, 30)) == list(range(30))
    with pytest.raises(ValueError, match="thirty"):
        next(items)


def test_what_fails_behind_is_raised_at_the_next_turn() -> None:
    def fail() -> None:
        raise OSError("disk full")

    with WriteBehind() as writing:
        writing.do(fail)
        with pytest.raises(OSError, match="disk full"):
            writing.do(lambda: None)
