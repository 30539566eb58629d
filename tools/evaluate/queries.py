"""Labelled queries from a JSONL file. A row that cannot be used is named with what to do.

A row has `text`, `photo` (path beside the file) or `reference_id`, or several of these; what
fits as `relevance` or `relevant` ({id: grade}), `relevant_ids` or `target_ids`; and perhaps `qid`,
`filters`, `exclude_ids`, `violations`, `hard_negative_ids`. Other fields are ignored. Where a row
has grades and ids, the ids count as found and the grades are for nDCG.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import SetupError
from tools.evaluate.labels import LabelledQuery, Stated, Unusable, kind_of

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


class _RowError(Exception):
    """Why a row cannot be used, as a sentence."""


def read_queries(path: Path) -> tuple[list[LabelledQuery], list[Unusable]]:
    """The queries in file order, and the rows that cannot be used.

    Raises SetupError for a file that cannot be read, or has no row that can be used.
    """
    queries: list[LabelledQuery] = []
    unusable: list[Unusable] = []
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            queries.append(_query(_row(line), number, path.parent))
        except _RowError as error:
            unusable.append(Unusable(f"line {number}", str(error)))
    if not queries:
        why = f" The first: {unusable[0].where}: {unusable[0].reason}" if unusable else ""
        raise SetupError(
            f"None of the {len(unusable)} rows of {path} is a labelled query.{why} Each row needs "
            "`text`, `photo` or `reference_id`, and `relevant_ids` or `relevance`."
        )
    return queries, unusable


def _lines(path: Path) -> list[str]:
    try:
        # Not splitlines: JSON may hold line separators of Unicode inside its strings.
        return path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        raise SetupError(f"There is no file {path}. Check the path.") from error
    except IsADirectoryError as error:
        raise SetupError(f"{path} is a folder. Name a JSONL file of labelled queries.") from error
    except (UnicodeDecodeError, ValueError) as error:
        raise SetupError(
            f"{path} is not a text file in UTF-8. Save the labelled queries as JSONL."
        ) from error


def _row(line: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _RowError(f"not valid JSON ({error}). Mend the line.") from error
    if not isinstance(row, dict):
        raise _RowError("not a JSON object. Write one object per line.")
    return row


def _query(row: dict[str, object], number: int, folder: Path) -> LabelledQuery:
    text, reference = _text(row, "text"), _text(row, "reference_id")
    # The picture of the reference is that of the catalogue, unless the row names no product.
    photo = _photo(row, "photo", folder) or (
        None if reference else _photo(row, "reference_image", folder)
    )
    named = [name for name in (*_GRADES, *_IDS) if row.get(name) is not None]
    if not named and row.get("label") is not None:
        raise _RowError(
            "a `label` alone says what a photo shows, not which products fit. Add `relevant_ids`; "
            "labelled photos in folders are measured with --photos."
        )
    if not named:
        raise _RowError("it does not say what fits. Add `relevant_ids` or `relevance`.")
    if not text and photo is None and not reference:
        raise _RowError("it asks for nothing. Add `text`, `photo` or `reference_id`.")
    excluded = {*_ids(row, "exclude_ids")} | ({reference} if reference else set())
    ids = [identity for name in _IDS for identity in _ids(row, name)]
    grades = _all_grades(row, ids)
    relevant = frozenset(ids) or frozenset(grades)
    return LabelledQuery(
        qid=_text(row, "qid") or f"line {number}",
        kind=kind_of(text, photo, reference),
        text=text,
        photo=photo,
        reference=reference,
        stated=_stated(row.get("filters")),
        grades={identity: grade for identity, grade in grades.items() if identity not in excluded},
        relevant=relevant - excluded,
        exclude=tuple(sorted(excluded - {reference})),
        violations=frozenset(_ids(row, "violations")),
        hard_negatives=frozenset(_ids(row, "hard_negative_ids")),
    )


def _text(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _RowError(f"`{name}` is {_shown(value)}. Write it as a text.")
    return str(value).strip()


def _photo(row: Mapping[str, object], name: str, folder: Path) -> Callable[[], Image] | None:
    path = _text(row, name)
    if not path:
        return None
    try:
        place = folder / path
        there = place.is_file()
    except (OSError, ValueError) as error:  # too long, or with a NUL
        raise _RowError(f"`{name}` is no path that a file can have.") from error
    if not there:
        raise _RowError(f"there is no picture {_shown(path)} beside the file. Check `{name}`.")
    return partial(_open, place)


def _open(path: Path) -> Image:
    from tools.photos import open_photo

    return open_photo(path, max_mb=MAX_PHOTO_MB)


def _ids(row: Mapping[str, object], name: str) -> list[str]:
    value = row.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(map(_is_id, value)):
        raise _RowError(f'`{name}` is {_shown(value)}. Write a list of ids, ["a", "b"].')
    return [str(identity).strip() for identity in value]


def _is_id(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _all_grades(row: Mapping[str, object], ids: Iterable[str]) -> dict[str, float]:
    """The grades above 0 by id; an id that only stands in a list has grade 1."""
    grades = dict.fromkeys(ids, 1.0)
    for name in _GRADES:
        value = row.get(name)
        if isinstance(value, list):
            grades = dict.fromkeys(_ids(row, name), 1.0) | grades
        elif isinstance(value, dict):
            grades |= {str(key).strip(): _grade(name, grade) for key, grade in value.items()}
        elif value is not None:
            raise _RowError(f'`{name}` is {_shown(value)}. Write {{"id": grade}}.')
    return {identity: grade for identity, grade in grades.items() if grade > 0}


def _grade(name: str, value: object) -> float:
    number = not isinstance(value, bool) and isinstance(value, int | float)
    if not number or not 0 <= float(str(value)) <= _MAX_GRADE:
        raise _RowError(f"a grade in `{name}` is {_shown(value)}. Write 0 to {_MAX_GRADE}.")
    return float(str(value))


def _stated(filters: object) -> Stated:
    if filters is None:
        return Stated()
    if not isinstance(filters, dict):
        raise _RowError(f'`filters` is {_shown(filters)}. Write {{"max_price": 20}}.')
    names: dict[str, tuple[str, ...]] = {"colors": (), "categories": (), "brands": ()}
    for name, value in filters.items():
        if name in _NAMES:
            names[_NAMES[name]] += _names(name, value)
        elif name not in _BOUNDS:
            known = ", ".join((*_BOUNDS, *_NAMES))
            raise _RowError(f"`filters` has {_shown(name)}, which is none of: {known}.")
    low, high = _amount(filters, "min_price"), _amount(filters, "max_price")
    if low is not None and high is not None and low > high:
        raise _RowError("`min_price` is above `max_price`. Swap the two.")
    rating = _amount(filters, "min_rating")
    return Stated(
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
            raise _RowError(f"`{name}` of the filters is {_shown(each)}. Write a name, or several.")
        if each.strip(" >"):
            names.append(each)
    return tuple(names)


def _amount(filters: Mapping[str, object], name: str) -> Decimal | None:
    value = filters.get(name)
    if value is None:
        return None
    try:
        amount = Decimal(str(value).strip()) if isinstance(value, str | int | float) else None
    except InvalidOperation:
        amount = None
    odd = amount is None or isinstance(value, bool) or not amount.is_finite()
    if amount is None or odd or not 0 <= amount < 10**9:
        raise _RowError(f"`{name}` of the filters is {_shown(value)}. Write a number such as 20.")
    return amount


def _shown(value: object) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "no number"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:59] + "…"
