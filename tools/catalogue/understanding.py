"""How a catalogue's file is understood: its kind, and which column holds which fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from tools.catalogue.columns import CODES, NAMED, REGULAR, ROLES, by_folded_name, recognise
from tools.catalogue.detection import kind_of
from tools.catalogue.facts import FACTS, REQUIRED
from tools.catalogue.kinds.kind import Kind
from tools.catalogue.kinds.table import numbers_in
from tools.catalogue.rows import first_columns, first_objects, is_json, read_rows
from tools.catalogue.source import Source
from tools.catalogue.switched_off import TELLING
from tools.catalogue.xml_items import Around, read_items

_LOOK_AHEAD = 100


@dataclass(frozen=True, slots=True)
class Column:
    """The column of a fact."""

    name: str
    """As the file has it."""
    guessed: bool
    """Whether its name is only like the usual ones."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A file as it will be read."""

    kind: str
    columns: Mapping[str, Column]
    """By the names of facts."""
    left: tuple[str, ...]
    """Columns that no fact is read from."""

    def as_json(self) -> dict[str, object]:
        """Plain JSON types."""
        columns = {
            fact: {"column": column.name, "guessed": column.guessed}
            for fact, column in self.columns.items()
        }
        return {"kind": self.kind, "columns": columns, "left": list(self.left)}


def understand(source: Source, mapping: Mapping[str, str]) -> Understood:
    """How a file is read. Raises CatalogueError for one that cannot be read at all."""
    kind = kind_of(source)
    if source.is_folder:
        return Understood(kind.name, {}, ())
    names = _names(source)
    present = by_folded_name(names)
    columns = {fact: Column(column, guessed=False) for fact, column in mapping.items()}
    if kind.guesses:
        required = REQUIRED if source.pictures is None else ("title",)
        first = [row.values for row in islice(read_rows(source), _LOOK_AHEAD)]
        found = recognise(names, mapping, numeric=numbers_in(first), required=required)
        usual = {fact.name: set(fact.columns) for fact in FACTS}
        for fact, column in found.items():
            sure = fact in mapping or _folded(present, column) in usual[fact]
            columns.setdefault(fact, Column(column, guessed=not sure))
    else:
        columns = _declared(kind, present) | columns
    columns = _roles(present, columns) | columns
    used = {column.name for column in columns.values()} | _also_read(kind, present)
    return Understood(kind.name, columns, tuple(name for name in names if name not in used))


def _names(source: Source) -> list[str]:
    """The columns of a file, as many as its beginning shows."""
    if source.start.startswith("<"):
        item = next(iter(read_items(source, Around())), None)
        nodes = item.node.children if item is not None and item.node is not None else []
        own = item.node.attributes if item is not None and item.node is not None else {}
        return list(dict.fromkeys([*own, *(node.name for node in nodes)]))
    if is_json(source):
        return list(dict.fromkeys(name for values in first_objects(source) for name in values))
    return [name for name in first_columns(source) if name.strip()]


def _folded(present: Mapping[str, str], column: str) -> str:
    return next((name for name, each in present.items() if each == column), "")


def _declared(kind: Kind, present: Mapping[str, str]) -> dict[str, Column]:
    """What a kind reads by names of its own, and the other facts by their usual names."""
    found: dict[str, Column] = {}
    names = dict(kind.takes)
    for each in FACTS:
        names[each.name] = (*names.get(each.name, ()), *each.columns)
    for fact, columns in names.items():
        name = next((name for name in columns if _present(name, present)), None)
        if name is not None:
            found[fact] = Column(_present(name, present), guessed=False)
    return found


_OF_KINDS = frozenset({
    "type", "field_type", "item_type", "item", "discount_mode", "short_description", "summary",
    "product_type", "store_view_code", "on_sale", "published_at", "relationship",
    "backorders_allowed", "allow_backorders", "track_inventory", "inventory_tracking",
    "variant_inventory_tracker", "variant_inventory_policy", "inventory_tracker", "image_position",
})  # fmt: skip
"""What kinds read besides the facts: what a row is, and how others of its cells are meant."""


def _present(name: str, present: Mapping[str, str]) -> str:
    """The column of a folded name; Google's names may stand behind "g"."""
    return present.get(name) or present.get(f"g_{name}", "")


def _roles(present: Mapping[str, str], columns: Mapping[str, Column]) -> dict[str, Column]:
    used = {column.name for column in columns.values()}
    found = {}
    for role, names in {**ROLES, "codes": CODES, "was": REGULAR}.items():
        name = next((n for n in names if n in present and present[n] not in used), None)
        if name is not None and role not in columns and role != "handle":
            found[role] = Column(present[name], guessed=False)
    return found


def _also_read(kind: Kind, present: Mapping[str, str]) -> set[str]:
    """Columns that are read besides the likeliest of each fact."""
    names = {name for each in kind.takes.values() for name in each} | set(CODES) | set(NAMED)
    names |= {name for each in ROLES.values() for name in each}
    names |= TELLING | (frozenset() if kind.guesses else _OF_KINDS)
    numbered = ("option", "attribute_", "product_option", "image", "additional_info", "variation_",
                "product_image", "custom_field", "feature")  # fmt: skip
    return {
        column
        for name, column in present.items()
        if name in names
        or name.removeprefix("g_") in names
        or (not kind.guesses and name.startswith(numbered))
        or "product_metafields" in name
    }
