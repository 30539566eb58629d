"""Rows that belong to one product, brought together: a parent or none, and its variants.

A kind of file says of each row what it is (`Member`). Rows of a group that stand together are read
in one pass; where they may be scattered, a first pass counts them, and what waits for its group
lies on disk beyond some thousands of rows.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice, product

from tools.catalogue.cells import clean_text, texts_of
from tools.catalogue.rows import Row

ATTRIBUTES = "attributes"
"""The cell of named facts: a list of (name, value)."""
VARIANTS = "variants"
"""The cell of variants: a list of `VariantCells`."""
_MOST_OPEN = 200
"""Variants that one row with open options stands for."""
_MOST_WAITING = 4_096
"""Rows in memory that wait for the others of their group."""
_OF_ONE = frozenset({
    "id", "price", "sale_price", "was", "sale_starts", "sale_ends", "sale_window", "availability",
    "quantity", "link", "link_path", "codes", "minor_units", "unit_price",
})  # fmt: skip
"""Cells that are a variant's and say nothing of its siblings."""

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class VariantCells:
    """The cells of one variant, by the names of facts, and its options."""

    cells: Mapping[str, object]
    options: Options


@dataclass(frozen=True, slots=True)
class Member:
    """One row of a group, as its kind understands it."""

    row: Row
    """Its line; the values are not read again."""
    cells: dict[str, object] = field(default_factory=dict)
    """By the names of facts."""
    key: str = ""
    """Of its group; "" for a row that belongs to none."""
    parent: bool = True
    """Whether it states the product itself."""
    variant: bool = False
    """Whether it can be bought as it is."""
    options: Options = ()
    pictures: tuple[tuple[int, str], ...] = ()
    """(place, address) of pictures of the product, whichever row they stand on."""
    aliases: tuple[str, ...] = ()
    """Of a parent: other keys that its children may name it by."""
    alone: str = ""
    """Why the shop does not show it without a parent; "" for what stands alone as well."""
    children: Mapping[str, Options] = field(default_factory=dict)
    """Of a parent that lists its variants: key of each → its options."""
    own: Mapping[str, object] | None = None
    """Of a row that states the product and a variant: the variant's cells; None for `cells`."""
    off: str = ""
    """Why the shop does not show it; "" for what it shows."""

    @property
    def sold(self) -> Mapping[str, object]:
        """The cells of the variant."""
        return self.cells if self.own is None else self.own


def in_order(members: Iterable[Member]) -> Iterator[Row]:
    """The products of rows whose groups stand together, a row each."""
    group: list[Member] = []
    for member in members:
        if member.row.problem:
            yield member.row
            continue
        if group and (not member.key or member.key != group[0].key):
            yield whole(group)
            group = []
        if member.key:
            group.append(member)
        else:
            yield whole([member])
    if group:
        yield whole(group)


def scattered(
    read: Callable[[], Iterable[Member]], keys: Callable[[], Iterable[Member]] | None = None
) -> Iterator[Row]:
    """The same for groups whose rows may stand anywhere. `read` is called twice, or `keys` first,
    whose members need no cells."""
    counts: Counter[str] = Counter()
    aliases: dict[str, str] = {}
    for member in (keys or read)():
        if member.key and not member.row.problem:
            counts[member.key] += 1
            for alias in member.aliases:
                if alias and alias != member.key:
                    aliases.setdefault(alias, member.key)
    left: Counter[str] = Counter()
    for key, count in counts.items():
        left[aliases.get(key, key)] += count
    del counts
    with closing(_Waiting()) as waiting:
        for member in read():
            if member.row.problem:
                yield member.row
                continue
            key = aliases.get(member.key, member.key)
            if not key:
                yield whole([member])
                continue
            waiting.add(key, member)
            left[key] -= 1
            if not left[key]:
                yield whole(waiting.take(key))


