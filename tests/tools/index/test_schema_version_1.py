"""A home of before the facts had a column of their own: it opens, and is brought up to date.

Its collections are written out here as that program made them, and never by today's code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pymilvus import DataType, Function, FunctionType, MilvusClient

from tests.support.color_shop import ColorEmbedder
from tools.catalogue.reader import Wanted
from tools.catalogue.registry import Registry
from tools.embedding.base import FloatArray, Item
from tools.index.local_server import ensure_server, stop_server
from tools.index.milvus import Address, ProductIndex
from tools.ingest import Report, ingest
from tools.product import Filters, Query
from tools.search.shop import Shop

COLORS = ("red", "green", "blue")
TEXTS = ("title", "category", "description", "image", "color", "brand")
LEVELS = tuple(f"category_{level}" for level in range(1, 7))


class CountingEmbedder(ColorEmbedder):
    """Knows what it was given."""

    def __init__(self) -> None:
        self.pictures = self.texts = 0

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        self.pictures += sum(item.photo is not None for item in batch)
        self.texts += sum(item.photo is None for item in batch)
        return super()._embed_batch(batch)


def facts(folder: Path, number: int) -> dict[str, Any]:
    """A product as that program held it, in the order of its fields."""
    color = COLORS[number % 3]
    return {
        "id": f"m{number}",
        "title": f"{color.title()} mug {number}",
        "category": ["Kitchen", "Mugs"],
        "description": "Holds tea.",
        "price_minor": 1000 + number,
        "currency": "USD",
        "color": color,
        "brand": "",
        "rating": 4.5 if number % 2 else None,
        "rating_count": 12 if number % 2 else None,
        "image": str(folder / f"{color}.png"),
    }


def old_row(folder: Path, number: int) -> dict[str, Any]:
    known = facts(folder, number)
    digest = hashlib.sha256(json.dumps([1, known], ensure_ascii=False, sort_keys=True).encode())
    digest.update(hashlib.sha256(Path(known["image"]).read_bytes()).digest())
    with Image.open(known["image"]) as picture:
        seen = ColorEmbedder().embed([Item(known["title"], picture.copy())])[0]
    text = "\n".join([known["title"], "Kitchen Mugs", known["color"], known["description"]])
    words = ColorEmbedder().embed([Item(text)])[0]
    color = known["color"]
    return {
        **known,
        "category": json.dumps(known["category"]),
        "picture": seen,
        "words": words,
        "terms": f"{color} mug {number} {color} mug {number} kitchen mug {color} hold tea",
        "content_hash": digest.hexdigest(),
        "color_key": color,
        "brand_key": "",
        **dict.fromkeys(LEVELS, ""),
        "category_1": "kitchen",
        "category_2": "mugs",
    }


def old_schema(dim: int) -> Any:
    schema = MilvusClient.create_schema(auto_id=False, description="Pounce, embedded by color-1")
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=512)
    schema.add_field("picture", DataType.FLOAT_VECTOR, dim=dim)
    schema.add_field("words", DataType.FLOAT_VECTOR, dim=dim)
    schema.add_field("terms", DataType.VARCHAR, max_length=65_535, enable_analyzer=True)
    schema.add_field("bm25", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        Function(
            name="terms_bm25",
            function_type=FunctionType.BM25,
            input_field_names=["terms"],
            output_field_names=["bm25"],
        )
    )
    for name in TEXTS:
        schema.add_field(name, DataType.VARCHAR, max_length=65_535)
    for name in ("currency", "content_hash"):
        schema.add_field(name, DataType.VARCHAR, max_length=64)
    for name in ("color_key", "brand_key", *LEVELS):
        schema.add_field(name, DataType.VARCHAR, max_length=2048)
    schema.add_field("price_minor", DataType.INT64, nullable=True)
    schema.add_field("rating", DataType.DOUBLE, nullable=True)
    schema.add_field("rating_count", DataType.INT64, nullable=True)
    return schema


class OldHome:
    """Two catalogues of twelve mugs each: the built-in shop's name, and one of a shop's own."""

    def __init__(self, path: Path) -> None:
        self.path, self.pictures = path / "home", path / "shop"
        self.pictures.mkdir(parents=True)
        for color in COLORS:
            Image.new("RGB", (48, 48), color).save(self.pictures / f"{color}.png")
        self.address = Address(ensure_server(self.path / "milvus", idle_s=30))
        self.client = MilvusClient(uri=self.address.uri)
        mark = hashlib.sha256(b"color-1").hexdigest()[:16]
        catalogues = {}
        for name in ("demo", "mugs"):
            self._fill(f"pounce_{name}_v1_{mark}")
            self.client.create_alias(f"pounce_{name}_v1_{mark}", f"pounce_{name}")
            catalogues[name] = {
                "name": name,
                "source": str(self.pictures / "mugs.jsonl"),
                "ingested_at": "2026-11-01T00:00:00+00:00",
                "total": 12,
                "vocabulary": {
                    "categories": {"Kitchen": 12, "Mugs": 12},
                    "paths": {"Kitchen > Mugs": 12},
                    "colors": dict.fromkeys(COLORS, 4),
                    "brands": {},
                    "min_price": 1000,
                    "max_price": 1011,
                    "currency": "USD",
                    "things": {"mug": 12},
                    "rated": True,
                    "worded": True,
                    "shown": {"Mugs": "m1"},
                },
            }
        (self.path / "catalogues.json").write_text(
            json.dumps({"active": "mugs", "catalogues": catalogues})
        )

    def _fill(self, collection: str) -> None:
        params = MilvusClient.prepare_index_params()
        for name in ("picture", "words"):
            params.add_index(name, index_type="FLAT", metric_type="COSINE", params={})
        params.add_index("bm25", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
        self.client.create_collection(
            collection,
            schema=old_schema(ColorEmbedder.dim),
            index_params=params,
            consistency_level="Session",
        )
        self.client.upsert(collection, [old_row(self.pictures, n) for n in range(12)])
        self.client.flush(collection)

    def index(self, name: str = "mugs") -> ProductIndex:
        return ProductIndex(lambda: self.address, f"pounce_{name}")

    def shop(self, name: str = "mugs") -> Shop:
        registry = Registry(self.path)
        return Shop(registry.get(name), registry, self.index(name), ColorEmbedder())

    def write(self, changes: Mapping[int, Mapping[str, object]], count: int = 12) -> Path:
        """The shop's file, with some products changed."""
        path = self.pictures / "mugs.jsonl"
        rows = []
        for number in range(count):
            row = facts(self.pictures, number)
            row["price"] = str((row.pop("price_minor")) / 100)
            rows.append(json.dumps({**row, **changes.get(number, {})}))
        path.write_text("\n".join(rows))
        return path

    def ingest(self, path: Path, **options: Any) -> tuple[Report, int, int]:
        """The report, and how many pictures and texts were embedded."""
        embedder = CountingEmbedder()
        report = ingest(
            path,
            name="mugs",
            home=self.path,
            registry=Registry(self.path),
            index=self.index(),
            embedder=embedder,
            **options,
        )
        return report, embedder.pictures, embedder.texts


