"""Embedding in several processes, and on a Ray cluster of two nodes on this machine."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest

from tests.support.picture_host import PictureHost, picture_host
from tests.support.ray_nodes import RayNodes, ray_nodes
from tests.support.shop_files import mug, write_jsonl
from tools.catalogue.reader import read_products
from tools.embedding.base import FloatArray, Item
from tools.embedding.registry import EmbedderChoice
from tools.errors import ModelError, SetupError
from tools.ingest import BATCH, Report, ray_data
from tools.ingest.embedding_workers import Processes, devices_for
from tools.ingest.ray_data import Cluster, Work, Worker, write_parts
from tools.media.images import open_photo
from tools.product import Filters, Product
from tools.search.token_store import TokenStore
from tools.workspace import Workspace

ROWS = BATCH + 7
HELD_ROWS = 24
CPU = EmbedderChoice(device="cpu")


@pytest.fixture(scope="module")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    rows = [*(mug(n) for n in range(ROWS)), mug(900, image="broken.png"), mug(901, title="")]
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n no picture")
    return write_jsonl(folder / "shop.jsonl", rows)


@pytest.fixture(scope="module")
def plain(shop_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The same file, embedded in this process."""
    home = Workspace(tmp_path_factory.mktemp("plain"), embedder_choice=CPU)
    home.ingest(shop_file)
    return home


def products(home: Workspace) -> dict[str, Product]:
    return {product.id: product for product in home.index("shop").all_products()}


def same_shop(home: Workspace, report: Report, plain: Workspace) -> None:
    """The same products, found at the same places."""
    assert (report.read, report.new, report.set_aside) == (ROWS + 2, ROWS + 1, 1)
    assert (report.total, report.without_picture) == (ROWS + 1, 1)
    assert sorted(problem.field for problem in report.problems) == ["image", "title"]
    assert products(home) == products(plain)
    picture = open_photo(Path(products(plain)["m3"].image))
    for column in ("picture", "words"):
        vector = plain.embedder.embed([Item("Yellow mug 3", picture)], column)[0]
        found = [
            {
                hit.id: round(hit.score, 4)
                for hit in index.nearest(column, vector, Filters(), ROWS + 1)
            }
            for index in (home.index("shop"), plain.index("shop"))
        ]
        assert len(found[0]) == (ROWS if column == "picture" else ROWS + 1)
        assert found[0] == pytest.approx(found[1], abs=1e-3)


def test_two_processes_take_in_the_same_shop_as_one(
    shop_file: Path, plain: Workspace, tmp_path: Path
) -> None:
    home = Workspace(tmp_path, embedder_choice=CPU)
    same_shop(home, home.ingest(shop_file, workers=2), plain)


def test_ingest_keeps_what_a_search_compares_token_by_token(plain: Workspace) -> None:
    there = list(products(plain).values())
    known = TokenStore(plain.embedder, plain.path / "tokens.sqlite").known(there)
    assert known.keys() == {product.id for product in there}


def test_model_that_no_process_can_open_is_said(tmp_path: Path) -> None:
    choice = EmbedderChoice(weights=str(tmp_path / "none.pth"), device="cpu")
    with pytest.raises(ModelError, match=r"no file of weights at .*none.pth"):
        Processes(choice, devices_for(1, "cpu"), tmp_path)


def test_worker_of_a_cluster_takes_in_its_rows_and_looks_up_what_is_there(
    shop_file: Path, plain: Workspace, tmp_path: Path
) -> None:
    home, parts = Workspace(tmp_path, embedder_choice=CPU), tmp_path / "parts"
    parts.mkdir()
    problems = list(write_parts(read_products(shop_file), parts))
    assert [problem.field for problem in problems] == ["title"]
    rows = pyarrow.parquet.read_table(parts).column("row").to_pylist()
    index, model = home.index("shop"), plain.embedder
    collection = index.collection_for(model.fingerprint, model.dims)
    address, alias = home.address(), index.alias
    worker = Worker(Work(CPU, address, alias, "FLAT", collection, tmp_path))
    for became in ("new", "unchanged"):
        outcomes = Counter(worker({"row": rows})["became"])
        assert outcomes == {became: ROWS + 1}
    index.publish(collection)
    assert products(home) == products(plain)


