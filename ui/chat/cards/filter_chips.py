"""Filters of a search on the page: chips that add one, tags that remove one.

Chips are made from the products of the result itself, so that none leads to an empty result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, NotRequired, TypedDict

from pydantic import BaseModel, ConfigDict, Field

from tools.catalogue.options import option_named
from tools.catalogue.variants import BUYABLE, as_variants
from tools.money import format_price, minor_digits
from tools.product import Filters, Match, Product
from tools.text import fold

_MOST_COLORS, _MOST_CATEGORIES = 3, 2
_FEWEST_PRICED = 4
"""With fewer prices, bands say no more than the cards."""
_STARS = 4.0


class LimitsJson(BaseModel):
    """Filters as JSON between page and server; prices in minor units."""

    model_config = ConfigDict(extra="forbid", strict=True)

    min_price: int | None = Field(None, ge=0, lt=10**11)
    max_price: int | None = Field(None, ge=0, lt=10**11)
    categories: list[str] = Field([], max_length=20)
    colors: list[str] = Field([], max_length=20)
    brands: list[str] = Field([], max_length=20)
    min_rating: float | None = Field(None, ge=0, le=5)
    exclude_words: list[str] = Field([], max_length=20)
    options: list[str] = Field([], max_length=60)
    in_stock: bool = False
    on_sale: bool = False

    def filters(self) -> Filters:
        """The filters as the assistant takes them."""
        values: dict[str, Any] = self.model_dump()
        names = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        return Filters(**{**values, **names})


class Limit(TypedDict):
    """A chip or a tag: its label, and what the page sends when it is pressed."""

    label: str
    limits: dict[str, Any]


class Tag(Limit):
    """What a search goes by, to be taken back by a click."""

    act: NotRequired[Literal["relax", "misread"]]
    """Of the button; "relax" where it is missing, as in conversations of before."""
    removes: NotRequired[str]
    """What the click does, for a screen reader; "" for removing the filter of that label."""


def photo_tag(sees: str) -> Tag:
    """What a photo was taken for."""
    return Tag(
        label=f"photo: {sees}",
        limits={},
        act="misread",
        removes=f"My photo does not show: {sees}",
    )


def tags(filters: Filters, currency: str) -> list[Tag]:
    """The filters in force, one tag each."""
    found: list[Tag] = []
    if filters.min_price is not None:
        found.append(Tag(
            label=f"from {format_price(filters.min_price, currency)}",
            limits={"min_price": filters.min_price},
        ))  # fmt: skip
    if filters.max_price is not None:
        found.append(Tag(
            label=f"up to {format_price(filters.max_price, currency)}",
            limits={"max_price": filters.max_price},
        ))  # fmt: skip
    found += [Tag(label=name, limits={"categories": [name]}) for name in filters.categories]
    found += [Tag(label=name, limits={"colors": [name]}) for name in filters.colors]
    found += [Tag(label=name, limits={"brands": [name]}) for name in filters.brands]
    if filters.min_rating is not None:
        label = f"rated {filters.min_rating:g} or better"
        found.append(Tag(label=label, limits={"min_rating": filters.min_rating}))
    found += [
        Tag(label=f"nothing that says {word}", limits={"exclude_words": [word]})
        for word in filters.exclude_words
    ]
    found += [
        Tag(label=_option(stated), limits={"options": [stated]}) for stated in filters.options
    ]
    if filters.in_stock:
        found.append(Tag(label="in stock", limits={"in_stock": True}))
    if filters.on_sale:
        found.append(Tag(label="on sale", limits={"on_sale": True}))
    return found


def _option(stated: str) -> str:
    """ "size M" for "size=M"."""
    key, value = option_named(stated)
    return f"{key.replace('_', ' ')} {value}"


def chips(matches: Sequence[Match], filters: Filters, currency: str) -> list[Limit]:
    """Filters that would narrow a result to a part of it; none that is in force already."""
    products = [match.product for match in matches]
    return [
        *_price_bands(products, filters, currency),
        *_names("colors", [p.color for p in products], filters.colors, _MOST_COLORS),
        *_names(
            "categories",
            [p.category[-1] if p.category else "" for p in products],
            filters.categories,
            _MOST_CATEGORIES,
        ),
        *_stars(products, filters),
        *_in_stock(products, filters),
    ]


def describe(filters: Filters, currency: str) -> str:
    """Filters as a shopper would say them: "Only blue, up to $20.00"."""
    options = map(_option, filters.options)
    names = " or ".join((*filters.colors, *filters.brands, *filters.categories, *options))
    low, high = filters.min_price, filters.max_price
    parts = [f"Only {names}"] if names else []
    if low is not None and high is not None:
        parts.append(f"{format_price(low, currency)} to {format_price(high, currency)}")
    elif low is not None:
        parts.append(f"From {format_price(low, currency)}")
    elif high is not None:
        parts.append(f"Up to {format_price(high, currency)}")
    if filters.min_rating is not None:
        parts.append(f"Rated {filters.min_rating:g} or better")
    parts += ["In stock only"] * filters.in_stock + ["On sale only"] * filters.on_sale
    parts += [f"Nothing that says {word}" for word in filters.exclude_words]
    return ", ".join(parts)


def _price_bands(products: Sequence[Product], filters: Filters, currency: str) -> list[Limit]:
    """At most three price bands, divided at round prices near the first and second third."""
    prices = sorted(
        p.price_minor for p in products if p.price_minor is not None and p.currency == currency
    )
    if len(prices) < _FEWEST_PRICED:
        return []
    low = _round(prices[len(prices) // 3], currency)
    high = _round(prices[2 * len(prices) // 3], currency)
    bands = [(None, low), (low, high), (high, None)] if low < high else [(None, low), (low, None)]
    found = []
    for least, most in bands:
        within = [p for p in prices if (least or 0) <= p <= (most if most is not None else p)]
        if not 0 < len(within) < len(prices):
            continue
        # A band sets both ends; where it has no end, the filter in force stays.
        least = filters.min_price if least is None else least
        most = filters.max_price if most is None else most
        limits = {"min_price": least, "max_price": most}
        limits = {name: value for name, value in limits.items() if value is not None}
        label = describe(Filters(min_price=least, max_price=most), currency)
        found.append(Limit(label=label, limits=limits))
    return found


def _round(minor: int, currency: str) -> int:
    """A round price near this one: one or two digits, then zeros or a 5."""
    step: int = 10 ** minor_digits(currency)
    while step * 20 <= minor:
        step *= 5 if str(step).startswith("1") else 2
    return max(round(minor / step), 1) * step


def _names(field: str, names: Sequence[str], held: Sequence[str], most: int) -> list[Limit]:
    """The most common names in a result that has several."""
    shown: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for name in names:
        if name:
            shown.setdefault(fold(name), name)
            counts[fold(name)] += 1
    if len(counts) < 2 or (len(held) == 1 and fold(held[0]) in counts):
        return []
    return [
        Limit(label=shown[key], limits={field: [shown[key]]}) for key, _ in counts.most_common(most)
    ]


def _in_stock(products: Sequence[Product], filters: Filters) -> list[Limit]:
    """Leaves out what cannot be bought now, where there is some of both."""
    buyable = [any(v.availability in BUYABLE for v in as_variants(p)) for p in products]
    if filters.in_stock or all(buyable) or not any(buyable):
        return []
    return [Limit(label="In stock only", limits={"in_stock": True})]


def _stars(products: Sequence[Product], filters: Filters) -> list[Limit]:
    ratings = [p.rating for p in products if p.rating is not None]
    better = [rating for rating in ratings if rating >= _STARS]
    if not better or len(better) == len(products) or (filters.min_rating or 0) >= _STARS:
        return []
    return [Limit(label=f"Rated {_STARS:g} or better", limits={"min_rating": _STARS})]
