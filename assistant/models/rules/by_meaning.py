"""What words mean in a catalogue: the kind that they name in other words, or another kind than
before.

The catalogue is asked which of its products say and mean them best, see `Shop.says_elsewhere`. The
differences that decide were chosen on the turns of three rounds of dialogues, see
`assistant/README.md`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.models.rules.parse.message import TELLING
from assistant.models.rules.parse.reading import Reading
from assistant.prompt.situation import ShownNote, Situation
from tools.catalogue.vocabulary import LEVELS
from tools.product import Filters, Query
from tools.search.quantities import quantities_in
from tools.search.searchable_shop import CatalogueMeaning, Elsewhere

if TYPE_CHECKING:
    from tools.embedding.base import MessageActs

_NEAR, _NEARER, _BY_MEANING, _FAR = 0.08, 0.12, 0.2, 0.25
"""Differences of cosines."""
_MAY_STAY = 0.2
"""Where another kind of thing is less likely, a named kind is searched beside the one before."""
_STAYS = 0.05
"""The same where no category was searched."""
_GOES = 0.85
"""Where another kind of thing is likelier, a message without a kind stands alone."""
_SURELY_GOES = 0.93
"""The same beside a limit of price: "what is there below 400?"."""


class NoMeaning:
    """Of a shop whose words are taken as they are said."""

    def kind_meant(self, said: str, /) -> str:  # noqa: ARG002 - as the protocol has it
        """None."""
        return ""

    def says_elsewhere(self, said: str, within: Filters, wider: Filters, /) -> Elsewhere:  # noqa: ARG002
        """Not known."""
        return Elsewhere()

    def beyond_kind(self, query: Query, /) -> float:  # noqa: ARG002
        """Not known."""
        return -math.inf

    def acts_in(self, text: str, /) -> None:  # noqa: ARG002
        """Not known."""
        return


def with_meaning(
    reading: Reading, now: Situation, meaning: CatalogueMeaning, acts: MessageActs | None = None
) -> Reading:
    """The reading with the category that its words mean, where it names none.

    "For the beach" says more of what was searched before, and no other kind. Where the message
    names one and is likely about the things before ("the kitchen is white"), both are searched;
    where it surely is not, what it says stands alone.
    """
    kinds = (now.last_search or {}).get("categories")
    if acts is not None and now.last_search is not None:
        named = reading.categories and not reading.facts_alone
        if named and acts.other_kind < _MAY_STAY:
            return _with_kind_of_before(reading, now, sure=acts.other_kind < _STAYS)
        limited = reading.min_price is not None or reading.max_price is not None
        goes = acts.other_kind > (_SURELY_GOES if limited else _GOES)
        if goes and reading.words and not reading.categories:
            return replace(reading, other_thing=True)
    refines = bool(kinds) and reading.follows and not reading.thing
    held = refines or (bool(kinds) and (reading.only_tells or reading.facts_alone))
    if reading.categories and kinds and reading.facts_alone:
        same = tuple(each for each in reading.categories if each in kinds)
        return replace(reading, categories=same, kind=reading.kind if same else "")
    if reading.categories:
        return reading
    meant = meaning.kind_meant(reading.words) if reading.words and not held else ""
    if meant:
        return replace(reading, categories=(meant,), guessed=True)
    other = _is_other_thing(reading, now, meaning, refines=refines)
    return replace(reading, other_thing=other)


def _with_kind_of_before(reading: Reading, now: Situation, *, sure: bool) -> Reading:
    """The reading of a message that may be about the things before, whatever kind it names. Where
    those were searched in all categories, it has to be `sure`."""
    kinds = (now.last_search or {}).get("categories") or ()
    if not kinds and sure:
        kinds = _categories_of(now.shown)
    if not kinds or not set(kinds).isdisjoint(reading.categories) or reading.thing:
        return reading
    both = (*kinds, *reading.categories)
    return replace(reading, categories=both, follows=True, other_kind=False)


def is_elsewhere(reading: Reading, better: Elsewhere, *, refines: bool = False) -> bool:
    """Whether words that name no kind mean another thing than before, by how much better other
    categories fit them. One that speaks of what is shown ("ones", "for the office") means it where
    they fit far better alone, and so does one that goes on ("and", "also"), which `refines` tells.
    """
    counted = {word for each in quantities_in(reading.words) for word in each.said.split()}
    if counted.issuperset(reading.words.split()):
        return False
    if reading.same_thing:
        return False
    if reading.anaphoric or reading.only_tells:
        return better.share > 0 and better.nearness >= _FAR
    if better.nearness >= _BY_MEANING:
        return True  # "sunscreen" where the shop says "sun lotion"
    if refines or better.share <= 0:
        return False
    sure = better.share >= 0.5 and " " in reading.words
    return better.nearness >= (_NEAR if sure else _NEARER)


def _is_other_thing(
    reading: Reading, now: Situation, meaning: CatalogueMeaning, *, refines: bool
) -> bool:
    """Whether the words fit products of other categories so much better than those that were
    searched that another thing is wanted."""
    last = now.last_search
    if last is None or reading.thing or not (reading.words and now.shown):
        return False  # one with an article ("a kettle") is another wish already
    searched = list(last.get("categories") or ()) or _categories_of(now.shown)
    within = Filters(categories=tuple(searched))
    better = meaning.says_elsewhere(reading.words, within, Filters())
    return is_elsewhere(reading, better, refines=refines)


def _categories_of(cards: Sequence[ShownNote]) -> list[str]:
    """The categories of the first cards: what was found is mixed where no category was meant."""
    names = (card.category.split(LEVELS)[-1] for card in cards[:TELLING])
    return list(dict.fromkeys(filter(None, names)))
