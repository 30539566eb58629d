"""The words a catalogue uses for its own things, counted from the products."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any

from tools.catalogue.colors import colors_meant, plain_color, same_color, sayable
from tools.catalogue.option_counts import OptionCounts
from tools.catalogue.options import option_named
from tools.catalogue.sizes import sizes_meant
from tools.catalogue.variants import SOLD_OUT, gender_of, listed, option_key, option_values
from tools.product import Filters, Product, Variant
from tools.text import fold, singular

LEVELS = " > "
"""Between the levels of a path."""
_UNKNOWN = re.compile(
    r"""This shop has no ([^'".]{1,100}) ('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\."""
)
_MOST_THINGS = 1000
_MOST_WORDS = 5000
_MOST_DESCRIBED = 10_000
_MOST_SHOWN = 12
_PEOPLE = ("male", "female", "unisex")
_WORD = re.compile(r"[^\W\d_]{3,}")
_UNITS = frozenset(
    [
        "ml",
        "cl",
        "oz",
        "lb",
        "lbs",
        "kg",
        "mg",
        "cm",
        "mm",
        "ft",
        "inch",
        "pack",
        "pcs",
        "gb",
        "tb",
        "mah",
    ]
)
_SEVERAL = frozenset(["set", "pack", "pair", "bundle", "piece", "box"])
_TRAITS = frozenset(
    [
        *("pro", "plus", "max", "mini", "lite", "ultra", "compact", "deluxe", "premium", "classic"),
        *("small", "medium", "large", "xl", "junior", "adult", "kids", "beginner"),
        *("summer", "winter", "electric", "cordless", "waterproof", "unscented", "sensitive"),
        *("foldable", "portable", "slim", "oversized", "size"),
    ]
)
"""What shops write behind the name of a thing: "Air Purifier Pro"."""
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
    kinds: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By the last word and the last two words of those, in the singular ("dry bag"): the last
    names of the paths that products so called stand on. The commonest."""
    words: Mapping[str, int] = field(default_factory=dict)
    """Words of titles, the commonest: what a misspelt word may mean."""
    described: tuple[str, ...] = ()
    """Words of descriptions that no title has, the commonest: they are not misspelt."""
    rated: bool = False
    worded: bool = True
    """False where the shop has pictures alone: no product's title says what it is."""
    shown: Mapping[str, str] = field(default_factory=dict)
    """By the last name of a path: id of its most rated product with a picture. The commonest."""
    options: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By the key of an option or a fact with few values ("size", "gender"), see `option_key`."""
    varied: bool = False
    """Whether any product has variants, or several colors."""
    stocked: bool = False
    """Whether any product's availability is stated."""
    sold_out: bool = False
    """Whether any product or variant is out of stock or discontinued."""
    on_sale: bool = False
    """Whether any product has a price before a sale."""
    coded: bool = False
    """Whether any product has a GTIN, MPN or SKU."""
    uncolored: bool = False
    """Whether any product has words and no color of its own: its words may say one."""

    @property
    def last_names(self) -> dict[str, int]:
        """The last name of each path that is not "Men" or "Women" alone, with its number of "
        "products, the commonest first."""
        counts: Counter[str] = Counter()
        for path, count in self.paths.items():
            counts[_last_name(path.split(LEVELS))] += count
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
            "availability": self.stocked,
            "sale prices": self.on_sale,
        }
        return tuple(name for name, there in has.items() if not there)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types, for the registry of catalogues."""
        return asdict(self)


def count_vocabulary(products: Iterable[Product], *, worded: bool = True) -> Vocabulary:
    """Counts over all products of a catalogue; names that differ in case alone count as one."""
    categories, paths, colors, brands = _Names(), _Names(), _Names(), _Names()
    things: Counter[str] = Counter()
    words: Counter[str] = Counter()
    described: Counter[str] = Counter()
    kinds: dict[str, Counter[str]] = {}
    currencies: Counter[str] = Counter()
    prices: dict[str, list[int]] = {}
    rated = False
    pictured: dict[str, tuple[int, str]] = {}
    options = OptionCounts()
    stated: set[str] = set()
    for product in products:
        options.add(product)
        stated |= _stated(product)
        if product.category and product.image:
            last, raters = fold(product.category[-1]), product.rating_count or 0
            if last not in pictured or raters > pictured[last][0]:
                pictured[last] = (raters, product.id)
        for level in dict.fromkeys((*product.category, *product.more_categories)):
            categories.add(level)
        paths.add(LEVELS.join(product.category))
        for color in _colors(product):
            colors.add(color)
        brands.add(product.brand)
        named = called(product)
        things.update(named[-1:] if named and len(named[-1]) > 2 else ())
        words.update(set(_WORD.findall(product.title.casefold())))
        described.update(set(_WORD.findall(product.description.casefold())))
        for length in (1, 2):
            if len(named) >= length and product.category:
                phrase = singular(" ".join(named[-length:]))
                kinds.setdefault(phrase, Counter())[_last_name(product.category)] += 1
        rated = rated or product.rating is not None
        own_prices = [v.price for v in product.variants] or [product.price_minor]
        known = [price for price in own_prices if price is not None]
        if known:
            prices.setdefault(product.currency, []).extend((min(known), max(known)))
            currencies[product.currency] += 1
    currency = currencies.most_common(1)[0][0] if currencies else "USD"
    # Yen and dollars do not compare: the range is that of the catalogue's own currency.
    own = prices.get(currency, [])
    others = (word for word, _ in described.most_common() if word not in words)
    counted = Vocabulary(
        categories.counts(),
        paths.counts(),
        colors.counts(),
        brands.counts(),
        min(own, default=None),
        max(own, default=None),
        currency,
        dict(things.most_common(_MOST_THINGS)),
        _commonest(kinds),
        dict(words.most_common(_MOST_WORDS)),
        tuple(islice(others, _MOST_DESCRIBED)),
        rated,
        worded,
        options=options.counts(),
        varied="varied" in stated,
        stocked="stocked" in stated,
        sold_out="sold out" in stated,
        on_sale="on sale" in stated,
        coded="coded" in stated,
        uncolored="uncolored" in stated,
    )
    names = [name for name in counted.last_names if fold(name) in pictured][:_MOST_SHOWN]
    return replace(counted, shown={name: pictured[fold(name)][1] for name in names})


def _colors(product: Product) -> tuple[str, ...]:
    """Of the product and all its variants, each once in any case."""
    own = {fold(color): color for color in listed(product.color)}
    for name, values in option_values(product.variants).items():
        if option_key(name) == "color":
            own = {fold(value): value for value in values} | own
    return tuple(own.values())


def _stated(product: Product) -> set[str]:
    """What is known of the shop by this product: whether it has variants, stocks, sales, codes."""
    forms: list[Product | Variant] = [product, *product.variants]
    availabilities = {form.availability for form in forms} - {""}
    said = {
        "varied": bool(product.variants) or len(listed(product.color)) > 1,
        "stocked": bool(availabilities),
        "sold out": bool(availabilities & SOLD_OUT),
        "on sale": any(form.was is not None for form in forms),
        "coded": any(form.codes for form in forms),
        "uncolored": bool(product.title or product.description) and not _colors(product),
    }
    return {name for name, holds in said.items() if holds}


def _last_name(levels: Sequence[str]) -> str:
    kinds = [name for name in levels if gender_of(name) not in _PEOPLE]
    return (kinds or levels)[-1] if levels else ""


def called(product: Product) -> list[str]:
    """The last words of the title's beginning, ending in what the thing is called; [] for none."""
    start = _ENDS_TITLE.split(product.title.casefold(), maxsplit=1)[0]
    colors = {word for color in _colors(product) for word in color.casefold().split()}
    words = [w for w in re.findall(r"[^\W_]+(?:['-][^\W_]+)*", start) if w not in colors]
    while words and not _names_thing(words):
        words.pop()
    return words


def _names_thing(words: Sequence[str]) -> bool:
    """Whether the last word may be what a thing is called: no number, unit or trait, nothing that
    is counted ("24 Rolls", "0-6 Months") and no word for several of it ("Glasses Set of 4")."""
    last = words[-1]
    counted = len(words) > 1 and re.fullmatch(r"\d+(?:-\d+)?", words[-2]) is not None
    several = len(words) > 1 and singular(last) in _SEVERAL
    trait = len(words) > 1 and last in _TRAITS
    lettered = len(last) > 1 and re.fullmatch(r"[^\W\d_]+(?:['-][^\W\d_]+)*", last)
    return bool(lettered) and not (counted or several or trait or last in _UNITS)


def _commonest(kinds: Mapping[str, Counter[str]]) -> dict[str, tuple[str, ...]]:
    ordered = sorted(kinds.items(), key=lambda kind: (-kind[1].total(), kind[0]))
    return {
        name: tuple(n for n, _ in counts.most_common()) for name, counts in ordered[:_MOST_THINGS]
    }


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


def unknown_names(sentences: str) -> list[tuple[str, str]]:
    """The field and name of each `Unknown.sentence` in a text: [("color", "gold")].

    Characters that `repr` escapes stay escaped.
    """
    return [(field, name[1:-1]) for field, name in _UNKNOWN.findall(sentences)]


def resolve(filters: Filters, vocabulary: Vocabulary) -> tuple[Filters, tuple[Unknown, ...]]:
    """The same filters in the catalogue's own names, and the names it does not know.

    A color that is part of longer names stands for all of them ("black" for "matte black" too),
    see `colors_meant`; a category or brand must be a name of the catalogue, in any case, singular
    or plural. Of a category's path its last level is enough, unless other paths end in it too.
    A size stands for every way in which the catalogue writes it, a gender for its own and unisex.
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
            lambda name: _colors_of(name, vocabulary),
        ),
        brands=names(
            "brand",
            filters.brands,
            vocabulary.brands,
            lambda name: _matching(name, vocabulary.brands),
        ),
        options=_options(filters.options, vocabulary, unknown),
    )
    return resolved, tuple(unknown)


def _colors_of(name: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The shop's colors for a name, and the name itself where products say theirs in words."""
    found = colors_meant(name, vocabulary.colors)
    plain = plain_color(name)
    if not (vocabulary.uncolored and plain in sayable()):
        return found
    known = set(map(plain_color, found))
    return (*(name for name in same_color(plain) if name not in known), *found)


def _options(
    wanted: Sequence[str], vocabulary: Vocabulary, unknown: list[Unknown]
) -> tuple[str, ...]:
    """The options with the catalogue's own values; what it does not know goes to `unknown`."""
    found: dict[str, None] = {}
    for stated in wanted:
        key, value = option_named(stated)
        known = vocabulary.options.get(key, {})
        matches = values_meant(key, value, known)
        if not matches:
            near = nearest(value, known) if known else ()
            unknown.append(Unknown(key.replace("_", " "), value, near))
        found |= dict.fromkeys(f"{key}={match}" for match in matches)
    return tuple(found)


def values_meant(key: str, value: str, known: Mapping[str, int]) -> tuple[str, ...]:
    """The catalogue's own values of an option that stand for one; () where none does."""
    if key == "size":
        return sizes_meant(value, known)
    if key == "gender":
        meant = gender_of(value)
        genders = {name: gender_of(name) for name in known}
        if exact := [name for name in known if fold(name) == fold(value)]:
            return (*exact, *(n for n, g in genders.items() if g == "unisex" != meant))
        found = tuple(name for name, gender in genders.items() if gender == meant)
        return found and (*found, *(n for n, g in genders.items() if g == "unisex" != meant))
    return tuple(_matching(value, known))


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
