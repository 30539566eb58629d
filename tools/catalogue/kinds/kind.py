"""The interface of a kind of catalogue file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tools.catalogue.columns import fold_name, usual_cells
from tools.catalogue.rows import Row
from tools.catalogue.source import Source

LABEL = "label"
"""What stands for the title of a product that the shop has no words for."""
DEPARTMENT = "department"
"""A name that `--category` knows besides the category's own levels."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of catalogue: whether a source is one, and its rows.

    `rows` takes the source and a mapping (field → column, wins over what the kind would take),
    and gives rows whose values stand under the fields of a product, as the file has them; `image`
    may be a list, the first to be indexed. They may hold LABEL and DEPARTMENT too. Raises
    CatalogueError for a source that cannot be read at all; what is wrong with one row is its
    `problem`.
    """

    name: str
    fits: Callable[[Source], bool]
    rows: Callable[[Source, Mapping[str, str]], Iterator[Row]]


def with_usual(fields: dict[str, object], values: Mapping[str, object]) -> dict[str, object]:
    """The fields that a kind reads by names of its own, and all other facts by their usual names.

    `values` are the row's, under folded names.
    """
    return {**usual_cells(values, fields), **fields}


def mapped(
    values: Mapping[str, object], fields: dict[str, object], mapping: Mapping[str, str]
) -> dict[str, object]:
    """The fields with those of the mapping taken from the columns that it names."""
    if mapping:
        present = {fold_name(name): name for name in values}
        for field, column in mapping.items():
            fields[field] = values.get(present.get(fold_name(column), ""))
    return fields
