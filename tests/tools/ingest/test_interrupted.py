"""An ingest that is killed or stopped: what is in is kept, and the next run goes on from there."""

from __future__ import annotations

import random
import threading
from collections.abc import Generator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from tests.support.interrupted_ingest import NotingEmbedder, embedded, index_of, killed_run, take_in
from tests.support.shop_files import mug, write_csv
from tools.catalogue.registry import Registry
from tools.index.local_server import ensure_server
from tools.ingest import BATCH, Report
from tools.ingest.stages import WriteBehind, parallel, read_ahead
from tools.product import Query
from tools.search.shop import Shop

PRODUCTS = 300
KILLS = 2


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
