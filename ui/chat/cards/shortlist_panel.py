"""The shortlist in the side panel: its element's props, and the same as a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TypedDict

from assistant.shortlist import ShortlistItem
from tools.money import to_decimal
from tools.product import Product
from ui.chat.cards.props import price_of
from ui.chat.cards.thumbnails import picture_url

_COLUMNS = ("id", "title", "price", "currency", "category", "color", "brand", "rating")
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


class KeptCard(TypedDict):
    """One row of the panel, ready to show."""

    id: str
    title: str
    price: str
    image: str
    alt: str
    gone: bool


class Panel(TypedDict):
    """The props of the custom element Shortlist."""

    cards: list[KeptCard]
    csv: str


def panel(kept: Sequence[ShortlistItem], catalogue: str) -> Panel:
    """The panel for a shortlist, in the order of keeping."""
    return Panel(cards=[_card(each, catalogue) for each in kept], csv=as_csv(kept))


def _card(kept: ShortlistItem, catalogue: str) -> KeptCard:
    product = kept.product
    title = kept.title if product is None else product.title
    return KeptCard(
        id=kept.id,
        title=title,
        price="" if product is None else price_of(product),
        image="" if product is None else picture_url(catalogue, product),
        alt=f"Picture of {title}",
        gone=product is None,
    )


def as_csv(kept: Sequence[ShortlistItem]) -> str:
    """One line a product that the shop still has, under the names of the columns."""
    buffer = io.StringIO()
    rows = csv.writer(buffer)
    rows.writerow(_COLUMNS)
    rows.writerows(_row(each.product) for each in kept if each.product is not None)
    return buffer.getvalue()


def _row(product: Product) -> list[str]:
    price, rating = product.price_minor, product.rating
    return [
        _cell(product.id),
        _cell(product.title),
        "" if price is None else str(to_decimal(price, product.currency)),
        product.currency if price is not None else "",
        _cell(" > ".join(product.category)),
        _cell(product.color),
        _cell(product.brand),
        "" if rating is None else f"{rating:.1f}",
    ]


def _cell(text: str) -> str:
    """Text that a spreadsheet shows as it is: one that begins like a formula gets a quote."""
    return f"'{text}" if text.startswith(_FORMULAS) else text
