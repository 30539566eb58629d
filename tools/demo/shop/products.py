"""The 900 products of the demo shop: looks and facts, without a single picture drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from random import Random

from tools.demo.drawing import KINDS, Look
from tools.demo.drawing.noise import dice
from tools.demo.shop.kind_facts import BRANDS, KIND_FACTS, KindFacts
from tools.demo.shop.texts import description, title

COUNT = 900

_COLORWAYS: dict[str, tuple[tuple[str, str], ...]] = {
    "plain": (
        ("black", "gray"), ("white", "beige"), ("red", "white"), ("blue", "navy"),
        ("green", "beige"), ("pink", "white"), ("navy", "tan"), ("yellow", "white"),
        ("teal", "white"), ("gray", "black"), ("purple", "pink"), ("brown", "beige"),
        ("orange", "white"), ("beige", "brown"), ("olive", "tan"), ("tan", "brown"),
    ),
    "leopard": (("tan", "black"), ("pink", "black"), ("gray", "black"), ("blue", "navy"),
                ("white", "black"), ("red", "black")),
    "zebra": (("white", "black"), ("pink", "black"), ("beige", "brown"), ("teal", "black"),
              ("yellow", "black")),
    "stripes": (("navy", "white"), ("red", "white"), ("green", "white"), ("black", "yellow"),
                ("pink", "white"), ("blue", "beige"), ("orange", "white"), ("teal", "beige")),
    "floral": (("navy", "pink"), ("white", "red"), ("yellow", "purple"), ("black", "orange"),
               ("beige", "pink"), ("teal", "yellow")),
    "polka dots": (("red", "white"), ("black", "white"), ("blue", "white"), ("yellow", "black"),
                   ("white", "pink"), ("purple", "white"), ("teal", "white")),
    "tiger": (("orange", "black"), ("white", "black"), ("yellow", "brown")),
    "giraffe": (("beige", "brown"), ("yellow", "brown"), ("white", "gray")),
    "cow": (("white", "black"), ("beige", "brown"), ("pink", "black")),
    "camouflage": (("olive", "brown"), ("gray", "black"), ("tan", "brown"), ("blue", "navy")),
    "marble": (("white", "gray"), ("black", "white"), ("green", "white"), ("pink", "white")),
    "wood grain": (("tan", "brown"), ("brown", "black"), ("gray", "black")),
    "plaid": (("red", "black"), ("green", "navy"), ("yellow", "black"), ("blue", "navy"),
              ("gray", "red")),
    "checkerboard": (("white", "black"), ("red", "white"), ("purple", "yellow"),
                     ("green", "white")),
    "chevron": (("gray", "white"), ("teal", "white"), ("orange", "brown"), ("navy", "yellow")),
    "waves": (("blue", "white"), ("teal", "navy"), ("beige", "blue"), ("purple", "pink")),
    "stars": (("navy", "yellow"), ("black", "white"), ("purple", "white"), ("white", "blue")),
    "hearts": (("white", "red"), ("pink", "red"), ("red", "white"), ("black", "pink")),
    "leaves": (("beige", "green"), ("green", "beige"), ("white", "teal"), ("navy", "green")),
}  # fmt: skip
_STAPLES = {"plain": 6, "leopard": 3, "zebra": 3, "stripes": 4, "floral": 3, "polka dots": 3}
"""Patterns that every kind comes in, with the number of colors of each."""


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """A product of the demo shop; `price` is in US dollars, `category` runs from the root."""

    id: str
    look: Look
    seed: int
    title: str
    description: str
    category: tuple[str, ...]
    brand: str
    price: Decimal
    currency: str
    color: str
    rating: Decimal
    rating_count: int


def _colorways(pattern: str, count: int, turn: int) -> Iterator[tuple[str, str]]:
    # The first colorway is the pattern's usual one; the others take turns from kind to kind.
    first, *others = _COLORWAYS[pattern]
    if pattern == "plain":
        others, count = [first, *others], count + 1
    else:
        yield first
    for index in range(count - 1):
        yield others[(turn * (count - 1) + index) % len(others)]


def _looks(kind: str, facts: KindFacts, turn: int, count: int) -> list[Look]:
    wanted = [
        (pattern, *way)
        for pattern, many in _STAPLES.items()
        for way in _colorways(pattern, many, turn)
    ]
    rest = [name for name in _COLORWAYS if name not in _STAPLES and name not in facts.skips]
    rest = rest[turn % len(rest) :] + rest[: turn % len(rest)]
    depth = 0
    while len(wanted) < count:
        for pattern in rest[: count - len(wanted)]:
            colorways = _COLORWAYS[pattern]
            # The usual colorway mostly; every third kind starts with another one.
            way = colorways[(depth + (turn % 3 == 2)) % len(colorways)]
            wanted.append((pattern, *way))
        depth += 1
    materials = facts.materials
    return [
        Look(kind, pattern, color, accent, materials[(index + turn) % len(materials)])
        for index, (pattern, color, accent) in enumerate(wanted)
    ]


def _price(facts: KindFacts, rng: Random) -> Decimal:
    low, high = facts.prices
    dollars = int(low + (high - low) * rng.random() ** 1.6)
    return Decimal(dollars) + Decimal(rng.choice(("0.99", "0.99", "0.99", "0.50", "0.00")))


def _product(number: int, look: Look) -> DemoProduct:
    facts = KIND_FACTS[look.kind]
    rng = dice("facts", look.kind, look.pattern, look.color, look.material)
    return DemoProduct(
        id=f"demo-{number:04d}",
        look=look,
        seed=rng.randrange(1_000_000),
        title=title(look, facts, rng),
        description=description(look, facts, rng),
        category=facts.category,
        brand=rng.choice(BRANDS),
        price=_price(facts, rng),
        currency="USD",
        color=look.color,
        rating=Decimal(f"{rng.triangular(3.2, 5.0, 4.5):.1f}"),
        rating_count=round(10 ** rng.uniform(0.5, 3.4)),
    )


@lru_cache(maxsize=1)
def demo_products() -> tuple[DemoProduct, ...]:
    """All 900 products, the same in every process, in the order of their ids."""
    base, extra = divmod(COUNT, len(KINDS))
    looks = [
        look
        for turn, kind in enumerate(KINDS)
        for look in _looks(kind, KIND_FACTS[kind], turn, base + (turn < extra))
    ]
    dice("shelves").shuffle(looks)
    return tuple(_product(number, look) for number, look in enumerate(looks, start=1))
