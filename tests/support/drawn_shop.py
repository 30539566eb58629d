"""A shop of any size from the drawn products: as the built-in one, with more of each."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tools.demo.shop.files import COLUMNS, picture_path, write_shop
from tools.demo.shop.products import DemoProduct, demo_products


def drawn_products(count: int) -> Iterator[DemoProduct]:
    """So many products; those behind the first 900 are drawn with other seeds."""
    known = demo_products()
    for number in range(count):
        item, turn = known[number % len(known)], number // len(known)
        yield replace(item, id=f"{item.id}-{turn}", seed=item.seed + turn)


def write_drawn_shop(folder: Path, count: int, *, pictures: int = 900) -> Path:
    """The CSV of so many products with as many pictures as said, which they share in turn."""
    products = list(drawn_products(count))
    drawn = write_shop(folder, products=products[:pictures], scenes=())
    with (folder / "large.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for number, item in enumerate(products):
            picture = picture_path(products[number % pictures])
            rows.writerow(
                (item.id, f"{item.title} {number}", " > ".join(item.category), item.price,
                 item.currency, item.color, item.brand, item.rating, item.rating_count,
                 item.description, picture)
            )  # fmt: skip
    return drawn.with_name("large.csv")
