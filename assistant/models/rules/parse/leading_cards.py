"""Which cards a list is led by: a search for a sewing machine goes on with irons.

What is asked of "it" or of "them" is asked of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from assistant.models.rules.lexicon.text import words_of
from assistant.prompt.situation import ShownNote
from tools.index.stemming import search_terms
from tools.text import singular

_NAME = re.compile(r"\s(?:-|–|—|with|for|in|of|to|set|from|by|without)\s|[,(:\d]", re.IGNORECASE)
"""What ends the name of a thing in a title: "Sewing Machine 24 Stitches"."""


def leading_cards(
    cards: Sequence[ShownNote], is_kind: Callable[[str], bool], sought: str = ""
) -> tuple[int, ...]:
    """The numbers of the cards that are called as the first one is, in their order.

    `sought` are the words of the search. All cards where the first one's title names no kind.
    """
    head = _head(cards, is_kind, sought) if cards else ""
    return tuple(card.number for card in cards if not head or head in _singulars(card.title))


def fitting_best(lead: Sequence[int], cards: Sequence[ShownNote], sought: str) -> tuple[int, ...]:
    """The leading cards whose titles say as many of the words sought as the first one's."""
    wanted = frozenset(search_terms(sought).split())
    said = {
        card.number: len(wanted & frozenset(search_terms(card.title).split())) for card in cards
    }
    return tuple(number for number in lead if said[number] >= said[lead[0]])


def two_named(cards: Sequence[ShownNote], sought: str) -> tuple[int, ...]:
    """The numbers of the two cards that a search named ("the Lodge and the Solo tent"): their
    titles say more of its words than all others. (1, 2) where no two stand out."""
    wanted = frozenset(search_terms(sought).split())
    said = sorted(
        (-len(wanted & frozenset(search_terms(card.title).split())), card.number) for card in cards
    )
    apart = len(said) < 3 or said[1][0] < said[2][0]
    return tuple(sorted(number for _, number in said[:2])) if apart else (1, 2)


def _head(cards: Sequence[ShownNote], is_kind: Callable[[str], bool], sought: str) -> str:
    """What the first title calls the thing, in the singular: what is sought, else the word that
    most titles have ("Ankle Boots Block Heel" of boots), the last one of several."""
    title = cards[0].title
    name = _NAME.split(title, maxsplit=1)[0] or title
    kinds = [word for word in map(singular, words_of(name.lower())) if is_kind(word)]
    wanted = [word for word in kinds if word in set(map(singular, words_of(sought.lower())))]
    times = {
        word: sum(word in _singulars(card.title) for card in cards) for word in wanted or kinds
    }
    return max(reversed(times), key=lambda word: times[word], default="")


def _singulars(title: str) -> frozenset[str]:
    return frozenset(map(singular, words_of(title.lower())))
