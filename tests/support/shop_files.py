"""Small catalogues on disk."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from tools.catalogue.cells import SetAside
from tools.catalogue.reader import Numbered, Wanted, read_products
from tools.product import Product

COLORS = ("red", "green", "blue", "yellow")


def write_pictures(folder: Path) -> None:
    """One plain picture a color: red.png, green.png, …"""
    folder.mkdir(parents=True, exist_ok=True)
    for color in COLORS:
        Image.new("RGB", (48, 48), color).save(folder / f"{color}.png")


def write_csv(path: Path, rows: Sequence[Mapping[str, object]], **options: str) -> Path:
    """A CSV with the columns of the first row."""
    write_pictures(path.parent)
    with path.open("w", newline="", encoding=options.pop("encoding", "utf-8")) as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=options.pop("delimiter", ","))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_jsonl(path: Path, rows: Sequence[object]) -> Path:
    """JSONL; a row that is a string is written as it is."""
    write_pictures(path.parent)
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def mug(number: int, **more: object) -> dict[str, object]:
    """A product's row that is fine as it is."""
    color = COLORS[number % len(COLORS)]
    return {
        "id": f"m{number}",
        "title": f"{color.title()} mug {number}",
        "category": "Kitchen > Mugs",
        "price": f"{number}.50",
        "color": color,
        "image": f"{color}.png",
        **more,
    }


def read(path: Path, **options: Any) -> tuple[list[Product], list[SetAside]]:
    """What a catalogue gives and what of it is set aside; options as Wanted takes them."""
    items = list(read_products(path, Wanted(**options)))
    products = [item.product for item in items if isinstance(item, Numbered)]
    return products, [item for item in items if isinstance(item, SetAside)]
