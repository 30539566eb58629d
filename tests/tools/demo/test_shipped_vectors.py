"""The vectors that ship: whole, of this shop and this embedder, and used for nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from tools.catalogue.facts import searched_text
from tools.catalogue.reader import Numbered
from tools.demo.shop.products import demo_products
from tools.demo.shop.vectors import FILE, ShippedVectors, read_vectors, vector_key, write_vectors
from tools.embedding.base import Embedder, FloatArray, Item
from tools.errors import ModelError
from tools.index.schema import Hashes
from tools.ingest.content import Ready
from tools.ingest.embedding_workers import Vectors
from tools.media.images import open_product_picture
from tools.product import Product
from tools.workspace import Workspace

REFRESH = "run `python -m tools.demo.embed`"
DRAWN = {product.id: product for product in demo_products()}


@pytest.fixture(scope="module")
def home(demo_home: Path) -> Workspace:
    return Workspace(demo_home)


@pytest.fixture(scope="module")
def products(home: Workspace) -> list[Product]:
    """The built-in shop as it was read."""
    return list(home.index("demo").all_products())


@pytest.fixture(scope="module")
def shipped(home: Workspace) -> dict[str, Vectors]:
    return read_vectors(home.embedder.fingerprint)


def test_vectors_of_the_whole_shop_ship_and_no_others(
    products: list[Product], shipped: dict[str, Vectors]
) -> None:
    keys = {vector_key(DRAWN[product.id], product) for product in products}
    assert keys == shipped.keys(), f"the shop or the embedder has changed: {REFRESH}"


def test_shipped_vectors_are_those_that_the_embedder_makes(
    home: Workspace, products: list[Product], shipped: dict[str, Vectors]
) -> None:
    some = Random(1).sample(products, 6)
    pictures = [Item(photo=open_product_picture(Path(each.image))) for each in some]
    texts = [Item(searched_text(each)) for each in some]
    made = home.embedder.embed(pictures, "picture"), home.embedder.embed(texts, "words")
    known = [shipped[vector_key(DRAWN[each.id], each)] for each in some]
    for fresh, kept in zip(made, zip(*known, strict=True), strict=True):
        assert (fresh * np.stack(kept)).sum(axis=1).min() > 0.9995, REFRESH


class Counted(Embedder):
    """Says how many items it was given, and places all of them at one point."""

    name, dim, fingerprint = "counted", 3, "counted"

    def __init__(self) -> None:
        self.given = 0

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        self.given += len(batch)
        return np.ones((len(batch), self.dim), dtype=np.float32)


@pytest.mark.parametrize(
    ("change", "embeds"),
    [
        ({}, False),
        ({"price_minor": 1}, False),
        ({"description": "Another text."}, True),
        ({"id": "of-another-shop"}, True),
    ],
)
def test_what_ships_is_not_embedded_and_all_else_is(
    change: dict[str, Any], embeds: bool, products: list[Product], tmp_path: Path
) -> None:
    rows = [
        Ready(Numbered(line, product), Hashes("", ""), "content", "")
        for line, product in enumerate((products[0], replace(products[1], **change)))
    ]
    here = (np.array([1, 0, 0], np.float32), np.array([0, 1, 0], np.float32))
    known = {vector_key(DRAWN[each.id], each): here for each in products[:2]}
    embedder = Counted()
    found = ShippedVectors(known, embedder, tmp_path).begin(rows).result()
    assert [vectors is here for vectors in found] == [True, not embeds]
    assert embedder.given == 2 * embeds


def test_vectors_are_of_the_embedder_that_made_them(tmp_path: Path) -> None:
    file = tmp_path / "shop" / "vectors.safetensors"
    rows = np.random.default_rng(1).normal(size=(2, 5)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    write_vectors({"a" * 32: (rows[0], rows[1])}, "one", file)
    ((picture, words),) = read_vectors("one", file).values()
    np.testing.assert_allclose([picture, words], rows, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm([picture, words], axis=1), 1, atol=1e-6)
    assert read_vectors("another", file) == {}


@pytest.mark.parametrize("damaged", [True, False])
def test_file_that_is_damaged_or_gone_says_what_to_do(damaged: bool, tmp_path: Path) -> None:
    file = tmp_path / "vectors.safetensors"
    if damaged:
        file.write_bytes(FILE.read_bytes()[:5000])
    with pytest.raises(ModelError, match=r"vectors\.safetensors .* Install Pounce again"):
        read_vectors("one", file)
