"""Corrects typos toward the catalogue's own words and common English.

A word that neither knows is changed to the nearest one, the shop's before others, and a word in two
parts is joined ("snow board") or parted ("airfryer") where the shop writes it so.
Not covered: a typo that makes another common word.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache, lru_cache
from itertools import chain, islice
from typing import Literal

from rapidfuzz.distance import OSA
from spellchecker import SpellChecker

from assistant.models.rules.lexicon.catalogue_names import BASE_COLORS
from assistant.models.rules.lexicon.same_things import PROPERTIES
from assistant.models.rules.lexicon.stop_words import FILLERS
from assistant.models.rules.lexicon.synonyms import GROUPS
from assistant.models.rules.lexicon.text import word_set
from tools.embedding.common_words import common_words
from tools.text import singular

_TALK = word_set(
    "cheaper cheapest pricier shortlist favourites waterproof sleeveless similar without something "
    "merci gracias danke grazie obrigado obrigada bonjour hola ciao "
    "bucks quid dollars pounds euros please thanks hello earlier compare comparison difference "
    "don't doesn't didn't can't won't isn't aren't couldn't wouldn't shouldn't haven't hasn't"
) | frozenset(
    word
    for word in (*BASE_COLORS, *(part for group in GROUPS for same in group for part in same))
    if len(word) > 3
)
"""Words that steer a conversation or name colors and things, and are not all common ones."""
_ENDINGS = ("'s", "s", "es", "ed", "ing", "er", "ers", "est", "ier", "iest", "ly", "ish", "y", "en",
            "less", "proof")  # fmt: skip
_COLORS = [(color, -2) for color in sorted(BASE_COLORS)]
_SHORTEST, _LONG = 4, 7
_SWAPPED, _NONE = 1, 99
"""How far a word is with two letters swapped, and what is near none."""
_MOST_MENDED = 20
"""Typos of one message; each is compared with some thousand words."""
_LONGEST_PAIR = 40
"""Letters."""
_RARE = 16_000
"""Places from which on a common word is too rare to be what a typo meant."""


Among = Literal["shop", "talk", "english"]
_SELDOM = 100
"""How often a word of the dictionary is seen that may as well be a typo."""


@cache
def _dictionary() -> SpellChecker:
    """English words with how often they are seen, some 160,000; read in a fifth of a second."""
    return SpellChecker(language="en")


def correct_spelling(text: str, shop: Mapping[str, int]) -> str:
    """A normalized text with its typos corrected, the first ones of a long text alone; `shop` are
    its words with their counts."""
    words = re.findall(r"[a-z]+(?:'[a-z]+)?|[^a-z]+", text)
    unknown = (
        word
        for word in words
        if word.isalpha()
        and (
            not is_known(word, shop) or _is_slip(word, shop)
            if len(word) >= _SHORTEST
            else len(word) == _SHORTEST - 1 and _is_strange(word, shop)
        )
    )
    mended = {word: _mended(word, shop) for word in islice(dict.fromkeys(unknown), _MOST_MENDED)}
    return _joined([mended.get(word, word) for word in words], shop)


def _joined(words: list[str], shop: Mapping[str, int]) -> str:
    place = 0
    while place + 2 < len(words):
        first, gap, second = words[place : place + 3]
        both = first + second
        long = len(first) > 2 and len(second) > 2
        # "Snow board", but not "rain coat" where the shop says "rain" and "coat" itself.
        apart = first in shop and second in shop
        if gap in (" ", "-") and both in shop and long and not apart:
            words[place : place + 3] = [both]
        place += 1
    return "".join(words)


def _mended(word: str, shop: Mapping[str, int]) -> str:
    words, many = _Words(shop), word.endswith("s") and not word.endswith("ss")
    if plural := _plural_meant(word, shop):
        return plural
    if len(word) < _SHORTEST:
        return _short_meant(word, shop) or word
    near_one, one = _nearest(word[:-1], words, "shop") if many else (_NONE, "")
    among: Among = "talk" if word in _dictionary() else "english"
    own, others = _nearest(word, words, "shop"), _nearest(word, words, among)
    if others[1] and others[0] < own[0] - _SWAPPED:
        own = (_NONE, "")  # "cheeper" is nearer to "cheaper" than to a shop's "chopper"
    if near_one < own[0]:
        own = (near_one, f"{one}s")
    return own[1] or _parted(word, shop) or others[1] or word


def _plural_meant(word: str, shop: Mapping[str, int]) -> str:
    """ "Dummies" for "dummys"; "" for another word."""
    plural = f"{word[:-2]}ies"
    if not re.search(r"[^aeiou]ys$", word) or word in shop:
        return ""
    known = plural in shop or plural in common_words() or _dictionary()[plural]
    return plural if known else ""


def _short_meant(word: str, shop: Mapping[str, int]) -> str:
    """The word of several titles, or the color, that lacks one letter in a short one: "bik"; ""
    where there are two."""
    known = {own for own, times in shop.items() if times > 1} | BASE_COLORS
    found = [
        other
        for other in known
        if len(other) == len(word) + 1
        and other[0] == word[0]
        and any(other[:at] + other[at + 1 :] == word for at in range(1, len(other)))
    ]
    return found[0] if len(found) == 1 else ""


def _is_slip(word: str, shop: Mapping[str, int]) -> bool:
    """Whether a form of a known word, "calculater", is none itself but near one of the shop's."""
    strange = not (word in shop or word in common_words() or _dictionary()[word])
    if not strange:
        return False
    if _plural_meant(word, shop):
        return True
    words = _Words(shop)
    near = _nearest(word, words, "shop")[1] or _nearest(word, words, "talk")[1]
    if not near and word.endswith("s"):
        near = _nearest(word[:-1], words, "shop")[1]
    return bool(near) and singular(near) != singular(word)


