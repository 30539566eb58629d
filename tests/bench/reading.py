"""Rows a second through the reader, and the memory that it takes: a long file of item metadata.

200,000 generated lines of Amazon Reviews 2023, packed, read in a process of its own. Run with
`python -m tests.bench.reading`.
"""

# ruff: noqa: T201 - printing is what a benchmark is for

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROWS = 200_000
LEAST_PER_S = 1_000
"""Embedding takes 20 to 50 products a second."""
MOST_MIB = 300

_READ = """
import resource, sys, time
from pathlib import Path
from tools.catalogue.reader import Numbered, read_products

start, spent = time.perf_counter(), time.process_time()
count = sum(isinstance(item, Numbered) for item in read_products(Path(sys.argv[1])))
took, spent = time.perf_counter() - start, time.process_time() - spent
print(count, took, spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def main() -> None:
    """Print the rate and the peak; exits with 1 when either misses its bar."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "meta_Electronics.jsonl.gz"
        characters = write_rows(path, rows)
        done = subprocess.run(
            [sys.executable, "-c", _READ, str(path)], capture_output=True, text=True, check=True
        )
    count, took, spent, peak = map(float, done.stdout.split())
    print(
        f"{count:,.0f} products of {rows:,} rows ({characters / rows:,.0f} characters each): "
        f"{rows / took:,.0f} rows/s ({rows / spent:,.0f} per second of processor time; "
        f"bar {LEAST_PER_S:,}), peak {peak:.0f} MiB (bar {MOST_MIB})"
    )
    if rows / spent < LEAST_PER_S or peak > MOST_MIB:
        raise SystemExit(1)


def write_rows(path: Path, count: int) -> int:
    """A packed file of so many rows; gives its unpacked length. One row in fifty has no picture."""
    random.seed(0)
    words = [f"word{n}" for n in range(5000)]
    patterns = [json.dumps(_row(number, words)) + "\n" for number in range(500)]
    total = 0
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        for number in range(count):
            total += file.write(patterns[number % 500].replace("NUMBER", f"{number:09d}"))
    return total


def _row(number: int, words: list[str]) -> dict[str, object]:
    def text(length: int) -> str:
        return " ".join(random.choices(words, k=length))

    address = "https://m.media-amazon.com/images/I/NUMBER"
    images = [
        {
            "thumb": f"{address}{n}._SS40_.jpg",
            "large": f"{address}{n}.jpg",
            "hi_res": f"{address}{n}._SL1500_.jpg",
            "variant": f"PT{n:02d}" if n else "MAIN",
        }
        for n in range(0 if number % 50 == 0 else 5)
    ]
    price = (None, 14.99, "19.99", "from 14.99", "None")[number % 5]
    return {
        "main_category": "All Electronics",
        "title": f"{text(12)} &amp; more",
        "average_rating": 4.3,
        "rating_number": number % 4000,
        "features": [f"<b>{text(3)}</b> {text(15)}" for _ in range(5)],
        "description": [f"<p>{text(60)}</p>"],
        "price": price,
        "images": images,
        "videos": [],
        "store": "Legend",
        "categories": ["Electronics", "Accessories", "Cases"],
        "details": {"Color": "Black", "Item Weight": "3 ounces", "63 99": text(3)},
        "parent_asin": "BNUMBER",
        "bought_together": None,
    }


if __name__ == "__main__":
    main()
