"""What a worker of a cluster does with its rows; Ray itself is not needed for that."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from tests.support.shop_files import mug, write_csv
from tools.catalogue.reader import read_products
from tools.embedding.registry import EmbedderChoice, open_embedder
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex
from tools.ingest.ray_data import Work, Worker, write_parts


def test_worker_writes_what_is_new_and_carries_vectors_over_for_other_prices(
    tmp_path: Path,
) -> None:
    choice, address = EmbedderChoice(device="cpu"), Address(ensure_server(tmp_path / "m", idle_s=5))
    embedder = open_embedder(choice)
    index = ProductIndex(lambda: address, "pounce_cluster")
    collection = index.collection_for(embedder.fingerprint, embedder.dim)
    worker = Worker(Work(choice, address, "pounce_cluster", "FLAT", collection, tmp_path / "home"))
    path = tmp_path / "shop.csv"

    def became(price: str) -> Counter[str]:
        write_csv(path, [mug(n, price=price, link=f"https://shop.test/{n}") for n in range(5)])
        (tmp_path / "parts").mkdir(exist_ok=True)
        assert not list(write_parts(read_products(path), tmp_path / "parts"))
        rows = pq.read_table(tmp_path / "parts" / "000000.parquet").to_pydict()
        return Counter(worker(rows)["became"])

    ids = [f"m{n}" for n in range(5)]
    assert became("5") == {"new": 5}
    before = index.stored(collection, ids)
    assert became("5") == {"unchanged": 5}
    assert became("6") == {"changed": 5}
    after = index.stored(collection, ids)
    assert {each.product.price_minor for each in after.values()} == {600}
    assert after["m3"].product.link == "https://shop.test/3"
    assert all(np.array_equal(before[i].picture, after[i].picture) for i in ids)
    assert all(np.array_equal(before[i].words, after[i].words) for i in ids)
