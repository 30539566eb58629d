"""Which column of a shop's file means what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from tools.catalogue.facts import FACTS, REQUIRED, Like, fact_named
from tools.errors import CatalogueError

_SHOWN = 20
_REMEMBERED = 1 << 14
"""Names of columns: they come again whenever a row of JSON brings another one."""


@lru_cache(_REMEMBERED)
def fold_name(name: str) -> str:
    """A column name for comparison: "Image Src" and "imageSrc" are "image_src"."""
    if not name.isascii():
        decomposed = unicodedata.normalize("NFKD", name)
        name = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def by_folded_name(columns: Iterable[str]) -> dict[str, str]:
    """Folded name → column, in their order; of columns whose names fold alike the first."""
    present: dict[str, str] = {}
    for column in columns:
        present.setdefault(fold_name(column), column)
    return present


_WORDS_ONLY = frozenset({"category", "image", "brand", "color", "description"})
"""Facts that a number is never: a count is no picture, a department's number no category."""


def recognise(
    columns: Iterable[str],
    mapping: Mapping[str, str],
    *,
    numeric: Container[str] = (),
    required: Iterable[str] = REQUIRED,
) -> dict[str, str]:
    """Fact → column of a file. `numeric` are columns that hold numbers alone.

    `mapping` (fact → column) wins over the usual names, and these over names like them, such as
    "Hosted Image URLs". Raises CatalogueError when a fact or column of the mapping does not exist,
    or when no column can be the title, or neither the picture nor the price.
    """
    columns = list(columns)
    present = by_folded_name(columns)
    check_mapping(mapping, columns)
    found = {field: present[fold_name(column)] for field, column in mapping.items()}
    for fact in FACTS:
        if fact.name not in found:
            for name in fact.columns:
                if (
                    name in present
                    and present[name] not in found.values()
                    and not (fact.name in _WORDS_ONLY and present[name] in numeric)
                ):
                    found[fact.name] = present[name]
                    break
    for fact in FACTS:
        if fact.like and fact.name not in found:
            words = present
            if fact.name in _WORDS_ONLY:
                words = {name: each for name, each in present.items() if each not in numeric}
            column = _most_like(fact.like, words, found.values())
            if column is not None:
                found[fact.name] = column
    missing = [field for field in required if field not in found]
    if missing == ["image"] and "price" in found:
        return found  # a shop without pictures: its products are found by words
    if missing:
        raise CatalogueError(
            f"No column for {' and '.join(missing)} was recognised among: "
            f"{shown(columns)}. "
            f"Name it with --map {missing[0]}=COLUMN."
        )
    return found


def _most_like(like: Like, present: dict[str, str], taken: Iterable[str]) -> str | None:
    """The column whose name is the likest; of two alike the first."""
    names = [
        name
        for name, column in present.items()
        if column not in taken and _says(like.words, name) and not _says(like.but_not, name)
    ]
    return present[max(names, key=lambda name: _says(like.better, name))] if names else None


@lru_cache(_REMEMBERED)
def _says(words: str, name: str) -> int:
    """How often a folded name has one of these words, each whole."""
    return len(re.findall(rf"(?<![a-z0-9])(?:{words})(?![a-z])", name)) if words else 0


