"""The collection of a catalogue: its columns, and a product to a row and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from tools.catalogue.vocabulary import fold
from tools.index.filters import CATEGORY_COLUMNS, category_columns
from tools.index.stemming import product_terms
from tools.product import Product

if TYPE_CHECKING:
    from pymilvus import CollectionSchema
    from pymilvus.milvus_client.index import IndexParams

    from tools.embedding.base import FloatArray

FACTS = (
    "title", "category", "description", "price_minor", "currency", "color", "brand", "rating",
    "rating_count", "image",
)  # fmt: skip
"""What a product is read back from, besides its id."""

SCHEMA_VERSION = 1
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
"""More than the hundred that are asked for at most, so that the lists are whole."""
_LONGEST = 65_535


def make_schema(dim: int, description: str) -> CollectionSchema:
    """Columns: two dense vectors of `dim`, one sparse for BM25 made by Milvus, facts, keys."""
    from pymilvus import DataType, Function, FunctionType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, description=description)
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=512)
    schema.add_field("picture", DataType.FLOAT_VECTOR, dim=dim)
    schema.add_field("words", DataType.FLOAT_VECTOR, dim=dim)
    schema.add_field("terms", DataType.VARCHAR, max_length=_LONGEST, enable_analyzer=True)
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
        schema.add_field(name, DataType.VARCHAR, max_length=_LONGEST)
    for name in ("currency", "content_hash"):
        schema.add_field(name, DataType.VARCHAR, max_length=64)
    for name in ("color_key", "brand_key", *CATEGORY_COLUMNS):
        schema.add_field(name, DataType.VARCHAR, max_length=2048)
    schema.add_field("price_minor", DataType.INT64, nullable=True)
    schema.add_field("rating", DataType.DOUBLE, nullable=True)
    schema.add_field("rating_count", DataType.INT64, nullable=True)
    return schema


def make_index_params(kind: VectorIndex) -> IndexParams:
    """Both dense vectors under this kind of index, and the words."""
    from pymilvus import MilvusClient

    params = MilvusClient.prepare_index_params()
    for name in ("picture", "words"):
        params.add_index(name, index_type=kind, metric_type="COSINE", params=_BUILDING[kind])
    params.add_index("bm25", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    return params


def to_row(
    product: Product, picture: FloatArray, words: FloatArray, content_hash: str
) -> dict[str, Any]:
    """A product with its two vectors, (dim,) each, as Milvus takes it."""
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
        "content_hash": content_hash,
        "color_key": fold(product.color),
        "brand_key": fold(product.brand),
        **category_columns(product.category),
        "price_minor": product.price_minor,
        "rating": product.rating,
        "rating_count": product.rating_count,
    }


def _joined(images: tuple[str, ...]) -> str:
    """The column of the pictures: one as it is (a path from the root), several as a JSON list."""
    return images[0] if len(images) == 1 else json.dumps(images, ensure_ascii=False)


def from_row(row: dict[str, Any]) -> Product:
    """The product of a row that holds `id` and FACTS."""
    facts: dict[str, Any] = {name: row.get(name) for name in FACTS}
    facts["category"] = tuple(json.loads(row["category"]))
    facts["image"], *more = json.loads(row["image"]) if row["image"][:1] == "[" else [row["image"]]
    facts["more_images"] = tuple(more)
    return Product(id=row["id"], **facts)
