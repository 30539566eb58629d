"""The shortlist in the side panel: its element's props, and the same as a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TypedDict

from assistant.shortlist import ShortlistItem
from tools.catalogue.facts import csv_cells, csv_columns
from ui.chat.cards.props import price_of
from ui.chat.cards.thumbnails import picture_url

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
    rows.writerow(csv_columns())
    products = (each.product for each in kept if each.product is not None)
    rows.writerows(map(_cell, csv_cells(product)) for product in products)
    return buffer.getvalue()


def _cell(text: str) -> str:
    """Text that a spreadsheet shows as it is: one that begins like a formula gets a quote."""
    return f"'{text}" if text.startswith(_FORMULAS) else text
