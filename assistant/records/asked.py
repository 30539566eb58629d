"""What a search asked for: said in the catalogue's words, and compared with the search before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from assistant.records.record import SearchRow
from tools.catalogue.options import option_named
from tools.money import format_price, to_decimal
from tools.product import Filters
from tools.text import fold

_LIMITS = {
    "kind": "categories", "color": "colors", "brand": "brands", "option": "options",
    "highest price": "max_price", "lowest price": "min_price", "rating": "min_rating",
    "in stock": "in_stock", "on sale": "on_sale", "words left out": "exclude_words",
}  # fmt: skip
"""A name for each filter that a shopper may change."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search asked for, to compare the next one of its conversation with."""

    words: str
    pictures: tuple[str, str]
    like: str
    filters: Filters
    """Without ids."""
    left_out: int
    """Products that it did not show again."""


def asked_of(search: SearchRow) -> Asked:
    """What of a search is compared."""
    filters = search.filters
    photo, second = ((each.ref if each else "") for each in (search.photo, search.second))
    return Asked(
        fold(search.words),
        (photo, second),
        search.like.id if search.like else "",
        replace(filters, exclude_ids=()),
        len(filters.exclude_ids),
    )


def changes(before: Asked, now: Asked) -> list[str]:
    """What a search changed: "color added", "highest price changed", "kind removed"."""
    found = []
    for name, field in _LIMITS.items():
        old, new = getattr(before.filters, field), getattr(now.filters, field)
        if old != new:
            how = "added" if _unset(old) else "removed" if _unset(new) else "changed"
            found.append(f"{name} {how}")
    if now.like not in ("", before.like):
        found.append("like a product that was shown")
    if now.pictures not in (("", ""), before.pictures):
        found.append("another photo")
    if found:
        return found
    if now.words != before.words:
        return ["other words"]
    return ["more of the same" if now.left_out > before.left_out else "the same again"]


def _unset(value: object) -> bool:
    return value is None or value is False or value == ()


def described(search: SearchRow, *, texts: bool) -> str:
    """What a search asked for: its limits in the catalogue's words, and its own where allowed."""
    filters = search.filters
    parts = [fold(search.words)] if texts and search.words else []
    parts += filters.categories
    parts += sorted(shortest(filters.colors))
    parts += filters.brands
    parts += [option_named(option)[1] for option in filters.options]
    limits = (("up to", filters.max_price), ("from", filters.min_price))
    parts += [
        limit_name(way, price, filters.currency) for way, price in limits if price is not None
    ]
    if filters.min_rating is not None:
        parts.append(f"{filters.min_rating:g} stars")
    parts += ["in stock"] if filters.in_stock else []
    parts += ["on sale"] if filters.on_sale else []
    if filters.exclude_words:
        left_out = ", ".join(map(fold, filters.exclude_words))
        parts.append(f"not {left_out}" if texts else "words left out")
    if parts:
        return " · ".join(parts)
    return "a photo" if search.photo else "like a product" if search.like else "words alone"


def shortest(names: Iterable[str]) -> set[str]:
    """The names that do not hold all words of another one."""
    words = {name: set(fold(name).split()) for name in names}
    return {name for name in words if not any(words[name] > other for other in words.values())}


def limit_name(way: str, price: int, currency: str) -> str:
    """A price limit for a person: "up to $20.00"."""
    shown = format_price(price, currency) if currency else str(to_decimal(price, "USD"))
    return f"{way} {shown}"
