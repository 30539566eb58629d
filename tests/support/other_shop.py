"""A second small catalogue, whose words are others than the shopper's."""

from __future__ import annotations

from pathlib import Path

from tests.support.color_shop import COLORS, ColorEmbedder, photo_of
from tests.support.shop_files import write_csv
from tools.catalogue.registry import Registry, collection_alias
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex
from tools.ingest import ingest
from tools.search.shop import Shop

_SHELVES = (
    ("Women > Hoodies & Sweatshirts", "Fleece Pullover", 39, "cotton"),
    ("Men > Hoodies & Sweatshirts", "Zip Hoodie", 45, "polyester"),
    ("Women > Shoes & Boots", "Ankle Boot", 89, "leather"),
    ("Men > Shoes & Boots", "Trail Runner", 75, "mesh"),
    ("Living > Sofas", "Two-Seat Sofa", 499, "linen"),
)


def open_other_shop(home: Path) -> Shop:
    """Thirty products of five shelves, three colors and two makers, every second one rated."""
    for color in COLORS:
        photo_of(color).save(home / f"{color}.png")
    rows: list[dict[str, object]] = []
    for shelf, name, base, material in _SHELVES:
        for place, color in enumerate(COLORS):
            for step, maker in enumerate(("Nordfell", "Saltmarsh")):
                title = f"{maker} {name} in {color.title()}"
                rows.append(
                    {
                        "id": title.lower().replace(" ", "-"),
                        "title": title,
                        "category": shelf,
                        "price": f"{base + 10 * step + place}.00",
                        "color": color,
                        "brand": maker,
                        "rating": "4.5" if step else "",
                        "description": f"Made of {material}, for every day.",
                        "image": f"{color}.png",
                    }
                )
    path = write_csv(home / "other.csv", rows)
    for color in COLORS:
        photo_of(color).save(home / f"{color}.png")
    address = Address(ensure_server(home / "milvus", idle_s=5), "", 30)
    index = ProductIndex(lambda: address, collection_alias("other"))
    registry, embedder = Registry(home), ColorEmbedder()
    ingest(path, name="other", home=home, registry=registry, index=index, embedder=embedder)
    return Shop(registry.get("other"), registry, index, embedder)
