"""Item metadata of Amazon Reviews 2023 (Hou et al. 2024, arXiv 2403.03952), as published.

Both shapes are read: the raw files, where `images` is a list of objects and `details` an object,
and the hub's, where `images` is an object of lists and `details` a text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from tools.catalogue.columns import check_mapping, fold_name
from tools.catalogue.grouping import ATTRIBUTES
from tools.catalogue.kinds.kind import DEPARTMENT, Kind, mapped, with_usual
from tools.catalogue.rows import Row, first_objects, is_json, read_rows
from tools.catalogue.source import Source

_SIZES = ("large", "hi_res", "720w", "1080w", "1440w", "480w", "360w", "thumb")
"""Half a thousand pixels first: no model here sees more, and `hi_res` is many times the bytes."""
_KEYS = (
    "main_category", "title", "average_rating", "rating_number", "features", "description",
    "price", "images", "videos", "store", "categories", "details", "parent_asin",
    "bought_together", "subtitle", "author", "asin",
)  # fmt: skip
_MOST_PICTURES = 50


def _fits(source: Source) -> bool:
    if source.is_folder or not is_json(source):
        return False
    return any(
        "parent_asin" in values and values.keys() & {"images", "main_category", "details"}
        for values in first_objects(source)
    )


def _rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row]:
    columns = {name for values in first_objects(source) for name in values}
    check_mapping(mapping, columns | set(_KEYS))
    for row in read_rows(source):
        yield (
            row
            if row.problem
            else replace(row, values=mapped(row.values, _fields(row.values), mapping))
        )


def _fields(values: Mapping[str, object]) -> dict[str, object]:
    details = _details(values.get("details"))
    main = values.get("main_category")
    fields = {
        "id": values.get("parent_asin") or values.get("asin"),
        "title": values.get("title"),
        "category": values.get("categories") or main,
        DEPARTMENT: main,
        "description": [*_texts(values.get("features")), *_texts(values.get("description"))],
        "price": values.get("price"),
        "color": details.get("Color") or details.get("Colour"),
        "brand": values.get("store") or details.get("Brand"),
        "rating": values.get("average_rating"),
        "rating_count": values.get("rating_number"),
        "image": pictures(values.get("images")),
        ATTRIBUTES: [(str(name), cell) for name, cell in details.items() if _is_said(cell)],
    }
    named = {fold_name(name): cell for name, cell in (*details.items(), *values.items())}
    return with_usual(fields, {n: c for n, c in named.items() if not isinstance(c, dict)})


def _is_said(cell: object) -> bool:
    """Whether a detail is words; its color and size are those of some form of the product."""
    return isinstance(cell, str | int | float) and not isinstance(cell, bool)


def pictures(images: object) -> list[str]:
    """One address a picture, the main one first, from either shape of `images`."""
    found: list[tuple[bool, str]] = []
    for each in _one_by_one(images):
        addresses = (each.get(size) for size in _SIZES)
        address = next((a for a in addresses if isinstance(a, str) and a not in ("", "None")), "")
        if address:
            found.append((each.get("variant") != "MAIN", address))
    return [address for _, address in sorted(found, key=lambda pair: pair[0])]


def _one_by_one(images: object) -> list[Mapping[str, object]]:
    if isinstance(images, list):
        return [each for each in images[:_MOST_PICTURES] if isinstance(each, dict)]
    if not isinstance(images, dict):
        return []
    columns = {name: values for name, values in images.items() if isinstance(values, list)}
    count = min(max(map(len, columns.values()), default=0), _MOST_PICTURES)
    return [
        {name: values[n] if n < len(values) else None for name, values in columns.items()}
        for n in range(count)
    ]


def _details(value: object) -> Mapping[str, object]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


AMAZON = Kind(
    "item metadata of Amazon Reviews 2023",
    _fits,
    _rows,
    {
        "id": ("parent_asin", "asin"),
        "title": ("title",),
        "category": ("categories", "main_category"),
        "description": ("features", "description"),
        "price": ("price",),
        "color": ("details",),
        "brand": ("store", "details"),
        "rating": ("average_rating",),
        "rating_count": ("rating_number",),
        "image": ("images",),
        "attributes": ("details",),
    },
)
