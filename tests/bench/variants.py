"""Filters over variants: against a plain loop, and what variants cost a search.

First 2,000 random combinations of filters over 5,000 generated products: the results must be
exactly those of a plain loop over all variants. Then the median of a search over 20,000 products
with 100,000 variants against that over 20,000 products without, in turn, in one run. On the
embedded Milvus, with an embedder of eight numbers. `python -m tests.bench.variants [exact|speed]`.

`… ingest [20000]` takes in a file of that many products with five variants each after a file of
that many without, with the built-in models and without pictures, so that the rows weigh most.
"""

# ruff: noqa: T201 - printing is what a benchmark is for

from __future__ import annotations

import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.support.generated_variants import (
    by_plain_loop,
    generated_products,
    open_generated_shop,
    random_filters,
)
from tools.catalogue.vocabulary import resolve
from tools.product import Filters, Query
from tools.search.shop import Shop

PRODUCTS, COMBINATIONS = 5_000, 2_000
LARGE, ROUNDS = 20_000, 40
LIMIT = 9
BAR = 1.25
"""A search with variants takes at most 1 / 0.8 of one without."""
LEAST_RATE = 0.8
"""The rate of ingest with variants against that without, products a second."""
VARIANTS = 5
_COLUMNS = (
    *("id", "title", "description", "link", "price", "availability"),
    *("color", "size", "item_group_id"),
)
_TEXTS = ("item in town", "item in the field", "something for the hall", "item 77")


def main() -> None:
    """Print both figures; exits with 1 where a result is wrong or the ratio is above the bar."""
    parts = sys.argv[1:] or ["exact", "speed"]
    if parts[0] == "ingest":
        ratio = ingest_rates(int(parts[1]) if len(parts) > 1 else LARGE)
        raise SystemExit(int(ratio < LEAST_RATE))
    bad = exact() if "exact" in parts else 0
    ratio = speed() if "speed" in parts else 0.0
    if bad or ratio > BAR:
        raise SystemExit(1)


def exact() -> int:
    """How many combinations give another result than the loop."""
    products = generated_products(PRODUCTS, seed=5)
    random, wrong, missing = Random(6), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        shop = open_generated_shop(Path(folder), products)
        start = time.perf_counter()
        for number in range(1, COMBINATIONS + 1):
            filters, _ = resolve(random_filters(random), shop.vocabulary)
            truth = set(by_plain_loop(products, filters))
            found = {
                (match.product.id, match.variant.id if match.variant else "")
                for match in shop.search(Query("item", filters=filters), LIMIT).matches
            }
            wrong += bool(found - truth)
            missing += len(found) != min(LIMIT, len(truth))
            if number % 500 == 0:
                seconds = time.perf_counter() - start
                print(f"{number} combinations: {wrong} wrong, {missing} missing, {seconds:.0f} s")
    return wrong + missing


def speed() -> float:
    """The ratio of the medians, printed."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        plain = open_generated_shop(Path(one), generated_products(LARGE, variants=0))
        varied_products = generated_products(LARGE, variants=12)
        count = sum(len(product.variants) for product in varied_products)
        varied = open_generated_shop(Path(other), varied_products)
        shops = {"without": plain, "with": varied}
        for filters in (Filters(), Filters(colors=("blue",), max_price=6000)):
            times: dict[str, list[float]] = {name: [] for name in shops}
            for number in range(ROUNDS + len(_TEXTS)):
                for name, shop in shops.items():
                    seconds = _timed(shop, _TEXTS[number % len(_TEXTS)], filters)
                    if number >= len(_TEXTS):
                        times[name].append(seconds)
            middle = {name: statistics.median(each) for name, each in times.items()}
            ratio = middle["with"] / middle["without"]
            what = "color and price" if filters.colors else "no filter"
            print(
                f"{what}: {middle['without'] * 1000:.0f} ms without, "
                f"{middle['with'] * 1000:.0f} ms with {count:,} variants, ratio {ratio:.2f}"
            )
            if not filters.colors:
                barred = ratio
    return barred


def ingest_rates(count: int) -> float:
    """The rate of an ingest of `count` products with variants against that of one without."""
    seconds = {}
    for variants in (1, VARIANTS):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "products.csv"
            _write_products(path, count, variants)
            command = [sys.executable, "-m", "ui.cli", "ingest", str(path)]
            start = time.perf_counter()
            subprocess.run(
                command, env={**os.environ, "POUNCE_HOME": folder}, check=True, capture_output=True
            )
            seconds[variants] = time.perf_counter() - start
        print(f"{count} products of {variants} variants: {seconds[variants]:.0f} s", flush=True)
    ratio = seconds[1] / seconds[VARIANTS]
    print(f"rate with variants against that without: {ratio:.2f}")
    return ratio


def _write_products(path: Path, count: int, variants: int) -> None:
    """A file as a merchant's feed: a row for each variant, grouped where there are several."""
    colors = ("Red", "Blue", "Green", "Black", "White")
    kinds = ("Runner", "Kettle", "Wallet", "Lamp", "Scarf", "Mug", "Backpack")
    with path.open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file)
        write.writerow(
            [
                "id",
                "title",
                "description",
                "link",
                "price",
                "availability",
                "color",
                "size",
                "item_group_id",
            ]
        )
        for product in range(count):
            title = f"{kinds[product % len(kinds)]} {product}"
            for variant in range(variants):
                write.writerow(
                    (
                        f"p{product}-{variant}",
                        title,
                        f"The {title.lower()} for every day, number {product} of its line.",
                        f"https://shop.example/{product}?variant={variant}",
                        f"{10 + product % 90 + variant}.00 EUR",
                        "in stock" if (product + variant) % 7 else "out of stock",
                        colors[(product + variant) % len(colors)],
                        36 + variant,
                        f"g{product}" if variants > 1 else "",
                    )
                )


def _timed(shop: Shop, text: str, filters: Filters) -> float:
    start = time.perf_counter()
    shop.search(Query(text, filters=filters), LIMIT)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