class _Waiting:
    """Members by their groups, in the order of the file; in memory while they are few."""

    def __init__(self) -> None:
        self._groups: dict[str, list[Member]] = {}
        self._count = 0
        self._disk: sqlite3.Connection | None = None

    def add(self, key: str, member: Member) -> None:
        """Keeps a member until its group is taken."""
        self._groups.setdefault(key, []).append(member)
        self._count += 1
        if self._count > _MOST_WAITING:
            self._spill()

    def take(self, key: str) -> list[Member]:
        """The members of a group, which are let go of."""
        inside = self._groups.pop(key, [])
        self._count -= len(inside)
        if self._disk is None:
            return inside
        rows = self._disk.execute("select member from waiting where key = ? order by rowid", (key,))
        found = [pickle.loads(packed) for (packed,) in rows]
        self._disk.execute("delete from waiting where key = ?", (key,))
        return [*found, *inside]

    def close(self) -> None:
        """Removes what lies on disk."""
        if self._disk is not None:
            self._disk.close()

    def _spill(self) -> None:
        if self._disk is None:
            self._disk = sqlite3.connect("")  # a file of its own that is deleted when closed
            self._disk.execute("create table waiting (key text, member blob)")
            self._disk.execute("create index by_key on waiting (key)")
        rows = ((key, pickle.dumps(m)) for key, group in self._groups.items() for m in group)
        self._disk.executemany("insert into waiting values (?, ?)", rows)
        self._groups, self._count = {}, 0


def whole(members: Sequence[Member]) -> Row:
    """The row of one product: the parent's cells, and its variants in one cell."""
    main = next((member for member in members if member.parent), members[0])
    shown = [member for member in members if member.variant and not member.off]
    if not main.parent and main.alone and all(member.alone for member in members):
        return off_row(main.row, main.alone)
    if main.parent:
        shown = [each for member in shown for each in _of_parent(member, main)]
    if main.off and (main.parent or not shown):
        return _off(main)
    if any(member.variant for member in members) and not shown and len(members) > 1:
        return _off(main)
    if not main.parent:
        shown = _varying(shown)
    if len(shown) > 1 or (shown and main.parent and shown[0].options):
        cells = dict(main.cells) if main.parent else _common(shown)
        cells[VARIANTS] = [VariantCells(each.sold, each.options) for each in shown]
        _drop_options(cells, {name for each in shown for name, _ in each.options})
    elif shown:
        # One form: what it states is the product's.
        facts = main.cells
        sold = {name: v for name, v in shown[0].sold.items() if v and name not in ("id", "title")}
        cells = {**shown[0].cells, **facts, **sold} if main.parent else dict(shown[0].cells)
        cells = _with_options(cells, shown[0].options)
        cells["image"] = main.cells.get("image")
    else:
        cells = dict(main.cells)
    if len(members) > 1 or main.pictures:
        cells["image"] = _pictures(cells.get("image"), members)
    mended = next((member.row.mended for member in members if member.row.mended), "")
    return replace(main.row, values=cells, mended=mended)


def _drop_options(cells: dict[str, object], options: set[str]) -> None:
    """Takes out of the named facts what the variants say better."""
    pairs = cells.get(ATTRIBUTES)
    if isinstance(pairs, list):
        cells[ATTRIBUTES] = [pair for pair in pairs if pair[0] not in options]


def _off(main: Member) -> Row:
    return off_row(main.row, main.off or "off in all its variants")


def off_row(row: Row, why: str) -> Row:
    """The row of a product that the shop does not show."""
    return Row(row.line, {}, why, "status", "Publish it there to show it here.", off=True)


def _varying(members: Sequence[Member]) -> list[Member]:
    """Members without a parent, with the options alone that differ among them; the others are
    facts of the product."""
    names = dict.fromkeys(name for member in members for name, _ in member.options)
    varies = {name for name in names if len({dict(m.options).get(name, "") for m in members}) > 1}
    found = []
    for member in members:
        same = tuple(pair for pair in member.options if pair[0] not in varies)
        kept = tuple(pair for pair in member.options if pair[0] in varies)
        found.append(replace(member, options=kept, cells=_with_options(member.cells, same)))
    return found