def _is_strange(word: str, shop: Mapping[str, int]) -> bool:
    """Whether a word of three letters is none."""
    known = word in shop or word in common_words() or word in _TALK or word in FILLERS
    return not (known or _dictionary()[word])


def is_known(word: str, shop: Collection[str]) -> bool:
    """Whether the shop or English has the word in any form."""
    common = common_words()
    if word in shop or word in common or word in _TALK or word in PROPERTIES:
        return True
    if f"{word}s" in shop or f"{word}es" in shop:
        return True
    stems = [
        word[: -len(end)]
        for end in _ENDINGS
        if word.endswith(end) and len(word) > len(end) + 2 and not word.endswith("ss")
    ]
    forms = {*stems, *(f"{stem}e" for stem in stems), *([f"{word}d"] if word.endswith("e") else [])}
    forms |= {stem[:-1] for stem in stems if len(stem) > 4 and stem[-1] == stem[-2]}
    forms |= {f"{word[:-3]}y"} if word.endswith("ies") else set()
    if any(form in shop or form in common for form in forms if len(form) > 2):
        return True
    return bool(_dictionary()[word] > _SELDOM)


class _Words:
    """The words of a shop, as a key of a cache: the same object is the same shop."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self.words = words

    def __hash__(self) -> int:
        return id(self.words)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Words) and other.words is self.words


@lru_cache(maxsize=4096)
def _nearest(word: str, shop: _Words, among: Among) -> tuple[int, str]:
    """The likeliest word that was meant, among those of the shop, of talk, or of talk and English,
    with how far it is; "" where none is near."""
    letters = {word[0], word[1]}
    titled = ((known, -1 - bool(times)) for known, times in shop.words.items())
    own = (each for each in (*titled, *_COLORS) if each[0][:1] in letters)
    common = (each for letter in letters for each in _english(letter))
    talk = ((known, 0) for known in _TALK if known[0] in letters)
    choices = {"shop": own, "talk": talk, "english": chain(talk, common)}
    found = min(_ranked(word, choices[among]), default=None)
    return (found[0], found[-1]) if found else (_NONE, "")


@cache
def _english(letter: str) -> tuple[tuple[str, int], ...]:
    """The common words that begin with a letter, with their places."""
    words = common_words().items()
    return tuple((word, at) for word, at in words if at < _RARE and word[0] == letter)


def _ranked(word: str, known: Iterable[tuple[str, int]]) -> Iterable[tuple[int, bool, int, str]]:
    for other, place in known:
        most = 2 if len(word) >= _LONG and place < 0 else 1
        if abs(len(other) - len(word)) > most + (place <= 0) or len(other) < _SHORTEST:
            continue
        slips, doubled = OSA.distance(word, other, score_cutoff=most), False
        if slips > most and place <= 0:
            # "Gogels" has one "g" less and two letters swapped.
            one, two = _undoubled(word), _undoubled(other)
            doubled = (len(one), len(two)) != (len(word), len(other)) and len(one) > _SHORTEST
            slips = OSA.distance(one, two, score_cutoff=most) if doubled else slips
        if slips > most:
            continue
        swapped = sorted(word) == sorted(other)
        if word[0] != other[0] and not swapped:
            continue
        replaced = len(word) == len(other) and not swapped
        if replaced and slips == 1 and len(word) < 5:
            continue
        # The commonest slip is two letters swapped; then one left out or doubled.
        far = 2 * slips - (swapped and not doubled) + replaced + doubled
        yield (far, len(other) < len(word), place, other)


@cache
def _undoubled(word: str) -> str:
    return re.sub(r"(.)\1", r"\1", word)


def _parted(word: str, shop: Collection[str]) -> str:
    """The word as two of the shop's; "" where it is none, or too long for two."""
    if len(word) > _LONGEST_PAIR:
        return ""
    for place in range(3, len(word) - 2):
        if word[:place] in shop and word[place:] in shop:
            return f"{word[:place]} {word[place:]}"
    return ""
