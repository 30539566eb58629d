"""What one message says by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from assistant.models.rules.parse.photo_roles import Roles
from assistant.models.rules.parse.questions import Ask
from assistant.models.rules.parse.small_talk import (
    Talk,
)
from tools.product import Sort

Comparison = Literal["cheaper", "dearer", "better rated"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message says by itself, without the messages before. Prices in major units."""

    words: str = ""
    """What the thing is, without limits, colors that are filters, and references."""
    categories: tuple[str, ...] = ()
    guessed: bool = False
    """Whether the category is what the words mean, and not what they say."""
    colors: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    min_rating: Decimal | None = None
    shown: int | None = None
    """Number of a card that is named."""
    photo: int | None = None
    """Number of a photo that is named."""
    this: bool = False
    """"With this", "like that": leans on a picture without naming it."""
    pictured: bool = False
    """Whether it points at a picture: "with this"."""
    like: bool = False
    """Wants something that looks like what it refers to."""
    compared: Comparison | None = None
    more: bool = False
    """Wants more of the same search."""
    follows: bool = False
    """Speaks as one does of what was asked before: "in blue", "red ones instead"."""
    anaphoric: bool = False
    """Speaks of what is shown: "one with a lid", "for the office", "dark ones"."""
    same_thing: bool = False
    """Speaks of what is sought as of the same: "carrying it", "the fancier kind"."""
    thing: bool = False
    """Names a thing with an article ("what about a kettle"), as one does with a new wish."""
    known_thing: bool = False
    """The last of `words` is what the shop calls products in their titles."""
    coded: bool = False
    """Is an id or a code and nothing else."""
    alone: bool = False
    """Wants one of several things of before: "just the dry bag"."""
    for_it: bool = False
    """Wants a thing for what was sought before: "and boots for it"."""
    everything: bool = False
    """Wants to see all of a kind ("show me all mugs"), whatever was asked before."""
    unwanted: tuple[str, ...] = ()
    """What no product found may say: words after "not" or "without"."""
    wanted_again: tuple[str, ...] = ()
    """Words that were not wanted and are taken back: "leather is fine"."""
    sort: Sort = ""
    roles: Roles = field(default_factory=Roles)
    """What several photos stand for, and what is not wanted to look like."""
    ask: Ask | None = None
    """A wish about shown things, in place of all the rest."""
    goes_with: int | None = None
    """Number of the card that other things are sought for; 0 where it may be any of several."""
    free_of: frozenset[str] = frozenset()
    """Limits that are taken back: "price", "colors", "brands", "min_rating", "options"."""
    options: tuple[str, ...] = ()
    """"NAME=VALUE" of options and facts, in the catalogue's own values."""
    in_stock: bool = False
    on_sale: bool = False
    talk: Talk | None = None
    anew: bool = False
    """Whether everything before is left behind: "start over"."""
    gender: str = ""
    """"female" or "male", where the message says for whom."""
    related: bool = False
    """Whether that is told by who it is: "my husband"."""
    kind: str = ""
    """What the shop calls the thing that is named, in the singular; "" where none is."""
    other_kind: bool = False
    """Whether that is another thing than what was searched for before."""
    only_tells: bool = False
    """Whether it tells of people and reasons, and names no thing that is wanted."""
    facts_alone: bool = False
    """Whether it says what the next one is or has, and no thing: "has longer sleeves"."""
    as_shown: bool = False
    """Wants the very thing that is shown in another form: "the same, only darker"."""
    other_thing: bool = False
    """Whether the words fit other categories so much better that another thing is wanted."""

    @property
    def limited(self) -> bool:
        """Whether any limit is stated or taken back."""
        bounds = (self.min_price, self.max_price, self.min_rating)
        names = self.categories or self.colors or self.brands or self.options
        flags = self.in_stock or self.on_sale
        freed = self.free_of or self.unwanted or self.wanted_again or self.sort
        return bool(names or flags or freed) or any(bound is not None for bound in bounds)

    @property
    def bare(self) -> bool:
        """Whether it names a card and says nothing else."""
        return not (self.words or self.limited or self.like or self.this or self.compared)

    @property
    def leans(self) -> bool:
        """Whether it is about products although it names none."""
        points = self.shown or self.photo or self.this or self.compared or self.more
        return bool(self.limited or points or self.roles != Roles())
