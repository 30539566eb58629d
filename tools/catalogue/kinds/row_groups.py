"""Exports with a product's facts on its first row and a variant on each: Spree, Medusa, Vendure,
Saleor.

They differ in the names of columns alone, which `_Names` lists.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from tools.catalogue.grouping import ATTRIBUTES, Member, Options
from tools.catalogue.kinds.csv_kind import csv_kind
from tools.catalogue.kinds.kind import LINK_PATH, first_cell, folded, taken, with_usual
from tools.catalogue.rows import Row
from tools.catalogue.switched_off import why_switched_off


@dataclass(frozen=True, slots=True)
class _Names:
    """Folded names of columns."""

    group: tuple[str, ...]
    """What the rows of a product have in common; an empty cell belongs to the row above."""
    product: Mapping[str, tuple[str, ...]]
    variant: Mapping[str, tuple[str, ...]]
    """Fact → columns."""
    pictures: tuple[str, ...] = ()
    of_variants: tuple[str, ...] = ()
    """Columns of pictures: of the product, of a variant."""
    link: str = ""
    """The path of a product's page, with its group's key."""
    options: Callable[[Mapping[str, str], list[str]], Options] = lambda *_: ()
    named: str = ""
    """Begins the columns of named facts."""
    categories: tuple[str, ...] = ()
    lists: Mapping[str, str] = field(default_factory=dict)
    """Fact → what parts the values in its cell, where that is unusual."""


def _members(names: _Names, rows: Iterable[Row]) -> Iterator[Member]:
    key, option_names = "", list[str]()
    for row in rows:
        texts = folded(row.values)
        own_key = first_cell(texts, *names.group)
        first = bool(own_key) and own_key != key
        if first:
            key = own_key
            option_names = []
        named = [texts.get(f"option{n}_name") or texts.get(f"option_{n}_name", "")
                 for n in range(1, 10)]  # fmt: skip
        if any(named):
            option_names = named
        elif first and texts.get("option_groups"):
            option_names = texts["option_groups"].split("|")
        options = names.options(texts, option_names)
        own = _variant(names, texts)
        cells = _product(names, texts, key) if first else {"image": own.get("image")}
        off = why_switched_off(_state(texts)) if first else ""
        sold = bool(options or not first)
        yield Member(
            row, {**own, **cells} if first and not sold else cells, key, parent=first, variant=sold,
            options=options, off=off, own=own,
        )  # fmt: skip


def _state(texts: Mapping[str, str]) -> dict[str, str]:
    return {"status": first_cell(texts, "status", "product_status"),
            "enabled": texts.get("enabled", "")}  # fmt: skip


def _product(names: _Names, texts: Mapping[str, str], key: str) -> dict[str, object]:
    cells = taken(texts, names.product)
    cells["id"] = cells.get("id") or key
    cells["image"] = [texts[name] for name in names.pictures if texts.get(name)]
    if paths := [texts[name] for name in names.categories if texts.get(name)]:
        cells["category"] = [re.split(r"\s*->\s*|\s*>\s*", path) for path in paths]
    for fact, mark in names.lists.items():
        cells[fact] = [part for part in str(cells.get(fact) or "").split(mark) if part]
    cells[ATTRIBUTES] = [
        (name.removeprefix(names.named).replace("_", " ").capitalize(), text)
        for name, text in texts.items()
        if names.named and name.startswith(names.named) and text
    ]
    if names.link:
        cells[LINK_PATH] = names.link.format(first_cell(texts, *names.group[:1]) or key)
    skipped = {c for each in names.variant.values() for c in each} | {"slug", "handle"}
    others = {n: t for n, t in texts.items() if n not in skipped}
    return with_usual(cells, others)


def _variant(names: _Names, texts: Mapping[str, str]) -> dict[str, object]:
    cells = taken(texts, names.variant)
    cells["codes"] = [texts[name] for name in names.variant.get("codes", ()) if texts.get(name)]
    cells["image"] = [texts[name] for name in names.of_variants if texts.get(name)]
    stock = str(cells.get("quantity") or "")
    cells["availability"] = _availability(texts, stock)
    prices = [n for n in texts if re.fullmatch(r"price_[a-z]{3}", n) and texts[n]]
    if not cells.get("price") and prices:
        cells |= {"price": texts[prices[0]], "currency": prices[0][-3:].upper()}
    return cells


def _availability(texts: Mapping[str, str], stock: str) -> str:
    counted = first_cell(texts, "track_inventory", "variant_manage_inventory").lower()
    more = first_cell(texts, "inventory_backorderable", "variant_allow_backorder").lower()
    if counted in ("false", "0", "no"):
        return "in stock"
    if not re.fullmatch(r"-?\d+", stock):
        return ""
    if int(stock) <= 0 and more in ("true", "1", "yes"):
        return "backorder"
    return stock


def _numbered(texts: Mapping[str, str], names: list[str]) -> Options:
    values = [texts.get(f"option{n}_value") or texts.get(f"option_{n}_value", "")
              for n in range(1, 10)]  # fmt: skip
    return tuple(pair for pair in zip(names, values, strict=False) if all(pair))


def _listed(texts: Mapping[str, str], names: list[str]) -> Options:
    values = texts.get("option_values", "").split("|")
    return tuple((n, v) for n, v in zip(names, values, strict=False) if n and v)


def _variant_attributes(texts: Mapping[str, str], _: list[str]) -> Options:
    """Saleor: columns "size (variant attribute)"."""
    found = ((n, t) for n, t in texts.items() if n.endswith("_variant_attribute"))
    return tuple((n.removesuffix("_variant_attribute").capitalize(), t) for n, t in found if t)


_SPREE = _Names(
    group=("slug", "product_id"),
    product={
        "title": ("name",), "description": ("description",), "brand": ("vendor_name", "brand"),
        "category": ("product_type",), "tags": ("tags",), "currency": ("currency",),
    },
    variant={
        "id": ("sku",), "price": ("price",), "was": ("compare_at_price",),
        "quantity": ("inventory_count",), "codes": ("sku", "barcode"), "currency": ("currency",),
    },
    pictures=("image1_src", "image2_src", "image3_src"),
    of_variants=("image1_src",),
    link="/products/{}",
    options=_numbered,
    named="custom_field_",
    categories=("category1", "category2", "category3"),
)  # fmt: skip
_MEDUSA = _Names(
    group=("product_handle", "product_id"),
    product={
        "title": ("product_title",), "description": ("product_description",),
        "category": ("product_category_1_name", "product_type", "product_collection_title"),
        "tags": ("product_tags", "product_tag_1"), "material": ("product_material",),
    },
    variant={
        "id": ("variant_id", "variant_sku"), "quantity": ("variant_inventory_quantity",),
        "codes": ("variant_sku", "variant_barcode", "variant_ean", "variant_upc"),
    },
    pictures=("product_thumbnail", "image_1_url", "image_2_url", "image_3_url", "product_image_1",
              "product_image_2", "product_image_3"),
    link="/products/{}",
    options=_numbered,
)  # fmt: skip
_VENDURE = _Names(
    group=("slug", "name"),
    product={"title": ("name",), "description": ("description",), "image": ("assets",)},
    variant={
        "id": ("sku",), "price": ("price",), "quantity": ("stock_on_hand",), "codes": ("sku",),
        "currency": ("currency_code",),
    },
    pictures=("assets",),
    of_variants=("variant_assets",),
    link="/products/{}",
    options=_listed,
)  # fmt: skip
_SALEOR = _Names(
    group=("id", "slug"),
    product={
        "title": ("name",), "description": ("description_as_str", "description"),
        "category": ("category", "product_type"),
    },
    variant={
        "id": ("variant_sku", "variant_id"), "codes": ("variant_sku",),
        "price": ("channel_price_amount", "price_amount"), "currency": ("channel_currency_code",),
        "quantity": ("warehouse_quantity",),
    },
    pictures=("product_media",),
    of_variants=("variant_media",),
    options=_variant_attributes,
)  # fmt: skip


def _takes(names: _Names) -> dict[str, tuple[str, ...]]:
    return {"id": names.group, "image": names.pictures, **names.variant, **names.product}


SPREE = csv_kind(
    "Spree's export of products",
    lambda c: {"slug", "sku", "option1_name"} <= c,
    partial(_members, _SPREE),
    _takes(_SPREE),
)
MEDUSA = csv_kind(
    "Medusa's export of products",
    lambda c: {"product_title", "variant_sku"} <= c and bool(c & {"product_handle", "product_id"}),
    partial(_members, _MEDUSA),
    _takes(_MEDUSA),
)
VENDURE = csv_kind(
    "Vendure's file of products",
    lambda c: {"option_groups", "option_values", "name"} <= c,
    partial(_members, _VENDURE),
    _takes(_VENDURE),
)
SALEOR = csv_kind(
    "Saleor's export of products",
    lambda c: {"id", "name", "variant_sku"} <= c and bool(c & {"product_media", "variant_id"}),
    partial(_members, _SALEOR),
    _takes(_SALEOR),
)
