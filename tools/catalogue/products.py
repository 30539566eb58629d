"""A row of cells, by the names of facts, as a product; what cannot be used of it is noted."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tools.catalogue.cells import (
    SetAside,
    category_paths,
    clean_text,
    cut,
    identity_of,
    short,
    texts_of,
    unused,
    without_odd,
)
from tools.catalogue.columns import fold_name
from tools.catalogue.fact_types import Cell
from tools.catalogue.facts import FACTS, fact_named
from tools.catalogue.grouping import ATTRIBUTES, VARIANTS, VariantCells
from tools.catalogue.kinds.kind import LABEL
from tools.catalogue.links import link_of
from tools.catalogue.places import (
    MAX_PICTURES,
    Places,
    keepable,
    pictures_by_id,
    pictures_in,
    place_of,
)
from tools.catalogue.prices import MINOR_UNITS, Prices, read_prices, unit_price
from tools.catalogue.rows import Row
from tools.catalogue.variant_cells import VariantMaking, main_variant, make_variants, together
from tools.money import is_currency
from tools.product import Product, Variant

MAX_TITLE = 1_000
MAX_ID_BYTES = 512
_MOST_PAIRS = 100
_LONGEST_VALUE = 1_000
_NUMERIC = frozenset(fact.name for fact in FACTS if fact.type.numeric)
_BOOLEAN = frozenset({*(fact.name for fact in FACTS if fact.type.boolean), MINOR_UNITS})
_ALSO_NAMED = tuple(
    fact
    for name in ("color", "brand", "material", "pattern", "gender", "age_group", "condition")
    if (fact := fact_named(name)) is not None
)
"""Facts that a shop may state among its named ones."""
_OF_SEVERAL = frozenset({"category", "link"})
"""Facts that are read together with others."""
_READ = tuple(
    (fact.name, fact.attribute, fact.type.read, fact.type.read(Cell(None, fact.name, 0, [])))
    for fact in FACTS
    if fact.type.read is not None and fact.name not in _OF_SEVERAL
)
"""Name, field of Product, and reader of a fact that has a cell of its own, and its empty value."""
_UNKEEPABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Refused in an id: controls, which no filter expression can hold, and lone surrogates, which
cannot be encoded. Removing them could give two products one id."""


