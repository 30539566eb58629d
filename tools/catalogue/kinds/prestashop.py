"""PrestaShop's files of products, with combinations beside them, and OpenCart's.

A combination names its product's id, its attributes as "Name:Type:Position" over
"Value:Position", and what it adds to the price.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tools.catalogue.grouping import ATTRIBUTES, Member, Options
from tools.catalogue.kinds.csv_kind import csv_kind
from tools.catalogue.kinds.kind import LINK_PATH, first_cell, folded, taken, with_usual
from tools.catalogue.prices import added, reduced
from tools.catalogue.rows import Row
from tools.catalogue.switched_off import why_switched_off

_TAKES = {
    "id": ("product_id", "id"),
    "title": ("name", "product_name"),
    "category": ("categories_x_y_z", "categories", "category"),
    "price": ("price_tax_included", "price_tax_incl", "price_tax_excluded", "price_tax_excl",
              "price"),
    "sale_starts": ("discount_from_yyyy_mm_dd", "discount_from"),
    "sale_ends": ("discount_to_yyyy_mm_dd", "discount_to"),
    "brand": ("manufacturer", "brand"),
    "description": ("description", "summary", "short_description"),
    "tags": ("tags_x_y_z", "tags"),
    "condition": ("condition",),
    "quantity": ("quantity",),
    "availability": ("quantity", "available_for_order_0_no_1_yes"),
    "image": ("image_urls_x_y_z", "image_urls", "image_url", "image"),
    "variants": ("attribute_name_type_position", "value_value_position"),
    "attributes": ("feature_name_value_position", "features"),
    "codes": ("reference", "ean13", "upc", "isbn", "mpn", "supplier_reference"),
}  # fmt: skip
_ATTRIBUTES = ("attribute_name_type_position", "attribute_name_type_position_")


def _marks(columns: set[str]) -> bool:
    active = columns & {"active_0_1", "categories_x_y_z", "image_urls_x_y_z",
                        "feature_name_value_position", "attribute_name_type_position"}  # fmt: skip
    back_office = {"price_tax_excl", "price_tax_incl"} & columns and "reference" in columns
    return bool(active or back_office) and bool(columns & {"name", "product_id", "id"})


def _members(rows: Iterable[Row]) -> Iterator[Member]:
    parents: dict[str, str] = {}
    for row in rows:
        texts = folded(row.values)
        cells = _cells(texts)
        key = first_cell(texts, "product_id", "id") or texts.get("reference", "")
        options = _options(texts)
        first = bool(first_cell(texts, "name", "product_name")) and key not in parents
        if first:
            parents[key] = str(cells.get("price") or "")
        own: dict[str, object] = {
            n: cells[n] for n in ("quantity", "availability", "codes", "image") if n in cells
        }
        own["id"] = texts.get("reference", "") if options else ""
        own["price"] = added(parents.get(key, ""), texts.get("impact_on_price", "0"))
        own["sale_price"] = _reduced(str(own["price"]), texts) if first else ""
        if options and not first:
            own["availability"] = texts.get("quantity", "")
        off = why_switched_off(_state(texts)) if first else ""
        yield Member(
            row, cells if first else {}, key, parent=first, variant=bool(options), options=options,
            off=off, own=own if options else None,
        )  # fmt: skip


def _state(texts: Mapping[str, str]) -> dict[str, str]:
    return {
        "active": first_cell(texts, "active_0_1", "active", "enabled"),
        "status": texts.get("status", ""),
        "visibility": texts.get("visibility", ""),
    }


def _cells(texts: Mapping[str, str]) -> dict[str, object]:
    cells = taken(texts, _TAKES)
    cells.pop("variants", None)
    cells["sale_price"] = _reduced(str(cells.get("price") or ""), texts)
    cells["description"] = [
        text
        for name in ("summary", "short_description", "description")
        if (text := texts.get(name))
    ]
    cells["codes"] = [texts[name] for name in _TAKES["codes"] if texts.get(name)]
    features = re.split(r"\s*[,;]\s*(?=[^:,;]+:)", first_cell(texts, *_TAKES["attributes"]))
    pairs = (feature.split(":") for feature in features)
    named = [(parts[0], parts[1]) for parts in pairs if len(parts) > 1]
    cells[ATTRIBUTES] = named + [
        (name.removeprefix("feature_").capitalize(), text)
        for name, text in texts.items()
        if name.startswith("feature_") and name not in _TAKES["attributes"] and text
    ]
    if texts.get("available_for_order_0_no_1_yes") == "0":
        cells["availability"] = "out of stock"
    rewritten = first_cell(texts, "url_rewritten", "link_rewrite")
    identity = first_cell(texts, "product_id", "id")
    cells[LINK_PATH] = f"/{identity}-{rewritten}.html" if rewritten and identity else ""
    return with_usual(cells, texts)


def _reduced(price: str, texts: Mapping[str, str]) -> str:
    percent = reduced(price, "percent", texts.get("discount_percent", ""))
    return percent or reduced(price, "amount", texts.get("discount_amount", ""))


def _options(texts: Mapping[str, str]) -> Options:
    """ "Size:select:0, Color:color:1" over "M:0, Red:1"."""
    names = first_cell(texts, *_ATTRIBUTES, "attributes")
    values = first_cell(texts, "value_value_position", "values")
    pairs = zip(names.split(","), values.split(","), strict=False) if names and values else ()
    return tuple((name.split(":")[0].strip(), value.split(":")[0].strip()) for name, value in pairs)


_OPENCART = {
    "id": ("product_id",),
    "title": ("name", "name_en_gb", "name_en"),
    "description": ("description", "description_en_gb", "description_en"),
    "category": ("category", "categories"),
    "brand": ("manufacturer",),
    "price": ("price",),
    "sale_price": ("special", "special_price"),
    "sale_starts": ("special_date_start",),
    "sale_ends": ("special_date_end",),
    "quantity": ("quantity",),
    "availability": ("quantity",),
    "tags": ("tag", "tags", "tags_en_gb"),
    "image": ("image_name", "image", "additional_images"),
    "codes": ("model", "sku", "upc", "ean", "jan", "isbn", "mpn"),
    "variants": ("option", "options", "option_name", "option_value"),
}


def _opencart_marks(columns: set[str]) -> bool:
    return {"product_id", "model"} <= columns and bool(
        columns & {"image_name", "stock_status_id", "stock_status", "name_en_gb", "date_available",
                   "minimum"}
    )  # fmt: skip


def _opencart_members(rows: Iterable[Row]) -> Iterator[Member]:
    seen = ""
    for row in rows:
        texts = folded(row.values)
        cells = taken(texts, _OPENCART)
        cells.pop("variants", None)
        key = texts.get("product_id", "")
        first, seen = key != seen, key
        title = next((t for n, t in texts.items() if n.startswith("name") and t), "")
        cells["title"] = cells.get("title") or title
        cells["codes"] = [texts[name] for name in _OPENCART["codes"] if texts.get(name)]
        pictures = [first_cell(texts, "image_name", "image"), texts.get("additional_images", "")]
        cells["image"] = [each for each in pictures if each]
        cells["category"] = texts.get("category") or texts.get("categories", "")
        cells[LINK_PATH] = f"/index.php?route=product/product&product_id={key}"
        name, value = texts.get("option_name", ""), texts.get("option_value", "")
        options = ((name, value),) if name and value else ()
        prefix = "-" if texts.get("option_price_prefix") == "-" else ""
        more = prefix + (texts.get("option_price") or "0")
        own = {
            "price": added(texts.get("price", ""), more),
            "availability": texts.get("option_quantity") or texts.get("quantity", ""),
        }
        yield Member(
            row, with_usual(cells, texts) if first else {}, key, parent=first,
            variant=bool(options), options=options,
            off=why_switched_off({"status": texts.get("status", "")}) if first else "", own=own,
        )  # fmt: skip


PRESTASHOP = csv_kind("PrestaShop's file of products", _marks, _members, _TAKES, apart=True)
OPENCART = csv_kind("OpenCart's export of products", _opencart_marks, _opencart_members, _OPENCART)
