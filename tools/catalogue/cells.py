"""Cells of a shop's file, cleaned for the facts of a product; what cannot be used is noted."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import dataclass

from tools.money import parse_price

MAX_NAME = 200
MAX_LEVELS = 16
_MOST_CHARACTERS = 1_000_000
"""Of a text that is cleaned at all; more is no title or description but a broken export."""
_DEEPEST = 3
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of writing: a title could show as other words than it has."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """What could not be used: a whole row (`used` False), or one field of a row that was."""

    line: int
    field: str
    reason: str
    todo: str
    used: bool = False
    host: str = ""
    """That gave no picture, where that is the reason."""


def without_odd(
    fields: Mapping[str, object],
    line: int,
    notes: list[SetAside],
    *,
    numeric: Container[str],
    boolean: Container[str],
) -> dict[str, object]:
    """The fields whose values are texts, numbers, or lists of these; the others are noted.

    In `numeric` fields exports write NaN for an unknown value; `boolean` fields may be true or
    false. A title and a picture that cannot be used are noted by whoever needs them.
    """
    kept: dict[str, object] = {}
    for field, value in fields.items():
        if not _is_odd(value) or (isinstance(value, bool) and field in boolean):
            kept[field] = value
        elif field not in {"title", "image"} and not (field in numeric and value != value):
            kind = "no finite number" if _is_nan(value) else f"a {type(value).__name__}"
            reason = f"{kind} where a text or number belongs"
            notes.append(SetAside(line, field, reason, "Write it as plain text.", used=True))
    return kept


def _is_odd(value: object, depth: int = 0) -> bool:
    if isinstance(value, str):
        return False
    if isinstance(value, list | tuple):
        return depth >= _DEEPEST or any(_is_odd(item, depth + 1) for item in value)
    return isinstance(value, dict | bool) or _is_nan(value)


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def identity_of(value: object) -> str:
    """An id as it is written: what looks alike to a reader may still be two products."""
    if value is None or value == "None" or value == []:
        return ""
    return str(value[0] if isinstance(value, list) else value).replace("\0", "").strip()


def clean_text(value: object) -> str:
    """Plain text of a cell: tags and entities resolved, controls and runs of blanks out.

    Lists are joined by blanks; None and the word "None" (which exports write for it) are "".
    """
    if value is None or value == "None":
        return ""
    if isinstance(value, list | tuple):
        return " ".join(filter(None, map(clean_text, value)))
    text = str(value)[:_MOST_CHARACTERS]
    if "<" in text:
        text = re.sub(r"<[A-Za-z/!][^<>]*>", " ", text)
    if "&" in text:
        text = html.unescape(text)
    # Most texts: no controls, marks of direction, lone surrogates or unusual blanks.
    if text.isprintable():
        return " ".join(text.split())
    # Lone surrogates come from broken exports and cannot be encoded again.
    text = text.encode("utf-8", "ignore").decode("utf-8")
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", _BIDI.sub("", text)).strip()


def cut(text: str, field: str, most: int, line: int, notes: list[SetAside]) -> str:
    """The text, or as much of it as is kept."""
    if len(text) > most:
        reason = f"{len(text):,} characters are too many; the first {most:,} are used"
        notes.append(SetAside(line, field, reason, "Shorten it.", used=True))
        text = text[:most]
    # The columns of the index have room for so many bytes, which letters may have four of.
    return text if len(text) * 4 <= most * 3 else without_end(text, most * 3)


def without_end(text: str, most_bytes: int) -> str:
    """As much of the start of a text as fits into so many bytes of UTF-8."""
    return text.encode()[:most_bytes].decode("utf-8", "ignore")


def category_path(value: object) -> tuple[str, ...]:
    """Levels from the root: "Kitchen > Air Fryers" or a list of levels."""
    levels = value if isinstance(value, list | tuple) else str(value or "").split(">")
    return tuple(text[:MAX_NAME] for level in levels if (text := clean_text(level)))[:MAX_LEVELS]


_LEVEL = re.compile(r"\s*(?:->|>|→|»|›|::)\s*")
_APART = re.compile(r"\s*[;\n]\s*")


def category_paths(value: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The deepest category of a cell as its levels from the root, and the names of all others.

    A list of names is the levels of one category; a list of lists, or of paths, are several. In a
    text they are parted by ";", "|" or ",": a comma inside one name ("Clothing, Shoes & Jewelry")
    parts nothing.
    """
    paths = [path for path in _paths_of(value) if path]
    if not paths:
        return (), ()
    main = max(paths, key=len)
    others = dict.fromkeys(level for path in paths for level in path if level not in main)
    return main, tuple(others)[:MAX_LEVELS]


def _paths_of(value: object) -> list[tuple[str, ...]]:
    if isinstance(value, list | tuple):
        several = any(isinstance(v, list | tuple) or _LEVEL.search(str(v)) for v in value)
        return list(map(_path, value)) if several else [category_path(value)]
    text = str(value or "")
    # Entities hold a ";" that parts nothing.
    text = html.unescape(text) if "&" in text else text
    parts = _APART.split(text)
    if len(parts) == 1 and "|" in text:
        parts = text.split("|")
    elif (
        len(parts) == 1 and "," in text and not re.search(r"&|\b(?:and|und|et|y|e|og|och)\b", text)
    ):
        parts = re.split(r"\s*,\s*", text)
    return list(map(_path, parts))


def _path(value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return category_path(value)
    return category_path(_LEVEL.split(str(value or "")))


def first_of(value: object) -> str:
    while isinstance(value, list | tuple):
        value = value[0] if value else ""
    return "" if value is None else str(value).strip()


def texts_of(value: object) -> list[str]:
    """The texts in a cell or in lists of them, in their order, none of them empty."""
    if isinstance(value, list | tuple):
        return [text for each in value for text in texts_of(each)]
    text = "" if value is None or value == "None" else str(value).strip()
    return [text] if text else []


def read_price(
    value: object, currency: str, line: int, notes: list[SetAside]
) -> tuple[int | None, str]:
    text = clean_text(value)
    if text.lower() in {"", "null", "nan", "n/a", "-", "—"}:
        return None, currency
    if not isinstance(value, list):
        with suppress(ValueError):
            return parse_price(text, currency)
    notes.append(unused(line, "price", text, "Write one number, such as 19.99."))
    return None, currency


def read_number(
    value: object, field: str, low: float, high: float, line: int, notes: list[SetAside]
) -> float | None:
    text = clean_text(value)
    if text.lower() in {"", "null", "nan", "n/a"}:
        return None
    try:
        number = float(text.replace(",", "") if field == "rating_count" else text)
    except ValueError:
        number = -1.0
    if low <= number <= high:
        return number
    notes.append(unused(line, field, text, f"Write a number from {low:g} to {high:g}."))
    return None


def unused(line: int, field: str, text: str, todo: str) -> SetAside:
    return SetAside(line, field, f"{short(text)} cannot be used", todo, used=True)


def short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")
