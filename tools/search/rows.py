"""What a conversation stores of lists, searches and the shortlist: plain JSON, without pictures.

The shapes are on disk: a key may be added as `NotRequired`, none may be renamed or removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from tools.catalogue.facts import In, stated
from tools.errors import RequestError
from tools.filter_codec import FilterRow
from tools.money import to_decimal
from tools.product import Match, Product, Sort


class ShownRow(TypedDict):
    """One card of the newest list, in its order; a card's number is its place from 1."""

    id: str
    title: str
    category: str
    price: str | None
    """Major units as a decimal, "19.99"; None when the catalogue does not say."""
    currency: str
    color: str
    rating: float | None
    brand: NotRequired[str]
    facts: NotRequired[dict[str, str]]
    """Other facts that the shop states, by name; missing where it states none."""


class KeptRow(TypedDict):
    """A product on the shopper's shortlist, in the order of keeping."""

    id: str
    title: str
    number: int
    """That it was shown under when it was kept."""


class SearchRow(FilterRow):
    """What the newest search asked for, in the catalogue's own names."""

    words: str
    photo: str
    """Reference of the shopper's photo; "" when none."""
    product: str
    """Id of the product whose picture stood for the photo; "" when none."""
    second: NotRequired[str]
    """Reference of the second photo; "" when none."""
    misread: NotRequired[str]
    """Reference of the photo that was taken for something else than it shows; "" when none."""
    sort: NotRequired[Sort]
    list_id: NotRequired[str]
    """Of the list that it found, which may have been empty."""


class ListRow(TypedDict):
    """A list that was shown, as it was numbered then, and the search that found it."""

    rows: list[ShownRow]
    search: SearchRow | None
    """None for the shortlist."""


def shown_row(match: Match) -> ShownRow:
    """The card of a match, as the thread stores it."""
    return shown_row_of(match.product)


def shown_row_of(product: Product) -> ShownRow:
    """The card of a product, as the thread stores it."""
    price = product.price_minor
    row = ShownRow(
        id=product.id,
        title=product.title,
        category=" > ".join(product.category),
        price=None if price is None else str(to_decimal(price, product.currency)),
        currency=product.currency,
        color=product.color,
        rating=product.rating,
        brand=product.brand,
    )
    if facts := stated(product, In.MODEL):
        row["facts"] = facts
    return row


def empty_row(product_id: str) -> ShownRow:
    """The card of a product that the shop no longer has."""
    return ShownRow(
        id=product_id, title="", category="", price=None, currency="USD", color="", rating=None
    )


def shown_id(number: int, shown: Sequence[ShownRow]) -> str:
    """The id of a card. Raises RequestError naming the range for a number that no card has."""
    if not shown:
        raise RequestError("No products have been shown yet, so there is no number to go by.")
    if not 1 <= number <= len(shown):
        known = "has only number 1" if len(shown) == 1 else f"has the numbers 1 to {len(shown)}"
        raise RequestError(f"There is no number {number}: the newest list {known}.")
    return shown[number - 1]["id"]
