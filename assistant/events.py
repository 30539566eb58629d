"""What happens in a turn, as a front end hears of it, in order.

Each search gives `Understood` and `Found`; small talk has none. A list that a vision model looks at
gives `RankingStarted` and `Ranked` after its `Found`. Questions about shown products give
`Detailed`, `Compared` and `Shortlisted`. `Words` come as they are written. Exactly one `Done` or
`Failed` ends the turn. Every fact on a card comes from the catalogue; its reason comes from the
vision model, and the words come from the chat model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tools.product import Filters, Match, Product
from tools.search.search_context import Wishes

if TYPE_CHECKING:
    from PIL.Image import Image

    from tools.search.comparison import Comparison


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of the thread, by reference. Bytes stay in the photo store."""

    ref: str
    """Content hash; the key in the photo store."""
    name: str
    """As the shopper called the file."""


Act = Literal["more like", "compare", "not this", "refine", "relax", "misread"]
"""What a button does."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One press of a button."""

    act: Act
    list_id: str
    ids: tuple[str, ...] = ()
    """The list's products in the order of their numbers; () for a list that found nothing."""
    numbers: tuple[int, ...] = ()
    """The cards that it is about."""
    limits: Filters = field(default_factory=Filters)
    """What `refine` sets, or `relax` lets go of."""


@dataclass(frozen=True, slots=True)
class LinkClick:
    """A link from a card to the shop was followed. It holds nothing of the shopper."""

    list_id: str
    number: int
    """Of the card, from 1."""
    product: str
    variant: str = ""
    """"" for the product's own page."""
    cart: bool = False
    """Whether it was the link that puts it into the shop's cart."""


@dataclass(frozen=True, slots=True)
class Message:
    """What the shopper sent: words, photos, or both."""

    text: str
    photos: tuple[Photo, ...] = ()
    pick: Pick | None = None
    """The button that was pressed, which `text` says in words for the history."""
    page: str = ""
    """Id of the product whose page the shopper has come to; it becomes the newest list."""
    like: str = ""
    """Id of a product that the message is about, as of a photo that came with it."""
    wishes: Wishes = field(default_factory=Wishes)


@dataclass(frozen=True, slots=True)
class Understood:
    """A search is about to run: what it leans on."""

    text: str
    photo: Photo | None
    like: str | None
    """Title of the product whose picture stands for the photo."""
    filters: Filters
    turn: str = ""
    """Id that the turn's record is kept under; "" where none is kept."""
    second: Photo | None = None
    """Another photo that counts as much: "this shape, that pattern"."""
    sees: str = ""
    """What the photo shows, "sneaker, gray"; "" where the model is not sure."""
    instead: bool = False
    """Whether it is run since the search before it in this turn found nothing that was meant: what
    it finds takes the place of those cards."""


@dataclass(frozen=True, slots=True)
class Found:
    """A search is done. `matches` are numbered from 1 in this order; may be empty."""

    list_id: str
    matches: tuple[Match, ...]
    searched: int
    """Products in the catalogue."""
    timings_ms: dict[str, float] = field(default_factory=dict)
    unmentioned: bool = False
    """Whether no product says the words: these are only the nearest."""


@dataclass(frozen=True, slots=True)
class RankingStarted:
    """A vision model begins to look at a found list; its cards stand as they are until then.

    A `Ranked` follows, or the turn ends without one.
    """

    list_id: str
    """That of its `Found`."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A found list was looked at. `matches` are what is shown of it, numbered anew from 1.

    Where more was looked at than shown, some may not have been in its `Found`.
    """

    list_id: str
    """That of its `Found`."""
    matches: tuple[Match, ...]
    """In the final order; the first ones with a reason."""
    moved: tuple[int | None, ...]
    """By new place: how many places up; below 0 for down; None for what was not shown before."""
    outcome: Literal["complete", "repaired", "fell back", "not asked"]
    """The last two leave the order of the search."""
    why: str
    """What went wrong, as a sentence for the shopper; "" when nothing did."""
    seconds: float
    model: str = ""
    """Name of the vision model."""
    caption: str = ""
    """What it says of the picture that the search started from; a model's words."""
    picture: Image | None = None
    """What it saw: of several pictures the last one, which holds the first places."""
    timings_s: dict[str, float] = field(default_factory=dict)
    """Seconds by stage."""

    @property
    def kept(self) -> bool:
        """Whether the order is the search's, because the model gave none."""
        return self.outcome in ("fell back", "not asked")


@dataclass(frozen=True, slots=True)
class Detailed:
    """The facts of a shown product were looked up."""

    number: int
    """On the newest list."""
    product: Product


@dataclass(frozen=True, slots=True)
class Compared:
    """Shown products stand side by side."""

    table: Comparison


@dataclass(frozen=True, slots=True)
class Shortlisted:
    """What the shopper keeps, asked for: the newest list from now on. May be empty."""

    list_id: str
    matches: tuple[Match, ...]
    """Numbered from 1, in the order of keeping."""


@dataclass(frozen=True, slots=True)
class Words:
    """The next piece of the answer's text."""

    delta: str


FallbackReason = Literal["", "failed", "late", "in circles", "no answer", "spent"]
"""Why the built-in chat model took a turn over from the one that is set; "" where it did not.

It raised, or was too slow; it asked for the same over and over; it said nothing, or nothing that
is so; it used up the tokens of a turn.
"""


@dataclass(frozen=True, slots=True)
class Done:
    """The turn ended well."""

    seconds: float
    fell_back: FallbackReason = ""
    turn: str = ""
    """Id that the turn's record is kept under; "" where none is kept."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The turn ended without what was asked for. `sentence` is for the shopper."""

    sentence: str
    incident: str = ""
    """Finds the log's trace; "" where nothing broke and the sentence says what to do."""
    fell_back: FallbackReason = ""
    turn: str = ""
    """As in `Done`."""


Event = (
    Understood
    | Found
    | RankingStarted
    | Ranked
    | Detailed
    | Compared
    | Shortlisted
    | Words
    | Done
    | Failed
)
