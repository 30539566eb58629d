"""Products of shop systems in JSON, with their variants inside: the Agentic Commerce Protocol's
feed, WooCommerce, Magento, BigCommerce, Squarespace, Wix, Medusa, Saleor, Vendure, Spree, Etsy.

They name the same things alike, so one table of paths reads them all; `_Paths` holds it.

https://github.com/agentic-commerce-protocol/agentic-commerce-protocol (schema.feed.json)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tools.catalogue.columns import check_mapping, fold_name, usual_cells
from tools.catalogue.grouping import ATTRIBUTES, Member, Options, whole
from tools.catalogue.kinds.kind import LINK_PATH, Kind, mapped, objects_in
from tools.catalogue.kinds.nested_prices import price_cells
from tools.catalogue.rows import Row, first_objects, is_json, read_rows
from tools.catalogue.source import Source
from tools.catalogue.switched_off import why_switched_off

_VARIANTS = ("variants", "variations", "product_variants", "children", "skus", "configurations",
             "productVariants")  # fmt: skip
_PATHS: dict[str, tuple[str, ...]] = {
    "id": ("id", "product_id", "listing_id", "sku", "entity_id"),
    "title": ("title", "name", "product_name"),
    "description": ("description.plain", "description.html", "description.markdown",
                    "body_html", "description", "plainDescription", "short_description"),
    "link": ("url", "permalink", "custom_url.url", "product_url", "link", "fullUrl"),
    "brand": ("brand.name", "brand", "vendor.name", "vendor", "manufacturer"),
    "rating": ("rating.value", "average_rating", "rating"),
    "rating_count": ("rating.count", "rating_count", "review_count", "reviews_count"),
    "material": ("material",),
    "condition": ("condition.0", "condition"),
    "tags": ("tags", "keywords"),
    "quantity": ("quantity", "inventory_quantity", "stock_quantity", "inventory_level",
                 "quantityAvailable", "stock.quantity", "total_on_hand", "stockLevel",
                 "offerings.0.quantity"),
}  # fmt: skip
"""Fact → where it stands, the likeliest first."""
_CODES = ("sku", "barcode", "ean", "upc", "gtin", "mpn", "isbn", "barcodes", "global_unique_id")
_IMAGES = ("media", "images", "image", "thumbnail", "featuredAsset", "assets", "image_url",
           "media_gallery_entries", "featured_image", "primary_image", "mainMedia", "thumbnail_url",
           "picture", "pictures")  # fmt: skip
_IN_IMAGE = ("src", "url", "url_standard", "url_fullxfull", "preview", "source", "original_url",
             "styles.large", "file", "image.url", "image_url", "large_url", "href")  # fmt: skip
_OPTIONS = ("variant_options", "options", "option_values", "selectedOptions", "property_values",
            "attributes", "choices", "optionValues", "selected_options")  # fmt: skip
_OPTION_NAMES = ("name", "option_display_name", "property_name", "option.title", "group.name",
                 "attribute.name", "option_type_presentation", "option_type_name", "option.name",
                 "attribute_code")  # fmt: skip
_OPTION_VALUES = ("value", "label", "option", "presentation", "values.0.name", "values.0", "name")
_ATTRIBUTES = ("attributes", "custom_attributes", "product_properties", "facetValues", "details",
               "metadata", "custom_fields", "properties", "additional_info")  # fmt: skip
_TAKES = {
    **{fact: tuple(fold_name(p.split(".")[0]) for p in paths) for fact, paths in _PATHS.items()},
    "price": ("price", "prices", "pricing", "regular_price", "calculated_price", "price_data"),
    "was": ("list_price", "compare_at_price", "retail_price", "price_undiscounted"),
    "sale_price": ("sale_price", "special_price"),
    "availability": ("availability", "in_stock", "is_in_stock", "stock_status", "stock"),
    "image": tuple(map(fold_name, _IMAGES)),
    "category": ("categories", "category", "collections"),
    "codes": _CODES,
    "variants": tuple(map(fold_name, _VARIANTS)),
    "attributes": tuple(map(fold_name, _ATTRIBUTES)),
}


def _fits(source: Source) -> bool:
    if source.is_folder or not is_json(source):
        return False
    return any(_is_nested(_product_in(values)) for values in first_objects(source))


def _is_nested(values: Mapping[str, Any]) -> bool:
    if not ({"title", "name"} & values.keys()):
        return False
    variants = any(objects_in(values.get(name)) for name in _VARIANTS)
    system = (
        {"stock_status", "permalink"} <= values.keys()
        or {"custom_attributes", "sku"} <= values.keys()
        or {"prices", "permalink"} <= values.keys()
        or {"custom_url", "is_visible"} <= values.keys()
        or {"pricing", "thumbnail"} <= values.keys()
        or {"priceData", "media"} <= values.keys()
        or {"listing_id", "price"} <= values.keys()
    )
    return variants or system or isinstance(values.get("inventory"), dict)


def _product_in(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The product in an object that wraps it."""
    for name in ("node", "product", "fields", "attributes"):
        inner = values.get(name)
        if (
            isinstance(inner, dict)
            and {"name", "title"} & inner.keys()
            and not ({"name", "title"} & values.keys())
        ):
            return {**({"id": values["id"]} if "id" in values else {}), **inner}
    return values