def other_prices(columns: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """Columns of usual names to look for a price in where its own is empty."""
    fact, present = fact_named("price"), by_folded_name(columns)
    usual = fact.columns if fact else ()
    if fold_name(names.get("price", "")) not in usual:
        return []
    return [present[name] for name in usual if name in present and present[name] != names["price"]]


def usual_cells(values: Mapping[str, object], read: Iterable[str]) -> dict[str, object]:
    """Fact → cell, of the facts that are not `read` yet and have a column of a usual name.

    For kinds of files that are read by the names of their own: `values` stand under folded names.
    """
    plan = _plan(tuple(values), frozenset(read))
    found = {fact: values[name] for fact, name in plan.facts}
    return found | _role_cells(values, plan)


ROLES: Mapping[str, tuple[str, ...]] = {
    "sale_price": (
        "sale_price", "special_price", "discounted_price", "discount_price", "offer_price",
        "promo_price", "promotional_price", "prisforslag", "angebotspreis", "sonderpreis",
    ),
    "sale_starts": (
        "sale_price_start_date", "date_sale_price_starts", "special_price_from_date",
        "special_from_date", "sale_start", "sale_start_date", "sale_price_from",
        "sale_price_dates_from", "date_on_sale_from",
    ),
    "sale_ends": (
        "sale_price_end_date", "date_sale_price_ends", "special_price_to_date", "special_to_date",
        "sale_end", "sale_end_date", "sale_price_to", "sale_price_dates_to", "date_on_sale_to",
    ),
    "sale_window": ("sale_price_effective_date", "sale_price_effective_period"),
    "unit_measure": ("unit_pricing_measure",),
    "unit_base": ("unit_pricing_base_measure",),
    "handle": ("handle", "url_handle", "slug", "url_key", "link_rewrite", "url_rewritten"),
}  # fmt: skip
"""Usual columns of cells that are no facts by themselves: `prices` and `links` read them."""
REGULAR = ("regular_price", "original_price", "list_price", "retail_price", "msrp", "mrp",
           "actual_price", "rrp", "uvp", "base_price", "market_price")  # fmt: skip
"""Columns of the price before a sale, where another one holds the price of now."""
CODES = (
    "gtin", "ean", "ean13", "upc", "isbn", "barcode", "variant_barcode", "gtin_upc_ean_or_isbn",
    "gtin13", "gtin12", "gtin14", "gtin8", "mpn", "sku", "variant_sku", "product_code_sku",
    "vendor_code", "productno", "manufacturer_part_number", "artikelnummer", "model_number",
    "custom_label_sku", "part_number",
)  # fmt: skip
NAMED = (
    "size", "size_type", "size_system", "season", "style", "fit", "weight", "dimensions", "length",
    "width", "height", "depth", "capacity", "volume", "heel_height", "sleeve_length", "neckline",
    "occasion", "care", "care_instructions", "closure", "country_of_origin", "warranty", "flavor",
    "scent", "finish", "shape", "energy_efficiency_class", "power", "origin",
)  # fmt: skip
"""Columns that are kept as facts under the shop's own names."""


def role_cells(values: Mapping[str, object], read: Iterable[str]) -> dict[str, object]:
    """The cells of `ROLES`, the codes and the named facts that are not `read` yet.

    `values` stand under folded names; cells that are empty are left out.
    """
    return _role_cells(values, _plan(tuple(values), frozenset(read)))


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which columns of a row are read for what: worked out once for rows with the same ones."""

    facts: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, tuple[str, ...]], ...]
    codes: tuple[str, ...]
    named: tuple[tuple[str, str], ...]
    """Column → its name for a person."""


@lru_cache(_REMEMBERED)
def _plan(columns: tuple[str, ...], read: frozenset[str]) -> _Plan:
    present = frozenset(columns)
    facts = (
        (fact.name, name)
        for fact in FACTS
        if fact.name not in read
        for name in [next((name for name in fact.columns if name in present), "")]
        if name
    )
    roles = (
        (role, tuple(name for name in names if name in present))
        for role, names in ROLES.items()
        if role not in read
    )
    named = ((name, name.replace("_", " ").capitalize()) for name in NAMED if name in present)
    return _Plan(
        tuple(facts),
        tuple((role, names) for role, names in roles if names),
        tuple(name for name in CODES if name in present) if "codes" not in read else (),
        tuple(named) if "attributes" not in read else (),
    )


def _role_cells(values: Mapping[str, object], plan: _Plan) -> dict[str, object]:
    found: dict[str, object] = {}
    for role, names in plan.roles:
        name = next((name for name in names if _is_plain(values[name])), None)
        if name is not None:
            found[role] = values[name]
    if codes := [values[name] for name in plan.codes if _is_plain(values[name])]:
        found["codes"] = codes
    if named := [(label, values[name]) for name, label in plan.named if _is_plain(values[name])]:
        found["attributes"] = named
    return found


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""


def check_mapping(mapping: Mapping[str, str], columns: Iterable[str]) -> None:
    """Raises CatalogueError for a field or column of the mapping that does not exist."""
    present = by_folded_name(columns) if mapping else {}
    known = [fact.name for fact in FACTS if fact.columns]
    for field, column in mapping.items():
        if field not in known:
            raise CatalogueError(
                f"There is no field {field!r} to map a column to. "
                f"The fields are: {', '.join(known)}."
            )
        if fold_name(column) not in present:
            raise CatalogueError(
                f"The file has no column {column!r}, which {field!r} is mapped to. "
                f"Its columns are: {shown(present.values())}."
            )


def shown(columns: Iterable[str]) -> str:
    """Column names for a sentence, cut short: a file of another kind may have thousands."""
    names = [n if n.isprintable() else repr(n) for n in columns if n.strip()]
    short = [name if len(name) <= 60 else name[:59] + "…" for name in names[:_SHOWN]]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(short) + more or "columns without a name"
