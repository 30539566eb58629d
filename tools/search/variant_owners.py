"""Which product has a variant, by the variant's id: read once from the whole catalogue.

The index has no column of the ids of variants. Not covered: catalogues of more than `MOST_PRODUCTS`
products, whose variants are not found by their ids.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from threading import Lock

from tools.product import Product

logger = logging.getLogger(__name__)

MOST_PRODUCTS = 100_000
_AGAIN_S = 600.0
"""After which an unknown id has the catalogue read again: an ingest may have brought it."""


class VariantOwners:
    """Safe from any thread; the thread that asks first reads, and others wait for it."""

    def __init__(
        self,
        count: Callable[[], int],
        products: Callable[[], Iterator[Product]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count = count
        self._products = products
        self._clock = clock
        self._owners: dict[str, str] = {}
        self._read_at = float("-inf")
        self._lock = Lock()

    def owner(self, variant_id: str) -> str:
        """The id of the product, the first in the catalogue's order; "" for an unknown variant."""
        with self._lock:
            if variant_id not in self._owners and self._clock() - self._read_at > _AGAIN_S:
                self._read()
            return self._owners.get(variant_id, "")

    def _read(self) -> None:
        self._read_at = self._clock()
        if (number := self._count()) > MOST_PRODUCTS:
            logger.warning("variants of %d products are not found by their ids", number)
            return
        owners: dict[str, str] = {}
        for product in self._products():
            for variant in product.variants:
                owners.setdefault(variant.id, product.id)
        self._owners = owners