def _rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row]:
    check_mapping(mapping, {name for values in first_objects(source) for name in values})
    for row in read_rows(source):
        if row.problem:
            yield row
        else:
            yield whole(list(_members(replace(row, values=dict(_product_in(row.values))), mapping)))


def _members(row: Row, mapping: Mapping[str, str]) -> Iterator[Member]:
    values = row.values
    cells = _cells(values)
    cells["image"] = _images(values)
    cells["category"] = _categories(values)
    cells[ATTRIBUTES] = _named(values)
    mapped(values, cells, mapping)
    folded = {fold_name(name): value for name, value in values.items()}
    if folded.get("type") in ("PHYSICAL", "DIGITAL", "SERVICE"):
        folded.pop("type")
    skipped = {"id", "handle", "stock", "status", "image", "category", "price", "attributes"}
    plain = {n: v for n, v in folded.items() if n not in skipped and not isinstance(v, dict)}
    plain = {n: v for n, v in plain.items() if not _of_objects(v)}
    cells = {**usual_cells(plain, cells), **cells}
    variants = _variants(values)
    names = _option_names(values)
    yield Member(row, cells, "product", off=_off(values))
    for variant in variants:
        inner = variant.get("variant")
        known = {**inner, **variant} if isinstance(inner, dict) else variant
        own = _cells(known)
        own["image"] = _images(known)
        own.pop("title", None)
        yield Member(
            row, own, "product", parent=False, variant=True, options=_options(known, names),
            off=_off(known),
        )  # fmt: skip


def _off(values: Mapping[str, Any]) -> str:
    """Why it is not shown; the state of an order of stock is none of it."""
    folded = {fold_name(n): v for n, v in values.items() if not isinstance(v, list)}
    return why_switched_off({n: v for n, v in folded.items() if n != "state" or v != "active"})


def _cells(values: Mapping[str, Any]) -> dict[str, object]:
    cells: dict[str, object] = {fact: _at(values, *paths) for fact, paths in _PATHS.items()}
    cells["description"] = _words(cells["description"])
    cells["tags"] = [_label(tag) for tag in _list(cells["tags"])]
    codes = [each for name in _CODES for each in _list(values.get(name))]
    cells["codes"] = [text for text in map(_label, codes) if text]
    cells["availability"] = _availability(values)
    cells |= price_cells(values)
    handle = _at(values, "handle", "slug")
    if handle and not cells["link"]:
        cells[LINK_PATH] = f"/products/{handle}"
    if isinstance(cells["link"], dict):
        cells["link"] = ""
    page = values.get("productPageUrl")
    if isinstance(page, dict):
        cells["link"] = f"{_label(page.get('base')).rstrip('/')}{_label(page.get('path'))}"
    return {name: cell for name, cell in cells.items() if cell not in (None, "", [])}


def _availability(values: Mapping[str, Any]) -> object:
    stated = values.get("availability")
    if isinstance(stated, dict):  # the Agentic Commerce Protocol's
        return stated.get("status") or stated.get("available")
    stock = values.get("stock")
    if isinstance(stock, dict):
        found = _at(stock, "inventoryStatus", "inStock", "in_stock")
        if found is not None:
            return found
        if "quantity" in stock:
            return "in stock" if stock.get("unlimited") else stock["quantity"]
    if values.get("manage_inventory") is False or values.get("inventory_tracking") == "none":
        return "in stock"
    if values.get("purchasing_disabled") is True:
        return "out of stock"
    found = _at(
        values, "stock_status", "in_stock", "is_in_stock", "isAvailable", "purchasable",
        "available", "stockLevel", "quantityAvailable", "inventory_quantity", "inventory_level",
        "offerings.0.quantity", "quantity",
    )  # fmt: skip
    if values.get("allow_backorder") is True and found in (0, "0"):
        return "backorder"
    if stated in ("available", "disabled", "preorder"):
        return found if found is not None and stated == "available" else {
            "disabled": "out of stock"}.get(stated, stated)  # fmt: skip
    return stated if isinstance(stated, str) and stated else found


