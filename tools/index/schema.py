"""The collection of a catalogue: its columns, and a product to a row and back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from tools.catalogue.facts import pack_document, unpack_document
from tools.catalogue.variants import with_sales_ended
from tools.index.filters import CATEGORY_COLUMNS, category_columns
from tools.index.sieve import (
    DOCUMENT,
    HIGH,
    LONGEST,
    LOW,
    SCHEMA_VERSION,
    TOKENS,
    sieve_columns,
    sieve_of,
)
from tools.index.stemming import product_terms
from tools.product import Product
from tools.text import fold

if TYPE_CHECKING:
    from pymilvus import CollectionSchema
    from pymilvus.milvus_client.index import IndexParams

    from tools.embedding.base import FloatArray

_OWN_COLUMNS = (
    "title", "category", "description", "price_minor", "currency", "color", "brand", "rating",
    "rating_count", "image",
)  # fmt: skip
"""Of facts; `image` holds all pictures of a product."""

READ_VERSIONS = (SCHEMA_VERSION, 2, 1)
"""The newest first. 2 has what products are filtered by in DOCUMENT; 1 has no DOCUMENT, and
`content_hash` instead of the two hashes."""
UNSPLIT = "1:"
"""Begins an `embedded_hash` that was the `content_hash` of version 1."""
UNSEEN = "0:"
"""Begins the `embedded_hash` of a product without a picture."""
VectorIndex = Literal["FLAT", "HNSW", "HNSW_SQ", "IVF_SQ8", "DISKANN"]
"""Exact, or one of Milvus' approximate ones, see the README for which is for how many products.

Milvus Lite's HNSW loses results under a filter, so there it is FLAT.
"""
_BUILDING: dict[VectorIndex, dict[str, Any]] = {
    "FLAT": {},
    "HNSW": {"M": 16, "efConstruction": 200},
    "HNSW_SQ": {"M": 16, "efConstruction": 200, "sq_type": "SQ8"},
    "IVF_SQ8": {"nlist": 4096},
    "DISKANN": {},
}
SEARCHING: dict[VectorIndex, dict[str, int]] = {
    "FLAT": {},
    "HNSW": {"ef": 256},
    "HNSW_SQ": {"ef": 256},
    "IVF_SQ8": {"nprobe": 64},
    "DISKANN": {"search_list": 256},
}
"""How far a search looks: beyond the 100 hits that are asked for at most."""

VECTORS = ("picture", "words")
"""The dense vectors of a product: of its picture, and of its text."""


class Hashes(NamedTuple):
    """What was read when a product was written, see `tools.ingest.content`."""

    embedded: str
    """Of what its vectors are made from."""
    facts: str
    """Of all its facts; "" behind UNSPLIT."""


def version_of(collection: str) -> int:
    """The version of a collection's schema, by the name of the collection."""
    found = re.search(r"_v(\d+)_[0-9a-f]{16}$", collection)
    return int(found[1]) if found else SCHEMA_VERSION


def fact_columns(version: int) -> list[str]:
    """What a product is read back from, besides its id."""
    return [*_OWN_COLUMNS, *([DOCUMENT] if version > 1 else [])]


def hash_columns(version: int) -> list[str]:
    """What `read_hashes` takes."""
    return ["embedded_hash", "facts_hash"] if version > 1 else ["content_hash"]


def read_hashes(row: Mapping[str, Any]) -> Hashes:
    """The hashes of a row of any version."""
    if "content_hash" in row:
        return Hashes(UNSPLIT + row["content_hash"], "")
    return Hashes(row["embedded_hash"], row["facts_hash"])


def make_schema(dims: Mapping[str, int], description: str) -> CollectionSchema:
    """Dense vectors of these sizes, one sparse that Milvus makes for BM25, facts, keys, hashes."""
    from pymilvus import DataType, Function, FunctionType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, description=description)
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=512)
    for name in VECTORS:
        schema.add_field(name, DataType.FLOAT_VECTOR, dim=dims[name])
    schema.add_field("terms", DataType.VARCHAR, max_length=LONGEST, enable_analyzer=True)
    schema.add_field("bm25", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        Function(
            name="terms_bm25",
            function_type=FunctionType.BM25,
            input_field_names=["terms"],
            output_field_names=["bm25"],
        )
    )
    for name in ("title", "category", "description", "image", "color", "brand"):
        schema.add_field(name, DataType.VARCHAR, max_length=LONGEST)
    schema.add_field(DOCUMENT, DataType.JSON)
    for name in ("currency", "embedded_hash", "facts_hash"):
        schema.add_field(name, DataType.VARCHAR, max_length=80)
    for name in ("color_key", "brand_key", *CATEGORY_COLUMNS):
        schema.add_field(name, DataType.VARCHAR, max_length=2048)
    schema.add_field(TOKENS, DataType.VARCHAR, max_length=LONGEST)
    for name in (LOW, HIGH):
        schema.add_field(name, DataType.INT64, nullable=True)
    schema.add_field("price_minor", DataType.INT64, nullable=True)
    schema.add_field("rating", DataType.DOUBLE, nullable=True)
    schema.add_field("rating_count", DataType.INT64, nullable=True)
    return schema


def make_index_params(kind: VectorIndex) -> IndexParams:
    """Both dense vectors under this kind of index, and the words."""
    from pymilvus import MilvusClient

    params = MilvusClient.prepare_index_params()
    for name in VECTORS:
        params.add_index(name, index_type=kind, metric_type="COSINE", params=_BUILDING[kind])
    params.add_index("bm25", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    return params


def to_row(
    product: Product, picture: FloatArray, words: FloatArray, hashes: Hashes
) -> dict[str, Any]:
    """A product with its two vectors as Milvus takes it."""
    return {
        "id": product.id,
        "picture": picture,
        "words": words,
        "terms": product_terms(product),
        "title": product.title,
        "category": json.dumps(product.category, ensure_ascii=False),
        "description": product.description,
        "image": _joined((product.image, *product.more_images)),
        "color": product.color,
        "brand": product.brand,
        "currency": product.currency,
        "embedded_hash": hashes.embedded,
        "facts_hash": hashes.facts,
        DOCUMENT: pack_document(product),
        **sieve_columns(sieve_of(product)),
        "color_key": fold(product.color),
        "brand_key": fold(product.brand),
        **category_columns(product.category, product.more_categories),
        "price_minor": product.price_minor,
        "rating": product.rating,
        "rating_count": product.rating_count,
    }


def _joined(images: tuple[str, ...]) -> str:
    """The column of the pictures: one as it is (a path from the root), several as a JSON list."""
    return images[0] if len(images) == 1 else json.dumps(images, ensure_ascii=False)


def from_row(row: Mapping[str, Any]) -> Product:
    """The product of a row that holds `id` and the fact columns of its version, at today's prices:
    a sale that ended since it was written is over."""
    facts: dict[str, Any] = {name: row.get(name) for name in _OWN_COLUMNS}
    facts["category"] = tuple(json.loads(row["category"]))
    facts["image"], *more = json.loads(row["image"]) if row["image"][:1] == "[" else [row["image"]]
    facts["more_images"] = tuple(more)
    product = Product(id=row["id"], **facts, **unpack_document(row.get(DOCUMENT) or {}))
    return with_sales_ended(product)
