"""The words a catalogue uses for its own things, counted from the products."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from tools.catalogue.colors import colors_meant
from tools.product import Filters, Product
from tools.text import singular

LEVELS = " > "
"""Between the levels of a path."""
_MOST_THINGS = 1000
_MOST_SHOWN = 12
_ENDS_TITLE = re.compile(r"[,(|\[]| [-–—/] | (?:in|with|for|by|from|of|and|on|to)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What can be filtered on, with how many products carry each name. Prices in minor units."""

    categories: Mapping[str, int] = field(default_factory=dict)
    """Every level's name."""
    paths: Mapping[str, int] = field(default_factory=dict)
    """Full paths, "Kitchen > Air Fryers"."""
    colors: Mapping[str, int] = field(default_factory=dict)
    brands: Mapping[str, int] = field(default_factory=dict)
    min_price: int | None = None
    max_price: int | None = None
    currency: str = "USD"
    things: Mapping[str, int] = field(default_factory=dict)
    """What products are called in their titles ("mug" of "Red Mug in Clay"), the commonest."""
    rated: bool = False
    worded: bool = True
    """False where the shop has pictures alone: no product's title says what it is."""
    shown: Mapping[str, str] = field(default_factory=dict)
    """By the last name of a path: id of its most rated product with a picture. The commonest."""

    @property
    def last_names(self) -> dict[str, int]:
        """The last name of each path, with its number of products, the commonest first."""
        counts: Counter[str] = Counter()
        for path, count in self.paths.items():
            counts[path.split(LEVELS)[-1]] += count
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    @property
    def lacking(self) -> tuple[str, ...]:
        """What this shop cannot be filtered by, since no product states it."""
        has = {
            "prices": self.min_price is not None,
            "categories": self.categories,
            "colors": self.colors,
            "brands": self.brands,
            "ratings": self.rated,
        }
        return tuple(name for name, there in has.items() if not there)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types, for the registry of catalogues."""
        return asdict(self)


def count_vocabulary(products: Iterable[Product], *, worded: bool = True) -> Vocabulary:
    """Counts over all products of a catalogue; names that differ in case alone count as one."""
    categories, paths, colors, brands = _Names(), _Names(), _Names(), _Names()
    things: Counter[str] = Counter()
    currencies: Counter[str] = Counter()
    prices: dict[str, list[int]] = {}
    rated = False
    pictured: dict[str, tuple[int, str]] = {}
    for product in products:
        if product.category and product.image:
            last, raters = fold(product.category[-1]), product.rating_count or 0
            if last not in pictured or raters > pictured[last][0]:
                pictured[last] = (raters, product.id)
        for level in dict.fromkeys((*product.category, *product.more_categories)):
            categories.add(level)
        paths.add(LEVELS.join(product.category))
        colors.add(product.color)
        brands.add(product.brand)
        things.update(_thing(product))
        rated = rated or product.rating is not None
        if product.price_minor is not None:
            prices.setdefault(product.currency, []).append(product.price_minor)
            currencies[product.currency] += 1
    currency = currencies.most_common(1)[0][0] if currencies else "USD"
    # Yen and dollars do not compare: the range is that of the catalogue's own currency.
    own = prices.get(currency, [])
    counted = Vocabulary(
        categories.counts(),
        paths.counts(),
        colors.counts(),
        brands.counts(),
        min(own, default=None),
        max(own, default=None),
        currency,
        dict(things.most_common(_MOST_THINGS)),
        rated,
        worded,
    )
    names = [name for name in counted.last_names if fold(name) in pictured][:_MOST_SHOWN]
    return replace(counted, shown={name: pictured[fold(name)][1] for name in names})


def _thing(product: Product) -> list[str]:
    """The last word of the title's beginning, [] where that is no word that names a thing."""
    start = _ENDS_TITLE.split(product.title.casefold(), maxsplit=1)[0]
    colors = set(product.color.casefold().split())
    words = [w for w in re.findall(r"[^\W_]+(?:'[^\W_]+)?", start) if w not in colors]
    while words and not words[-1].isalpha():
        words.pop()
    return [words[-1]] if words and len(words[-1]) > 2 else []


