"""Feeds of products in XML: Google Merchant's and Meta's, Heureka's, Yandex', Prisjakt's, and any
flat list of product elements under usual names.

https://support.google.com/merchants/answer/7052112 · https://sluzby.heureka.cz/napoveda/xml-feed ·
https://yandex.com/support/marketplace/assortment/files/index.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from tools.catalogue.cells import texts_of
from tools.catalogue.columns import check_mapping, fold_name, usual_cells
from tools.catalogue.facts import FACTS
from tools.catalogue.grouping import ATTRIBUTES, Member, Options, scattered
from tools.catalogue.kinds.kind import Kind, mapped
from tools.catalogue.kinds.merchant import KNOWN, TAKES, merchant_cells, merchant_options
from tools.catalogue.rows import Row
from tools.catalogue.source import Source
from tools.catalogue.switched_off import why_switched_off
from tools.catalogue.xml_items import Around, Node, read_items

_GROUPS = ("item_group_id", "itemgroup_id", "group_id", "parent_id", "parent_sku")
_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "item_id", "product_id", "productno", "sku", "code"),
    "title": ("title", "productname", "product_name", "name", "product", "model"),
    "description": ("description", "description_short", "body", "summary"),
    "link": ("link", "url", "product_url", "produkt_url"),
    "category": ("product_type", "categorytext", "category_text", "category_path", "category"),
    "price": ("price", "price_vat", "regular_price"),
    "sale_price": ("sale_price",),
    "was": ("oldprice", "old_price", "compare_at_price", "price_before", "standard_price"),
    "currency": ("currency_id", "currency", "currency_code"),
    "brand": ("brand", "manufacturer", "vendor", "producer"),
    "color": ("color", "colour"),
    "image": ("image_link", "imgurl", "image_url", "picture", "image", "img", "img_url", "photo",
              "imageurl", "product_image_url"),
    "availability": ("availability", "stock_status", "stockstatus", "in_stock", "instock"),
    "quantity": ("quantity", "stock_quantity", "count"),
}  # fmt: skip
"""Names of elements, the likeliest first."""
_PICTURES = (
    *_NAMES["image"], "additional_image_link", "imgurl_alternative", "additional_image", "images",
    "pictures", "more_images", "additional_images",
)  # fmt: skip
_CODES = ("gtin", "ean", "mpn", "sku", "barcode", "vendor_code", "productno", "isbn", "upc")
_PAIRS = ("param", "product_detail", "attribute", "parameter", "spec", "specification", "feature")
_PAIR_NAMES = ("param_name", "attribute_name", "name", "key", "title")
_PAIR_VALUES = ("val", "attribute_value", "value", "text")


def _is_xml(source: Source) -> bool:
    return not source.is_folder and source.start.startswith("<")


def _rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row]:
    yield from scattered(partial(_members, source, mapping))


def _members(source: Source, mapping: Mapping[str, str]) -> Iterator[Member]:
    around = Around()
    checked = False
    for item in read_items(source, around):
        if item.node is None:
            yield Member(Row(item.line, {}, item.problem, todo="Export the feed again."))
            continue
        values = _values(item.node)
        if not checked:
            check_mapping(mapping, KNOWN | values.keys())
            checked = True
        google = any(child.google for child in item.node.children) or "image_link" in values
        cells = merchant_cells(values) if google else _cells(item.node, values, around)
        group = _group(values)
        options = _options(item.node, values)
        if not group:
            cells[ATTRIBUTES] = [p for p in options if fold_name(p[0]) not in _FACT_NAMES]
            options = ()
        row = Row(item.line, values)
        mapped(values, cells, mapping)
        off = why_switched_off({n: v for n, v in values.items() if n != "state"})
        grouped = bool(group)
        yield Member(
            row, cells, group, parent=not grouped, variant=grouped, options=options, off=off
        )


_FACT_NAMES = frozenset(fact.name for fact in FACTS)


def _group(values: Mapping[str, object]) -> str:
    return next((str(values[name]) for name in _GROUPS if values.get(name)), "")


def _values(node: Node) -> dict[str, object]:
    """Name → text of what stands right in an item; a list where a name comes several times.

    Google's own attribute wins over RSS's of that name; of other names alike the first counts.
    """
    found: dict[str, object] = dict(node.attributes)
    googles: set[str] = set()
    for child in node.children:
        text: object = child.text
        if child.children:
            inner = [each.text for each in child.children if each.text]
            if child.name not in _PICTURES or not inner:
                continue
            text = inner
        elif not child.text and child.attributes:
            text = child.attributes.get("url") or child.attributes.get("href", "")
        if not text:
            continue
        if child.name in _PICTURES and child.name in found and child.name != "image_link":
            found[child.name] = [*texts_of(found[child.name]), *texts_of(text)]
        elif (
            child.name not in found
            or (child.google and child.name not in googles)
            or (child.name in node.attributes and child.name not in googles)
        ):
            found[child.name] = text
            googles |= {child.name} if child.google else set()
    return found


def _cells(node: Node, values: Mapping[str, object], around: Around) -> dict[str, object]:
    cells: dict[str, object] = {
        fact: next((values[name] for name in names if values.get(name)), None)
        for fact, names in _NAMES.items()
    }
    cells = {fact: cell for fact, cell in cells.items() if cell is not None or fact == "id"}
    cells["image"] = [t for name in _PICTURES if values.get(name) for t in texts_of(values[name])]
    if around.categories or values.get("category_id"):
        paths = [around.path(child.text) for child in node.all("category_id")]
        if known := [path for path in paths if path]:
            cells["category"] = known
    elif isinstance(cells.get("category"), str) and " | " in str(cells["category"]):
        cells["category"] = str(cells["category"]).split(" | ")  # Heureka's levels
    if not cells.get("title") or (around.root == "yml_catalog" and not values.get("name")):
        parts = (str(values.get(name) or "") for name in ("type_prefix", "vendor", "model"))
        cells["title"] = " ".join(filter(None, parts))
    cells["currency"] = cells.get("currency") or around.currency
    cells["availability"] = _availability(values, cells.get("availability"))
    cells["codes"] = [values[name] for name in _CODES if values.get(name)]
    return {**usual_cells(values, {*cells, ATTRIBUTES}), **cells}


def _availability(values: Mapping[str, object], stated: object) -> object:
    if stated is not None:
        return stated
    if "available" in values:  # Yandex: false is made to order
        return "in stock" if str(values["available"]).lower() in ("true", "1") else "backorder"
    days = str(values.get("delivery_date") or "")
    if days == "0":  # Heureka: days until it is sent
        return "in stock"
    return None


def _pairs(node: Node) -> list[tuple[str, str]]:
    """Named facts: `param` of Yandex and Heureka, `product_detail` of Google."""
    found = []
    for child in node.all(*_PAIRS):
        name = child.first(*_PAIR_NAMES) or child.attributes.get("name", "")
        value = child.first(*_PAIR_VALUES) or child.text
        if unit := child.attributes.get("unit", ""):
            value = f"{value} {unit}"
        if name and value:
            found.append((name, value))
    for group in node.all("params", "attributes", "parameters", "specifications", "features"):
        found += _pairs(group)
    return found


def _options(node: Node, values: Mapping[str, object]) -> Options:
    """What a member of a group may differ in: stated options, else named facts and attributes."""
    stated = [(each.first("name"), each.first("value")) for each in node.all("variant_option")]
    if stated:
        return tuple(pair for pair in stated if all(pair))
    pairs = dict(_pairs(node)) | dict(merchant_options(values))
    return tuple(pairs.items())


XML_FEED = Kind("a feed of products in XML", _is_xml, _rows, {**TAKES, **_NAMES})
