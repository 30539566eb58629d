"""Filters of earlier messages that the newest words leave behind.

A color or a fact holds while something of it says what is asked for now. "One that crushes ice"
after "mint" is about blenders that do, since no mint one does.
"""

from __future__ import annotations

from collections.abc import Iterable

from assistant.models.rules.lexicon.text import normalize
from assistant.models.rules.parse.price_limits import read_limits
from assistant.models.rules.parse.reading import Reading
from assistant.models.rules.parse.shorthand import expand_shorthand
from assistant.prompt.situation import Situation
from tools.catalogue.vocabulary import Vocabulary
from tools.product import Query
from tools.search.arguments import SearchArguments
from tools.search.learned_rank import BEYOND
from tools.search.planning import filters_meant, spoken_after
from tools.search.searchable_shop import CatalogueMeaning, Elsewhere

Narrow = tuple[str, tuple[str, ...]]
"""An argument of the search, and those of its values that an earlier message set."""

_PEOPLE = ("gender=", "age_group=")
_MORE, _NEARER = 0.2, 0.05
"""How much more of the words something beyond a filter says, and how much nearer it means them."""
_HALF, _NEARER_FOR_HALF = 0.5, 0.03
"""The same where it is at least half of the words."""
_MORE_FOR_OTHERS, _NEARER_FOR_OTHERS = 0.5, 0.1
"""The same for whom a thing is: that holds longer."""


def newest_first(
    asked: SearchArguments,
    reading: Reading,
    now: Situation,
    vocabulary: Vocabulary,
    meaning: CatalogueMeaning,
) -> SearchArguments:
    """The search without filters of earlier messages within which nothing says the new words,
    where they fit what is beyond them. Blocking."""
    for narrow in earlier_filters(asked, reading, now):
        wider = without_values(asked, narrow)
        within, beyond = (filters_meant(each, vocabulary) for each in (asked, wider))
        if gives_way(narrow, meaning.says_elsewhere(reading.words, within, beyond)):
            asked = wider
    return asked


def without_wrong_kind(
    asked: SearchArguments,
    said: str,
    before: str,
    now: Situation,
    vocabulary: Vocabulary,
    meaning: CatalogueMeaning,
) -> SearchArguments:
    """The search without its categories, where the message as a whole speaks of other things:
    "a machine which makes clean the floor" is no coffee machine. Blocking.
    """
    pictured = asked.photo is not None or asked.like is not None or asked.list is not None
    if pictured or not (asked.categories and asked.words) or asked.sort or asked.skip_shown:
        return asked
    filters = filters_meant(asked, vocabulary)
    spoken = spoken_after(said, before, [(card.title, card.category) for card in now.shown])
    query = Query(asked.words, filters=filters, spoken=spoken)
    return asked.changed(categories=None) if meaning.beyond_kind(query) > BEYOND else asked


def with_stated_limits(now: Situation, said: Iterable[str]) -> Situation:
    """The situation without those price limits of the newest search that none of these messages
    names as an amount: "cheaper" than a mug says nothing of a backpack. They are read only where
    there is a limit."""
    last = now.last_search or {}
    bounds = ("min_price", "max_price")
    limits = {name: float(last[name]) for name in bounds if last.get(name) is not None}
    if not limits:
        return now
    named = [read_limits(expand_shorthand(normalize(each)))[0] for each in said]
    stated = {float(a) for each in named for a in (each.min_price, each.max_price) if a is not None}
    relative = [name for name, limit in limits.items() if limit not in stated]
    return now.model_copy(update={"last_search": {**last, **dict.fromkeys(relative)}})


def earlier_filters(asked: SearchArguments, reading: Reading, now: Situation) -> list[Narrow]:
    """The filters of a search in words that earlier messages set and this one does not state."""
    last = now.last_search or {}
    pictured = asked.photo is not None or asked.like is not None or asked.list is not None
    if not reading.words or pictured or not asked.words:
        return []
    before = {name: set(last.get(name) or ()) for name in ("colors", "options")}
    colors = tuple(each for each in asked.colors if not reading.colors and each in before["colors"])
    options = [
        each
        for each in asked.options
        if each in before["options"] and each not in reading.options and not reading.gender
    ]
    facts = tuple(each for each in options if not each.startswith(_PEOPLE))
    people = tuple(each for each in options if each.startswith(_PEOPLE))
    found = [("colors", colors), ("options", facts), ("options", people)]
    return [each for each in found if each[1]]


def without_values(asked: SearchArguments, narrow: Narrow) -> SearchArguments:
    """The search without those values."""
    name, values = narrow
    return asked.changed(**{name: [each for each in getattr(asked, name) if each not in values]})


def gives_way(narrow: Narrow, better: Elsewhere) -> bool:
    """Whether a filter is left behind, by how much better what is beyond it fits the new words.

    Chosen on 48 turns of three rounds of dialogues where a filter was kept: it frees 11 whose
    right products are beyond it, and none whose right products are within.
    """
    if all(value.startswith(_PEOPLE) for value in narrow[1]):
        return better.share >= _MORE_FOR_OTHERS and better.nearness >= _NEARER_FOR_OTHERS
    if better.share >= _HALF:
        return better.nearness >= _NEARER_FOR_HALF
    return better.share >= _MORE and better.nearness >= _NEARER
