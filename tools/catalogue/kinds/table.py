"""Any CSV or JSONL with a product a row, its columns known by their usual names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice

from tools.catalogue.columns import recognise
from tools.catalogue.kinds.kind import Kind
from tools.catalogue.rows import Row, read_rows
from tools.catalogue.source import Source
from tools.errors import CatalogueError

_LOOK_AHEAD = 100


def _rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row]:
    rows = read_rows(source)
    first = list(islice(rows, _LOOK_AHEAD))
    # JSONL rows may leave fields out, so the columns are those of all rows seen so far.
    columns = dict.fromkeys(name for row in first for name in row.values)
    if first and not columns:
        raise CatalogueError(
            f"None of the first lines of {source.name} can be read (line {first[0].line}: "
            f"{first[0].problem}). Export the catalogue again."
        )
    names = recognise(columns, mapping) if first else {}
    for row in chain(first, rows):
        if row.problem:
            yield row
            continue
        if not row.values.keys() <= columns.keys():
            columns |= dict.fromkeys(row.values)
            names = recognise(columns, mapping)
        yield replace(row, values={f: row.values.get(column) for f, column in names.items()})


TABLE = Kind("a table", lambda source: not source.is_folder, _rows)
"""What every file is that nothing else fits."""
