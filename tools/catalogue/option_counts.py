"""Which options and facts of a catalogue have few values, and which values those are.

They are what a product can be filtered by besides its category, color and brand. Not covered:
facts with a value for almost every product ("Battery life: 30 hours"), which are only words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tools.catalogue.variants import listed, option_key, with_parts
from tools.product import Product
from tools.text import fold

FACTS = ("material", "pattern", "gender", "age_group", "condition")
"""Facts of `Product` that are filtered by as options are."""
_OWN_FILTERS = ("color", "brand", "price", "category", "rating")
"""What has a filter of its own, or is no name."""
_LONGEST_VALUE = 40
_MOST_VALUES = 60
"""Distinct values of an attribute of the shop; with more it is not filtered by."""
_LEAST_PRODUCTS = 2
"""Of an attribute's value, on average."""
_MOST_OPTION_VALUES = 1000


def options_stated(product: Product) -> Iterator[tuple[str, str]]:
    """(key, value) of everything that a product or one of its variants can be filtered by.

    May repeat. Colors are among them; attributes of the shop come whether they have few values or
    not.
    """
    for variant in product.variants:
        for name, value in variant.options:
            yield option_key(name), value
    for key in FACTS:
        for part in with_parts(getattr(product, key)) if getattr(product, key) else ():
            yield key, part
    for name, value in product.attributes:
        key = option_key(name)
        for part in listed(value) if key == "size" else with_parts(value):
            if len(part) <= _LONGEST_VALUE:
                yield key, part


class OptionCounts:
    """Counts the products that state each value; names that differ in case alone count as one."""

    def __init__(self) -> None:
        self._shown: dict[tuple[str, str], str] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._options: set[str] = {*FACTS, "size"}
        """Keys that are kept however many values they have."""
        self._dropped: set[str] = set()

    def add(self, product: Product) -> None:
        """Count a product once for each of its values."""
        self._options |= {option_key(name) for v in product.variants for name, _ in v.options}
        seen: set[tuple[str, str]] = set()
        for key, value in options_stated(product):
            pair = key, fold(value)
            if key in self._dropped or key in _OWN_FILTERS or pair in seen:
                continue
            seen.add(pair)
            self._shown.setdefault(pair, value)
            counts = self._counts.setdefault(key, Counter())
            counts[pair[1]] += 1
            if len(counts) > _MOST_VALUES and key not in self._options:
                self._dropped.add(key)

    def counts(self) -> dict[str, dict[str, int]]:
        """Key → value → number of products, the commonest first."""
        return {
            key: {
                self._shown[key, value]: count
                for value, count in counts.most_common(_MOST_OPTION_VALUES)
            }
            for key, counts in self._counts.items()
            if key not in self._dropped and self._few(key, counts)
        }

    def _few(self, key: str, counts: Counter[str]) -> bool:
        return key in self._options or counts.total() >= _LEAST_PRODUCTS * len(counts)
