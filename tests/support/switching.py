"""Searches of two clients while the alias goes from one collection to the other and back."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import numpy as np

from tools.embedding.base import FloatArray
from tools.index.milvus import Address, ProductIndex
from tools.index.schema import VECTORS, Hashes
from tools.product import Filters, Product

SHOWN = 9
_HASHES = Hashes("h", "h")
_PRODUCTS, _DIM, _CLIENTS = 60, 32, 2


@dataclass
class Switched:
    """What two clients saw."""

    switches: int
    searches: int = 0
    seconds: float = 0.0
    not_whole: list[int] = field(default_factory=list)
    """How many products came where nine were to come."""
    errors: list[str] = field(default_factory=list)

    @property
    def a_second(self) -> float:
        """Searches of both clients together."""
        return self.searches / self.seconds


def switch_under_load(
    address: Address, switches: int, *, between_s: float, searches: int = 0
) -> Switched:
    """Fill two collections, then point the alias to and fro while two clients search by it.

    Before each switch `between_s` seconds pass, and longer until there were so many `searches`.
    """
    random = np.random.default_rng(0)
    index = ProductIndex(lambda: address, "pounce_switching")
    names = [index.collection_for(f"model {n}", dict.fromkeys(VECTORS, _DIM)) for n in range(2)]
    for name in names:
        rows = [
            (Product(f"p{n}", f"Mug {n}", price_minor=n, image="/x.png"), *_units(random), _HASHES)
            for n in range(_PRODUCTS)
        ]
        index.upsert(name, rows)
        index.settle(name)
    index.publish(names[0])
    seen, over = Switched(switches), threading.Event()
    counts = [0] * _CLIENTS

    def client(number: int) -> None:
        mine = ProductIndex(lambda: address, "pounce_switching")
        vector = _units(np.random.default_rng(number))[0]
        while not over.is_set():
            found = mine.nearest("picture", vector, Filters(), SHOWN)
            counts[number] += 1
            if len(found) != SHOWN:
                seen.not_whole.append(len(found))

    def watched(number: int) -> None:
        try:
            client(number)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is measured
            seen.errors.append(repr(error))

    clients = [threading.Thread(target=watched, args=(n,)) for n in range(_CLIENTS)]
    for each in clients:
        each.start()
    start = time.perf_counter()
    for turn in range(switches):
        before = sum(counts)
        over.wait(between_s)
        while sum(counts) < before + searches and not seen.errors:
            over.wait(0.01)
        index.publish(names[(turn + 1) % 2])
    over.wait(between_s)
    seen.seconds = time.perf_counter() - start
    over.set()
    for each in clients:
        each.join()
    seen.searches = sum(counts)
    return seen


def _units(random: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    pair = random.normal(size=(2, _DIM)).astype(np.float32)
    pair /= np.linalg.norm(pair, axis=1, keepdims=True)
    return pair[0], pair[1]
