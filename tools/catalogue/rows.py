"""Rows of a shop's file as they stand: CSV and JSON, one at a time, never the whole file."""

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

from tools.catalogue.json_rows import CUT_OFF, LONGEST, find_objects, layout_of, objects_at_start
from tools.catalogue.source import DAMAGED, Source
from tools.errors import CatalogueError

_MEND = "Mend the line in the file."
_HEADER_LINES = 20
"""Lines that a header with line breaks in its cells is looked for in."""
_ESCAPED = re.compile("[\udc80-\udcff]")
"""Bytes that are not UTF-8, as Python's `surrogateescape` reads them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its values or what is wrong with it."""

    line: int
    """In the file, from 1; where all of a file is one line, the number of the row."""
    values: dict[str, object]
    """Empty where there is a problem, but for the columns of a CSV."""
    problem: str = ""
    field: str = "row"
    """What the problem is with; "row" where any product may stand in the line."""
    todo: str = _MEND
    mended: str = ""
    """What was wrong with the characters of a row that could be read all the same."""
    off: bool = False
    """Whether the shop does not show the product: `problem` says why, and nothing is wrong."""


def is_json(source: Source) -> bool:
    """Whether the text is JSON objects, in whatever layout."""
    return layout_of(source.start) is not None


def first_objects(source: Source) -> list[dict[str, object]]:
    """The JSON objects that stand whole in the first bytes."""
    start = source.start
    layout = layout_of(start)
    return objects_at_start(start, layout) if layout else []


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
    """The rows of a CSV or JSON file, told apart by content.

    Raises CatalogueError for a file that is empty or of another kind. A single bad line is a Row
    with a `problem`.
    """
    layout = layout_of(source.start)
    with source.open_text() as file:
        if layout is None:
            yield from _csv(file, source)
        elif layout == "lines":
            yield from _jsonl(file)
        else:
            one_line = "\n" not in source.start
            for number, found in enumerate(find_objects(file, layout), start=1):
                line = number if one_line else found.line
                if found.problem:
                    yield Row(line, {}, found.problem)
                else:
                    yield _object(line, found.text)


def _jsonl(file: TextIO) -> Iterator[Row]:
    number = 0
    while True:
        number += 1
        try:
            line = file.readline(LONGEST)
            if len(line) == LONGEST and not line.endswith("\n"):
                while (rest := file.readline(LONGEST)) and not rest.endswith("\n"):
                    pass
                yield Row(number, {}, f"longer than {LONGEST:,} characters")
                continue
        except DAMAGED:
            yield Row(number, {}, CUT_OFF)
            return
        if not line:
            return
        if not line.isspace():
            yield _object(number, line)


def _object(number: int, text: str) -> Row:
    text, mended = _readable(text)
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Row(number, {}, f"not valid JSON: {error}")
    if isinstance(values, dict):
        return Row(number, values, mended=mended)
    return Row(number, {}, "not a JSON object")


def _csv(file: TextIO, source: Source) -> Iterator[Row]:
    # The default of 128 KiB a field is less than some shops' HTML descriptions.
    csv.field_size_limit(min(sys.maxsize, LONGEST))
    lines = _Lines(file)
    first = _first_lines(lines)
    above, delimiter = _told_or_found(first) if first else (0, "")
    if not delimiter:
        raise CatalogueError(
            f"{source.name} is neither CSV (its first line names no columns) nor JSON. "
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
            yield Row(line, dict.fromkeys(columns), CUT_OFF)
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
    if told:
        return 1, told[1]
    above = _lines_above(lines)
    return above, _delimiter(lines[above:])


def _lines_above(lines: list[str]) -> int:
    """Blank lines, lines of comments and a heading of one cell before the names of columns."""
    above = 0
    while above < len(lines) - 1 and (not lines[above].strip() or _COMMENT.match(lines[above])):
        above += 1
    # A name of the export stands alone in its line; the header below has several names.
    if above < len(lines) - 1 and not _delimiter(lines[above : above + 1]):
        below = next((n for n in range(above + 1, len(lines)) if lines[n].strip()), above)
        if lines[above].count('"') % 2 == 0 and _delimiter(lines[below : below + 1]):
            return below
    return above


_COMMENT = re.compile(r'\s*"?(?:#|//|--)')


def _delimiter(lines: list[str]) -> str:
    """What stands most often between the names of the header; "" when nothing does."""
    # An odd quote is one of a cell that goes on in the next line.
    header = "".join(lines) if lines[0].count('"') % 2 else lines[0]
    bare = re.sub(r'"[^"]*"', "", header)
    delimiter = max(",;\t|", key=bare.count)
    return delimiter if delimiter in bare else ""
