"""Shopify's export of products: a row a variant or picture, the product's facts on its first.

Shopify also serves products as JSON: an object a product, with lists of variants and pictures.
Each is read as the rows that the export would have. The theme's `/products/HANDLE.js` has prices
in cents, the others in major units. Both spellings of the CSV's header are known.

https://help.shopify.com/en/manual/products/import-export/using-csv
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from tools.catalogue.columns import check_mapping, fold_name
from tools.catalogue.grouping import ATTRIBUTES, Member, Options, in_order
from tools.catalogue.kinds.kind import LINK_PATH, Kind, first_cell, folded, mapped, with_usual
from tools.catalogue.prices import MINOR_UNITS
from tools.catalogue.rows import Row, first_columns, first_objects, is_json, read_rows
from tools.catalogue.source import Source
from tools.catalogue.switched_off import why_switched_off

_HANDLES = ("handle", "url_handle")
_MARKS = frozenset({"option1_name", "variant_price", "variant_sku", "image_src", "body_html"})
_METAFIELD = re.compile(r"(?P<name>.+?)\s*\(product\.metafields\.(?P<key>[^)]+)\)\s*$")
_TAKES: dict[str, tuple[str, ...]] = {
    "id": _HANDLES,
    "title": ("title",),
    "category": ("product_category", "type", "product_type"),
    "description": ("body_html", "description"),
    "brand": ("vendor",),
    "price": ("variant_price", "price"),
    "was": ("variant_compare_at_price", "compare_at_price"),
    "quantity": ("variant_inventory_qty", "inventory_quantity"),
    "availability": ("variant_inventory_policy", "continue_selling_when_out_of_stock"),
    "codes": ("variant_sku", "sku", "variant_barcode", "barcode"),
    "image": ("image_src", "product_image_url", "variant_image", "variant_image_url"),
    "variants": ("option1_value", "option2_value", "option3_value"),
}


def _fits(source: Source) -> bool:
    if source.is_folder:
        return False
    if is_json(source):
        return any(
            {"title", "handle", "variants"} <= values.keys()
            and isinstance(values["variants"], list)
            and _is_shopify(values)
            for values in first_objects(source)
        )
    columns = set(map(fold_name, first_columns(source)))
    return bool(columns & set(_HANDLES) and columns & _MARKS and "title" in columns)


def _is_shopify(values: Mapping[str, object]) -> bool:
    """Not a product of Medusa, whose variants have lists of prices."""
    return not any(
        "prices" in each or "calculated_price" in each for each in _objects(values["variants"])
    )


def _rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row]:
    if is_json(source):
        yield from _json_rows(source, mapping)
        return
    check_mapping(mapping, first_columns(source))
    yield from in_order(_members(source, mapping))


def _json_rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row]:
    check_mapping(mapping, {name for values in first_objects(source) for name in values})
    for row in read_rows(source):
        if row.problem:
            yield row
        else:
            group = _Group(mapping)
            yield from in_order(map(partial(group.member, row), _as_export(row.values)))


def _members(source: Source, mapping: Mapping[str, str]) -> Iterator[Member]:
    group = _Group(mapping)
    for row in read_rows(source):
        yield Member(row) if row.problem else group.member(row, folded(row.values))


class _Group:
    """The rows of one handle: what its first row names holds for all of them."""

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self._mapping = mapping
        self._handle = ""
        self._names: list[str] = []

    def member(self, row: Row, texts: dict[str, str]) -> Member:
        """The next row of the file."""
        handle = first_cell(texts, *_HANDLES)
        first = not handle or handle != self._handle
        if first:
            self._handle = handle
            self._names = [texts.get(f"option{n}_name", "") for n in (1, 2, 3)]
        options = _options(texts, self._names)
        sold = bool(first_cell(texts, "variant_price", "price") or options)
        cells: dict[str, object] = {}
        if first:
            cells = mapped(row.values, self._facts(row, texts), self._mapping)
        return Member(
            row,
            cells,
            handle or f"line {row.line}",
            parent=first,
            variant=sold,
            options=_said(options),
            pictures=_placed(texts, row.line),
            own=_variant(texts, handle, options),
            off=why_switched_off(texts) if first else "",
        )

    def _facts(self, row: Row, texts: dict[str, str]) -> dict[str, object]:
        fields: dict[str, object] = {
            "id": first_cell(texts, *_HANDLES),
            "title": texts.get("title"),
            "category": first_cell(texts, "product_category", "type"),
            "description": first_cell(texts, "body_html", "description"),
            "brand": texts.get("vendor"),
            "color": "",
            LINK_PATH: f"/products/{first_cell(texts, *_HANDLES)}",
            ATTRIBUTES: _metafields(row.values),
        }
        own = dict(_metafields(row.values))
        for fact in ("color", "material", "pattern"):
            fields[fact] = next((v for n, v in own.items() if fold_name(n) == fact), "")
        fields["material"] = fields["material"] or own.get("Fabric", "")
        fields = {name: v for name, v in fields.items() if v or name in ("id", "title", "color")}
        return with_usual(fields, {n: v for n, v in texts.items() if n not in ("size", "weight")})


def _variant(texts: Mapping[str, str], handle: str, options: Options) -> dict[str, object]:
    """The cells of what a row sells."""
    number = texts.get("variant_id", "")
    cells: dict[str, object] = {
        "price": first_cell(texts, "variant_price", "price"),
        "was": first_cell(texts, "variant_compare_at_price", "compare_at_price"),
        "quantity": first_cell(texts, "variant_inventory_qty", "inventory_quantity"),
        "availability": _availability(texts),
        "codes": [
            code
            for name in ("variant_sku", "sku", "variant_barcode", "barcode")
            if (code := texts.get(name, ""))
        ],
        LINK_PATH: f"/products/{handle}" + (f"?variant={number}" if number and options else ""),
    }
    if texts.get("cents"):
        cells[MINOR_UNITS] = True
    if options:
        cells["id"] = number or first_cell(texts, "variant_sku", "sku")
    if image := first_cell(texts, "variant_image", "variant_image_url"):
        cells["image"] = image
    return cells


def _availability(texts: Mapping[str, str]) -> str:
    """Sold out only where stock is counted, none is left, and no more may be sold."""
    if stated := texts.get("available"):
        return "in stock" if stated == "True" else "out of stock"
    tracker = first_cell(texts, "variant_inventory_tracker", "inventory_tracker")
    quantity = first_cell(texts, "variant_inventory_qty", "inventory_quantity")
    policy = first_cell(
        texts, "variant_inventory_policy", "continue_selling_when_out_of_stock"
    ).lower()
    counted = "variant_inventory_tracker" in texts or "inventory_tracker" in texts
    if counted and not tracker:
        return "in stock" if first_cell(texts, "variant_price", "price") else ""
    if not re.fullmatch(r"-?\d+", quantity):
        return ""
    if int(quantity) > 0:
        return "in stock"
    if policy in ("continue", "true"):
        return "backorder"
    return "out of stock" if tracker or policy in ("deny", "false") else ""


def _options(texts: Mapping[str, str], names: Sequence[str]) -> Options:
    pairs = ((name, texts.get(f"option{n}_value", "")) for n, name in enumerate(names, start=1))
    return tuple((name, value) for name, value in pairs if name and value)


def _said(options: Options) -> Options:
    """ "Title" is what Shopify calls the option of a product without any."""
    return tuple(pair for pair in options if pair != ("Title", "Default Title"))


def _placed(texts: Mapping[str, str], line: int) -> tuple[tuple[int, str], ...]:
    """The picture of a row with its place among the product's."""
    address = first_cell(texts, "image_src", "product_image_url")
    position = texts.get("image_position", "")
    place = int(position) if position.isdecimal() and len(position) < 6 else line + 10**6
    return ((place, address),) if address else ()


