"""What the built-in shop sells of each product: sizes, colors, stock, sales, addresses.

Made from seeds beside the products, so that a product's picture, texts and price are what they are
without it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from tools.demo.drawing import Look
from tools.demo.drawing.noise import dice
from tools.demo.shop.address import OWN_ADDRESS
from tools.demo.shop.products import DemoProduct, demo_products

_LETTERS = ("S", "M", "L", "XL")
SIZES: dict[str, tuple[str, ...]] = {
    "t-shirt": _LETTERS,
    "dress": _LETTERS,
    "sneaker": ("7", "8", "9", "10", "11"),
}
"""Kind → the sizes that it is sold in."""
_COLORED = ("t-shirt", "backpack", "phone case")
"""Kinds of which the first few plain products come in two more colors."""
_MOST_COLORED = 4
_MORE_COLORS = ("red", "navy", "green", "black", "yellow", "purple")
_ON_SALE, _FEW_LEFT, _SOLD_OUT = 0.08, 0.1, 0.14
"""Shares: of products, and of the variants of a product."""
_WHOLLY_SOLD_OUT = 120
"""One product of so many."""
_DEAREST_SIZE = "XL"
_ITS_PRICE = Decimal("3.00")
"""What the largest dress costs more."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form that a product is sold in: a row of the shop's file."""

    id: str
    look: Look
    size: str
    price: Decimal
    was: Decimal | None
    availability: str
    link: str
    pictured: bool
    """Whether it has a picture of its own, beside the product's."""


def forms_of(product: DemoProduct) -> tuple[Form, ...]:
    """The forms of a product, its own look first; one for a product without variants."""
    rng = dice("forms", product.id)
    was = None
    if rng.random() < _ON_SALE:
        was = product.price + max(
            Decimal(2), (product.price * Decimal("0.25")).quantize(Decimal(1))
        )
    wholly = rng.randrange(_WHOLLY_SOLD_OUT) == 0
    looks = (product.look, *(replace(product.look, color=c) for c in _more_colors(product)))
    sizes = SIZES.get(product.look.kind, ("",))
    single = len(looks) * len(sizes) == 1
    found = []
    for look in looks:
        for size in sizes:
            chance = rng.random()
            first = look == product.look and size == sizes[0]
            gone = wholly or (not single and not first and chance < _SOLD_OUT)
            few = chance > 1 - _FEW_LEFT
            dearer = product.look.kind == "dress" and size == _DEAREST_SIZE
            more = _ITS_PRICE if dearer else Decimal(0)
            found.append(
                Form(
                    id=product.id if single else _id(product, look, size),
                    look=look,
                    size=size,
                    price=product.price + more,
                    was=None if was is None else was + more,
                    availability="out of stock" if gone else "few left" if few else "in stock",
                    link=_link(product, "" if single else _id(product, look, size)),
                    pictured=look != product.look,
                )
            )
    return tuple(found)


def _id(product: DemoProduct, look: Look, size: str) -> str:
    parts = [look.color] if _more_colors(product) else []
    return "-".join((product.id, *parts, *([size.lower()] if size else [])))


def _link(product: DemoProduct, variant: str) -> str:
    return f"{OWN_ADDRESS}{product.id}" + (f"?variant={variant}" if variant else "")


def _more_colors(product: DemoProduct) -> tuple[str, ...]:
    if product.id not in _colored():
        return ()
    others = [color for color in _MORE_COLORS if color != product.look.color]
    start = dice("colors", product.id).randrange(len(others))
    return tuple((others + others)[start : start + 2])


@lru_cache(maxsize=1)
def _colored() -> frozenset[str]:
    """Ids of the products that come in several colors."""
    counts: Counter[str] = Counter()
    ids = []
    for product in demo_products():
        look = product.look
        if look.kind in _COLORED and look.pattern == "plain" and counts[look.kind] < _MOST_COLORED:
            counts[look.kind] += 1
            ids.append(product.id)
    return frozenset(ids)


def drawn_apart(products: Sequence[DemoProduct]) -> Iterator[tuple[DemoProduct, Form]]:
    """The forms with a picture of their own, one for each look."""
    for product in products:
        seen = set()
        for form in forms_of(product):
            if form.pictured and form.look.color not in seen:
                seen.add(form.look.color)
                yield product, form
