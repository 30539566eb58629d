"""Squarespace's export of products: the product on its first row, a variant on every row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tools.catalogue.grouping import Member
from tools.catalogue.kinds.csv_kind import csv_kind
from tools.catalogue.kinds.kind import LINK_PATH, folded, taken, with_usual
from tools.catalogue.rows import Row
from tools.catalogue.switched_off import why_switched_off

_TAKES = {
    "id": ("product_id_non_editable", "product_id"),
    "title": ("title",),
    "description": ("description",),
    "category": ("categories",),
    "tags": ("tags",),
    "price": ("price",),
    "sale_price": ("sale_price",),
    "quantity": ("stock",),
    "availability": ("stock",),
    "image": ("hosted_image_urls",),
    "variants": ("variant_id_non_editable", "option_name_1", "option_value_1"),
}
_OF_VARIANT = ("price", "sale_price", "quantity", "availability", "codes")


def _marks(columns: set[str]) -> bool:
    return {"variant_id_non_editable", "title"} <= columns or {
        "product_id_non_editable", "option_name_1"
    } <= columns  # fmt: skip


def _members(rows: Iterable[Row]) -> Iterator[Member]:
    key, names = "", [""] * 7
    for row in rows:
        texts = folded(row.values)
        first = bool(texts.get("title"))
        cells = _cells(texts)
        if first:
            key = str(cells.get("id") or f"line {row.line}")
            names = [texts.get(f"option_name_{n}", "") for n in range(1, 7)]
        names = [texts.get(f"option_name_{n}") or name for n, name in enumerate(names, start=1)]
        values = [texts.get(f"option_value_{n}", "") for n in range(1, 7)]
        options = tuple(pair for pair in zip(names, values, strict=False) if all(pair))
        own = {name: cells[name] for name in _OF_VARIANT if name in cells}
        own["id"] = texts.get("variant_id_non_editable") or texts.get("variant_id", "")
        off = why_switched_off(texts) if first else ""
        yield Member(
            row, cells if first else {}, key, parent=first, variant=True, options=options, off=off,
            own=own,
        )  # fmt: skip


def _cells(texts: Mapping[str, str]) -> dict[str, object]:
    cells = taken(texts, _TAKES)
    cells.pop("variants", None)
    if texts.get("on_sale", "").lower() not in ("yes", "true"):
        cells["sale_price"] = ""
    stock = texts.get("stock", "")
    cells["availability"] = "in stock" if stock.lower() == "unlimited" else stock
    if not stock.isdecimal():
        cells.pop("quantity", None)
    cells["codes"] = [texts["sku"]] if texts.get("sku") else []
    page, name = texts.get("product_page", ""), texts.get("product_url", "")
    cells["link"] = name if name.startswith("http") else ""
    cells[LINK_PATH] = f"/{page.strip('/')}/p/{name}" if page and name and not cells["link"] else ""
    others = {
        n: t for n, t in texts.items() if n not in ("product_url", "length", "width", "height")
    }
    return with_usual({"currency": texts.get("currency", ""), **cells}, others)


SQUARESPACE = csv_kind("Squarespace's export of products", _marks, _members, _TAKES)