@dataclass(frozen=True, slots=True)
class Making:
    """What is the same for all products of a catalogue."""

    places: Places
    currency: str
    """Of prices that name none."""
    now: datetime
    """Which sales hold."""
    shop_url: str = ""
    link_template: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A product as its row states it."""

    product: Product
    worded: bool
    """False where the shop has no words for it."""
    currency_missing: bool
    """Whether it has a price without a currency."""


def make_product(row: Row, making: Making, notes: list[SetAside]) -> Made | SetAside:
    """The product of a row, or why it cannot be used."""
    given = dict(row.values)
    pairs, children = given.pop(ATTRIBUTES, None), given.pop(VARIANTS, None)
    fields = without_odd(given, row.line, notes, numeric=_NUMERIC, boolean=_BOOLEAN)
    title = cut(clean_text(fields.get("title")), "title", MAX_TITLE, row.line, notes)
    label = clean_text(fields.get(LABEL))[:MAX_TITLE]
    images = pictures_in(fields.get("image"))
    if not images:
        images = pictures_by_id(identity_of(fields.get("id")), making.places)
    if not (title or label):
        return SetAside(row.line, "title", "no title", "Give the product a title.")
    identity = identity_of(fields.get("id"))
    if not identity and not images:
        reason = "no id and no picture that could stand for it"
        return SetAside(row.line, "id", reason, "Give the product an id.")
    if not identity:
        identity = images[0]
        if "id" in fields:
            reason = "no id; the picture's path or address stands for it"
            notes.append(SetAside(row.line, "id", reason, "Give the product an id.", used=True))
    if _UNKEEPABLE.search(identity):
        reason = f"the id {short(identity)} holds a control or half a character"
        return SetAside(row.line, "id", reason, "Write it without these, on one line.")
    if len(identity.encode()) > MAX_ID_BYTES:
        return SetAside(row.line, "id", "the id is too long", f"Use up to {MAX_ID_BYTES} bytes.")
    stated = images if images or "image" in given else None
    pictures = _pictures(stated, making.places, row.line, notes)
    if not title and not pictures:  # nothing could find it
        reason = notes[-1].reason if notes else "no picture"
        return SetAside(row.line, "image", reason, "Check the picture's path or address.")
    currency, named = _currency(fields, making.currency, row.line, notes)
    prices = read_prices(fields, currency, row.line, notes, making.now)
    read = {
        attribute: empty if cell is None else reader(Cell(cell, name, row.line, notes))
        for name, attribute, reader, empty in _READ
        for cell in (fields.get(name),)
    }
    main, others = category_paths(fields.get("category"))
    read["category"], read["more_categories"] = main, others
    read["link"] = link_of(fields, identity, making.shop_url, making.link_template, row.line, notes)
    read["unit_price"] = read["unit_price"] or unit_price(
        prices.now, prices.currency, fields.get("unit_measure"), fields.get("unit_base")
    )
    attributes = _pairs(pairs)
    for fact in _ALSO_NAMED:
        if fact.type.read is not None and not read[fact.attribute]:
            said = next((v for n, v in attributes if fold_name(n) in fact.columns), "")
            read[fact.attribute] = fact.type.read(Cell(said, fact.name, row.line, notes))
    attributes = _without_facts(attributes, read)
    product = Product(
        id=identity,
        title=title or label,
        price_minor=prices.now,
        was=prices.was,
        sale_until=prices.until,
        currency=prices.currency,
        image=pictures[0] if pictures else "",
        more_images=keepable(pictures[1:]),
        codes=tuple(code for code in _codes(fields.get("codes")) if code != identity),
        attributes=attributes,
        **read,
    )
    missing = prices.now is not None and not named and _no_mark(fields)
    if isinstance(children, list) and children:
        if prices.now is None:
            priced = _first_priced(children, currency, row.line, making.now)
            product = replace(product, currency=priced.currency or product.currency)
            missing = priced.now is not None and not named and _no_mark(children[0].cells)
        variants = _variants(children, product, making, currency, row.line, notes)
        product = together(product, variants, main_variant(variants))
    return Made(product, bool(title), missing)


def _first_priced(children: list[VariantCells], currency: str, line: int, now: datetime) -> Prices:
    """The prices of the first variant that has any."""
    found = (
        read_prices(each.cells, clean_text(each.cells.get("currency")) or currency, line, [], now)
        for each in children
    )
    return next((prices for prices in found if prices.now is not None), Prices())


def _variants(
    children: list[VariantCells],
    product: Product,
    making: Making,
    currency: str,
    line: int,
    notes: list[SetAside],
) -> tuple[Variant, ...]:
    how = VariantMaking(making.places, currency, making.now, making.shop_url, making.link_template)
    return make_variants(children, product, how, line, notes)


def _pictures(
    images: list[str] | None, places: Places, line: int, notes: list[SetAside]
) -> list[str]:
    """Where the pictures are that can be used; the first that cannot be is noted."""
    if images is None:  # the file has no column for them
        return []
    if not images:
        reason, todo = "no picture; the product is found by words", "Name the product's picture."
        notes.append(SetAside(line, "image", reason, todo, used=True))
        return []
    found = [place_of(image, places) for image in images[:MAX_PICTURES]]
    if found[0][1]:
        todo = "Check the picture's path or address."
        notes.append(SetAside(line, "image", found[0][1], todo, used=True))
    return [place for place, wrong in found if not wrong]


def _currency(
    fields: Mapping[str, object], own: str, line: int, notes: list[SetAside]
) -> tuple[str, bool]:
    """The currency of a row, and whether it names one."""
    named = clean_text(fields.get("currency")).upper()
    if named in ("RUR", "RMB"):
        named = {"RUR": "RUB", "RMB": "CNY"}[named]
    if named and not is_currency(named):
        notes.append(unused(line, "currency", named, "Use a code such as USD."))
    elif named:
        return named, True
    return own, False


def _no_mark(fields: Mapping[str, object]) -> bool:
    """Whether no price of a row has a mark of a currency beside it."""
    texts = (clean_text(fields.get(name)) for name in ("price", "sale_price", "was"))
    return not any(re.search(r"[^\d\s.,:'’–—-]", text) for text in texts)


def _codes(value: object) -> tuple[str, ...]:
    """Codes as they are written; what a spreadsheet made of a long one ("8.8E+12") is none."""
    codes = (clean_text(text).lstrip("'") for text in texts_of(value))
    good = (code for code in codes if code and len(code) <= 100)
    return tuple(dict.fromkeys(c for c in good if not re.fullmatch(r"\d+[.,]\d+E\+?\d+", c)))[:50]


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    """Named facts, as plain words; those without a value are none."""
    if not isinstance(value, list):
        return ()
    found: dict[tuple[str, str], None] = {}
    for each in value:
        if isinstance(each, tuple | list) and len(each) == 2:
            name, said = clean_text(each[0])[:200], clean_text(_plain(each[1]))[:_LONGEST_VALUE]
            if name and said and len(found) < _MOST_PAIRS:
                found[name, said] = None
    return tuple(found)


def _without_facts(
    pairs: tuple[tuple[str, str], ...], read: dict[str, Any]
) -> tuple[tuple[str, str], ...]:
    """The named facts that say more than the product's own do."""
    if not pairs:
        return ()
    said = {(name, read[fact.attribute]) for fact in _ALSO_NAMED for name in fact.columns}
    return tuple(pair for pair in pairs if (fold_name(pair[0]), pair[1]) not in said)


def _plain(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(filter(None, (clean_text(_plain(each)) for each in value)))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)[:_LONGEST_VALUE] if value else ""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
