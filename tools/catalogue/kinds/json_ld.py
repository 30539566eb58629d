"""schema.org's Product and ProductGroup as JSON-LD in a file: one object, a list, or a @graph.

https://schema.org/Product, https://schema.org/ProductGroup
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from tools.catalogue.columns import check_mapping, usual_cells
from tools.catalogue.grouping import ATTRIBUTES, Member, Options, scattered
from tools.catalogue.kinds.kind import Kind, mapped
from tools.catalogue.rows import Row, first_objects, is_json, read_rows
from tools.catalogue.source import Source

_PRODUCTS = frozenset({"Product", "ProductGroup", "ProductModel", "IndividualProduct"})
_CODES = ("sku", "gtin", "gtin8", "gtin12", "gtin13", "gtin14", "mpn", "isbn", "productID")
_VARY = ("color", "size", "material", "pattern", "suggestedGender", "suggestedAge")
_TAKES = {
    "id": ("product_group_id", "product_id", "sku", "id"),
    "title": ("name",),
    "description": ("description",),
    "image": ("image",),
    "price": ("offers",),
    "was": ("offers",),
    "availability": ("offers",),
    "link": ("url", "offers"),
    "brand": ("brand",),
    "category": ("category",),
    "rating": ("aggregate_rating",),
    "rating_count": ("aggregate_rating",),
    "material": ("material",),
    "pattern": ("pattern",),
    "color": ("color",),
    "condition": ("item_condition",),
    "attributes": ("additional_property",),
    "variants": ("has_variant", "is_variant_of"),
}

_Object = Mapping[str, object]


def _fits(source: Source) -> bool:
    if source.is_folder or not is_json(source):
        return False
    return any(
        {"@type", "@context", "@graph"} & values.keys() and any(_products(values))
        for values in first_objects(source)
    )


def _rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row]:
    names = {name for values in first_objects(source) for name in values}
    check_mapping(mapping, names)
    yield from scattered(partial(_members, source, mapping))


def _members(source: Source, mapping: Mapping[str, str]) -> Iterator[Member]:
    for row in read_rows(source):
        if row.problem:
            yield Member(row)
            continue
        for values in _products(row.values):
            yield from _of(replace(row, values=dict(values)), mapping)


def _of(row: Row, mapping: Mapping[str, str]) -> Iterator[Member]:
    """A product and its variants."""
    values = row.values
    cells = _cells(values)
    mapped(values, cells, mapping)
    variants = [each for each in _list(values.get("hasVariant")) if isinstance(each, dict)]
    whole = [each for each in variants if len(each) > 2 or "offers" in each]
    parent = values.get("isVariantOf")
    group = _text(values.get("inProductGroupWithID"))
    if isinstance(parent, dict):
        group = group or _text(parent.get("productGroupID")) or _text(parent.get("@id"))
        group = group or _text(parent.get("name"))
    if "ProductGroup" in _types(values) or variants:
        key = str(cells["id"] or f"line {row.line}")
        aliases = (_text(values.get("@id")), _text(values.get("productGroupID")))
        yield Member(row, cells, key, aliases=aliases)
        for each in whole:
            yield Member(
                row, _cells(each), key, parent=False, variant=True, options=_options(each, values)
            )
    elif group:
        about = parent if isinstance(parent, dict) else {}
        if name := _text(about.get("name")):
            cells["title"] = name
        yield Member(row, cells, group, parent=False, variant=True, options=_options(values, about))
    else:
        size = _options({"size": values.get("size")}, {})
        cells[ATTRIBUTES] = [*_pairs(values), *size]
        yield Member(row, cells)


def _products(values: _Object) -> Iterator[_Object]:
    """The products in an object: itself, or what a @graph, a page or a list holds."""
    if _PRODUCTS & set(_types(values)):
        yield values
        return
    for name in ("@graph", "mainEntity", "itemListElement", "item"):
        for each in _list(values.get(name)):
            if isinstance(each, dict):
                yield from _products(each)


def _types(values: _Object) -> list[str]:
    names = (_text(each) for each in _list(values.get("@type")))
    return [name.rpartition("/")[2].rpartition(":")[2] for name in names]


def _cells(values: _Object) -> dict[str, object]:
    offer = _offer(values)
    rating = values.get("aggregateRating")
    rated = rating if isinstance(rating, dict) else {}
    codes = [text for name in _CODES if (text := _text(values.get(name)))]
    spec_price, was, currency = _prices(offer)
    return {
        "id": next(filter(None, (_text(values.get(n)) for n in
                                 ("productGroupID", "productID", "sku", "@id", "url"))), ""),
        "title": _text(values.get("name")),
        "description": _text(values.get("description")),
        "category": values.get("category") if not isinstance(values.get("category"), dict)
        else _text(values.get("category")),
        "brand": _text(values.get("brand") or values.get("manufacturer")),
        "color": _text(values.get("color")),
        "material": _text(values.get("material")),
        "pattern": _text(values.get("pattern")),
        "gender": _text(_inner(values, "audience", "suggestedGender")).rpartition("/")[2],
        "condition": _text(offer.get("itemCondition") or values.get("itemCondition"))
        .rpartition("/")[2].removesuffix("Condition"),
        "price": spec_price,
        "was": was,
        "sale_ends": _text(offer.get("priceValidUntil")) if was else "",
        "currency": currency,
        "availability": _text(offer.get("availability")),
        "quantity": _inner(offer, "inventoryLevel", "value"),
        "link": _text(offer.get("url")) or _text(values.get("url")),
        "image": [_address(each) for each in _list(values.get("image"))],
        "codes": codes,
        "rating": _rating(rated),
        "rating_count": rated.get("ratingCount") or rated.get("reviewCount"),
        "tags": values.get("keywords"),
        ATTRIBUTES: _pairs(values),
        **{n: c for n, c in usual_cells({}, ()).items() if n},
    }  # fmt: skip


def _offer(values: _Object) -> _Object:
    """The offer of a product; of several the first, of many together the lowest price."""
    offers = [each for each in _list(values.get("offers")) if isinstance(each, dict)]
    offer = offers[0] if offers else {}
    inner = [each for each in _list(offer.get("offers")) if isinstance(each, dict)]
    if "AggregateOffer" in _types(offer) and len(inner) == 1:
        return inner[0]
    return offer


def _prices(offer: _Object) -> tuple[object, object, str]:
    """The price of now, the list price, and their currency."""
    price: object = offer.get("price", offer.get("lowPrice"))
    currency, was = _text(offer.get("priceCurrency")), None
    for each in _list(offer.get("priceSpecification")):
        if not isinstance(each, dict):
            continue
        kind = _text(each.get("priceType")).rpartition("/")[2]
        if kind in ("ListPrice", "StrikethroughPrice", "SRP", "MSRP"):
            was = each.get("price")
        elif price in (None, ""):
            price = each.get("price")
        currency = currency or _text(each.get("priceCurrency"))
    return price, was, currency


def _rating(rated: _Object) -> object:
    """Of five, whatever scale it is stated on."""
    value, best = rated.get("ratingValue"), rated.get("bestRating")
    try:
        scale = float(str(best))
        return value if scale in (0, 5) else round(float(str(value)) * 5 / scale, 2)
    except ValueError:
        return value


def _options(values: _Object, group: _Object) -> Options:
    """The properties that the group says its variants vary by; else those that it may."""
    names = [_text(each).rpartition("/")[2] for each in _list(group.get("variesBy"))]
    found = [(name, _text(values.get(name))) for name in (names or _VARY)]
    if names and not all(value for _, value in found):
        stated = dict(_pairs(values))
        found = [(name, value or stated.get(name, "")) for name, value in found]
    return tuple((_spoken(name), value) for name, value in found if value)


def _spoken(name: str) -> str:
    return {"suggestedGender": "Gender", "suggestedAge": "Age"}.get(
        name, name[:1].upper() + name[1:]
    )


def _pairs(values: _Object) -> list[tuple[str, str]]:
    found = []
    for each in _list(values.get("additionalProperty")):
        if isinstance(each, dict):
            unit = _text(each.get("unitText"))
            value = _text(each.get("value"))
            found.append((_text(each.get("name")), f"{value} {unit}".strip()))
    for name in ("weight", "width", "height", "depth"):
        measure = values.get(name)
        if isinstance(measure, dict) and measure.get("value"):
            unit = _text(measure.get("unitText") or measure.get("unitCode"))
            found.append((name.capitalize(), f"{_text(measure['value'])} {unit}".strip()))
    return [pair for pair in found if all(pair)]


def _inner(values: _Object, name: str, inside: str) -> object:
    found = values.get(name)
    return found.get(inside) if isinstance(found, dict) else found


def _address(value: object) -> str:
    if isinstance(value, dict):
        return _text(value.get("contentUrl") or value.get("url") or value.get("@id"))
    return _text(value)


def _text(value: object) -> str:
    """Plain text of a value, or of what an object is called."""
    if isinstance(value, dict):
        inner = value.get("name", value.get("@value", value.get("value")))
        return "" if isinstance(inner, dict | list) else _text(inner)
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


JSON_LD = Kind("products of schema.org in JSON-LD", _fits, _rows, _TAKES)
