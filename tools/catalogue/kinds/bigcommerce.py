"""BigCommerce's exports of products: a row a product, its variants right behind it.

The older one calls them "SKU" rows under "Item Type" and writes their options into the name
("[S]Size=M"); the newer one has "Variant" and "Image" rows under "Item", and a column "Options"
("Type=Rectangle|Name=Size|Value=M").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tools.catalogue.grouping import ATTRIBUTES, Member, Options
from tools.catalogue.kinds.csv_kind import csv_kind
from tools.catalogue.kinds.kind import LINK_PATH, first_cell, folded, taken, with_usual
from tools.catalogue.rows import Row
from tools.catalogue.switched_off import why_switched_off

_TAKES = {
    "id": ("product_id", "id", "product_code_sku", "sku"),
    "title": ("product_name", "name"),
    "description": ("product_description", "description"),
    "category": ("category", "categories"),
    "brand": ("brand_name", "brand", "brand_id"),
    "price": ("price",),
    "sale_price": ("sale_price",),
    "was": ("retail_price",),
    "quantity": ("current_stock_level", "current_stock", "stock_level"),
    "availability": ("allow_purchases", "product_availability"),
    "codes": ("product_code_sku", "sku", "product_upc_ean", "upc_ean", "global_trade_item_number"),
    "condition": ("product_condition", "condition"),
    "link": ("product_url",),
    "image": (
        "product_image_file_1",
        "product_image_url_1",
        "image_url_import",
        "variant_image_url",
    ),
    "variants": ("item_type", "item", "options"),
    "attributes": ("product_custom_fields", "custom_fields"),
}
_OF_VARIANT = ("price", "sale_price", "was", "quantity", "availability", "codes")


def _marks(columns: set[str]) -> bool:
    return {"item_type", "product_name"} <= columns or {"item", "name", "options", "sku"} <= columns


def _members(rows: Iterable[Row]) -> Iterator[Member]:
    key, number = "", 0
    for row in rows:
        texts = folded(row.values)
        kind = first_cell(texts, "item_type", "item").lower()
        cells = _cells(texts)
        if kind == "product":
            number += 1
            key = f"{number}"
            yield Member(row, cells, key, off=why_switched_off(_state(texts)))
        elif kind in ("image", "video"):
            yield Member(row, {"image": cells.get("image")}, key, parent=False)
        elif kind in ("sku", "variant"):
            own = {n: cells[n] for n in _OF_VARIANT if cells.get(n)}
            own["id"] = texts.get("id") or first_cell(texts, "product_code_sku", "sku")
            own["image"] = cells.get("image")
            options = _options(texts)
            yield Member(row, own, key, parent=False, variant=bool(options), options=options)


def _state(texts: Mapping[str, str]) -> dict[str, str]:
    return {
        "visible": first_cell(texts, "product_visible", "is_visible"),
        "status": texts.get("status", ""),
    }


def _cells(texts: Mapping[str, str]) -> dict[str, object]:
    cells = taken(texts, _TAKES)
    cells.pop("variants", None)
    names = ("product_code_sku", "sku", "product_upc_ean", "upc_ean", "global_trade_item_number")
    cells["codes"] = [texts[name] for name in names if texts.get(name)]
    cells["price"] = re.sub(r"^\[(?:ADD|REMOVE|FIXED)\].*", "", texts.get("price", ""))
    cells["availability"] = _availability(texts)
    cells["image"] = _pictures(texts)
    path = texts.get("product_url", "")
    cells["link"] = path if path.startswith("http") else ""
    cells[LINK_PATH] = path if path.startswith("/") else ""
    pairs = (p.partition("=") for p in first_cell(texts, *_TAKES["attributes"]).split(";"))
    cells[ATTRIBUTES] = [(name.strip(), value) for name, _, value in pairs if value]
    cells["category"] = _categories(first_cell(texts, "category", "categories"))
    return with_usual(cells, texts)


def _availability(texts: Mapping[str, str]) -> str:
    if first_cell(texts, "allow_purchases", "purchasable").lower() in ("n", "no", "false"):
        return "out of stock"
    if texts.get("product_availability", "").lower() in ("disabled", "preorder"):
        return "out of stock" if texts["product_availability"].lower() == "disabled" else "preorder"
    tracked = first_cell(texts, "track_inventory", "inventory_tracking").lower()
    if tracked in ("", "none", "no", "n"):
        return ""
    return first_cell(texts, "current_stock_level", "current_stock", "stock_level")


def _pictures(texts: Mapping[str, str]) -> list[str]:
    """The numbered files or addresses; each picture has both, the address is the better."""
    found = [
        first_cell(texts, "variant_image_url", "image_url_import", "internal_image_url_export")
    ]
    for number in range(1, 21):
        names = (f"product_image_url_{number}", f"product_image_file_{number}")
        found.append(first_cell(texts, *names))
    return [each for each in found if each]


def _categories(text: str) -> list[list[str]] | str:
    """ "Category Name: Mugs, Category Path: Home/Mugs" or "Home/Mugs;Sale"."""
    if paths := re.findall(r"Category Path:\s*([^|;]+)", text):
        return [path.strip().split("/") for path in paths]
    return (
        [path.split("/") for path in text.split(";") if path]
        if ";" in text or "/" in text
        else text
    )


def _options(texts: Mapping[str, str]) -> Options:
    if stated := texts.get("options", ""):
        found = re.findall(r"Name=([^|]+)\|Value=([^|]+?)(?=\||Type=|$)", stated)
        return tuple((name.strip(), value.strip()) for name, value in found)
    name = texts.get("product_name") or texts.get("name", "")
    parts = (re.sub(r"^\s*\[\w+\]", "", part).partition("=") for part in name.split(","))
    return tuple((n.strip(), v.strip()) for n, mark, v in parts if mark and v.strip())


BIGCOMMERCE = csv_kind("BigCommerce's export of products", _marks, _members, _TAKES)
