"""A whole search against its two dear parts, bare: the model's call and one hybrid request.

Visualized BGE at the base model's size with random weights, 900 products with random vectors in
the embedded Milvus, a new photo every time. Both ways in turn within one run; the ratio is what
to compare. Then full text before and after the rows have settled. Run with `make bench`, or
`python -m tests.bench.search`.
"""

# ruff: noqa: T201 - printing is what a benchmark is for

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from pymilvus import AnnSearchRequest, MilvusClient, RRFRanker
from transformers import PreTrainedTokenizerBase

from tests.golden.visualized_bge import golden
from tools.catalogue.registry import Entry, Registry
from tools.catalogue.vocabulary import Vocabulary
from tools.embedding.base import FloatArray
from tools.embedding.visualized_bge.embedder import VisualizedBGEEmbedder
from tools.embedding.visualized_bge.model import VisualizedBGE, VisualizedBGEConfig
from tools.embedding.visualized_bge.preprocess import pixels
from tools.index.filters import expression
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex
from tools.index.schema import VECTORS, Hashes, fact_columns
from tools.index.sieve import SCHEMA_VERSION
from tools.index.stemming import search_terms
from tools.models.hub import read_text_model, torch_device, torch_dtype
from tools.product import Filters, Product, Query
from tools.search.shop import Shop

PRODUCTS = 900
ROUNDS = 12
LIMIT = 9
WORDS = "a phone case with this"
FILTERS = Filters(max_price=5000)
BAR = 1.15
SETTLED_BAR = 0.5


def main() -> None:
    """Print the ratios; exits with 1 when a search costs over 15 % more than its parts, or full
    text of settled rows more than half of what it cost before."""
    device = torch_device("auto")
    torch.manual_seed(0)
    model = VisualizedBGE(VisualizedBGEConfig()).to(device)
    dtypes = [torch.float32]
    if torch_dtype("auto", device) is torch.bfloat16:
        dtypes.append(torch.bfloat16)
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        settled_ratio = settled(Path(folder))
        for dtype in dtypes:
            for weight in model.parameters():
                weight.data = weight.data.to(dtype)
            worst = max(worst, measure(model, Path(folder), str(dtype).removeprefix("torch.")))
    if worst > BAR or settled_ratio > SETTLED_BAR:
        raise SystemExit(1)


def measure(model: VisualizedBGE, folder: Path, dtype: str) -> float:
    """The median ratio of a whole search to its bare parts, printed with the milliseconds."""
    tokenizer = read_text_model(golden("base").text_model).tokenizer
    embedder = VisualizedBGEEmbedder(model, tokenizer)
    address = Address(ensure_server(folder / "milvus", idle_s=5))
    index = filled(ProductIndex(lambda: address, f"pounce_bench_{dtype}"), embedder)
    entry = Entry(f"bench {dtype}", "", "2020-01-01T00:00:00+00:00", PRODUCTS, Vocabulary())
    registry = Registry(folder)
    registry.put(entry, activate=True)
    shop = Shop(entry, registry, index, embedder)
    client = MilvusClient(**address.arguments())
    photos = iter(pictures(2 * ROUNDS + 2))
    bare = Bare(embedder, tokenizer, client, index.alias)
    ways: tuple[Callable[[Image.Image], object], ...] = (
        lambda photo: shop.search(Query(WORDS, photo, filters=FILTERS), LIMIT),
        bare.search,
    )
    for way in ways:  # once each, uncounted
        way(next(photos))
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for way, kept in zip(ways, times, strict=True):
            start = time.perf_counter()
            way(next(photos))
            kept.append((time.perf_counter() - start) * 1000)
    ratio = statistics.median(a / b for a, b in zip(*times, strict=True))
    whole, parts = map(statistics.median, times)
    print(
        f"{dtype}: whole search {whole:.0f} ms, bare model and hybrid request {parts:.0f} ms, "
        f"ratio {ratio:.3f} (bar {BAR})"
    )
    return ratio


def settled(folder: Path) -> float:
    """The ratio of full text over settled rows to that over rows just written, printed."""
    address, dim = Address(ensure_server(folder / "milvus", idle_s=5)), 8
    index = ProductIndex(lambda: address, "pounce_bench_settled")
    collection = index.collection_for("bench", dict.fromkeys(VECTORS, dim))
    vector: FloatArray = np.full(dim, dim**-0.5, dtype=np.float32)
    products = (Product(f"p{n}", f"Mug item {n}", image="/x.jpg") for n in range(600))
    index.upsert(collection, [(product, vector, vector, Hashes("", "")) for product in products])
    index.publish(collection)

    def fastest() -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            index.full_text("mug item", Filters(), 100)
            times.append(time.perf_counter() - start)
        return min(times)

    before = fastest()
    index.settle(collection)
    ratio = fastest() / before
    print(f"full text: {before * 1000:.0f} ms, settled x {ratio:.2f} (bar {SETTLED_BAR})")
    return ratio


class Bare:
    """The two calls that a search cannot do without, and nothing around them."""

    def __init__(
        self,
        embedder: VisualizedBGEEmbedder,
        tokenizer: PreTrainedTokenizerBase,
        client: MilvusClient,
        name: str,
    ) -> None:
        self._embedder, self._tokenizer = embedder, tokenizer
        self._client, self._name = client, name

    def search(self, photo: Image.Image) -> object:
        """The joint vector, and the three lists in one request, fused by Milvus."""
        model = self._embedder.model
        size, held = model.config.vision.image_size, next(model.parameters())
        values = torch.from_numpy(pixels(photo, size))[None].to(held.device, held.dtype)
        found = self._tokenizer(WORDS, return_tensors="pt").to(held.device)
        with torch.inference_mode():
            joint = model.encode_joint(values, found["input_ids"], found["attention_mask"])
        vector = joint[0].tolist()
        expr = expression(FILTERS)
        requests = [
            AnnSearchRequest([vector], column, {"metric_type": "COSINE"}, 50, expr=expr)
            for column in ("picture", "words")
        ]
        terms = search_terms(WORDS)
        requests.append(AnnSearchRequest([terms], "bm25", {"metric_type": "BM25"}, 50, expr=expr))
        return self._client.hybrid_search(
            self._name,
            requests,
            RRFRanker(),
            limit=LIMIT,
            output_fields=["id", *fact_columns(SCHEMA_VERSION)],
        )


def filled(index: ProductIndex, embedder: VisualizedBGEEmbedder) -> ProductIndex:
    """The index with random vectors: time does not depend on what they mean."""
    rng = np.random.default_rng(0)
    collection = index.collection_for(embedder.fingerprint, embedder.dims)
    vectors: FloatArray = rng.normal(size=(PRODUCTS, embedder.dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = [
        (
            Product(
                f"p{n}", f"Phone case {n}", ("Phones", "Cases"), price_minor=n * 10, image="/x.jpg"
            ),
            vectors[n],
            vectors[n],
            Hashes("", ""),
        )
        for n in range(PRODUCTS)
    ]
    for start in range(0, PRODUCTS, 300):
        index.upsert(collection, rows[start : start + 300])
    index.publish(collection)
    return index


def pictures(count: int) -> list[Image.Image]:
    """Decoded photos of noise, each another one, so that none is remembered."""
    rng = np.random.default_rng(1)
    shape = (480, 640, 3)
    return [Image.fromarray(rng.integers(0, 255, shape, dtype=np.uint8)) for _ in range(count)]


if __name__ == "__main__":
    main()
