"""What a tool of the conversation needs of its turn and of the shop, and what it leaves behind.

The conversation fills `TurnContext`; the tools never import it. The typed dicts are plain JSON:
they are kept in the thread's state and survive a restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NotRequired, Protocol, TypedDict

from tools.catalogue.facts import In, stated
from tools.money import to_decimal
from tools.product import Filters, Match, Product, SearchResult, Sort

if TYPE_CHECKING:
    from PIL.Image import Image

    from tools.rerank.rerank import RerankResult
    from tools.rerank.session import RankingSession
    from tools.search.comparison import Comparison


@dataclass(frozen=True, slots=True)
class TurnPhoto:
    """A picture that a search of this turn may start from.

    Either a photo of the shopper (`ref`) or the picture of a product that an earlier search
    started from (`product_id`); the other one is "".
    """

    name: str
    ref: str = ""
    product_id: str = ""


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


def shown_row(match: Match) -> ShownRow:
    """The card of a match, as the thread keeps it."""
    return shown_row_of(match.product)


def shown_row_of(product: Product) -> ShownRow:
    """The card of a product, as the thread keeps it."""
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


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the shopper has set once for all turns; words that say otherwise win."""

    results: int | None = None
    """Products that a search shows; None for the shop's own number."""
    rerank: bool = True
    """Whether a vision model may look at what was found."""
    min_price: int | None = None
    """Minor units of the catalogue's currency, as `max_price`. Both hold for a search that names
    no price of its own."""
    max_price: int | None = None


@dataclass(frozen=True, slots=True)
class FoundList:
    """A list that a search of this turn found, in the order that the shopper sees now."""

    list_id: str
    matches: tuple[Match, ...]
    words: str
    photo: TurnPhoto | None
    """The shopper's photo that the search started from."""
    like: Product | None
    """The product whose picture stood for the photo."""


@dataclass(eq=False)
class Ranking:
    """A list that a vision model looks at: what it is asked, and what has come of it so far.

    Filled from the thread that looks, and read by whoever waits for it or has given up waiting.
    """

    list_id: str
    candidates: tuple[Match, ...]
    """In the order that the shopper sees until it is done."""
    model: str
    fingerprint: str
    """Of the vision model, as its name."""
    trust: float
    instruction: str
    words: str = ""
    """What stood in the cell of the query; "" where a picture did."""
    caption: str = ""
    caption_why: str = ""
    """Why there is no caption, as a sentence; "" where there is one or none was asked for."""
    timings_s: dict[str, float] = field(default_factory=dict)
    """Seconds of the stages before the looks: caption."""
    looking: RankingSession | None = None
    """The looks, from before the first one on."""
    result: RerankResult | None = None
    """None for as long as it is not done."""
    why: str = ""
    """What went wrong, as a sentence for the shopper; "" when nothing did."""
    seconds: float = 0.0


class KeptRow(TypedDict):
    """A product on the shopper's shortlist, in the order of keeping."""

    id: str
    title: str
    number: int
    """That it was shown under when it was kept."""


class SearchRow(TypedDict):
    """What the newest search asked for, in the catalogue's own names."""

    words: str
    photo: str
    """Reference of the shopper's photo; "" when none."""
    product: str
    """Id of the product whose picture stood for the photo; "" when none."""
    min_price: int | None
    """Minor units, as `max_price`."""
    max_price: int | None
    categories: list[str]
    colors: list[str]
    brands: list[str]
    min_rating: float | None
    without: NotRequired[list[str]]
    """Words that nothing found may say."""
    second: NotRequired[str]
    """Reference of the second photo; "" when none."""
    sort: NotRequired[Sort]
    list_id: NotRequired[str]
    """Of the list that it found, which may have been empty."""


class ListRow(TypedDict):
    """A list that was shown, as it was numbered then, and the search that found it."""

    rows: list[ShownRow]
    search: SearchRow | None
    """None for the shortlist."""


class TurnContext(Protocol):
    """What the conversation tells a tool, and hears from it while the turn runs."""

    @property
    def photos(self) -> Sequence[TurnPhoto]:
        """The pictures of this turn; the model names them by their place, from 1.

        First the photos of the newest message in their order, then the picture that the newest
        search started from, then older photos of the thread, the newest first. Fixed for the
        turn.
        """

    def open(self, photo: TurnPhoto) -> Image:
        """The shopper's photo, decoded; reads a file. Raises PhotoError when it is gone."""

    @property
    def newest(self) -> FoundList | None:
        """The newest list of this turn, which may be empty; None before the first search."""

    @property
    def wishes(self) -> Wishes:
        """What the shopper has set for all turns."""

    def first_time(self, name: str) -> bool:
        """True when this turn has not asked about this name before."""

    def understood(
        self,
        text: str,
        photo: TurnPhoto | None,
        like: Product | None,
        filters: Filters,
        second: TurnPhoto | None = None,
    ) -> None:
        """A search is about to run."""

    def found(self, list_id: str, result: SearchResult, searched: int) -> None:
        """A search is done, out of `searched` products; called before any model hears of it."""

    def looking(self, ranking: Ranking) -> None:
        """A found list is about to be looked at, which takes a while."""

    def ranked(self, ranking: Ranking) -> None:
        """It was looked at, whatever came of it; called before any model hears of it."""

    def detailed(self, number: int, product: Product) -> None:
        """The facts of one shown product are asked for."""

    def compared(self, table: Comparison) -> None:
        """Shown products stand side by side."""

    def shortlisted(self, list_id: str, matches: tuple[Match, ...]) -> None:
        """What the shopper keeps is shown as a list, numbered from 1; may be empty."""
