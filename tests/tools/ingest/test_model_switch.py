"""A change without a gap: another model fills its own collection, and no search notices."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from tests.support.color_shop import ColorEmbedder
from tests.support.command_line import run
from tests.support.repeats import repeats
from tests.support.shop_files import mug, write_csv
from tests.support.switching import switch_under_load
from tools.catalogue.registry import Registry
from tools.errors import CatalogueError
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex
from tools.ingest import BATCH, Report, ingest
from tools.product import Query
from tools.search.shop import Shop
from tools.workspace import Workspace

PRODUCTS = 12
CLIENTS = 2
SWITCHES = repeats(2)


class Other(ColorEmbedder):
    """The same numbers by another name, as a new model has one."""

    def __init__(self, number: int) -> None:
        self.fingerprint = f"color-{number}"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Address:
    return Address(ensure_server(tmp_path_factory.mktemp("milvus"), idle_s=5))


class Ground:
    """A home and its collection, taken in by any model."""

    def __init__(self, home: Path, address: Address) -> None:
        self.home, self.address, self.registry = home, address, Registry(home)
        self.alias = f"pounce_{home.parent.name}"

    def index(self) -> ProductIndex:
        return ProductIndex(lambda: self.address, self.alias)

    def take_in(self, path: Path, model: int, **options: object) -> Report:
        return ingest(
            path, name="shop", home=self.home, registry=self.registry, index=self.index(),
            embedder=Other(model), **options,  # type: ignore[arg-type]  # what ingest takes
        )  # fmt: skip

    def shop(self, model: int) -> Shop:
        return Shop(self.registry.get("shop"), self.registry, self.index(), Other(model))


@pytest.fixture
def ground(tmp_path: Path, address: Address) -> Ground:
    return Ground(tmp_path / "home", address)


def test_searches_go_on_while_the_model_is_changed(ground: Ground, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "shop.csv", [mug(n) for n in range(PRODUCTS)])
    ground.take_in(path, 0)
    ended, counts, problems = threading.Event(), [0] * CLIENTS, list[str]()

    def search(number: int) -> None:
        reopened, shop = 0, ground.shop(0)
        while not ended.is_set():
            found = shop.search(Query("red mug"), 9).matches
            if len(found) != 9:
                problems.append(f"{len(found)} products")
            counts[number] += 1
            # A chat that is started again, between any two searches, finds the newest.
            if switched[0] > reopened:
                reopened = switched[0]
                shop = ground.shop(reopened)

    switched = [0]
    clients = [threading.Thread(target=search, args=(n,)) for n in range(CLIENTS)]
    errors: list[BaseException | None] = []
    hook, threading.excepthook = threading.excepthook, lambda args: errors.append(args.exc_value)
    try:
        for client in clients:
            client.start()
        for model in range(1, SWITCHES + 1):
            ground.take_in(path, model)
            switched[0] = model
            before = list(counts)
            while all(client.is_alive() for client in clients) and any(
                now < then + 2 for now, then in zip(counts, before, strict=True)
            ):
                time.sleep(0.005)
        ended.set()
        for client in clients:
            client.join()
    finally:
        ended.set()
        threading.excepthook = hook
    assert (errors, problems) == ([], [])
    assert min(counts) > 2 * SWITCHES


def test_alias_that_goes_to_and_fro_leaves_no_search_empty(address: Address) -> None:
    """`python -m tests.support.switching` says how many searches a second that holds for."""
    seen = switch_under_load(address, 8, between_s=0.1, searches=8)
    assert (seen.errors, seen.not_whole) == ([], [])
    assert seen.searches >= 8 * seen.switches


def test_half_filled_collection_is_never_seen(ground: Ground, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "shop.csv", [mug(n) for n in range(2 * BATCH)])
    ground.take_in(path, 0)
    seen: list[int] = []

    def look(_: Report) -> None:
        seen.append(ground.index().count())

    report = ground.take_in(path, 1, progress=look)
    assert set(seen) == {2 * BATCH}
    assert (report.new, report.removed, report.total) == (2 * BATCH, 0, 2 * BATCH)


def test_product_that_vanished_at_a_change_of_models_is_gone_for_running_chats_too(
    ground: Ground, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "shop.csv", [mug(n) for n in range(4)])
    ground.take_in(path, 0)
    running = ground.shop(0)
    write_csv(path, [mug(n) for n in range(3)])
    report = ground.take_in(path, 1)
    assert (report.missing, report.removed, report.total) == (1, 1, 3)
    assert running.product("m3") is None
    assert running.products(["m3", "m1", "no such"]).keys() == {"m1"}
    assert {m.product.id for m in running.search(Query("mug"), 9).matches} == {"m0", "m1", "m2"}


def interrupted(home: Path, path: Path) -> None:
    def stop(report: Report) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Workspace(home).ingest(path, progress=stop)


def test_interrupted_ingest_is_named_continued_and_done(tmp_path: Path) -> None:
    home, path = tmp_path / "home", write_csv(tmp_path / "mugs.csv", [mug(n) for n in range(BATCH)])
    interrupted(home, path)
    (row,) = json.loads(run("catalogues", "--json", home=home).stdout)
    assert (row["name"], row["interrupted"], row["total"]) == ("mugs", True, 0)
    listed = run("catalogues", home=home).stdout
    assert "pounce catalogues --continue" in " ".join(listed.split())
    done = run("catalogues", "--continue", "mugs", home=home)
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(run("catalogues", "--json", home=home).stdout)
    assert (row["interrupted"], row["total"]) == (False, BATCH)
    with pytest.raises(CatalogueError, match="No ingest of 'mugs' was interrupted"):
        Workspace(home).resume("mugs")


def test_interrupted_ingest_is_given_up(tmp_path: Path) -> None:
    home, path = tmp_path / "home", write_csv(tmp_path / "mugs.csv", [mug(n) for n in range(BATCH)])
    interrupted(home, path)
    assert sum(Workspace(home).index("mugs").unfinished().values()) > 0
    assert "Dropped: " in run("catalogues", "--drop", "mugs", home=home).stdout
    assert Workspace(home).index("mugs").unfinished() == {}
    assert json.loads(run("catalogues", "--json", home=home).stdout) == []


def test_file_that_cannot_be_read_leaves_nothing_to_continue(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError):
        Workspace(tmp_path / "home").ingest(tmp_path / "none.csv")
    assert Workspace(tmp_path / "home").interrupted == {}
