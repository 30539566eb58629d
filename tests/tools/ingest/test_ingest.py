"""Taking in catalogues: twice is once, what changed is new, what is broken is named."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.color_shop import ColorEmbedder
from tests.support.picture_host import picture, picture_host
from tests.support.shop_files import mug, write_csv, write_jsonl
from tools.catalogue.reader import Wanted
from tools.catalogue.registry import Registry, check_name, collection_alias
from tools.embedding.base import FloatArray, Item
from tools.errors import CatalogueError
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex
from tools.ingest import BATCH, Report, ingest
from tools.media.fetch import FetchPolicy, open_fetcher
from tools.product import Filters, Product


class CountingEmbedder(ColorEmbedder):
    """Knows how many pictures it was given."""

    def __init__(self) -> None:
        self.pictures = 0

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        self.pictures += sum(item.photo is not None for item in batch)
        return super()._embed_batch(batch)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Address:
    return Address(ensure_server(tmp_path_factory.mktemp("milvus"), idle_s=5))


class Ground:
    """A home for one test, on the module's Milvus."""

    def __init__(self, home: Path, address: Address) -> None:
        self.home, self.registry, self.embedder = home, Registry(home), CountingEmbedder()
        alias = collection_alias(home.parent.name + home.name)
        self.index = ProductIndex(lambda: address, alias)

    def take_in(self, path: Path, **options: Any) -> Report:
        return ingest(
            path,
            name="shop",
            home=self.home,
            registry=self.registry,
            index=self.index,
            embedder=options.pop("embedder", self.embedder),
            **options,
        )


@pytest.fixture
def ground(tmp_path: Path, address: Address) -> Ground:
    return Ground(tmp_path / "home", address)


def test_twice_is_once_and_embeds_nothing_again(ground: Ground, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "shop.csv", [mug(n) for n in range(BATCH + 7)])
    first = ground.take_in(path)
    assert (first.read, first.new, first.total) == (BATCH + 7, BATCH + 7, BATCH + 7)
    embedded = ground.embedder.pictures
    again = ground.take_in(path)
    assert (again.new, again.changed, again.unchanged, again.total) == (0, 0, BATCH + 7, BATCH + 7)
    assert ground.embedder.pictures == embedded


def test_texts_of_what_was_embedded_are_read_once_it_is_there(
    ground: Ground, tmp_path: Path
) -> None:
    read: list[str] = []

    def read_texts(products: Sequence[Product]) -> None:
        read.extend(product.id for product in products)
        assert sum(ground.index.unfinished().values()) >= len(read)

    path = write_csv(tmp_path / "shop.csv", [mug(n) for n in range(BATCH + 7)])
    ground.take_in(path, read_texts=read_texts)
    assert len(read) == len(set(read)) == BATCH + 7
    ground.take_in(path, read_texts=read_texts)
    assert len(read) == BATCH + 7


def test_changed_facts_and_changed_pictures_are_taken_in_again(
    ground: Ground, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "shop.csv", [mug(n) for n in range(4)])
    ground.take_in(path)
    write_csv(path, [mug(0), mug(1, price="99"), mug(2), mug(3)])
    Image.new("RGB", (48, 48), "purple").save(tmp_path / "blue.png")
    report = ground.take_in(path)
    assert (report.changed, report.unchanged, report.new, report.total) == (2, 2, 0, 4)
    assert ground.index.products(["m1"])["m1"].price_minor == 9900


def test_missing_products_are_counted_and_removed_only_when_asked(
    ground: Ground, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "shop.csv", [mug(n) for n in range(5)])
    ground.take_in(path)
    write_csv(path, [mug(n) for n in range(3)])
    kept = ground.take_in(path)
    assert (kept.missing, kept.removed, kept.total) == (2, 0, 5)
    pruned = ground.take_in(path, prune=True)
    assert (pruned.missing, pruned.removed, pruned.total) == (2, 2, 3)
    assert ground.index.products(["m4"]) == {}


def test_nothing_is_pruned_while_a_row_cannot_be_parsed(ground: Ground, tmp_path: Path) -> None:
    # A stray quote took in all rows behind it, and their products were removed from the shop.
    path = write_csv(tmp_path / "shop.csv", [mug(n) for n in range(5)])
    ground.take_in(path)
    path.write_text(path.read_text().replace("Blue mug 2", '"Blue mug 2'))
    report = ground.take_in(path, prune=True)
    assert (report.missing, report.removed, report.unparsed, report.total) == (3, 0, 1, 5)


