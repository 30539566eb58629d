"""A collection whose products are filtered by entries of the JSON column: it opens, is searched,
and is copied into one with columns for them.

It is written out here as that program made it, and never by today's code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymilvus import DataType, Function, FunctionType, MilvusClient

from tests.support.generated_variants import WordsEmbedder
from tools.catalogue.registry import Entry, Registry
from tools.catalogue.vocabulary import count_vocabulary
from tools.index.local_server import ensure_server, stop_server
from tools.index.milvus import Address, ProductIndex
from tools.product import Filters, Query
from tools.search.shop import Shop

OLD = "pounce_shirts_v2_" + hashlib.sha256(WordsEmbedder.fingerprint.encode()).hexdigest()[:16]
LEVELS = tuple(f"category_{level}" for level in range(1, 7))
SHIRTS = {  # id: (color, size, minor units) of each variant
    "a": [("red", "M", 1500), ("blue", "S", 2500)],
    "b": [("blue", "M", 1900)],
    "c": [("blue", "XL", 900)],
}


def old_row(identity: str, place: int) -> dict[str, Any]:
    forms = SHIRTS[identity]
    tokens = [f"color={c}" for c, _, _ in forms] + [f"size={s.lower()}" for _, s, _ in forms]
    prices = [price for _, _, price in forms]
    variants = [
        {
            "id": f"{identity}-{n}",
            "options": [["Color", c], ["Size", s]],
            "price": p,
            "availability": "in stock",
        }
        for n, (c, s, p) in enumerate(forms)
    ]
    vector = [float(place == n) for n in range(WordsEmbedder.dim)]
    return {
        "id": identity,
        "picture": vector,
        "words": vector,
        "terms": "shirt",
        "title": "Shirt",
        "category": json.dumps(["Shirts"]),
        "description": "",
        "image": f"/{identity}.jpg",
        "color": forms[0][0],
        "brand": "",
        "currency": "USD",
        "embedded_hash": f"e{identity}",
        "facts_hash": f"f{identity}",
        "facts": {
            "availability": "in stock",
            "variants": variants,
            "codes": ["AB-12"] if identity == "c" else [],
            "sieve_tokens": [*tokens, "in stock", *(["code=ab12"] if identity == "c" else [])],
            "sieve_low": min(prices),
            "sieve_high": max(prices),
        },
        "color_key": forms[0][0],
        "brand_key": "",
        **dict.fromkeys(LEVELS, ""),
        "category_1": "shirts",
        "price_minor": prices[0],
        "rating": None,
        "rating_count": None,
    }


def old_schema() -> Any:
    schema = MilvusClient.create_schema(auto_id=False)
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=512)
    for name in ("picture", "words"):
        schema.add_field(name, DataType.FLOAT_VECTOR, dim=WordsEmbedder.dim)
    schema.add_field("terms", DataType.VARCHAR, max_length=65_535, enable_analyzer=True)
    schema.add_field("bm25", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        Function(
            "terms_bm25", FunctionType.BM25, ["terms"], ["bm25"]
        )  # by place, as pymilvus has it
    )
    for name in ("title", "category", "description", "image", "color", "brand"):
        schema.add_field(name, DataType.VARCHAR, max_length=65_535)
    schema.add_field("facts", DataType.JSON)
    for name in ("currency", "embedded_hash", "facts_hash"):
        schema.add_field(name, DataType.VARCHAR, max_length=80)
    for name in ("color_key", "brand_key", *LEVELS):
        schema.add_field(name, DataType.VARCHAR, max_length=2048)
    schema.add_field("price_minor", DataType.INT64, nullable=True)
    schema.add_field("rating", DataType.DOUBLE, nullable=True)
    schema.add_field("rating_count", DataType.INT64, nullable=True)
    return schema


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ProductIndex]:
    address = Address(ensure_server(tmp_path / "milvus", idle_s=30))
    client = MilvusClient(uri=address.uri)
    params = MilvusClient.prepare_index_params()
    for name in ("picture", "words"):
        params.add_index(name, index_type="FLAT", metric_type="COSINE", params={})
    params.add_index("bm25", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    client.create_collection(
        OLD, schema=old_schema(), index_params=params, consistency_level="Session"
    )
    client.upsert(OLD, [old_row(identity, n) for n, identity in enumerate(SHIRTS)])
    client.create_alias(OLD, "pounce_shirts")
    yield ProductIndex(lambda: address, "pounce_shirts")
    stop_server(tmp_path / "milvus")


def open_shop(index: ProductIndex, folder: Path) -> Shop:
    vocabulary = count_vocabulary(index.all_products(), worded=True)
    entry = Entry("shirts", "shirts.csv", "2026-11-01T00:00:00+00:00", len(SHIRTS), vocabulary)
    registry = Registry(folder)
    registry.put(entry, activate=True)
    return Shop(entry, registry, index, WordsEmbedder())


def found(shop: Shop, filters: Filters) -> set[str]:
    return {match.product.id for match in shop.search(Query("shirt", filters=filters)).matches}


def test_old_collection_is_filtered_by_variants_before_and_after_it_is_copied(
    index: ProductIndex, tmp_path: Path
) -> None:
    embedder = WordsEmbedder()
    asked = {
        Filters(colors=("blue",)): {"a", "b", "c"},
        Filters(options=("size=m",)): {"a", "b"},
        Filters(options=("size=m",), colors=("blue",)): {"b"},
        Filters(colors=("blue",), max_price=2000): {"b", "c"},
        Filters(min_price=2400): {"a"},
        Filters(in_stock=True, max_price=1000): {"c"},
    }
    shop = open_shop(index, tmp_path)
    assert index.in_force == OLD
    before = {filters: found(shop, filters) for filters in asked}
    assert before == asked
    assert index.with_codes(["AB 12"], Filters()) == ["c"]

    new = index.collection_for(embedder.fingerprint, embedder.dims)
    assert new.startswith("pounce_shirts_v3_")
    assert index.content_hashes(new) == index.content_hashes(OLD)
    index.publish(new)
    fresh = ProductIndex(lambda: index.address, "pounce_shirts")
    again = open_shop(fresh, tmp_path)
    assert {filters: found(again, filters) for filters in asked} == asked
    assert fresh.with_codes(["AB 12"], Filters()) == ["c"]
    # Whoever reads the old one goes on with it.
    assert found(shop, Filters(colors=("blue",), max_price=2000)) == {"b", "c"}
