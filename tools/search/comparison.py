"""Products side by side: a table of the catalogue's facts, with what differs marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.catalogue.facts import table_of
from tools.product import Product
from tools.text import fold

UNKNOWN = "not given"
_WIDEST = 40
"""Characters of a value in a line of plain text."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One row: a value for each product in its order, `UNKNOWN` where the catalogue is silent."""

    name: str
    values: tuple[str, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole table. `numbers` are those of the list that the products were shown on."""

    numbers: tuple[int, ...]
    products: tuple[Product, ...]
    facts: tuple[Fact, ...]

    def lines(self) -> list[str]:
        """The table in plain text; a star stands before what differs."""
        rows = [("", *(f"Number {number}" for number in self.numbers))]
        rows += [
            (f"{'*' if f.differs else ' '} {f.name}", *map(_short, f.values)) for f in self.facts
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]


def compare(numbers: Sequence[int], products: Sequence[Product]) -> Comparison:
    """The table of two products or more; facts that no product has are left out."""
    each = [table_of(product) for product in products]
    facts = []
    for name in dict.fromkeys(name for table in each for name in table):
        values = [table.get(name, "") for table in each]
        if any(values):
            differs = len(set(map(fold, values))) > 1
            facts.append(Fact(name, tuple(value or UNKNOWN for value in values), differs))
    return Comparison(tuple(numbers), tuple(products), tuple(facts))


def _short(value: str) -> str:
    return value if len(value) <= _WIDEST else f"{value[: _WIDEST - 1]}…"
