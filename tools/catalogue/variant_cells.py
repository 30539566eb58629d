"""The variants of a product, from the cells of each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tools.catalogue.cells import MAX_NAME, SetAside, clean_text, identity_of, texts_of
from tools.catalogue.fact_types import AVAILABILITY, QUANTITY, VARIANTS, Cell
from tools.catalogue.grouping import VariantCells
from tools.catalogue.links import link_of
from tools.catalogue.places import Places, pictures_in, place_of
from tools.catalogue.prices import read_prices
from tools.catalogue.variants import same_name
from tools.product import Availability, Product, Variant

_MOST_BYTES = 40_000
"""Of all variants of a product, packed: a server takes 64 KB for all facts in one column."""
_BEST: tuple[Availability, ...] = (
    "in stock", "few left", "backorder", "preorder", "", "out of stock", "discontinued",
)  # fmt: skip
"""A product is as available as the best of its variants."""
_SOLD_OUT = frozenset({"out of stock", "discontinued"})


@dataclass(frozen=True, slots=True)
class VariantMaking:
    """What is the same for all variants of a product."""

    places: Places
    currency: str
    now: datetime
    shop_url: str
    link_template: str
    pictures: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What `place_of` gave, by picture: variants share theirs."""


def make_variants(
    children: Sequence[VariantCells],
    product: Product,
    making: VariantMaking,
    line: int,
    notes: list[SetAside],
) -> tuple[Variant, ...]:
    """The variants in the shop's order, each id once, as many as the index has room for."""
    made: dict[str, Variant] = {}
    for child in children:
        variant = _variant(child, product, making, line, notes)
        if variant.id not in made:
            made[variant.id] = variant
    if not any(variant.availability for variant in made.values()):
        made = {k: replace(v, availability=product.availability) for k, v in made.items()}
    return _that_fit(list(made.values()), line, notes)


def _variant(
    child: VariantCells,
    product: Product,
    making: VariantMaking,
    line: int,
    notes: list[SetAside],
) -> Variant:
    cells = child.cells
    options = tuple(
        (name, value)
        for name, value in ((clean_text(n)[:MAX_NAME], clean_text(v)[:MAX_NAME])
                            for n, v in child.options)
        if name and value
    )  # fmt: skip
    own: list[SetAside] = []
    currency = clean_text(cells.get("currency")).upper() or product.currency or making.currency
    prices = read_prices(cells, currency, line, own, making.now)
    stated = prices.now is not None and prices.currency == product.currency
    if prices.now is not None and product.price_minor is None:
        stated = True
    identity = identity_of(cells.get("id")) or "/".join([product.id, *(v for _, v in options)])
    link = link_of(cells, identity, making.shop_url, making.link_template, line, own)
    variant = Variant(
        id=identity[:500],
        options=options,
        price=prices.now if stated else product.price_minor,
        was=prices.was if stated else product.was,
        sale_until=prices.until if stated else product.sale_until,
        availability=_read(AVAILABILITY.read, cells.get("availability"), "availability", line, own),
        quantity=_read(QUANTITY.read, cells.get("quantity"), "quantity", line, own),
        link="" if link == product.link else link,
        picture=_picture(cells.get("image"), product, making),
        codes=tuple(dict.fromkeys(filter(None, map(clean_text, texts_of(cells.get("codes"))))))[:8],
    )
    notes.extend(note for note in own if note not in notes)
    return variant


def _read(read: Any, value: object, fact: str, line: int, notes: list[SetAside]) -> Any:
    return read(Cell(value, fact, line, notes))


def _picture(value: object, product: Product, making: VariantMaking) -> str:
    images = pictures_in(value)
    if not images:
        return ""
    if images[0] not in making.pictures:
        making.pictures[images[0]] = place_of(images[0], making.places)
    place, wrong = making.pictures[images[0]]
    return "" if wrong or place == product.image else place


def _that_fit(variants: Sequence[Variant], line: int, notes: list[SetAside]) -> tuple[Variant, ...]:
    """All of them where the index has room; else without pictures and links; else the first."""
    kept = tuple(variants)
    if _size(kept) <= _MOST_BYTES:
        return kept
    kept = tuple(replace(variant, picture="", link="") for variant in kept)
    count = len(kept)
    while kept and _size(kept) > _MOST_BYTES:
        kept = kept[: len(kept) * 3 // 4]
    reason = f"{count:,} variants are too many; {len(kept):,} are used, without their own links"
    notes.append(SetAside(line, "variants", reason, "Split the product.", used=True))
    return kept


def _size(variants: tuple[Variant, ...]) -> int:
    return len(json.dumps(VARIANTS.pack(variants), ensure_ascii=False).encode())


def main_variant(variants: Sequence[Variant]) -> Variant:
    """The one that the product's page opens with: the first that can be bought."""
    return next((v for v in variants if v.availability not in _SOLD_OUT), variants[0])


def together(product: Product, variants: tuple[Variant, ...], main: Variant) -> Product:
    """The product with its variants: its price and color are the main one's, its availability is
    the best of all."""
    stated = any(variant.availability for variant in variants)
    best = min((v.availability for v in variants), key=_BEST.index)
    counts = [v.quantity for v in variants]
    color = next((value for name, value in main.options if same_name(name, "color")), "")
    theirs = {code for variant in variants for code in variant.codes}
    return replace(
        product,
        variants=variants,
        codes=tuple(code for code in product.codes if code not in theirs),
        price_minor=main.price,
        was=main.was,
        sale_until=main.sale_until,
        availability=best if stated else product.availability,
        quantity=None if None in counts else sum(c or 0 for c in counts),
        color=color or product.color,
    )