def test_picture_that_cannot_be_opened_costs_no_product_its_place(
    ground: Ground, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "shop.csv", [mug(1), mug(2)])
    ground.take_in(path)
    # A regular file that even root cannot read, in the folder that is named for pictures.
    others = [mug(n, image=str(tmp_path / str(mug(n)["image"]))) for n in (2, 3)]
    write_csv(path, [mug(1, image="mem"), *others])
    report = ground.take_in(path, prune=True, wanted=Wanted(pictures=Path("/proc/self")))
    assert (report.set_aside, report.new, report.removed, report.total) == (0, 1, 0, 3)
    assert ground.index.products(["m1"])["m1"].image == str(tmp_path / "green.png")
    (problem,) = report.problems
    assert (problem.line, problem.field) == (2, "image")


def test_broken_rows_are_reported_and_the_rest_is_in(ground: Ground, tmp_path: Path) -> None:
    path = write_jsonl(
        tmp_path / "shop.jsonl",
        [mug(1), mug(2, image="broken.png"), mug(3, price="abc"), mug(4, title=""), "{"],
    )
    (tmp_path / "broken.png").write_bytes((tmp_path / "red.png").read_bytes()[:60])
    report = ground.take_in(path)
    assert (report.read, report.new, report.set_aside, report.mended) == (5, 3, 2, 2)
    assert report.without_picture == 1
    assert report.report_path is not None
    with report.report_path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert sorted((int(row["line"]), row["field"]) for row in lines) == [
        (2, "image"), (3, "price"), (4, "title"), (5, "row")
    ]  # fmt: skip
    assert all(row["what to do"] for row in lines)
    assert {row["file"] for row in lines} == {str(path)}
    summary = report.report_path.with_suffix(".txt").read_text()
    assert "Rows set aside: 2" in summary
    assert "line 4: no title" in summary


def test_product_whose_new_picture_is_broken_keeps_its_place(
    ground: Ground, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "shop.csv", [mug(0), mug(1)])
    ground.take_in(path)
    (tmp_path / "red.png").write_bytes(b"broken")
    report = ground.take_in(path, prune=True)
    assert (report.set_aside, report.unchanged, report.removed, report.total) == (0, 1, 0, 2)
    assert [(p.field, p.used) for p in report.problems] == [("image", True)]
    assert all(product.image for product in ground.index.all_products())


def test_product_without_a_picture_is_found_by_words_and_never_by_photo(
    ground: Ground, tmp_path: Path
) -> None:
    (tmp_path / "torn.png").write_bytes(picture()[:60])
    rows = [mug(1), mug(2, image="none.png", title="Plain teapot"), mug(3, image="torn.png")]
    path = write_csv(tmp_path / "shop.csv", rows)
    (tmp_path / "torn.png").write_bytes(picture()[:60])
    report = ground.take_in(path)
    assert (report.new, report.set_aside, report.without_picture) == (3, 0, 2)
    seen = ground.embedder.embed([Item("", Image.new("RGB", (48, 48), "blue"))])[0]
    assert [hit.id for hit in ground.index.nearest("picture", seen, Filters(), 9)] == ["m1"]
    words = ground.embedder.embed([Item("plain teapot")])[0]
    assert ground.index.nearest("words", words, Filters(), 1)[0].id == "m2"
    assert ground.index.full_text("teapot", Filters(), 9)[0].id == "m2"
    again = ground.take_in(path)
    assert (again.unchanged, again.without_picture) == (3, 2)
    rows[1]["price"] = "77"
    assert ground.take_in(write_csv(path, rows)).changed == 1
    assert ground.index.products(["m2"])["m2"].price_minor == 7700
    # The picture is there later: it alone is embedded.
    embedded = ground.embedder.pictures
    Image.new("RGB", (48, 48), "blue").save(tmp_path / "none.png")
    assert ground.take_in(path).changed == 1
    assert ground.embedder.pictures == embedded + 1
    assert ground.index.nearest("picture", seen, Filters(), 1)[0].id == "m2"


def test_host_that_is_away_costs_one_count_and_the_next_run_asks_for_its_pictures_alone(
    ground: Ground, tmp_path: Path
) -> None:
    policy = FetchPolicy(attempts=1, first_wait_s=0.001, give_up_after=1)
    with picture_host() as host:
        path = write_jsonl(
            tmp_path / "s.jsonl", [mug(1), mug(2, image=host.url("good/2.png")),
                                   mug(3, image=host.url("good/3.png"))],
        )  # fmt: skip
        name = host.name
    report = ground.take_in(path, fetcher=open_fetcher(ground.home, [name], policy))
    assert (report.new, report.set_aside, report.without_picture) == (3, 0, 2)
    assert report.unreachable == {name: 2}


