"""Embedding in several processes, and on a Ray cluster of two workers on this machine."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.parquet
import pytest

from tests.support.shop_files import mug, write_jsonl
from tools.catalogue.reader import read_products
from tools.embedding.base import Item
from tools.embedding.registry import EmbedderChoice
from tools.errors import ModelError
from tools.ingest import BATCH, Report
from tools.ingest.embedding_workers import Processes, devices_for
from tools.ingest.ray_data import Work, Worker, write_parts
from tools.media.images import open_photo
from tools.product import Filters, Product
from tools.workspace import Workspace

ROWS = BATCH + 7
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


def test_two_workers_of_a_cluster_take_in_the_same_shop(
    shop_file: Path, plain: Workspace, tmp_path: Path
) -> None:
    pytest.importorskip("ray")
    home = Workspace(tmp_path, embedder_choice=CPU)
    same_shop(home, home.ingest(shop_file, workers=2, ray=""), plain)
    again = home.ingest(shop_file, workers=2, ray="")
    assert (again.new, again.unchanged) == (0, ROWS + 1)
    assert not list((tmp_path / "ray").glob("*/*"))
