"""Rows of a shop's file as they stand: CSV and JSONL, one at a time, never the whole file."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tools.errors import CatalogueError

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BINARY = (b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"%PDF", b"\x1f\x8b", b"\xd0\xcf\x11")
"""First bytes of what people mistake for a CSV: spreadsheets, archives, pictures."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file (from 1), and its values or what is wrong with it."""

    line: int
    values: dict[str, object]
    problem: str = ""


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a CSV or JSONL file, told apart by content.

    Text is UTF-8, UTF-16 where it begins with its mark, or else Windows-1252. Raises
    CatalogueError for a file that is missing, empty, or of another kind. A single bad line is a
    Row with a `problem`.
    """
    if not path.exists():
        raise CatalogueError(f"There is no file {path}. Check the path.")
    if path.is_dir():
        raise CatalogueError(f"{path} is a folder. Name a CSV or JSONL file in it.")
    with path.open("rb") as raw:
        head = raw.read(65536)
    if not head.strip():
        raise CatalogueError(f"{path} is empty. Export the catalogue again.")
    # A stray NUL is a broken export; a tenth of all bytes is another kind of file.
    if head.startswith(_BINARY) or (head.count(0) > len(head) / 10 and not head.startswith(_UTF16)):
        raise CatalogueError(f"{path} is not a text file. Save the catalogue as CSV or JSONL.")
    encoding = _encoding(path)
    start = head.decode(encoding, errors="replace").lstrip("\ufeff \r\n\t")
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        if start.startswith("{"):
            yield from _jsonl(file)
        elif start.startswith("["):
            raise CatalogueError(f"{path} is one JSON list. Write one object per line (JSONL).")
        else:
            yield from _csv(file, path)


def _encoding(path: Path) -> str:
    """UTF-16 by its mark, UTF-8 if the whole file is; Windows-1252 takes any other bytes."""
    with path.open("rb") as raw:
        if raw.read(2) in _UTF16:
            return "utf-16"
    try:
        with path.open(encoding="utf-8-sig") as file:
            while file.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _jsonl(file: TextIO) -> Iterator[Row]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Row(number, {}, f"not valid JSON: {error}")
            continue
        if isinstance(values, dict):
            yield Row(number, values)
        else:
            yield Row(number, {}, "not a JSON object")


def _csv(file: TextIO, path: Path) -> Iterator[Row]:
    # The default of 128 KiB a field is less than some shops' HTML descriptions.
    csv.field_size_limit(min(sys.maxsize, 64 * 1024 * 1024))
    header = file.readline()
    delimiter = max(",;\t|", key=header.count)
    if header.count(delimiter) == 0:
        raise CatalogueError(
            f"{path} is neither CSV (its first line names no columns) nor JSONL. "
            "Save the catalogue as one of the two."
        )
    columns = [name.strip() for name in next(csv.reader([header], delimiter=delimiter))]
    reader = csv.reader((line.replace("\0", "") for line in file), delimiter=delimiter)
    while True:
        line = reader.line_num + 2
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, {}, f"not valid CSV: {error}")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            yield Row(line, {}, f"{len(cells)} cells under {len(columns)} columns")
            continue
        missing = [""] * (len(columns) - len(cells))
        yield Row(line, dict(zip(columns, cells + missing, strict=True)))
