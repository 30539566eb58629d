"""Rows of a shop's file as they stand: CSV and JSONL, one at a time, never the whole file."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from typing import TextIO

from tools.catalogue.source import DAMAGED, Source
from tools.errors import CatalogueError

LONGEST_LINE = 64 * 1024 * 1024
"""Characters of a line or cell; what is longer is a broken export and would fill the memory."""
_HEADER_LINES = 20
"""Lines that a header with line breaks in its cells is looked for in."""
_CUT_OFF = "the file is cut off or damaged here; nothing behind can be read"
_ESCAPED = re.compile("[\udc80-\udcff]")
"""Bytes that are not UTF-8, as Python's `surrogateescape` reads them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file (from 1), and its values or what is wrong with it."""

    line: int
    values: dict[str, object]
    """Empty where there is a problem, but for the columns of a CSV."""
    problem: str = ""
    field: str = "row"
    """What the problem is with; "row" where any product may stand in the line."""
    todo: str = "Mend the line in the file."
    mended: str = ""
    """What was wrong with the characters of a row that could be read all the same."""


def is_jsonl(source: Source) -> bool:
    """Whether the text is one JSON object a line. Raises CatalogueError for one JSON list."""
    if source.start.startswith("["):
        raise CatalogueError(f"{source.name} is one JSON list. Write one object per line (JSONL).")
    return source.start.startswith("{")


def first_objects(source: Source) -> list[dict[str, object]]:
    """The JSON objects that stand whole in the first bytes."""
    found = []
    for line in source.start.splitlines():
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(values, dict):
            found.append(values)
    return found


def first_columns(source: Source) -> list[str]:
    """The names in the header of a CSV, as far as it stands in the first bytes."""
    lines = source.start.replace("\0", "").splitlines(keepends=True)
    if not lines:
        return []
    told, delimiter = _told_or_found(lines)
    try:
        return next(csv.reader(lines[told:], delimiter=delimiter or ",", strict=True), [])
    except csv.Error:
        return []


def read_rows(source: Source) -> Iterator[Row]:
    """The rows of a CSV or JSONL file, told apart by content.

    Raises CatalogueError for a file that is empty or of another kind. A single bad line is a Row
    with a `problem`.
    """
    with source.open_text() as file:
        yield from _jsonl(file) if is_jsonl(source) else _csv(file, source)


def _jsonl(file: TextIO) -> Iterator[Row]:
    number = 0
    while True:
        number += 1
        try:
            line = file.readline(LONGEST_LINE)
            if len(line) == LONGEST_LINE and not line.endswith("\n"):
                while (rest := file.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                    pass
                yield Row(number, {}, f"longer than {LONGEST_LINE:,} characters")
                continue
        except DAMAGED:
            yield Row(number, {}, _CUT_OFF)
            return
        if not line:
            return
        if line.isspace():
            continue
        line, mended = _readable(line)
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Row(number, {}, f"not valid JSON: {error}")
            continue
        if isinstance(values, dict):
            yield Row(number, values, mended=mended)
        else:
            yield Row(number, {}, "not a JSON object")


def _csv(file: TextIO, source: Source) -> Iterator[Row]:
    # The default of 128 KiB a field is less than some shops' HTML descriptions.
    csv.field_size_limit(min(sys.maxsize, LONGEST_LINE))
    lines = _Lines(file)
    first = _first_lines(lines)
    above, delimiter = _told_or_found(first) if first else (0, "")
    if not delimiter:
        raise CatalogueError(
            f"{source.name} is neither CSV (its first line names no columns) nor JSONL. "
            "Save the catalogue as one of the two."
        )
    # Strict: a quote that is never closed would take in all rows behind it without a word.
    reader = csv.reader(chain(first[above:], lines), delimiter=delimiter, strict=True)
    try:
        columns = _told_apart(" ".join(name.split()) for name in next(reader, []))
    except csv.Error as error:
        raise CatalogueError(
            f"The first line of {source.name} is not valid CSV ({error}). Mend its quotes."
        ) from error
    while True:
        line = reader.line_num + 1 + above
        try:
            cells = next(reader)
        except StopIteration:
            return
        except DAMAGED:
            yield Row(line, dict.fromkeys(columns), _CUT_OFF)
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
        values: dict[str, object] = dict(zip(columns, cells + missing, strict=True))
        yield Row(line, values, mended=lines.mended_until(reader.line_num + above))


def _told_apart(names: Iterable[str]) -> list[str]:
    """The names of columns; of several that are the same, the first keeps it alone."""
    taken: set[str] = set()
    times: Counter[str] = Counter()
    told = []
    for name in names:
        other = name
        while name and other in taken:
            times[name] += 1
            other = f"{name} ({times[name] + 1})"
        taken.add(other)
        told.append(other)
    return told


class _Lines:
    """Lines that can be read. Can be asked on after an error, as a generator could not."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._number = 0
        self._mended: dict[int, str] = {}

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line, mended = _readable(next(self._file))
        self._number += 1
        if mended:
            self._mended[self._number] = mended
        return line

    def mended_until(self, last: int) -> str:
        """What was wrong in the lines up to this one (from 1) that was not told yet."""
        if not self._mended:
            return ""
        found = [self._mended.pop(number) for number in sorted(self._mended) if number <= last]
        return found[-1] if found else ""


def _readable(line: str) -> tuple[str, str]:
    """A line without NULs and broken characters, and what was wrong with it, or ""."""
    mended = ""
    if "\0" in line:
        line, mended = line.replace("\0", ""), "it holds NUL bytes, which were left out"
    if not line.isascii() and _ESCAPED.search(line):
        line = _ESCAPED.sub(_as_windows, line)
        mended = "it holds bytes that are not UTF-8, which were read as Windows-1252"
    return line, mended


def _as_windows(found: re.Match[str]) -> str:
    return bytes([ord(found[0]) - 0xDC00]).decode("cp1252", "replace")


def _first_lines(lines: _Lines) -> list[str]:
    first: list[str] = []
    # The damage is met again, and named, behind these lines.
    with suppress(*DAMAGED):
        first.extend(islice(lines, _HEADER_LINES))
    return first


def _told_or_found(lines: list[str]) -> tuple[int, str]:
    """How many lines stand above the header, and the delimiter, "" when there is none."""
    # What Excel writes above a header, to tell itself the delimiter.
    told = re.fullmatch(r"\s*sep=(.)\s*", lines[0], re.IGNORECASE)
    return (1, told[1]) if told else (0, _delimiter(lines))


def _delimiter(lines: list[str]) -> str:
    """What stands most often between the names of the header; "" when nothing does."""
    # An odd quote is one of a cell that goes on in the next line.
    header = "".join(lines) if lines[0].count('"') % 2 else lines[0]
    bare = re.sub(r'"[^"]*"', "", header)
    delimiter = max(",;\t|", key=bare.count)
    return delimiter if delimiter in bare else ""
