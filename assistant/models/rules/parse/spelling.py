"""Corrects typos in the words that steer a conversation.

The lexicon corrects the catalogue's own names. A word is changed only when exactly one known word
is one typo away, and never when shoppers use the word itself.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from assistant.models.rules.lexicon.text import word_set
from tools.text import singular

_KNOWN = word_set(
    "cheaper cheapest expensive compare comparison against difference different shortlist "
    "favourites favourite favorite favorites waterproof "
    "photo photos picture pictures pattern shape color colors colour colours brand "
    "brands rated rating better number first second third fourth fifth sixth seventh eighth "
    "ninth without under below above between similar instead more other another something "
    "anything everything details material keep kept drop remove show before earlier previous "
    "thanks thank hello please leather cotton stars price prices dollars about back again "
    "looking would maximum minimum"
)
_WORDS = word_set(
    "coal could should would those these there three their then than thin thing think cheap "
    "chapel brand bland stare start share shore shop shops snow slow grown crown cream cram "
    "beige being best rate rates date hated plate skate back pack rack bake bark black block "
    "slack blank tank tan task other mother bother under wonder sound round found font front "
    "from form more move mode mare keeps deep drops crop remote removed store story shown short "
    "shorts shirt skirt shell help hell held bathe colored coloured patterns shapes pricey "
    "priced star stay pattern patterned patter rating ratings roasting better butter letter "
    "bitter number lumber third bird third tired first fist firm burst blow glue clue true "
    "blues reds green greens greet greed grey great coral choral moral olive alive live gold "
    "golf good goal god silver sliver pink pine pins purple people couple brown frown drown "
    "crown white while write whit with wide teal tea team tear deal navy nave rose rise nose "
    "hose roses mint mind mine lint hint bronze khaki ivory about above shout beck book hack "
    "show shoe shoes shower slow prize pride price sprice"
)
_SHORTEST = 4


def correct_spelling(text: str, colors: frozenset[str]) -> str:
    """A normalized text with its certain typos corrected."""
    return re.sub(r"[a-z]{4,}", lambda match: _one(match[0], colors), text)


@lru_cache(maxsize=4096)
def _one(word: str, colors: frozenset[str]) -> str:
    known = _KNOWN | colors
    if word in known or word in _WORDS or singular(word) in known:
        return word
    near = {other for other in known if len(other) >= _SHORTEST and _slip(word, other)}
    # Two letters swapped are the commonest slip: "balck" is black, though "back" is as near.
    near = {other for other in near if sorted(other) == sorted(word)} or near
    return near.pop() if len(near) == 1 else word


def _slip(word: str, known: str) -> bool:
    """One letter left out, doubled, or swapped with its neighbour; another letter only in a long
    word, since "shirt" and "skirt" are two words."""
    if word[0] != known[0] or abs(len(word) - len(known)) > 1:
        return False
    if OSA.distance(word, known, score_cutoff=1) != 1:
        return False
    if len(word) == len(known):
        return sorted(word) == sorted(known) or len(known) >= 7
    return len(known) >= 5 or len(word) > len(known)
