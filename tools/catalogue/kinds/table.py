"""Any CSV or JSON with a product a row, its columns known by their usual names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice

from tools.catalogue.columns import by_folded_name, fold_name, other_prices, recognise
from tools.catalogue.fact_types import TEXTS
from tools.catalogue.facts import FACTS
from tools.catalogue.kinds.kind import Kind
from tools.catalogue.rows import Row, read_rows
from tools.catalogue.source import Source
from tools.errors import CatalogueError
from tools.money import is_currency

_LOOK_AHEAD = 100
_INSIDE = {fact.name: fact.type.inside for fact in FACTS}
"""Under which names an object of a JSON file holds a fact's value."""
_CURRENCIES = ("currency", "currency_code", "currencycode")


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which column holds what, worked out once for all rows that have the same ones."""

    names: Mapping[str, str]
    """Field → column."""
    prices: tuple[str, ...]
    """Where a price is looked for when its own column is empty."""
    currency: str
    """What the name of the price's column says: EUR of "Price (EUR)"; "" where it says none."""

    @classmethod
    def of(cls, columns: Iterable[str], mapping: Mapping[str, str]) -> _Columns:
        names = recognise(columns, mapping)
        prices = () if "price" in mapping else tuple(other_prices(columns, names))
        last = fold_name(names.get("price", "")).rpartition("_")[2].upper()
        return cls(names, prices, last if len(last) == 3 and is_currency(last) else "")

    def read(self, values: Mapping[str, object]) -> dict[str, object]:
        """Fact → cell. Of an object in a JSON file, the value inside it."""
        fields = {field: values.get(column) for field, column in self.names.items()}
        if self.prices and fields["price"] in (None, ""):
            others = (values[column] for column in self.prices if values.get(column))
            fields["price"] = next(others, fields["price"])
        if "currency" not in fields:
            fields["currency"] = self.currency or _currency_in(fields.get("price"))
        return {name: _plain(v, _INSIDE.get(name, TEXTS)) for name, v in fields.items()}


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
    known = _Columns.of(columns, mapping) if first else None
    for row in chain(first, rows):
        if row.problem:
            yield row
            continue
        if known is None or not row.values.keys() <= columns.keys():
            columns |= dict.fromkeys(row.values)
            known = _Columns.of(columns, mapping)
        yield replace(row, values=known.read(row.values))


def _currency_in(price: object) -> object:
    """What an object with a price in it says of its currency; None where it says nothing."""
    found = _of_object(price, _CURRENCIES)
    return None if found is price else found


def _plain(value: object, names: tuple[str, ...]) -> object:
    if isinstance(value, list):
        return [_of_object(each, names) for each in value]
    return _of_object(value, names)


def _of_object(value: object, names: tuple[str, ...]) -> object:
    """What an object holds under the likeliest of these names; else itself."""
    if not isinstance(value, dict):
        return value
    present = by_folded_name(value)
    return next((value[present[name]] for name in names if name in present), value)


TABLE = Kind("a table", lambda source: not source.is_folder, _rows)
"""Fits every file."""