class _Names:
    """Counts of names by their folded form, shown as first written."""

    def __init__(self) -> None:
        self._shown: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def add(self, name: str) -> None:
        if name:
            self._shown.setdefault(fold(name), name)
            self._counts[fold(name)] += 1

    def counts(self) -> dict[str, int]:
        return {self._shown[key]: n for key, n in self._counts.most_common()}


def fold(name: str) -> str:
    """A name for comparison: case and runs of blanks do not matter."""
    return " ".join(name.casefold().split())


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that the catalogue does not use, and those of its own that come nearest."""

    field: str
    name: str
    nearest: tuple[str, ...]

    def sentence(self) -> str:
        """Says it to a shopper or a chat model, with what to use instead."""
        known = ", ".join(self.nearest)
        return f"This shop has no {self.field} {self.name!r}." + (
            f" The nearest are: {known}." if known else f" It does not list any {self.field}."
        )


def resolve(filters: Filters, vocabulary: Vocabulary) -> tuple[Filters, tuple[Unknown, ...]]:
    """The same filters in the catalogue's own names, and the names it does not know.

    A color that is part of longer names stands for all of them ("black" for "matte black" too),
    see `colors_meant`; a category or brand must be a name of the catalogue, in any case, singular
    or plural. Of a category's path its last level is enough, unless other paths end in it too.
    Unknown names are left out of the filters: the caller says so and decides.
    """
    unknown: list[Unknown] = []

    def names(
        field: str,
        wanted: tuple[str, ...],
        known: Mapping[str, int],
        matching: Callable[[str], Sequence[str]],
    ) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for name in wanted:
            matches = matching(name)
            if not matches:
                unknown.append(Unknown(field, name, nearest(name, known)))
            found |= dict.fromkeys(matches)
        return tuple(found)

    resolved = replace(
        filters,
        categories=names(
            "category",
            filters.categories,
            vocabulary.categories,
            lambda name: _categories(name, vocabulary),
        ),
        colors=names(
            "color",
            filters.colors,
            vocabulary.colors,
            lambda name: colors_meant(name, vocabulary.colors),
        ),
        brands=names(
            "brand",
            filters.brands,
            vocabulary.brands,
            lambda name: _matching(name, vocabulary.brands),
        ),
    )
    return resolved, tuple(unknown)


def _matching(name: str, known: Mapping[str, int]) -> list[str]:
    key = fold(name)
    exact = [k for k in known if fold(k) == key]
    return exact or [k for k in known if singular(fold(k)) == singular(key)]


def _categories(name: str, vocabulary: Vocabulary) -> list[str]:
    """The level or levels that a name or a path stands for."""
    levels = [_matching(part, vocabulary.categories)[:1] for part in name.split(">")]
    if len(levels) == 1 or not levels[-1]:
        return _matching(name, vocabulary.categories)
    last = levels[-1][0]
    said = [fold(level[0]) for level in levels if level]
    ending = [path for path in map(_folded, vocabulary.paths) if fold(last) in path]
    under = [path for path in ending if set(said) <= set(path)]
    if len(under) in (0, len(ending)):
        return [last]
    return [LEVELS.join(level[0] for level in levels if level)]


def _folded(path: str) -> list[str]:
    return [fold(level) for level in path.split(LEVELS)]


def nearest(name: str, known: Mapping[str, int], *, limit: int = 5) -> tuple[str, ...]:
    """The catalogue's own names that look most like this one, the likeliest first."""
    from rapidfuzz import fuzz, process

    found = process.extract(
        name, list(known), scorer=fuzz.WRatio, processor=fold, limit=limit, score_cutoff=60
    )
    return tuple(hit[0] for hit in found) or tuple(list(known)[:limit])
