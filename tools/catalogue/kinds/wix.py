"""Wix's export of products: `Product` rows, each with its `Variant` rows behind it.

A variant states what it costs more than its product (`surcharge`), and the product what it is
reduced by. The newer export has prices of variants instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tools.catalogue.grouping import ATTRIBUTES, Member, Options
from tools.catalogue.kinds.csv_kind import csv_kind
from tools.catalogue.kinds.kind import first_cell, folded, taken, with_usual
from tools.catalogue.prices import added, reduced
from tools.catalogue.rows import Row
from tools.catalogue.switched_off import why_switched_off

_TAKES = {
    "id": ("handle_id", "handle"),
    "title": ("name",),
    "description": ("description", "plain_description"),
    "category": ("collection", "categories"),
    "price": ("price",),
    "was": ("strikethrough_price",),
    "sale_price": ("discount_value",),
    "availability": ("inventory",),
    "brand": ("brand",),
    "image": ("product_image_url", "media"),
    "variants": ("product_option_name1", "product_option_name_1", "surcharge"),
    "attributes": ("additional_info_title1",),
}
_NAMED_FILE = re.compile(r"[0-9a-f]{4,8}_[0-9a-f]{20,40}~mv2[\w.]*")
"""A picture on Wix' own servers, as the export names it."""
_NUMBERS = range(1, 7)


def _marks(columns: set[str]) -> bool:
    return "field_type" in columns and bool(columns & {"handle_id", "handle"})


def _members(rows: Iterable[Row]) -> Iterator[Member]:
    parent: dict[str, str] = {}
    for row in rows:
        texts = folded(row.values)
        key, kind = first_cell(texts, "handle_id", "handle"), texts.get("field_type", "").lower()
        if kind == "variant":
            if key != first_cell(parent, "handle_id", "handle"):
                parent = {}
            options = _chosen(texts, parent)
            off = why_switched_off(texts)
            cells = _variant(texts, parent)
            yield Member(row, cells, key, parent=False, variant=True, options=options, off=off)
        elif kind == "media":
            image = _pictures(first_cell(texts, "media", "product_image_url"))
            yield Member(row, {"image": image}, key, parent=False)
        else:
            parent = texts
            yield Member(row, _product(texts), key, off=why_switched_off(texts))


def _product(texts: Mapping[str, str]) -> dict[str, object]:
    cells = taken(texts, _TAKES)
    for name in ("variants", ATTRIBUTES, "sale_price"):
        cells.pop(name, None)
    cells["image"] = _pictures(first_cell(texts, "product_image_url", "media"))
    cells["sale_price"] = _reduced(texts.get("price", ""), texts)
    stock = texts.get("inventory", "")
    cells |= {"quantity": stock} if stock.isdecimal() else {}
    cells[ATTRIBUTES] = [
        (texts[f"additional_info_title{n}"], texts.get(f"additional_info_description{n}", ""))
        for n in _NUMBERS
        if texts.get(f"additional_info_title{n}")
    ]
    return with_usual(cells, {n: t for n, t in texts.items() if n not in ("handle", "weight")})


def _variant(texts: Mapping[str, str], parent: Mapping[str, str]) -> dict[str, object]:
    price = texts.get("price", "")
    if "surcharge" in texts:
        price = added(parent.get("price", ""), texts["surcharge"])
    price = price or parent.get("price", "")
    stock = texts.get("inventory", "")
    cells: dict[str, object] = {
        "price": price,
        "sale_price": _reduced(price, parent),
        "was": texts.get("strikethrough_price", ""),
        "availability": stock,
        "codes": [texts["sku"]] if texts.get("sku") else [],
        "image": _pictures(first_cell(texts, "media", "product_image_url")),
    }
    return cells | ({"quantity": stock} if stock.isdecimal() else {})


def _reduced(price: str, parent: Mapping[str, str]) -> str:
    return reduced(price, parent.get("discount_mode", ""), parent.get("discount_value", ""))


def _chosen(texts: Mapping[str, str], parent: Mapping[str, str]) -> Options:
    found = []
    for number in _NUMBERS:
        names = (f"product_option_name{number}", f"product_option_name_{number}")
        name = first_cell(parent, *names) or first_cell(texts, *names)
        value = first_cell(
            texts, f"product_option_description{number}", f"product_option_description_{number}",
            f"product_option_choices_{number}",
        )  # fmt: skip
        if name and value:
            found.append((name, re.sub(r"^#[0-9a-fA-F]{3,8}:", "", value)))
    return tuple(found)


def _pictures(cell: str) -> list[str]:
    """Addresses and files; a name on Wix' servers is given its address."""
    return [
        f"https://static.wixstatic.com/media/{part}" if _NAMED_FILE.fullmatch(part) else part
        for part in (each.strip() for each in cell.split(";"))
        if part
    ]


WIX = csv_kind("Wix's export of products", _marks, _members, _TAKES)
