"""The shop of drawn goods with what an agent asks for: links, stock, a fact to filter by."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from tests.support.drawn_goods import GOODS, open_drawn_goods
from tools.demo.drawing import draw_product
from tools.search.shop import Shop

FACTS = {
    "red-mug": {"availability": "in stock", "gender": "female", "color": "red"},
    "blue-mug": {"availability": "few left", "gender": "male", "color": "blue"},
    "lamp": {"availability": "out of stock", "gender": "female", "color": "red"},
    "backpack": {"availability": "in stock", "gender": "female", "color": "green"},
}
"""By id, as columns of the file."""


def link(name: str) -> str:
    """The page of a product."""
    return f"https://shop.example/{name}"


def open_mcp_shop(folder: Path) -> Shop:
    """Draws, ingests and opens it; its home is `folder`/home."""
    rows = {name: row | {"link": link(name)} for name, row in FACTS.items()}
    return open_drawn_goods(folder, rows)


def photo_bytes(name: str = "backpack", kind: str = "PNG") -> bytes:
    """A picture file of another drawing of a product."""
    buffer = io.BytesIO()
    draw_product(GOODS[name][0], size=240, seed=9).save(buffer, kind)
    return buffer.getvalue()


def photo_base64(name: str = "backpack") -> str:
    """The same as an argument."""
    return base64.b64encode(photo_bytes(name)).decode()