def _variants(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    for name in _VARIANTS:
        if found := objects_in(values.get(name)):
            return found
    inventory = values.get("inventory")
    if isinstance(inventory, dict):  # Etsy's
        return objects_in(inventory.get("products"))
    return []


def _option_names(values: Mapping[str, Any]) -> dict[str, str]:
    """Id or number of an option of the product → its name."""
    names = {}
    options = objects_in(values.get("options")) or objects_in(values.get("variantAttributes"))
    for number, option in enumerate(options, start=1):
        name = _label(_at(option, "title", "name", "display_name"))
        names[f"option{number}"] = name
        if option.get("id") is not None:
            names[str(option["id"])] = name
    return names


def _options(values: Mapping[str, Any], names: Mapping[str, str]) -> Options:
    for place in _OPTIONS:
        stated = values.get(place)
        if isinstance(stated, dict) and not objects_in(stated.get("edges")):
            return tuple((str(n), _label(v)) for n, v in stated.items() if _label(v))
        found = []
        for option in objects_in(stated):
            name = _label(_at(option, *_OPTION_NAMES[1:])) or names.get(
                str(option.get("option_id", "")), ""
            )
            value = _label(_at(option, *_OPTION_VALUES[:-1]))
            if not name and value:
                name = _label(option.get("name"))
            elif name and not value:
                value = _label(option.get("name"))
            if name and value:
                found.append((name, value))
        if found:
            return tuple(found)
    numbered = ((names.get(f"option{n}", ""), _label(values.get(f"option{n}"))) for n in (1, 2, 3))
    return tuple(pair for pair in numbered if all(pair))


def _images(values: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for name in _IMAGES:
        value = values.get(name)
        if isinstance(value, dict):
            value = [value.get("mainMedia") or value, *objects_in(value.get("items"))]
        for each in _list(value):
            address = _at(each, *_IN_IMAGE) if isinstance(each, dict) else each
            if isinstance(address, dict):
                address = address.get("url")
            if isinstance(address, str) and address:
                found.append(address)
    return list(dict.fromkeys(found))


def _categories(values: Mapping[str, Any]) -> object:
    for name in ("categories", "category", "collections", "product_type", "productType"):
        value = values.get(name)
        found = [_label(each) for each in (objects_in(value) or _list(value))]
        found = [each for each in found if each and not each.isdecimal()]
        if found:
            return [[each] if ">" not in each else each.split(">") for each in found]
    return None


def _named(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name in _ATTRIBUTES:
        stated = values.get(name)
        if isinstance(stated, dict) and not objects_in(stated.get("edges")):
            found += [(str(n), _label(v)) for n, v in stated.items()]
            continue
        for each in objects_in(stated):
            label = _label(_at(each, "name", "attribute.name", "attribute_code", "facet.name",
                               "property_name", "title", "key"))  # fmt: skip
            value = _at(each, "value", "values", "options", "description", "label")
            if "facet" in each:
                label, value = _label(_at(each, "facet.name")), each.get("name")
            text = ", ".join(filter(None, map(_label, _list(value))))
            if name == "custom_attributes":
                label = label.replace("_", " ").capitalize()
            found.append((label, text))
    return [(label, text) for label, text in found if label and text and len(text) <= 300]


def _at(values: Mapping[str, Any], *paths: str) -> Any:
    """What stands at the first of these paths ("price.amount", "images.0.src"); None for none."""
    for path in paths:
        found: Any = values
        for name in path.split("."):
            if isinstance(found, dict):
                found = found.get(name)
            elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
                found = found[int(name)]
            else:
                found = None
        if found not in (None, "", [], {}):
            return found
    return None


def _label(value: object) -> str:
    """Plain text of a value, or of what an object is called."""
    if isinstance(value, dict):
        found = _at(value, "name", "title", "label", "value", "tag", "slug")
        return "" if isinstance(found, dict | list) else _label(found)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _words(value: object) -> object:
    """A description; of Saleor's, which is a document in JSON, its texts."""
    if isinstance(value, str) and value.startswith('{"') and '"blocks"' in value:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return value
    if isinstance(value, dict):
        blocks = (each.get("data") for each in objects_in(value.get("blocks")))
        return [_label(block.get("text")) for block in blocks if isinstance(block, dict)]
    return value


def _of_objects(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict | list) for each in value)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


NESTED = Kind("products of a shop system in JSON", _fits, _rows, _TAKES)