@pytest.fixture(scope="module")
def nodes() -> Iterator[RayNodes]:
    with ray_nodes() as running:
        yield running


def test_two_workers_of_a_cluster_take_in_the_same_shop(
    shop_file: Path, plain: Workspace, tmp_path: Path, nodes: RayNodes
) -> None:
    home = Workspace(tmp_path, embedder_choice=CPU)
    same_shop(home, home.ingest(shop_file, workers=2, ray=nodes.address), plain)
    again = home.ingest(shop_file, workers=1, ray=nodes.address)
    assert (again.new, again.unchanged) == (0, ROWS + 1)
    assert not list((tmp_path / "ray").glob("*/*"))


def test_cluster_of_its_own_is_started_beside_one_that_runs(
    plain: Workspace, nodes: RayNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray

    # Beside two nodes and the other tests one may take longer than the half minute of a start.
    monkeypatch.setattr(ray_data, "_STARTS", 6)
    with Cluster(CPU, 1) as cluster:
        assert cluster.fingerprint == plain.embedder.fingerprint
        assert len(ray.nodes()) == 1
    assert not ray.is_initialized()


@pytest.mark.parametrize(("address", "starts"), [("", 3), ("127.0.0.1:1", 1)])
def test_node_that_is_too_slow_to_start_is_started_once_more(
    address: str, starts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def init(*, address: str, **_: object) -> None:
        asked.append(address)
        raise RuntimeError("The current node timed out during startup.")

    monkeypatch.setattr("ray.init", init)
    with pytest.raises(SetupError, match="timed out during startup"):
        Cluster(CPU, 1, address=address)
    assert len(asked) == starts


def stored(home: Workspace) -> dict[str, tuple[Product, str, FloatArray, FloatArray]]:
    """The rows of a home, their pictures by content."""
    index = home.index("shop")
    rows = index.stored(index.alias, [f"m{n}" for n in range(HELD_ROWS)])
    return {
        identity: (
            replace(row.product, image=""),
            hashlib.sha256(Path(row.product.image).read_bytes()).hexdigest(),
            row.picture,
            row.words,
        )
        for identity, row in rows.items()
    }


def held_pictures(host: PictureHost) -> set[str]:
    with host.counting:
        return {path for path in host.asked if path.startswith("/held")}


def test_catalogue_is_the_same_when_a_node_is_killed_midway(
    tmp_path: Path, nodes: RayNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both workers wait for pictures when the node of one is killed."""
    monkeypatch.setattr(ray_data, "PART", 4)
    monkeypatch.setattr(ray_data, "BULK", 4)
    with picture_host() as host, ThreadPoolExecutor(1) as beside:
        rows = [mug(n, image=host.url(f"{'good' if n < 8 else 'held'}/{n}.png"))
                for n in range(HELD_ROWS)]  # fmt: skip
        path = write_jsonl(tmp_path / "shop.jsonl", rows)
        home = Workspace(tmp_path / "killed", embedder_choice=CPU, picture_hosts=(host.name,))
        running = beside.submit(home.ingest, path, workers=2, ray=nodes.address)
        try:
            # Four of each worker: a picture of one worker alone is asked for again after a minute.
            while len(held_pictures(host)) < 8 and not running.done():
                host.ended.wait(0.05)
            assert not running.done()
            nodes.kill_second()
        finally:
            host.released.set()
        report = running.result()
        undisturbed = Workspace(
            tmp_path / "undisturbed", embedder_choice=CPU, picture_hosts=(host.name,)
        )
        undisturbed.ingest(path)
    assert (report.read, report.total, report.set_aside) == (HELD_ROWS, HELD_ROWS, 0)
    assert (report.new + report.unchanged, report.without_picture) == (HELD_ROWS, 0)
    after, expected = stored(home), stored(undisturbed)
    assert after.keys() == expected.keys()
    for identity, row in expected.items():
        assert after[identity][:2] == row[:2]
        assert np.allclose(after[identity][2], row[2], atol=1e-3)
        assert np.allclose(after[identity][3], row[3], atol=1e-3)
