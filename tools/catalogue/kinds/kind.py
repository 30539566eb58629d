"""The interface of a kind of catalogue file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tools.catalogue.columns import fold_name, usual_cells
from tools.catalogue.rows import Row
from tools.catalogue.source import Source

LABEL = "label"
"""What stands for the title of a product that the shop has no words for."""
DEPARTMENT = "department"
"""A name that `--category` knows besides the category's own levels."""
LINK_PATH = "link_path"
"""The path that a product's page usually has in a shop of this kind; "" where nobody knows."""


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
    takes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fact → folded names of the columns that it is read from, besides the usual ones."""
    guesses: bool = False
    """Whether columns are also recognised by names that are like the usual ones."""


def with_usual(fields: dict[str, object], values: Mapping[str, object]) -> dict[str, object]:
    """The fields that a kind reads by names of its own, and all other facts by their usual names.

    `values` are the row's, under folded names.
    """
    return {**usual_cells(values, fields), **fields}


def folded(values: Mapping[str, object]) -> dict[str, str]:
    """The cells of a CSV as texts under folded names; of names that fold alike the first."""
    texts: dict[str, str] = {}
    for name, cell in values.items():
        texts.setdefault(fold_name(name), str(cell or "").strip())
    return texts


def first_cell(texts: Mapping[str, str], *names: str) -> str:
    """The first of these cells that holds anything."""
    return next((texts[name] for name in names if texts.get(name)), "")


def taken(texts: Mapping[str, str], takes: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    """Fact → cell, of the columns that a kind names; facts of which none is there are left out."""
    return {
        fact: first_cell(texts, *names)
        for fact, names in takes.items()
        if any(name in texts for name in names)
    }


def objects_in(value: object) -> list[dict[str, object]]:
    """The objects of a list, or of the lists that servers of GraphQL wrap in edges and nodes."""
    if isinstance(value, dict):
        for name in ("edges", "nodes", "items", "results", "data"):
            if isinstance(value.get(name), list):
                return objects_in(value[name])
        return [value]
    if not isinstance(value, list):
        return []
    found = (each["node"] if isinstance(each, dict) and isinstance(each.get("node"), dict) else each
             for each in value)  # fmt: skip
    return [each for each in found if isinstance(each, dict)]


def mapped(
    values: Mapping[str, object], fields: dict[str, object], mapping: Mapping[str, str]
) -> dict[str, object]:
    """The fields with those of the mapping taken from the columns that it names."""
    if mapping:
        present = {fold_name(name): name for name in values}
        for fact, column in mapping.items():
            fields[fact] = values.get(present.get(fold_name(column), ""))
    return fields
