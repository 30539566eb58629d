"""Rows of a JSONL file written by hand: each is checked, and refused with advice."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

from tools.errors import SetupError
from tools.evaluate.inputs.labels import SkippedRow

Row = Mapping[str, object]
Read = TypeVar("Read")


class RowError(Exception):
    """Why a row cannot be used, as a sentence."""


def read_lines(path: Path) -> list[str]:
    """The lines of a file of labelled rows. Raises SetupError for one that cannot be read."""
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


def read_rows(
    path: Path, read: Callable[[dict[str, object], int], Read], wanted: str, needs: str
) -> tuple[list[Read], list[SkippedRow]]:
    """What `read` makes of each row and its line's number, in file order; and the unusable rows.

    `wanted` names what a row should be ("a dialogue"), `needs` says how to write one. Raises
    SetupError for a file that cannot be read, or has no row that can be used.
    """
    found: list[Read] = []
    unusable: list[SkippedRow] = []
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            found.append(read(parse_row(line), number))
        except RowError as error:
            unusable.append(SkippedRow(f"line {number}", str(error)))
    if not found:
        why = f" The first: {unusable[0].where}: {unusable[0].reason}" if unusable else ""
        raise SetupError(f"None of the {len(unusable)} rows of {path} is {wanted}.{why} {needs}")
    return found, unusable


def parse_row(line: str) -> dict[str, object]:
    """The object on a line. Raises RowError."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RowError(f"not valid JSON ({error}). Mend the line.") from error
    if not isinstance(row, dict):
        raise RowError("not a JSON object. Write one object per line.")
    return row


def text_field(row: Row, name: str) -> str:
    """The text of a field; "" where it has none. Raises RowError for another type."""
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RowError(f"`{name}` is {quote_value(value)}. Write it as a text.")
    return str(value).strip()


def picture_field(row: Row, name: str, folder: Path) -> Path | None:
    """The picture that a field names, beside the file. Raises RowError where there is none."""
    path = text_field(row, name)
    if not path:
        return None
    try:
        place = folder / path
        there = place.is_file()
    except (OSError, ValueError) as error:  # too long, or with a NUL
        raise RowError(f"`{name}` is no path that a file can have.") from error
    if not there:
        raise RowError(f"there is no picture {quote_value(path)} beside the file. Check `{name}`.")
    return place


def ids_field(row: Row, name: str) -> list[str]:
    """The ids in a field; none where it is missing. Raises RowError for anything but a list."""
    value = row.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(map(_is_id, value)):
        raise RowError(f'`{name}` is {quote_value(value)}. Write a list of ids, ["a", "b"].')
    return [str(identity).strip() for identity in value]


def _is_id(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def amount_field(row: Row, name: str, where: str = "") -> Decimal | None:
    """A price or rating; None where there is none. Raises RowError, saying `where` it stands."""
    value = row.get(name)
    if value is None:
        return None
    try:
        amount = Decimal(str(value).strip()) if isinstance(value, str | int | float) else None
    except InvalidOperation:
        amount = None
    odd = amount is None or isinstance(value, bool) or not amount.is_finite()
    if amount is None or odd or not 0 <= amount < 10**9:
        raise RowError(f"`{name}`{where} is {quote_value(value)}. Write a number such as 20.")
    return amount


def quote_value(value: object) -> str:
    """A value as a sentence quotes it, in one short line."""
    if isinstance(value, float) and not math.isfinite(value):
        return "no number"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:59] + "…"
