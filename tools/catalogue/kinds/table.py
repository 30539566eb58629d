"""Any CSV or JSON with a product a row, its columns known by their usual names.

Rows that name the same group ("item_group_id", "parent_sku", or a product's id beside a variant's)
are one product; what differs among them are its options.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice

from tools.catalogue.columns import (
    REGULAR,
    ROLES,
    by_folded_name,
    fold_name,
    other_prices,
    recognise,
    role_cells,
)
from tools.catalogue.fact_types import TEXTS
from tools.catalogue.facts import FACTS, REQUIRED
from tools.catalogue.grouping import Member, Options, off_row, scattered
from tools.catalogue.kinds.kind import Kind
from tools.catalogue.rows import Row, first_columns, is_json, read_rows
from tools.catalogue.source import Source
from tools.catalogue.switched_off import why_switched_off
from tools.errors import CatalogueError
from tools.money import is_currency

_LOOK_AHEAD = 100
_INSIDE = {fact.name: fact.type.inside for fact in FACTS}
"""Under which names an object of a JSON file holds a fact's value."""
_CURRENCIES = ("currency", "currency_code", "currencycode")
_GROUPS = (
    "item_group_id", "itemgroup_id", "group_id", "product_group_id", "variant_group_id",
    "parent_sku", "parent_id", "product_group", "style_code",
)  # fmt: skip
_OF_VARIANTS = ("variant_sku", "variant_id", "sku_id", "variation_id", "variation_sku")
"""Beside a product's id: the rows are its variants."""
OPTIONS = (
    "color", "colour", "size", "material", "pattern", "style", "flavor", "scent", "finish",
    "capacity", "length", "width", "storage", "gender", "age_group", "size_type", "size_system",
    "farbe", "grosse", "groesse", "couleur", "taille", "talla",
)  # fmt: skip
"""Columns that variants may differ in."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which column holds what, worked out once for all rows that have the same ones."""

    names: Mapping[str, str]
    """Field → column."""
    prices: tuple[str, ...]
    """Where a price is looked for when its own column is empty."""
    regular: str
    """The column of the price before a sale, beside another of the price; "" without."""
    currency: str
    """What the name of the price's column says: EUR of "Price (EUR)"; "" where it says none."""

    @classmethod
    def of(
        cls,
        columns: Iterable[str],
        mapping: Mapping[str, str],
        numeric: Container[str] = (),
        required: Iterable[str] = REQUIRED,
    ) -> _Columns:
        columns = list(columns)
        names = recognise(columns, mapping, numeric=numeric, required=required)
        prices = () if "price" in mapping else tuple(other_prices(columns, names))
        price, present = names.get("price", ""), by_folded_name(columns)
        sale = fold_name(price) in ROLES["sale_price"]
        regular = next((present[n] for n in REGULAR if n in present and present[n] != price), "")
        if not (price and (sale or fold_name(price) == "price")):
            regular = ""
        last = fold_name(price).rpartition("_")[2].upper()
        currency = last if len(last) == 3 and is_currency(last) else ""
        return cls(names, prices, regular, currency)

    def read(self, values: Mapping[str, object]) -> dict[str, object]:
        """Fact → cell. Of an object in a JSON file, the value inside it."""
        fields = {field: values.get(column) for field, column in self.names.items()}
        if self.prices and fields["price"] in (None, ""):
            others = (values[column] for column in self.prices if values.get(column))
            fields["price"] = next(others, fields["price"])
        if "currency" not in fields:
            fields["currency"] = self.currency or _currency_in(fields.get("price"))
        fields |= self._roles(values)
        return {name: _plain(v, _INSIDE.get(name, TEXTS)) for name, v in fields.items()}

    def _roles(self, values: Mapping[str, object]) -> dict[str, object]:
        """The cells of a sale, the codes and the named facts."""
        used = set(self.names.values())
        named = by_folded_name(values)
        others = {name: values[column] for name, column in named.items() if column not in used}
        found = role_cells(others, ())
        price = fold_name(self.names.get("price", ""))
        if self.regular and values.get(self.regular) not in (None, ""):
            if price in ROLES["sale_price"] and values.get(self.names["price"]):
                found["sale_price"] = values[self.names["price"]]
                found["price"] = values[self.regular]
            elif "was" not in self.names:
                found["was"] = values[self.regular]
        return found


def _rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row]:
    names = first_columns(source) if not is_json(source) else []
    group = _group_of({fold_name(name) for name in names})
    if not group:
        for member in _members(source, mapping, ""):
            yield _alone(member)
        return
    yield from scattered(partial(_members, source, mapping, group))