def test_products_that_the_shop_switched_off_are_counted_and_no_fault(
    ground: Ground, tmp_path: Path
) -> None:
    rows = [mug(1, status="active"), mug(2, status="draft"), mug(3, status="archived")]
    report = ground.take_in(write_csv(tmp_path / "shop.csv", rows))
    assert (report.new, report.set_aside, report.switched_off, report.total) == (1, 0, 2, 1)
    assert report.off_reasons == {"draft": 1, "archived": 1}
    assert report.problems == []
    assert report.understood is not None
    columns = report.understood.columns
    assert (columns["price"].name, columns["price"].guessed) == ("price", False)


def test_file_with_nothing_usable_changes_nothing(ground: Ground, tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv", [mug(1)])
    ground.take_in(good)
    bad = write_csv(tmp_path / "bad.csv", [mug(1, title="")])
    with pytest.raises(CatalogueError, match=r"None of the 1 rows .*reports"):
        ground.take_in(bad, prune=True)
    assert ground.index.count() == 1


def test_vocabulary_is_counted_from_the_products(ground: Ground, tmp_path: Path) -> None:
    rows = [mug(1), mug(2, color="RED", price=""), mug(3, category="Kitchen", color="red")]
    ground.take_in(write_csv(tmp_path / "shop.csv", rows))
    words = ground.registry.get("shop").vocabulary
    assert words.categories == {"Kitchen": 3, "Mugs": 2}
    assert words.paths == {"Kitchen > Mugs": 2, "Kitchen": 1}
    assert {name.lower(): n for name, n in words.colors.items()} == {"green": 1, "red": 2}
    assert (words.min_price, words.max_price, words.currency) == (150, 350, "USD")


def test_price_range_is_that_of_the_catalogue_s_currency(ground: Ground, tmp_path: Path) -> None:
    rows = [mug(1), mug(2), mug(3, price="90000", currency="JPY")]
    ground.take_in(write_jsonl(tmp_path / "shop.jsonl", rows))
    words = ground.registry.get("shop").vocabulary
    assert (words.min_price, words.max_price, words.currency) == (150, 250, "USD")


def test_another_embedder_fills_the_index_anew(ground: Ground, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "shop.csv", [mug(1), mug(2)])
    ground.take_in(path)
    other = CountingEmbedder()
    other.fingerprint = "color-2"
    report = ground.take_in(path, embedder=other)
    assert (report.new, report.total, other.pictures) == (2, 2, 2)
    ground.index.check("color-2")


def test_two_ingests_of_one_catalogue_at_once_are_refused(ground: Ground, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "shop.csv", [mug(1)])

    def another(_: Report) -> None:
        ground.take_in(path)

    with pytest.raises(CatalogueError, match="Another ingest"):
        ground.take_in(path, progress=another)


@pytest.mark.parametrize("name", ["", ".", "-x", "a/b", "a" * 65, "x\n"])
def test_name_that_no_catalogue_can_have_is_refused(name: str) -> None:
    with pytest.raises(CatalogueError, match="cannot name a catalogue"):
        check_name(name)


def test_different_names_get_different_collections() -> None:
    names = ["shop", "my shop", "my_shop", "my-shop", "märkte", "My_shop"]
    aliases = {collection_alias(check_name(name)) for name in names}
    assert len(aliases) == len(names)
    assert all(alias.replace("_", "").isascii() for alias in aliases)


def test_registry_lists_uses_and_names_what_there_is(ground: Ground, tmp_path: Path) -> None:
    ground.take_in(write_csv(tmp_path / "shop.csv", [mug(1)]))
    active = ground.registry.active()
    assert active is not None
    assert active.name == "shop"
    with pytest.raises(CatalogueError, match=r"no catalogue 'x' \(there are: shop\)"):
        ground.registry.use("x")


def test_folder_of_pictures_is_searched_by_picture_alone(ground: Ground, tmp_path: Path) -> None:
    write_csv(tmp_path / "x.csv", [mug(1)])
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, color in enumerate(("red", "green", "blue")):
        (tmp_path / f"{color}.png").rename(folder / f"5{number}Gj1WQ-RL._AC_.png")
    report = ground.take_in(folder)
    assert (report.new, report.set_aside, report.worded) == (3, 0, 0)
    vocabulary = ground.registry.get("shop").vocabulary
    assert vocabulary.lacking == (
        "prices", "categories", "colors", "brands", "ratings", "availability", "sale prices",
    )  # fmt: skip
    assert not vocabulary.worded
    red = ground.embedder.embed([Item("", Image.new("RGB", (48, 48), "red"))])[0]
    for column in ("picture", "words"):  # a number for a title says nothing
        (first, *_) = ground.index.nearest(column, red, Filters(), 3)
        assert (first.id, round(first.score, 3)) == ("50Gj1WQ-RL._AC_.png", 1.0)


def test_other_pictures_of_a_product_are_kept(ground: Ground, tmp_path: Path) -> None:
    row = mug(1, image=["red.png", "blue.png", "missing.png", "https://x.test/a.jpg"])
    ground.take_in(write_jsonl(tmp_path / "shop.jsonl", [row, mug(2)]))
    products = ground.index.products(["m1", "m2"])
    assert products["m1"].image == str(tmp_path / "red.png")
    assert products["m1"].more_images == (str(tmp_path / "blue.png"), "https://x.test/a.jpg")
    assert products["m2"].more_images == ()


def test_part_of_a_file_prunes_nothing(ground: Ground, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "shop.csv", [mug(n) for n in range(5)])
    ground.take_in(path)
    report = ground.take_in(path, wanted=Wanted(limit=2))
    assert (report.read, report.missing, report.total) == (2, 0, 5)
    with pytest.raises(CatalogueError, match="whole file"):
        ground.take_in(path, wanted=Wanted(limit=2), prune=True)


def test_pictures_by_address_are_fetched_and_what_fails_keeps_its_place(
    ground: Ground, tmp_path: Path
) -> None:
    with picture_host() as host:
        rows = [mug(n, image=host.url(f"good/{n}.png")) for n in range(3)]
        path = write_jsonl(tmp_path / "shop.jsonl", rows)
        fetcher = open_fetcher(ground.home, [host.name])
        report = ground.take_in(path, fetcher=fetcher)
        assert (report.new, report.set_aside, report.total) == (3, 0, 3)
        (asked, embedded) = (host.asked.total(), ground.embedder.pictures)
        again = ground.take_in(path, fetcher=open_fetcher(ground.home, [host.name]))
        assert again.unchanged == 3
        assert (host.asked.total(), ground.embedder.pictures) == (asked, embedded)
        # A host that fails is no reason to take a product out of the shop.
        rows[1] = mug(1, image=host.url("missing/1.png"))
        report = ground.take_in(
            write_jsonl(path, rows), fetcher=open_fetcher(ground.home, [host.name]), prune=True
        )
        assert (report.set_aside, report.removed, report.total) == (0, 0, 3)
        assert all(product.image for product in ground.index.all_products())


def test_picture_that_was_fetched_broken_is_fetched_anew(ground: Ground, tmp_path: Path) -> None:
    with picture_host() as host:
        path = write_jsonl(tmp_path / "s.jsonl", [mug(1, image=host.url("good/x.png")), mug(2)])
        fetcher = open_fetcher(ground.home, [host.name])
        place = fetcher.place(host.url("good/x.png"))
        place.parent.mkdir(parents=True)
        place.write_bytes(picture()[:60])
        assert ground.take_in(path, fetcher=fetcher).without_picture == 1
        report = ground.take_in(path, fetcher=open_fetcher(ground.home, [host.name]))
        assert (report.changed, report.without_picture) == (1, 0)


def test_host_in_every_bad_mood_ends_the_run_with_the_good_ones_in(
    ground: Ground, tmp_path: Path
) -> None:
    policy = FetchPolicy(
        attempts=2, first_wait_s=0.001, silence_s=2, picture_s=4, max_mb=1, give_up_after=99
    )
    moods = ("good", "missing", "busy", "failing", "cut", "silent", "dripping", "endless", "huge",
             "text", "round", "elsewhere", "moved")  # fmt: skip
    with picture_host() as host, picture_host() as inner:
        host.elsewhere = inner.url("good/secret.png")
        rows = [mug(n, image=host.url(f"{mood}/{n}.png")) for n, mood in enumerate(moods)]
        rows += [mug(90, image=inner.url("good/private.png")), mug(91, image="file:///etc/passwd")]
        fetcher = open_fetcher(ground.home, [host.name], policy)
        report = ground.take_in(write_jsonl(tmp_path / "shop.jsonl", rows), fetcher=fetcher)
        assert inner.asked.total() == 0
        assert host.sent < 200_000_000
    there = {product.id: bool(product.image) for product in ground.index.all_products()}
    seen = {f"m{moods.index(mood)}" for mood in ("good", "busy", "moved")}
    assert there == {str(row["id"]): row["id"] in seen for row in rows}
    assert (report.set_aside, report.without_picture) == (0, len(rows) - 3)
    assert {problem.field for problem in report.problems} == {"image"}
    fetched = [path for path in (ground.home / "pictures").rglob("*") if path.is_file()]
    assert len(fetched) == 3
