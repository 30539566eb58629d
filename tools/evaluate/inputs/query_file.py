"""Labelled queries from a JSONL file. A row that cannot be used is reported with advice.

A row has `text`, `photo` (path beside the file) or `reference_id`, or several of these; what
fits as `relevance` or `relevant` ({id: grade}), `relevant_ids` or `target_ids`; and perhaps `qid`,
`filters`, `exclude_ids`, `violations`, `hard_negative_ids`. Other fields are ignored. Where a row
has grades and ids, the ids count as found and the grades are for nDCG.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tools.evaluate.inputs.jsonl import (
    RowError,
    amount_field,
    ids_field,
    picture_field,
    quote_value,
    read_rows,
    text_field,
)
from tools.evaluate.inputs.labels import LabelledQuery, SkippedRow, StatedConstraints, query_kind

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PHOTO_MB = 100
_MAX_GRADE = 100
_NAMES = {
    "color": "colors", "colors": "colors", "category": "categories", "categories": "categories",
    "brand": "brands", "brands": "brands",
}  # fmt: skip
_BOUNDS = ("min_price", "max_price", "min_rating")
_GRADES = ("relevance", "relevant")
_IDS = ("relevant_ids", "target_ids")


def read_queries(path: Path) -> tuple[list[LabelledQuery], list[SkippedRow]]:
    """The queries in file order, and the rows that cannot be used.

    Raises SetupError for a file that cannot be read, or has no row that can be used.
    """
    return read_rows(
        path,
        lambda row, number: _query(row, number, path.parent),
        "a labelled query",
        "Each row needs `text`, `photo` or `reference_id`, and `relevant_ids` or `relevance`.",
    )


def _query(row: dict[str, object], number: int, folder: Path) -> LabelledQuery:
    text, reference = text_field(row, "text"), text_field(row, "reference_id")
    # The picture of the reference is that of the catalogue, unless the row names no product.
    photo = _photo(row, "photo", folder) or (
        None if reference else _photo(row, "reference_image", folder)
    )
    named = [name for name in (*_GRADES, *_IDS) if row.get(name) is not None]
    if not named and row.get("label") is not None:
        raise RowError(
            "a `label` alone says what a photo shows, not which products fit. Add `relevant_ids`; "
            "labelled photos in folders are measured with --photos."
        )
    if not named:
        raise RowError("it does not say what fits. Add `relevant_ids` or `relevance`.")
    if not text and photo is None and not reference:
        raise RowError("it asks for nothing. Add `text`, `photo` or `reference_id`.")
    excluded = {*ids_field(row, "exclude_ids")} | ({reference} if reference else set())
    ids = [identity for name in _IDS for identity in ids_field(row, name)]
    grades = _all_grades(row, ids)
    relevant = frozenset(ids) or frozenset(grades)
    return LabelledQuery(
        qid=text_field(row, "qid") or f"line {number}",
        kind=query_kind(text, photo, reference),
        text=text,
        photo=photo,
        reference=reference,
        stated=_stated(row.get("filters")),
        grades={identity: grade for identity, grade in grades.items() if identity not in excluded},
        relevant=relevant - excluded,
        exclude=tuple(sorted(excluded - {reference})),
        violations=frozenset(ids_field(row, "violations")),
        hard_negatives=frozenset(ids_field(row, "hard_negative_ids")),
    )


def _photo(row: Mapping[str, object], name: str, folder: Path) -> Callable[[], Image] | None:
    place = picture_field(row, name, folder)
    return None if place is None else partial(_open, place)


def _open(path: Path) -> Image:
    from tools.media.images import open_photo

    return open_photo(path, max_mb=MAX_PHOTO_MB)


def _all_grades(row: Mapping[str, object], ids: Iterable[str]) -> dict[str, float]:
    """The grades above 0 by id; an id that only stands in a list has grade 1."""
    grades = dict.fromkeys(ids, 1.0)
    for name in _GRADES:
        value = row.get(name)
        if isinstance(value, list):
            grades = dict.fromkeys(ids_field(row, name), 1.0) | grades
        elif isinstance(value, dict):
            grades |= {str(key).strip(): _grade(name, grade) for key, grade in value.items()}
        elif value is not None:
            raise RowError(f'`{name}` is {quote_value(value)}. Write {{"id": grade}}.')
    return {identity: grade for identity, grade in grades.items() if grade > 0}


def _grade(name: str, value: object) -> float:
    number = not isinstance(value, bool) and isinstance(value, int | float)
    if not number or not 0 <= float(str(value)) <= _MAX_GRADE:
        raise RowError(f"a grade in `{name}` is {quote_value(value)}. Write 0 to {_MAX_GRADE}.")
    return float(str(value))


def _stated(filters: object) -> StatedConstraints:
    if filters is None:
        return StatedConstraints()
    if not isinstance(filters, dict):
        raise RowError(f'`filters` is {quote_value(filters)}. Write {{"max_price": 20}}.')
    names: dict[str, tuple[str, ...]] = {"colors": (), "categories": (), "brands": ()}
    for name, value in filters.items():
        if name in _NAMES:
            names[_NAMES[name]] += _names(name, value)
        elif name not in _BOUNDS:
            known = ", ".join((*_BOUNDS, *_NAMES))
            raise RowError(f"`filters` has {quote_value(name)}, which is none of: {known}.")
    where = " of the filters"
    low, high = amount_field(filters, "min_price", where), amount_field(filters, "max_price", where)
    if low is not None and high is not None and low > high:
        raise RowError("`min_price` is above `max_price`. Swap the two.")
    rating = amount_field(filters, "min_rating", where)
    return StatedConstraints(
        min_price=low,
        max_price=high,
        categories=names["categories"],
        colors=names["colors"],
        brands=names["brands"],
        min_rating=None if rating is None else float(rating),
    )


def _names(name: str, value: object) -> tuple[str, ...]:
    names: list[str] = []
    for each in value if isinstance(value, list) else [] if value is None else [value]:
        if not isinstance(each, str):
            raise RowError(
                f"`{name}` of the filters is {quote_value(each)}. Write a name, or several."
            )
        if each.strip(" >"):
            names.append(each)
    return tuple(names)
