"""A real shop on real Milvus Lite with a fake that a person can check by eye.

The fake is an embedder whose space is color and words: a red photo finds the red mug.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tools.catalogue.registry import Registry, collection_alias
from tools.embedding.base import Embedder, FloatArray, Item
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex
from tools.ingest import ingest
from tools.search.shop import Shop

COLORS = {"red": (220, 30, 30), "blue": (30, 60, 220), "green": (30, 160, 60)}
KINDS = {"Accessories > Phone Cases": 10, "Kitchen > Mugs": 8, "Bags > Backpacks": 40}
_WORDS = 32


class ColorEmbedder(Embedder):
    """Three numbers for the mean color, thirty-two for the words."""

    name = "color"
    dim = 3 + _WORDS
    fingerprint = "color-1"

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        rows = np.full((len(batch), self.dim), 1e-3, dtype=np.float32)
        for row, item in zip(rows, batch, strict=True):
            for word in item.text.lower().split():
                row[3 + hashlib.sha256(word.rstrip("s").encode()).digest()[0] % _WORDS] += 0.3
            if item.photo is not None:
                row[:3] += np.asarray(item.photo.resize((1, 1)), dtype=np.float32)[0, 0] / 128 - 1
        return rows


def photo_of(color: str) -> Image.Image:
    """A plain picture of one color."""
    return Image.new("RGB", (64, 48), COLORS[color])


def write_color_catalogue(home: Path) -> Path:
    """Eighteen products: three kinds in three colors, at two prices each; backpacks unpriced."""
    home.mkdir(parents=True, exist_ok=True)
    rows = []
    for kind, base in KINDS.items():
        for color in COLORS:
            photo_of(color).save(home / f"{color}.png")
            for step in (0, 1):
                name = kind.split(" > ")[-1][:-1]
                title = f"{color.title()} {name} {'Plus' if step else 'Basic'}"
                price = "" if name == "Backpack" else f"{base + 5 * step}.99"
                rows.append(
                    {
                        "id": title.lower().replace(" ", "-"),
                        "title": title,
                        "category": kind,
                        "price": price,
                        "color": color,
                        "brand": "Daybird" if step else "Legend",
                        "rating": "4.6" if step else "3.9",
                        "image": f"{color}.png",
                    }
                )
    path = home / "colors.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def open_color_shop(home: Path, embedder: ColorEmbedder | None = None) -> Shop:
    """The eighteen products, taken in."""
    path = write_color_catalogue(home)
    address = Address(ensure_server(home / "milvus", idle_s=5), "", 30)
    index = ProductIndex(lambda: address, collection_alias("colors"))
    registry, embedder = Registry(home), embedder or ColorEmbedder()
    ingest(path, name="colors", home=home, registry=registry, index=index, embedder=embedder)
    return Shop(registry.get("colors"), registry, index, embedder)
