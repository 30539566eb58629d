"""Generated products with random variants, an index of them, and a plain loop over them.

The loop knows nothing of the code that it checks: it goes through every variant of every product.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any, Literal

import numpy as np

from tools.catalogue.registry import Entry, Registry, collection_alias
from tools.catalogue.vocabulary import count_vocabulary
from tools.embedding.base import Embedder, FloatArray, Item
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex
from tools.index.schema import Hashes
from tools.product import Availability, Filters, Product, Sort, Variant
from tools.search.shop import Shop

_SIZES = ("XS", "S", "M", "L", "XL", "36", "38", "40")
_COLORS = ("black", "blue", "red", "green", "white")
_FITS = ("slim", "regular", "wide")
_MATERIALS = ("cotton", "linen", "wool", "")
_GENDERS = ("male", "female", "unisex", "")
_STOCKS: tuple[Availability, ...] = (
    "in stock", "in stock", "few left", "out of stock", "out of stock", "backorder", "",
)  # fmt: skip
_NAME = "generated"
_PAGE = 500


class WordsEmbedder(Embedder):
    """Eight numbers from the letters of a text: enough to put products in some order."""

    name = "words"
    dim = 8
    fingerprint = "words-1"

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        rows = np.full((len(batch), self.dim), 1e-3, dtype=np.float32)
        for row, item in zip(rows, batch, strict=True):
            for place, letter in enumerate(item.text):
                row[(ord(letter) + place) % self.dim] += 1
        return rows


def generated_products(count: int, *, seed: int = 0, variants: int = 8) -> list[Product]:
    """Products of which most have one to `variants` variants, some of them sold out or on sale."""
    random = Random(seed)
    return [_product(number, random, variants) for number in range(count)]


def _product(number: int, random: Random, most: int) -> Product:
    price, was = _prices(random)
    forms: list[Variant] = []
    if most and random.random() < 0.8:
        options = [(c, s, f) for c in _COLORS for s in _SIZES for f in _FITS]
        fits = random.random() < 0.3
        for place, (color, size, fit) in enumerate(random.sample(options, random.randint(1, most))):
            low, before = _prices(random)
            named = (("Color", color), ("Size", size), *((("Fit", fit),) if fits else ()))
            stock = random.choice(_STOCKS)
            forms.append(Variant(f"p{number}-{place}", named, low, before, availability=stock))
    first = next((f for f in forms if f.availability in ("in stock", "few left")), None)
    first = first or (forms[0] if forms else None)
    return Product(
        id=f"p{number}",
        title=f"Item {number} in {random.choice(('town', 'field', 'hall'))}",
        category=("Things",),
        price_minor=first.price if first else price,
        was=first.was if first else was,
        color=dict(first.options)["Color"] if first else random.choice(_COLORS),
        availability=first.availability if first else random.choice(_STOCKS),
        material=random.choice(_MATERIALS),
        gender=random.choice(_GENDERS),
        image="/x.jpg",
        variants=tuple(forms),
    )


def _prices(random: Random) -> tuple[int, int | None]:
    price = random.randint(5, 80) * 100
    return price, price + 500 if random.random() < 0.2 else None


def open_generated_shop(folder: Path, products: Sequence[Product]) -> Shop:
    """The products in the embedded Milvus, under vectors of their titles."""
    address, embedder = Address(ensure_server(folder / "milvus", idle_s=30)), WordsEmbedder()
    index = ProductIndex(lambda: address, collection_alias(_NAME))
    collection = index.collection_for(embedder.fingerprint, embedder.dims)
    for start in range(0, len(products), _PAGE):
        page = products[start : start + _PAGE]
        vectors = embedder.embed([Item(product.title) for product in page])
        index.upsert(
            collection,
            [(p, v, v, Hashes("", "")) for p, v in zip(page, vectors, strict=True)],
        )
    index.publish(collection)
    index.settle(collection)
    vocabulary = count_vocabulary(products)
    entry = Entry(_NAME, "", "2020-01-01T00:00:00+00:00", len(products), vocabulary)
    registry = Registry(folder)
    registry.put(entry, activate=True)
    return Shop(entry, registry, index, embedder)


def random_filters(random: Random) -> Filters:
    """One to five filters, as a shopper may combine them."""
    ways: dict[str, Any] = {
        "colors": tuple(random.sample(_COLORS, random.randint(1, 2))),
        "max_price": random.randint(8, 60) * 100,
        "min_price": random.randint(5, 30) * 100,
        "in_stock": True,
        "on_sale": True,
    }
    options = {
        "size": random.sample(_SIZES, random.randint(1, 2)),
        "fit": random.sample(_FITS, 1),
        "material": random.sample(("cotton", "linen", "wool"), 1),
        "gender": random.sample(("male", "female"), 1),
    }
    named = random.sample([*ways, *options], random.randint(1, 5))
    chosen = {name: value for name, value in ways.items() if name in named}
    if chosen.get("min_price", 0) > chosen.get("max_price", 10**9):
        del chosen["min_price"]
    stated = [f"{n}={v}" for n, values in options.items() if n in named for v in values]
    return Filters(**chosen, options=tuple(stated))


def by_plain_loop(
    products: Iterable[Product], filters: Filters, sort: Sort = ""
) -> list[tuple[str, str]]:
    """(product, variant) of each product that passes: the first of its variants to be shown.

    "" for a product without variants. In the order of `sort` where that is "cheapest"; ties by id.
    """
    wanted: dict[str, list[str]] = {}
    for option in filters.options:
        name, _, value = option.partition("=")
        wanted.setdefault(name, []).append(value)
    found = []
    for product in products:
        forms: list[tuple[dict[str, str], Variant | None]] = [
            ({name.lower(): value for name, value in v.options}, v) for v in product.variants
        ]
        forms = forms or [({}, None)]
        passing = [
            (_order(form, product), place, form)
            for place, (options, form) in enumerate(forms)
            if _passes(product, form, options, wanted, filters)
        ]
        if passing:
            _, _, best = min(passing, key=lambda each: each[:2])
            price = product.price_minor if best is None else best.price
            found.append((price or 0, product.id, best.id if best else ""))
    if sort == "cheapest":
        found.sort(key=lambda each: (each[0], each[1]))
    return [(identity, variant) for _, identity, variant in found]


def _passes(
    product: Product,
    form: Variant | None,
    options: dict[str, str],
    wanted: dict[str, list[str]],
    filters: Filters,
) -> bool:
    facts = {"material": product.material, "gender": product.gender, **options}
    price = product.price_minor if form is None else form.price
    was = product.was if form is None else form.was
    stock = product.availability if form is None else form.availability
    color = options.get("color", product.color)
    assert price is not None
    for name, values in wanted.items():
        accepted = [*values, *(["unisex"] if name == "gender" else [])]
        if facts.get(name, "") not in accepted:
            return False
    return (
        (not filters.colors or color in filters.colors)
        and (filters.max_price is None or price <= filters.max_price)
        and (filters.min_price is None or price >= filters.min_price)
        and (not filters.in_stock or stock in ("in stock", "few left"))
        and (not filters.on_sale or was is not None)
    )


def _order(form: Variant | None, product: Product) -> tuple[int, int]:
    """What can be bought first, then what is not known to be sold out, then the cheapest."""
    if form is None:
        return 0, product.price_minor or 0
    stock = form.availability
    group: Literal[0, 1, 2] = 1
    if stock in ("in stock", "few left"):
        group = 0
    elif stock in ("out of stock", "discontinued"):
        group = 2
    return group, form.price or 0
