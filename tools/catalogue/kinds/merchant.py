"""Feeds in columns or JSON lines: Google Merchant Center's, Meta's, and OpenAI's.

https://support.google.com/merchants/answer/7052112 names the attributes of Google's;
https://developers.openai.com/commerce/specs/feed.md those of OpenAI's, of which the older names are
known too. The XML is in `xml_feed`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import partial

from tools.catalogue.columns import check_mapping, fold_name
from tools.catalogue.grouping import ATTRIBUTES, Member, Options, scattered
from tools.catalogue.kinds.kind import Kind, mapped, with_usual
from tools.catalogue.rows import Row, first_columns, first_objects, is_json, read_rows
from tools.catalogue.source import Source
from tools.catalogue.switched_off import why_switched_off

KNOWN = frozenset({
    "id", "title", "description", "link", "image_link", "additional_image_link", "price",
    "sale_price", "brand", "color", "product_type", "google_product_category", "availability",
    "item_group_id", "condition", "gtin", "mpn",
})  # fmt: skip
TAKES: dict[str, tuple[str, ...]] = {
    "id": ("id", "item_id"),
    "title": ("title",),
    "description": ("description",),
    "link": ("link", "url"),
    "category": (
        "product_type",
        "product_category",
        "google_product_category",
        "fb_product_category",
    ),
    "price": ("price",),
    "sale_price": ("sale_price",),
    "brand": ("brand",),
    "color": ("color",),
    "image": ("image_link", "image_url"),
    "quantity": ("quantity_to_sell_on_facebook", "inventory_quantity", "inventory"),
    "rating": ("star_rating", "product_review_rating"),
    "rating_count": ("review_count", "product_review_count"),
    "variants": ("item_group_id", "group_id", "variant_dict"),
}
_GROUPS = ("item_group_id", "group_id")
_MORE_PICTURES = ("additional_image_link", "additional_image_urls", "additional_image_url")
_DIFFER = (
    "color", "size", "pattern", "material", "age_group", "gender", "size_type", "size_system",
)  # fmt: skip
"""What variants of a group may differ in."""
_ATTRIBUTE = re.compile(r"(?:^|,)\s*(?:[^:,]*:)?([^:,]+):([^:,]+)(?=,|$)")


def _fits(source: Source) -> bool:
    if source.is_folder:
        return False
    if is_json(source):
        return any(_marks({fold_name(n) for n in values}) for values in first_objects(source))
    return _marks({_attribute(name) for name in first_columns(source)})


def _marks(columns: set[str]) -> bool:
    google = {"id", "title", "image_link"} <= columns and bool(columns & {"link", "availability"})
    openai = {"item_id", "title"} <= columns and bool(
        columns & {"seller_name", "is_eligible_search", "enable_search", "group_id"}
        and columns & {"image_url", "image_link"}
    )
    return google or openai


def _attribute(column: str) -> str:
    return fold_name(column).removeprefix("g_")


def _rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row]:
    if is_json(source):
        names = {name for values in first_objects(source) for name in values}
        check_mapping(mapping, names | KNOWN if names else KNOWN)
    else:
        check_mapping(mapping, first_columns(source))
    yield from scattered(partial(_members, source, mapping), partial(_keys, source))


def _keys(source: Source) -> Iterator[Member]:
    """The groups of the rows alone."""
    for row in read_rows(source):
        if not row.problem:
            values = {_attribute(name): cell for name, cell in row.values.items()}
            yield Member(row, key=_group_of(values))


def _group_of(values: Mapping[str, object]) -> str:
    return next((str(values[name]).strip() for name in _GROUPS if values.get(name)), "")


def _members(source: Source, mapping: Mapping[str, str]) -> Iterator[Member]:
    for row in read_rows(source):
        if row.problem:
            yield Member(row)
            continue
        values = {_attribute(name): cell for name, cell in row.values.items()}
        cells = merchant_cells(values)
        mapped(row.values, cells, mapping)
        group = _group_of(values)
        options = _stated_options(values) or merchant_options(values)
        if not group:
            cells[ATTRIBUTES] = [*_pairs_of(cells), *_unknown(options, cells)]
            options = ()
        off = why_switched_off({n: v for n, v in values.items() if n != "condition"})
        grouped = bool(group)
        yield Member(
            row, cells, group, parent=not grouped, variant=grouped, options=options, off=off
        )


def _pairs_of(cells: Mapping[str, object]) -> list[object]:
    pairs = cells.get(ATTRIBUTES)
    return pairs if isinstance(pairs, list) else []


def _unknown(options: Options, cells: Mapping[str, object]) -> Options:
    """Those that are no fact of a product by themselves."""
    return tuple((name, value) for name, value in options if fold_name(name) not in cells)


def merchant_cells(values: Mapping[str, object]) -> dict[str, object]:
    """The facts of an item, whose attributes stand under folded names."""

    def stated(fact: str) -> object:
        return next(
            (values[name] for name in TAKES[fact] if values.get(name) not in (None, "")), None
        )

    fields: dict[str, object] = {
        fact: stated(fact)
        for fact in ("id", "title", "description", "price", "sale_price", "brand")
    }
    # Google's own taxonomy may stand as a number, which says nothing to a shopper.
    google = str(values.get("google_product_category") or "")
    fields["category"] = (
        values.get("product_type")
        or values.get("product_category")
        or ("" if google.strip().isdecimal() else google)
        or values.get("fb_product_category")
    )
    fields["link"] = stated("link")
    fields["color"] = str(values.get("color") or "").replace("/", " / ")
    more = [each for name in _MORE_PICTURES for each in _addresses(values.get(name))]
    fields["image"] = [stated("image"), *more]
    for fact in ("quantity", "rating", "rating_count"):
        if (cell := stated(fact)) is not None:
            fields[fact] = cell
    if details := _details(values.get("product_detail")):
        fields[ATTRIBUTES] = details
    else:
        fields[ATTRIBUTES] = []
    return with_usual(fields, {n: v for n, v in values.items() if not isinstance(v, dict)})


def merchant_options(values: Mapping[str, object]) -> Options:
    """The attributes that variants may differ in."""
    return tuple(
        (name.replace("_", " ").capitalize(), str(values[name]).strip())
        for name in _DIFFER
        if isinstance(values.get(name), str | int | float) and str(values[name]).strip()
    )


def _stated_options(values: Mapping[str, object]) -> Options:
    """OpenAI's `variant_dict`, and Google's `variant_option` in columns ("Width:narrow,size:8")."""
    stated = values.get("variant_dict")
    if isinstance(stated, str) and stated.startswith("{"):
        try:
            stated = json.loads(stated)
        except (ValueError, RecursionError):
            stated = None
    if isinstance(stated, dict):
        return tuple((str(n).replace("_", " ").capitalize(), str(v)) for n, v in stated.items()
                     if isinstance(v, str | int | float) and str(v))  # fmt: skip
    parts = (part.partition(":") for part in str(values.get("variant_option") or "").split(","))
    return tuple((name.strip(), value.strip()) for name, mark, value in parts if mark and value)


def _details(value: object) -> list[tuple[str, str]]:
    """ "Section:Name:Value,Section:Name:Value"; the section may be left out."""
    found = _ATTRIBUTE.findall(value) if isinstance(value, str) else []
    return [(name.strip(), said.strip()) for name, said in found]


def _addresses(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(each) for each in value if each]
    parts = re.split(r",(?=\s*(?:https?:)?//|\s*[^,\s]+\.\w{3,4}\s*(?:,|$))", str(value or ""))
    return [each.strip().replace("%2C", ",") for each in parts if each.strip()]


MERCHANT = Kind("a feed for Google Merchant, Meta or OpenAI in columns", _fits, _rows, TAKES)
