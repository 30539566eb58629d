"""The filters of a search in their four forms, and the table that the forms are made from.

`Filters` has typed values, prices in minor units. The arguments of the search tool have prices in
major units and hold what is set, as JSON. A stored row has minor units and every field. A reply
has the arguments again. The table is made from the entries beside the attributes of `Filters`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NotRequired, TypedDict, cast

from tools.money import to_decimal, to_minor
from tools.product import FilterField, Filters


class FilterRow(TypedDict):
    """The filters as a conversation stores them; prices in minor units."""

    min_price: int | None
    max_price: int | None
    categories: list[str]
    colors: list[str]
    brands: list[str]
    min_rating: float | None
    without: NotRequired[list[str]]
    options: NotRequired[list[str]]
    in_stock: NotRequired[bool]
    on_sale: NotRequired[bool]


@dataclass(frozen=True, slots=True)
class NamedField:
    """An entry of the table with its names filled in."""

    name: str
    """The attribute of `Filters`."""
    argument: str
    constraint: str
    entry: FilterField

    @property
    def many(self) -> bool:
        """Whether its value is several names or words; else it is one number or None, or a flag."""
        return self.entry.kind in ("names", "words")


def _table() -> tuple[NamedField, ...]:
    found = []
    for each in fields(Filters):
        entry = each.metadata.get("filter")
        if isinstance(entry, FilterField):
            argument = entry.argument or each.name
            found.append(NamedField(each.name, argument, entry.constraint or argument, entry))
    return tuple(found)


FILTER_FIELDS = _table()
"""Every filter that a shopper can set, in the order of the tool's arguments."""

CONSTRAINTS: tuple[str, ...] = tuple(
    dict.fromkeys(
        each.constraint for each in sorted(FILTER_FIELDS, key=lambda each: each.entry.dropped)
    )
)
"""What can be dropped from a search alone, in the order in which shoppers give way most readily."""


def arguments_of_filters(filters: Filters, currency: str) -> dict[str, Any]:
    """The filters that are set, as the tool's arguments that would set them: plain JSON."""
    given: dict[str, Any] = {}
    for each in FILTER_FIELDS:
        value = getattr(filters, each.name)
        if each.many and value:
            given[each.argument] = list(value)
        elif each.entry.kind == "flag" and value:
            given[each.argument] = True
        elif not each.many and each.entry.kind != "flag" and value is not None:
            in_major = each.entry.kind == "price"
            given[each.argument] = float(to_decimal(value, currency)) if in_major else value
    return given


def filters_of_arguments(given: Mapping[str, Any], currency: str) -> Filters:
    """The filters that arguments set; None and what is left out set nothing."""
    values: dict[str, Any] = {}
    for each in FILTER_FIELDS:
        value = given.get(each.argument)
        if each.many:
            values[each.name] = tuple(value or ())
        elif each.entry.kind == "flag":
            values[each.name] = bool(value)
        elif value is not None and each.entry.kind == "price":
            values[each.name] = to_minor(value, currency)
        else:
            values[each.name] = value
    return Filters(**values)


def row_of_filters(filters: Filters) -> FilterRow:
    """The filters as a conversation stores them."""
    row = {each.argument: getattr(filters, each.name) for each in FILTER_FIELDS}
    row |= {each.argument: list(row[each.argument]) for each in FILTER_FIELDS if each.many}
    return cast(FilterRow, row)


def filters_of_row(row: Mapping[str, Any]) -> Filters:
    """The filters of a stored row; a row of before a filter was known does not set it."""
    values = {each.name: row.get(each.argument) for each in FILTER_FIELDS}
    values |= {each.name: tuple(values[each.name] or ()) for each in FILTER_FIELDS if each.many}
    flags = [each.name for each in FILTER_FIELDS if each.entry.kind == "flag"]
    values |= {name: bool(values[name]) for name in flags}
    return Filters(**cast(dict[str, Any], values))


def without_constraint(filters: Filters, constraint: str) -> Filters:
    """The filters with this constraint dropped."""
    default = Filters()
    gone = {e.name: getattr(default, e.name) for e in FILTER_FIELDS if e.constraint == constraint}
    return replace(filters, **gone)


def arguments_of_constraint(constraint: str) -> frozenset[str]:
    """The arguments that are dropped with a constraint: both bounds with "price"."""
    return frozenset(each.argument for each in FILTER_FIELDS if each.constraint == constraint)


def label_of_constraint(constraint: str) -> str:
    """What a constraint is called in a sentence: "price limit"."""
    return next(each.entry.label for each in FILTER_FIELDS if each.constraint == constraint)


def unlisted(given: Iterable[str], lacking: Iterable[str]) -> tuple[str, ...]:
    """What a shop lists for no product, of the arguments that are given: "prices", "ratings"."""
    asked, lacks = set(given), set(lacking)
    return tuple(
        dict.fromkeys(
            each.entry.needs
            for each in FILTER_FIELDS
            if each.entry.needs in lacks and each.argument in asked
        )
    )


def arguments_needing(facts: Iterable[str]) -> frozenset[str]:
    """The arguments that no product passes where the shop lists none of these facts."""
    needed = set(facts)
    return frozenset(each.argument for each in FILTER_FIELDS if each.entry.needs in needed)
