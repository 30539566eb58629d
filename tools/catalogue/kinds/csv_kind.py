"""A kind of CSV that a shop system exports: told by its header, its rows grouped into products."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from tools.catalogue.columns import check_mapping, fold_name
from tools.catalogue.grouping import Member, in_order, scattered
from tools.catalogue.kinds.kind import Kind, mapped
from tools.catalogue.rows import Row, first_columns, is_json, read_rows
from tools.catalogue.source import Source

Members = Callable[[Iterable[Row]], Iterator[Member]]
"""What each row of a file is; asked for rows that can be read alone."""


def csv_kind(
    name: str,
    marks: Callable[[set[str]], bool],
    members: Members,
    takes: Mapping[str, tuple[str, ...]],
    *,
    apart: bool = False,
) -> Kind:
    """A kind whose header passes `marks` (folded names). `apart` is set where the rows of a product
    may stand anywhere in the file."""

    def fits(source: Source) -> bool:
        if source.is_folder or is_json(source):
            return False
        return marks({fold_name(column) for column in first_columns(source)})

    def rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row]:
        check_mapping(mapping, first_columns(source))
        read = partial(_members, source, mapping, members)
        yield from scattered(read) if apart else in_order(read())

    return Kind(name, fits, rows, takes)


def _members(source: Source, mapping: Mapping[str, str], members: Members) -> Iterator[Member]:
    """The members of a file; rows that cannot be read stand between them as they are."""
    broken: list[Row] = []

    def readable() -> Iterator[Row]:
        for row in read_rows(source):
            if row.problem:
                broken.append(row)
            else:
                yield row

    for member in members(readable()):
        while broken:
            yield Member(broken.pop(0))
        if member.parent:
            mapped(member.row.values, member.cells, mapping)
        yield member
    yield from map(Member, broken)