@pytest.fixture
def home(tmp_path: Path) -> Iterator[OldHome]:
    made = OldHome(tmp_path)
    yield made
    stop_server(made.path / "milvus")


@pytest.mark.parametrize("name", ["demo", "mugs"])
def test_old_collection_opens_and_is_searched(home: OldHome, name: str) -> None:
    shop = home.shop(name)
    assert shop.count() == 12
    found = shop.search(Query("red mug", filters=Filters(max_price=1005, colors=("red",))))
    assert {match.product.id for match in found.matches} == {"m0", "m3"}
    product = found.matches[0].product
    assert (product.currency, product.link, product.availability) == ("USD", "", "")
    cheapest = shop.search(Query(sort="cheapest"), 2)
    assert [match.product.id for match in cheapest.matches] == ["m0", "m1"]
    assert len(list(home.index(name).all_products())) == 12


def test_ingesting_the_same_file_again_embeds_nothing_and_makes_room(home: OldHome) -> None:
    reader = home.shop()
    report, pictures, texts = home.ingest(home.write({}))
    assert (report.unchanged, report.changed, report.new, report.total) == (12, 0, 0, 12)
    assert (pictures, texts) == (0, 0)
    assert (home.index().in_force or "").startswith("pounce_mugs_v3_")
    # Whoever reads the old collection goes on with it.
    assert reader.search(Query("red mug")).matches
    assert home.shop().search(Query("red mug")).matches[0].product.title.startswith("Red mug")
    report, pictures, texts = home.ingest(home.write({}))
    assert (report.unchanged, pictures, texts) == (12, 0, 0)


def test_ingesting_again_brings_new_facts_and_embeds_what_a_model_saw_otherwise(
    home: OldHome,
) -> None:
    changes: dict[int, dict[str, object]] = {
        0: {"link": "https://shop.test/0", "availability": "out of stock"},
        1: {"price": "99.50"},
        2: {"title": "Blue jug 2"},
    }
    report, pictures, texts = home.ingest(home.write(changes))
    assert (report.changed, report.unchanged, report.new) == (3, 9, 0)
    assert (pictures, texts) == (1, 1)
    products = home.shop().products(["m0", "m1", "m2"])
    assert products["m0"].link == "https://shop.test/0"
    assert products["m0"].availability == "out of stock"
    assert (products["m1"].price_minor, products["m2"].title) == (9950, "Blue jug 2")


def test_picture_that_changed_is_embedded(home: OldHome) -> None:
    path = home.write({3: {"price": "77"}})
    Image.new("RGB", (48, 48), "purple").save(home.pictures / "red.png")
    report, pictures, _ = home.ingest(path)
    assert (report.changed, report.unchanged, pictures) == (4, 8, 4)


def test_products_that_the_file_lacks_stay_and_are_pruned_once(home: OldHome) -> None:
    report, *_ = home.ingest(home.write({}, count=10))
    assert (report.missing, report.removed, report.total) == (2, 0, 12)


def test_pruning_an_old_collection_counts_each_product_once(home: OldHome) -> None:
    report, pictures, _ = home.ingest(home.write({}, count=10), prune=True)
    assert (report.missing, report.removed, report.total, pictures) == (2, 2, 10, 0)


def test_a_part_of_the_file_leaves_the_others_in(home: OldHome) -> None:
    report, pictures, _ = home.ingest(home.write({}), wanted=Wanted(limit=2))
    assert (report.unchanged, report.missing, report.total, pictures) == (2, 0, 12, 0)


def test_an_ingest_that_was_interrupted_goes_on_with_its_vectors(home: OldHome) -> None:
    home.client.drop_alias("pounce_mugs")  # never published
    report, pictures, texts = home.ingest(home.write({}))
    assert (report.unchanged, report.total, pictures, texts) == (12, 12, 0, 0)
    assert home.index().unfinished() == {}