def _metafields(values: Mapping[str, object]) -> list[tuple[str, str]]:
    """Named facts of the shop: "Fabric (product.metafields.shopify.fabric)" is "Fabric"."""
    found = []
    for column, cell in values.items():
        name = _METAFIELD.match(column)
        if name and cell not in (None, ""):
            found.append((name["name"].strip(), str(cell).replace("; ", ", ")))
    return found


def _as_export(values: Mapping[str, object]) -> list[dict[str, str]]:
    """A product as rows of the export: its facts on the first, a variant and picture on each."""
    variants, options = _objects(values.get("variants")), _objects(values.get("options"))
    images = _objects(values.get("images")) or _objects([values.get("image")])
    images = images or [{"src": each} for each in _texts(values.get("images"))]
    rows: list[dict[str, str]] = [{} for _ in range(max(len(variants), len(images), 1))]
    for name in ("handle", "title", "body_html", "vendor", "status", "description", "url"):
        rows[0][name] = _text(values.get(name))
    rows[0]["type"] = _text(values.get("product_type") or values.get("type"))
    tags = values.get("tags")
    rows[0]["tags"] = ", ".join(map(_text, tags)) if isinstance(tags, list) else _text(tags)
    if "published_at" in values:
        rows[0]["published"] = "true" if values["published_at"] else "false"
    names = [_text(o.get("name")) for o in options] or _texts(values.get("options"))
    for number, name in enumerate(names, start=1):
        rows[0][f"option{number}_name"] = name
    cents = "price_varies" in values or (
        "featured_image" in values and all(isinstance(v.get("price"), int) for v in variants)
    )
    for row, variant in zip(rows, variants, strict=False):
        row |= _variant_texts(variant, images, cents=cents)
        row["handle"] = rows[0]["handle"]
    for row, image in zip(rows, images, strict=False):
        row["image_src"] = _text(image.get("src"))
        row["image_position"] = _text(image.get("position"))
        row["handle"] = rows[0]["handle"]
    return rows


def _variant_texts(
    variant: Mapping[str, object], images: Sequence[Mapping[str, object]], *, cents: bool
) -> dict[str, str]:
    featured = variant.get("featured_image")
    picture = _text(featured.get("src")) if isinstance(featured, dict) else _text(featured)
    for image in images:
        ids = image.get("variant_ids")
        if not picture and (
            (variant.get("image_id") and image.get("id") == variant["image_id"])
            or (isinstance(ids, list) and variant.get("id") in ids)
        ):
            picture = _text(image.get("src"))
    found = {
        "variant_price": _text(variant.get("price")),
        "variant_compare_at_price": _text(variant.get("compare_at_price")),
        "variant_sku": _text(variant.get("sku")),
        "variant_barcode": _text(variant.get("barcode")),
        "variant_id": _text(variant.get("id")),
        "variant_image": picture,
        "cents": "yes" if cents else "",
    }
    if isinstance(variant.get("available"), bool):
        found["available"] = str(variant["available"])
    elif "inventory_management" in variant:
        found["variant_inventory_tracker"] = _text(variant["inventory_management"])
        found["variant_inventory_policy"] = _text(variant.get("inventory_policy"))
        found["variant_inventory_qty"] = _text(variant.get("inventory_quantity"))
    return found | {f"option{n}_value": _text(variant.get(f"option{n}")) for n in (1, 2, 3)}


def _objects(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int | float) else ""


SHOPIFY = Kind("Shopify's export of products", _fits, _rows, _TAKES)
