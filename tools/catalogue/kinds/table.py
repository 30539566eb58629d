"""Any CSV or JSON with a product a row, its columns known by their usual names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice

from tools.catalogue.columns import fold_name, other_prices, recognise
from tools.catalogue.kinds.kind import Kind
from tools.catalogue.rows import Row, read_rows
from tools.catalogue.source import Source
from tools.errors import CatalogueError
from tools.money import is_currency

_LOOK_AHEAD = 100
_ADDRESSES = (
    "src",
    "url",
    "secure_url",
    "link",
    "href",
    "path",
    "file",
    "original",
    "large",
    "full",
)
_AMOUNTS = ("amount", "value", "price", "current")
_WORDS = ("name", "title", "label", "value", "text")
_INSIDE = {"image": _ADDRESSES, "price": _AMOUNTS}
"""Under which names the objects of a JSON file hold a field's value; _WORDS for other fields."""
_CURRENCIES = ("currency", "currency_code", "currencycode")


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
    prices = [] if "price" in mapping else other_prices(columns, names)
    for row in chain(first, rows):
        if row.problem:
            yield row
            continue
        if not row.values.keys() <= columns.keys():
            columns |= dict.fromkeys(row.values)
            names = recognise(columns, mapping)
            prices = [] if "price" in mapping else other_prices(columns, names)
        yield replace(row, values=_told(row.values, names, prices))


def _told(
    values: Mapping[str, object], names: Mapping[str, str], prices: Sequence[str]
) -> dict[str, object]:
    """The fields as texts and numbers, where the file has an object with them inside.

    `prices` are columns to look for a price in where its own is empty.
    """
    fields = {field: values.get(column) for field, column in names.items()}
    if prices and fields["price"] in (None, ""):
        fields["price"] = next((values[p] for p in prices if values.get(p)), fields["price"])
    # "Price (EUR)" says what its numbers are.
    named = fold_name(names.get("price", "")).rpartition("_")[2].upper()
    if "currency" not in fields and len(named) == 3 and is_currency(named):
        fields["currency"] = named
    if "currency" not in fields and isinstance(price := fields.get("price"), dict):
        currency = _of_object(price, _CURRENCIES)
        fields["currency"] = None if currency is price else currency
    return {field: _plain(v, _INSIDE.get(field, _WORDS)) for field, v in fields.items()}


def _plain(value: object, names: tuple[str, ...]) -> object:
    if isinstance(value, list):
        return [_of_object(each, names) for each in value]
    return _of_object(value, names)


def _of_object(value: object, names: tuple[str, ...]) -> object:
    """What an object holds under the likeliest of these names; else itself."""
    if not isinstance(value, dict):
        return value
    present = {fold_name(name): name for name in reversed(value)}
    return next((value[present[name]] for name in names if name in present), value)


TABLE = Kind("a table", lambda source: not source.is_folder, _rows)
"""What every file is that nothing else fits."""
