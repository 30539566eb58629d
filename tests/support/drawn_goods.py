"""A small shop of drawn goods under the built-in embedder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support.shop_files import write_csv
from tools.demo.drawing import Look, draw_product
from tools.search.shop import Shop
from tools.workspace import Workspace

GOODS = {
    "red-mug": (Look("mug", "plain", "red", "white", "ceramic"), "Drinking vessel, crimson"),
    "blue-mug": (Look("mug", "plain", "blue", "white", "ceramic"), "Drinking vessel, navy"),
    "lamp": (Look("lamp", "plain", "red", "white", "linen"), "Bedside lamp with linen shade"),
    "backpack": (Look("backpack", "plain", "green", "black", "canvas"), "Canvas backpack"),
}  # fmt: skip
"""Ids to looks and titles."""
_KINDS = {"mug": "Mugs", "lamp": "Lamps", "backpack": "Backpacks"}


def open_drawn_goods(folder: Path, facts: Mapping[str, Mapping[str, str]] | None = None) -> Shop:
    """Draws, ingests and opens it; its home is `folder`/home.

    `facts` are more columns: by id, then by name.
    """
    columns = dict.fromkeys(name for row in (facts or {}).values() for name in row)
    rows = []
    for number, (name, (look, title)) in enumerate(GOODS.items()):
        draw_product(look, size=200, seed=number).save(folder / f"{name}.png")
        row = {"id": name, "title": title, "category": _KINDS[look.kind], "image": f"{name}.png"}
        more = (facts or {}).get(name, {})
        row |= {column: more.get(column, "") for column in columns}
        rows.append(row | {"price": f"{10 + number}.00"})
    workspace = Workspace(folder / "home")
    workspace.ingest(write_csv(folder / "goods.csv", rows), name="goods")
    return workspace.open_shop("goods")
