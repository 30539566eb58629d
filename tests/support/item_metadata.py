"""A long file in the layout of Amazon's item metadata, and a process that only reads it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

from tests.support.paths import ROOT

MOST_MIB = 300
"""What the process may hold at most, whatever the length of the file."""


_READ = """
import re, sys, time
from pathlib import Path
from tools.catalogue.cells import SetAside
from tools.catalogue.reader import read_products

begun = time.process_time()
problems = products = 0
for item in read_products(Path(sys.argv[1])):
    if isinstance(item, SetAside):
        problems += 1
    else:
        products += 1
seconds = time.process_time() - begun
# Not ru_maxrss, which begins with what the process that started this one holds.
status = Path("/proc/self/status").read_text()
print(products, problems, seconds, int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) / 1024)
"""


def write_metadata(path: Path, rows: int) -> Path:
    """Item metadata as published, raw and hub shape in turn, packed, some of it lacking."""
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        for number in range(rows):
            address = f"https://m.media-amazon.com/images/I/{number:09}.jpg"
            picture = {"thumb": address, "large": address, "variant": "MAIN", "hi_res": None}
            hub = {name: [value] for name, value in picture.items()}
            row = {
                "main_category": "All Beauty",
                "title": f"Howard LC0008 Leather Conditioner, {number} Ounce &amp; Brush",
                "average_rating": 4.8,
                "rating_number": number % 900,
                "features": ["<b>Cleans</b> and conditions", "For car interiors"] * 2,
                "description": ["A paragraph of what it is and does. " * 8],
                "price": (None, "None", 14.99, "from 14.99", "12.50")[number % 5],
                "images": hub if number % 2 else [picture, {**picture, "variant": "PT01"}],
                "videos": [],
                "store": "Howard Products" if number % 7 else None,
                "categories": ["Beauty & Personal Care", "Hair Care", "Shampoo"],
                "details": json.dumps({"Color": "Red"}) if number % 2 else {"Color": "Red"},
                "parent_asin": f"B{number:09}",
                "bought_together": None,
            }
            file.write(json.dumps(row) + "\n")
    return path


def read_apart(path: Path) -> tuple[int, int, float, float]:
    """Products, problems, seconds of processor time and MiB, of a process that only reads."""
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(path)],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    products, problems, seconds, mib = done.stdout.split()
    return int(products), int(problems), float(seconds), float(mib)