def _of_parent(member: Member, main: Member) -> Iterator[Member]:
    """A variant with the options that its parent lists for it, once for each value that it leaves
    open: no value means any."""
    if member is main:
        yield member
        return
    options = member.options or main.children.get(member.key, ())
    choices: dict[str, list[str]] = {}
    for name, value in main.options:
        choices.setdefault(name, []).append(value)
    every = [[value] if value else choices.get(name, [""]) for name, value in options]
    if all(len(values) == 1 for values in every):
        yield replace(member, options=options)
        return
    identity = clean_text(member.sold.get("id"))
    for values in islice(product(*every), _MOST_OPEN):
        chosen = tuple((name, v) for (name, _), v in zip(options, values, strict=True) if v)
        own = {**member.sold, "id": "/".join([identity, *(v for _, v in chosen)])}
        yield replace(member, options=chosen, own=own)


def _with_options(cells: Mapping[str, object], options: Options) -> dict[str, object]:
    """The cells of a product of one form: its options are facts like others."""
    stated = {name.lower() for name, value in cells.items() if value}
    more = [(n, v) for n, v in options if n.lower().replace(" ", "_") not in stated]
    if not more:
        return dict(cells)
    had = cells.get(ATTRIBUTES)
    return {**cells, ATTRIBUTES: [*(had if isinstance(had, list) else ()), *more]}


def _common(members: Sequence[Member]) -> dict[str, object]:
    """What rows without a parent say of the product: the first one's words, and the facts that all
    of them state alike."""
    first = members[0].cells
    optional = {name.lower().replace(" ", "_") for m in members for name, _ in m.options}
    kept = {"title", "description", "image", "category", "brand"}
    cells = {
        name: value
        for name, value in first.items()
        if name in kept
        or (name not in _OF_ONE and all(m.cells.get(name) == value for m in members))
    }
    cells["id"] = members[0].key
    if titles := [clean_text(m.cells.get("title")) for m in members]:
        cells["title"] = common_title(titles, [v for m in members for _, v in m.options])
    if ATTRIBUTES not in cells and first.get(ATTRIBUTES):
        cells[ATTRIBUTES] = _shared_pairs(members)
    for name in ("link", "currency", "minor_units"):
        if first.get(name):
            cells[name] = first[name]
    return {name: v for name, v in cells.items() if name == "color" or name not in optional}


def _shared_pairs(members: Sequence[Member]) -> list[object]:
    lists = [m.cells.get(ATTRIBUTES) for m in members]
    first = lists[0] if isinstance(lists[0], list) else []
    return [p for p in first if all(isinstance(each, list) and p in each for each in lists)]


def common_title(titles: Sequence[str], values: Sequence[str]) -> str:
    """What titles of variants have in common, without the options that stand at its end.

    The first one's where that is no name: less than a word.
    """
    first = titles[0]
    if len(set(titles)) == 1:
        return first
    split = [title.split() for title in titles]
    shared: list[str] = []
    for words in zip(*split, strict=False):
        if len(set(words)) > 1:
            break
        shared.append(words[0])
    said = {word.casefold().strip("(),-/|") for value in values for word in value.split()}
    while shared and (shared[-1].strip("-–—/|,:(") == "" or shared[-1].casefold() in said):
        shared.pop()
    common = " ".join(shared).rstrip(" -–—/|,:(")
    return common if len(common) > 2 else first


def _pictures(own: object, members: Sequence[Member]) -> list[object]:
    """The product's pictures by their places, then those of its variants, each once."""
    placed = sorted((p for m in members for p in m.pictures), key=lambda pair: pair[0])
    sold = [text for m in members for text in texts_of(m.sold.get("image"))]
    others = [text for m in members for text in texts_of(m.cells.get("image"))]
    return list(dict.fromkeys([*(a for _, a in placed), *texts_of(own), *others, *sold]))
