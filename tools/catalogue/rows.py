"""Rows of a shop's file as they stand: CSV and JSONL, one at a time, never the whole file."""

from __future__ import annotations

import csv
import json
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from tools.errors import CatalogueError

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF32 = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_BINARY = (b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"%PDF", b"\x1f\x8b", b"\xd0\xcf\x11")
"""First bytes of what people mistake for a CSV: spreadsheets, archives, pictures."""
_CONTROLS = bytes({*range(1, 32)} - set(b"\t\n\v\f\r\x1a\x1b"))
_HEADER_LINES = 20
"""Lines that a header with line breaks in its cells is looked for in."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file (from 1), and its values or what is wrong with it."""

    line: int
    values: dict[str, object]
    """Empty where there is a problem, but for the columns of a CSV."""
    problem: str = ""


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a CSV or JSONL file, told apart by content.

    Text is UTF-8, UTF-16 where it begins with its mark, or else Windows-1252. Raises
    CatalogueError for a file that is missing, empty, or of another kind. A single bad line is a
    Row with a `problem`.
    """
    head = _head(path)
    if not head.strip():
        raise CatalogueError(f"{path} is empty. Export the catalogue again.")
    if head.startswith(_UTF32):
        raise CatalogueError(f"{path} is UTF-32, which few programs write. Save it as UTF-8.")
    if _is_binary(head):
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


def _head(path: Path) -> bytes:
    """The first bytes. Only of a regular file: opening a pipe waits for someone to fill it."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise CatalogueError(f"{path} is a folder. Name a CSV or JSONL file in it.")
        if not stat.S_ISREG(mode):
            raise CatalogueError(f"{path} is a pipe or device. Save the catalogue in a file.")
        with path.open("rb") as raw:
            return raw.read(65536)
    except FileNotFoundError as error:
        raise CatalogueError(f"There is no file {path}. Check the path.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CatalogueError(
            f"{path} cannot be read ({reason}). Check the path and who may read it."
        ) from error


def _is_binary(head: bytes) -> bool:
    if head.startswith(_BINARY):
        return True
    if head.startswith(_UTF16):
        return False
    # A stray NUL is a broken export; a tenth of all bytes is another kind of file.
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return head.count(0) > len(head) / 10 or controls > len(head) / 50


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
    lines = (line.replace("\0", "") for line in file)
    first = list(islice(lines, _HEADER_LINES))
    # What Excel writes above a header, to tell itself the delimiter.
    told = re.fullmatch(r"\s*sep=(.)\s*", first[0], re.IGNORECASE)
    above = 1 if told else 0
    delimiter = told[1] if told else _delimiter(first)
    if not delimiter:
        raise CatalogueError(
            f"{path} is neither CSV (its first line names no columns) nor JSONL. "
            "Save the catalogue as one of the two."
        )
    # Strict: a quote that is never closed would take in all rows behind it without a word.
    reader = csv.reader(chain(first[above:], lines), delimiter=delimiter, strict=True)
    try:
        columns = [" ".join(name.split()) for name in next(reader, [])]
    except csv.Error as error:
        raise CatalogueError(
            f"The first line of {path} is not valid CSV ({error}). Mend its quotes."
        ) from error
    while True:
        line = reader.line_num + 1 + above
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            until = reader.line_num + above
            reason = f"not valid CSV: {error}"
            if until > line:
                reason += f"; a quote that begins here takes in all up to line {until}"
            yield Row(line, dict.fromkeys(columns), reason)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        while len(cells) > len(columns) and not cells[-1].strip():
            cells.pop()
        if len(cells) > len(columns):
            reason = f"{len(cells)} cells under {len(columns)} columns"
            yield Row(line, dict.fromkeys(columns), reason)
            continue
        missing = [""] * (len(columns) - len(cells))
        yield Row(line, dict(zip(columns, cells + missing, strict=True)))


def _delimiter(lines: list[str]) -> str:
    """What stands most often between the names of the header; "" when nothing does."""
    # An odd quote is one of a cell that goes on in the next line.
    header = "".join(lines) if lines[0].count('"') % 2 else lines[0]
    bare = re.sub(r'"[^"]*"', "", header)
    delimiter = max(",;\t|", key=bare.count)
    return delimiter if delimiter in bare else ""