def _alone(member: Member) -> Row:
    if member.row.problem:
        return member.row
    return (
        off_row(member.row, member.off) if member.off else replace(member.row, values=member.cells)
    )


def _group_of(columns: set[str]) -> str:
    """The column that rows of one product have in common; "" for none."""
    named = next((name for name in _GROUPS if name in columns), "")
    if named or not columns.intersection(_OF_VARIANTS):
        return named
    return next((name for name in ("product_id", "handle", "id") if name in columns), "")


def _members(source: Source, mapping: Mapping[str, str], group: str) -> Iterator[Member]:
    for row, known in _with_columns(source, mapping):
        if known is None:
            yield Member(row)
            continue
        cells = known.read(row.values)
        values = {name: row.values[c] for name, c in by_folded_name(row.values).items()}
        off = why_switched_off(values)
        if not group:
            yield Member(row, cells, off=off)
            continue
        key = str(values.get(group) or "").strip()
        if group in ("parent_sku", "parent_id"):
            yield _by_parent(row, cells, values, key, off)
            continue
        identity = next((values[name] for name in _OF_VARIANTS if values.get(name)), None)
        if identity and str(cells.get("id") or "") == key:
            cells["id"] = identity
        variant = bool(key)
        options = options_of(values)
        yield Member(row, cells, key, parent=not variant, variant=variant, options=options, off=off)


def _by_parent(
    row: Row, cells: dict[str, object], values: Mapping[str, object], key: str, off: str
) -> Member:
    """A child names its parent's id or SKU; a parent names none."""
    own = [str(values.get(name) or "").strip() for name in ("sku", "id", "product_id")]
    mine = next(filter(None, own), "") or str(cells.get("id") or "")
    if key and key not in ("0", mine):
        options = options_of(values)
        return Member(row, cells, key, parent=False, variant=True, options=options, off=off)
    return Member(row, cells, mine, aliases=tuple(filter(None, own)), off=off)


def options_of(values: Mapping[str, object]) -> Options:
    """What variants may differ in, of a row under folded names."""
    return tuple(
        (name.replace("_", " ").capitalize(), str(values[name]).strip())
        for name in OPTIONS
        if isinstance(values.get(name), str | int | float) and str(values[name]).strip()
    )


def _with_columns(
    source: Source, mapping: Mapping[str, str]
) -> Iterator[tuple[Row, _Columns | None]]:
    """The rows of a file, each with the columns that are known then; None beside a problem."""
    rows = map(_looked_into, read_rows(source))
    first = list(islice(rows, _LOOK_AHEAD))
    # JSONL rows may leave fields out, so the columns are those of all rows seen so far.
    columns = dict.fromkeys(name for row in first for name in row.values)
    if first and not columns:
        raise CatalogueError(
            f"None of the first lines of {source.name} can be read (line {first[0].line}: "
            f"{first[0].problem}). Export the catalogue again."
        )
    required = REQUIRED if source.pictures is None else ("title",)
    numeric = numbers_in([row.values for row in first])
    known = _Columns.of(columns, mapping, numeric, required) if first else None
    for row in chain(first, rows):
        if row.problem:
            yield row, None
            continue
        if known is None or not row.values.keys() <= columns.keys():
            columns |= dict.fromkeys(row.values)
            known = _Columns.of(columns, mapping, numeric, required)
        yield row, known


def numbers_in(rows: Sequence[Mapping[str, object]]) -> frozenset[str]:
    """Columns that hold numbers alone, and at least one."""
    cells: dict[str, bool] = {}
    for values in rows:
        for name, cell in values.items():
            text = str(cell).strip() if isinstance(cell, str | int | float) else ""
            if text or cell not in (None, ""):
                cells[name] = cells.get(name, True) and bool(_NUMBER.fullmatch(text))
    return frozenset(name for name, numbers in cells.items() if numbers)


_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


def _looked_into(row: Row) -> Row:
    """A row with what its inner object holds: Django's `fields`, JSON:API's `attributes`."""
    for name in ("fields", "attributes"):
        inner = row.values.get(name)
        if isinstance(inner, dict) and {"pk", "id", "type", "model"} & row.values.keys():
            outer = {("id" if key == "pk" else key): v for key, v in row.values.items()
                     if key in ("pk", "id")}  # fmt: skip
            return replace(row, values={**outer, **inner})
    return row


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


TABLE = Kind("a table", lambda source: not source.is_folder, _rows, guesses=True)
"""Fits every file."""
