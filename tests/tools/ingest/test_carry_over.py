"""What is embedded again: only what a model saw otherwise. Vectors are carried over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support.color_shop import ColorEmbedder
from tests.support.shop_files import mug, write_csv
from tools.catalogue.registry import Registry, collection_alias
from tools.embedding.base import FloatArray, Item
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex
from tools.ingest import Report, ingest


class CountingEmbedder(ColorEmbedder):
    """Knows what it was given."""

    def __init__(self) -> None:
        self.pictures = self.texts = 0

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        self.pictures += sum(item.photo is not None for item in batch)
        self.texts += sum(item.photo is None for item in batch)
        return super()._embed_batch(batch)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Address:
    return Address(ensure_server(tmp_path_factory.mktemp("milvus"), idle_s=5))


class Catalogue:
    """A file of forty mugs, ingested once."""

    def __init__(self, folder: Path, address: Address) -> None:
        self.path, self._home = folder / "shop.csv", folder / "home"
        self.index = ProductIndex(lambda: address, collection_alias(folder.name))
        self.ingest([mug(n) for n in range(40)])

    def ingest(self, rows: Sequence[dict[str, Any]]) -> tuple[Report, int, int]:
        """The report, and how many pictures and texts were embedded."""
        embedder = CountingEmbedder()
        report = ingest(
            write_csv(self.path, rows) if rows else self.path,
            name="shop",
            home=self._home,
            registry=Registry(self._home),
            index=self.index,
            embedder=embedder,
        )
        return report, embedder.pictures, embedder.texts

    def vectors(self) -> dict[str, Any]:
        ids = [f"m{n}" for n in range(40)]
        stored = self.index.stored(self.index.in_force or "", ids)
        return {identity: (each.picture, each.words) for identity, each in stored.items()}


@pytest.fixture
def catalogue(tmp_path: Path, address: Address) -> Catalogue:
    return Catalogue(tmp_path, address)


def test_other_prices_embed_nothing(catalogue: Catalogue) -> None:
    before = catalogue.vectors()
    dearer = [mug(n, price=f"{n + 100}.25") for n in range(40)]
    report, pictures, texts = catalogue.ingest(dearer)
    assert (report.changed, report.unchanged, report.new, report.total) == (40, 0, 0, 40)
    assert (pictures, texts) == (0, 0)
    products = {p.id: p for p in catalogue.index.all_products()}
    assert [products[f"m{n}"].price_minor for n in (0, 39)] == [10025, 13925]
    after = catalogue.vectors()
    assert all(
        np.array_equal(a, b) for i in before for a, b in zip(before[i], after[i], strict=True)
    )
    report, pictures, texts = catalogue.ingest(dearer)
    assert (report.changed, report.unchanged, pictures, texts) == (0, 40, 0, 0)


def test_facts_that_are_not_searched_embed_nothing(catalogue: Catalogue) -> None:
    rows = [
        mug(n, rating="4.5", link=f"https://shop.test/{n}", availability="in stock")
        for n in range(40)
    ]
    report, pictures, texts = catalogue.ingest(rows)
    assert (report.changed, pictures, texts) == (40, 0, 0)
    product = catalogue.index.products(["m7"])["m7"]
    assert (product.rating, product.link, product.availability) == (
        4.5, "https://shop.test/7", "in stock"
    )  # fmt: skip


def test_words_and_pictures_that_changed_are_embedded_and_no_others(catalogue: Catalogue) -> None:
    rows = [mug(n) for n in range(40)]
    rows[1], rows[2] = mug(1, title="Blue jug 1"), mug(2, color="navy", price="99")
    rows[3] = mug(3, price="98")
    report, pictures, texts = catalogue.ingest(rows)
    assert (report.changed, report.unchanged, pictures, texts) == (3, 37, 2, 2)
    Image.new("RGB", (48, 48), "purple").save(catalogue.path.parent / "red.png")
    report, pictures, _ = catalogue.ingest([])  # as it is
    assert (report.changed, pictures) == (10, 10)


def test_picture_that_moved_is_not_embedded_again(catalogue: Catalogue) -> None:
    (catalogue.path.parent / "pictures").mkdir()
    for color in ("red", "green", "blue", "yellow"):
        data = (catalogue.path.parent / f"{color}.png").read_bytes()
        (catalogue.path.parent / "pictures" / f"{color}.png").write_bytes(data)
    rows = [mug(n) for n in range(40)]
    report, pictures, texts = catalogue.ingest(
        [{**row, "image": f"pictures/{row['image']}"} for row in rows]
    )
    assert (report.changed, pictures, texts) == (40, 0, 0)
    product = catalogue.index.products(["m0"])["m0"]
    assert Path(product.image).parent.name == "pictures"
