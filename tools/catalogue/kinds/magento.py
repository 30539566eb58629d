"""Magento's export of products: `configurable` ones list their children, rows of their own.

A child is "Not Visible Individually" and never a product by itself. Rows of other store views
repeat products in another language and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tools.catalogue.grouping import ATTRIBUTES, Member, Options
from tools.catalogue.kinds.csv_kind import csv_kind
from tools.catalogue.kinds.kind import LINK_PATH, folded, taken, with_usual
from tools.catalogue.rows import Row
from tools.catalogue.switched_off import why_switched_off

_TAKES = {
    "id": ("sku",),
    "title": ("name",),
    "price": ("price",),
    "sale_price": ("special_price",),
    "sale_starts": ("special_price_from_date", "special_from_date"),
    "sale_ends": ("special_price_to_date", "special_to_date"),
    "quantity": ("qty",),
    "variants": ("configurable_variations",),
    "attributes": ("additional_attributes",),
    "image": ("base_image", "image", "additional_images"),
    "category": ("categories",),
}
_INNER = frozenset({
    "has_options", "required_options", "tax_class_name", "options_container",
    "gift_message_available", "ts_dimensions_length", "ts_dimensions_width", "ts_dimensions_height",
    "quantity_and_stock_status", "msrp_display_actual_price_type", "url_key", "visibility",
    "status",
})  # fmt: skip
"""Attributes of the system itself."""
_HIDDEN = "not visible individually"


def _marks(columns: set[str]) -> bool:
    return {"sku", "product_type", "name"} <= columns and bool(
        columns & {"attribute_set_code", "configurable_variations", "product_online", "url_key"}
    )


def _members(rows: Iterable[Row]) -> Iterator[Member]:
    for row in rows:
        texts = folded(row.values)
        sku, kind = texts.get("sku", ""), texts.get("product_type", "")
        if texts.get("store_view_code"):
            continue
        hidden = texts.get("visibility", "").lower() == _HIDDEN
        off = why_switched_off({name: t for name, t in texts.items() if name != "visibility"})
        cells = _cells(texts)
        if kind == "configurable":
            children = dict(_variations(texts.get("configurable_variations", "")))
            yield Member(row, cells, sku, aliases=tuple(children), children=children, off=off)
        else:
            alone = _HIDDEN if hidden else ""
            yield Member(row, cells, sku, parent=False, variant=True, off=off, alone=alone)


def _cells(texts: Mapping[str, str]) -> dict[str, object]:
    cells = taken(texts, _TAKES)
    cells.pop("variants", None)
    pairs = _pairs(texts.get("additional_attributes", ""))
    cells[ATTRIBUTES] = [(n.replace("_", " ").capitalize(), v) for n, v in pairs if n not in _INNER]
    pictures = [texts.get("base_image") or texts.get("image", "")]
    pictures += texts.get("additional_images", "").split(",")
    cells["image"] = [each for each in pictures if each and each != "no_selection"]
    cells["category"] = _categories(texts.get("categories", ""))
    cells["description"] = [texts.get("short_description", ""), texts.get("description", "")]
    cells["availability"] = _availability(texts)
    key = texts.get("url_key") or re.sub(r"[^a-z0-9]+", "-", texts.get("name", "").lower())
    cells[LINK_PATH] = f"/{key.strip('-')}.html"
    return with_usual(cells, texts)


def _categories(text: str) -> list[list[str]]:
    """Paths by "/", several by ","; the root that all have says nothing."""
    paths = [path.split("/") for path in text.split(",") if path.strip()]
    return [path[1:] if len(path) > 1 and path[0].startswith("Default") else path for path in paths]


def _availability(texts: Mapping[str, str]) -> str:
    stated = texts.get("is_in_stock", "")
    counted = texts.get("manage_stock", "1") != "0" or texts.get("use_config_manage_stock") == "1"
    if stated == "0" and texts.get("allow_backorders", "0").split(".")[0] in ("1", "2"):
        return "backorder"
    if stated == "" and texts.get("qty", "") and counted:
        return texts["qty"]
    return stated


def _pairs(text: str) -> list[tuple[str, str]]:
    """ "k=v,k=v": a comma inside a value stands before no name."""
    parts = re.split(r",(?=[a-z][a-z0-9_]*=)", text)
    found = (part.partition("=") for part in parts if "=" in part)
    return [(name.strip(), value.strip().strip('"').replace("|", ", ")) for name, _, value in found]


def _variations(text: str) -> Iterator[tuple[str, Options]]:
    """The SKU and options of each child: "sku=A,size=XS,color=Black|sku=B,…"."""
    for part in text.split("|"):
        pairs = _pairs(part)
        sku = next((value for name, value in pairs if name == "sku"), "")
        if sku:
            yield sku, tuple((name.capitalize(), v) for name, v in pairs if name != "sku" and v)


MAGENTO = csv_kind("Magento's export of products", _marks, _members, _TAKES, apart=True)
