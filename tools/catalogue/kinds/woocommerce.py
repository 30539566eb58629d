"""WooCommerce's export of products: `variable` products, their `variation` rows, `simple` ones.

https://github.com/woocommerce/woocommerce/wiki/Product-CSV-Importer-&-Exporter
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import count

from tools.catalogue.grouping import ATTRIBUTES, Member, Options
from tools.catalogue.kinds.csv_kind import csv_kind
from tools.catalogue.kinds.kind import LINK_PATH, folded, taken, with_usual
from tools.catalogue.rows import Row
from tools.catalogue.switched_off import why_switched_off

_TAKES = {
    "id": ("id", "sku"),
    "title": ("name",),
    "category": ("categories",),
    "price": ("regular_price", "price"),
    "sale_price": ("sale_price",),
    "sale_starts": ("date_sale_price_starts",),
    "sale_ends": ("date_sale_price_ends",),
    "tags": ("tags",),
    "image": ("images",),
    "link": ("external_url", "permalink"),
    "quantity": ("stock",),
    "availability": ("in_stock",),
    "variants": ("parent", "attribute_1_name"),
}


def _marks(columns: set[str]) -> bool:
    return {"type", "sku", "name", "regular_price"} <= columns and bool(
        columns & {"parent", "attribute_1_name", "in_stock", "visibility_in_catalog"}
    )


def _members(rows: Iterable[Row]) -> Iterator[Member]:
    for row in rows:
        texts = folded(row.values)
        kinds = texts.get("type", "").replace(" ", "").split(",")
        cells = _cells(texts)
        number, sku = texts.get("id", ""), texts.get("sku", "")
        off = why_switched_off(texts)
        if "variation" in kinds and texts.get("parent"):
            options = tuple((name, values) for name, values in _attributes(texts))
            key = texts["parent"]
            yield Member(row, cells, key, parent=False, variant=True, options=options, off=off)
        elif "variable" in kinds:
            key = f"id:{number}" if number else sku
            cells[ATTRIBUTES] = [(name, ", ".join(_parts(v))) for name, v in _attributes(texts)]
            choices = tuple((name, v) for name, vs in _attributes(texts) for v in _parts(vs))
            yield Member(row, cells, key, options=choices, aliases=(sku, number), off=off)
        else:
            cells[ATTRIBUTES] = [(name, ", ".join(_parts(v))) for name, v in _attributes(texts)]
            yield Member(row, cells, off=off)


def _cells(texts: Mapping[str, str]) -> dict[str, object]:
    cells = taken(texts, _TAKES)
    cells.pop("variants", None)
    words = [texts.get("short_description", ""), texts.get("description", "")]
    cells["description"] = [text.replace("\\n", "\n") for text in words if text]
    cells["availability"] = _availability(texts)
    cells[LINK_PATH] = f"/?p={texts['id']}" if texts.get("id") else ""
    cells["sale_starts"], cells["sale_ends"] = (
        cells.get(name) or "" for name in ("sale_starts", "sale_ends")
    )
    others = {n: t for n, t in texts.items() if not re.match(r"attribute_\d|meta_|parent$", n)}
    return with_usual(cells, others)


def _availability(texts: Mapping[str, str]) -> str:
    """Its own column decides; sold out with backorders allowed is a backorder."""
    stated = texts.get("in_stock", "")
    if stated in ("0", "") and texts.get("backorders_allowed", "0") not in ("0", ""):
        return "backorder" if stated == "0" else ""
    return stated


def _attributes(texts: Mapping[str, str]) -> Options:
    """(name, values as they stand) of the numbered columns."""
    found: list[tuple[str, str]] = []
    for number in count(1):
        if f"attribute_{number}_name" not in texts:
            return tuple(found)
        name = texts[f"attribute_{number}_name"].removeprefix("pa_")
        value = texts.get(f"attribute_{number}_value_s") or texts.get(f"attribute_{number}_value")
        if name:
            found.append((name, value or ""))
    return tuple(found)


def _parts(values: str) -> list[str]:
    """The values in one cell; a comma inside a value is escaped."""
    parts = re.split(r"(?<!\\),|\|", values)
    return [part.replace("\\,", ",").strip() for part in parts if part.strip()]


WOOCOMMERCE = csv_kind("WooCommerce's export of products", _marks, _members, _TAKES, apart=True)
