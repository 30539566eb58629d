"""The catalogue's own values of options and facts, found in a shopper's words.

A value of letters ("cotton", "128 GB") is found wherever it is said. One of digits alone, and a
size, only where the words around it say that it is one: see `parse.options`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assistant.models.rules.lexicon.stop_words import GRAMMAR
from assistant.models.rules.lexicon.text import words_of
from tools.catalogue.sizes import sizes_meant
from tools.catalogue.variants import gender_of
from tools.catalogue.vocabulary import Vocabulary
from tools.text import singular

SIZE = "size"
_READ_BY_RULE = (SIZE, "gender", "age_group", "condition")
"""What `parse.options` finds by the ways in which people say it."""
_YOUNG = re.compile(r"\b(?:boy|girl|kid|child|baby|babies|toddler|infant|junior)")
_IMITATING = frozenset(["faux", "vegan", "imitation", "artificial", "synthetic", "mock", "fake"])
_MATERIALS = frozenset(
    [
        "steel",
        "wool",
        "cotton",
        "leather",
        "glass",
        "wood",
        "silk",
        "linen",
        "rubber",
        "iron",
        "denim",
    ]
)
_SHORTEST = 3
_UNIT = re.compile(r"(?<=\d)(?:cm|mm|m|in|inch|inches|ft|\")$")
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OptionLexicon:
    """The options of one catalogue."""

    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Key → the catalogue's own values."""
    phrases: dict[Phrase, tuple[str, ...]] = field(default_factory=dict)
    """Words → "NAME=VALUE"."""
    longest: int = 0

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> OptionLexicon:
        """Built once for each vocabulary."""
        phrases: dict[Phrase, tuple[str, ...]] = {}
        for key, values in vocabulary.options.items():
            if key in _READ_BY_RULE:
                continue
            for value in values:
                heads = [(word,) for word in _heads(value)] if key == "material" else []
                for phrase in (*_phrases(value), *heads):
                    if len(phrase) == 1 and phrase[0] in GRAMMAR:
                        continue  # "down" is more often no feather
                    phrases[phrase] = (*phrases.get(phrase, ()), f"{key}={value}")
        own = {key: tuple(known) for key, known in vocabulary.options.items()}
        return cls(own, phrases, max(map(len, phrases), default=0))

    def find(self, words: Sequence[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Start, end and options of each value that is said, the longest first, none twice."""
        place = 0
        while place < len(words):
            for length in range(min(self.longest, len(words) - place), 0, -1):
                said = tuple(map(singular, words[place : place + length]))
                if options := self.phrases.get(said):
                    yield place, place + length, options
                    place += length
                    break
            else:
                place += 1

    def sizes(self, said: str) -> tuple[str, ...]:
        """The catalogue's sizes that are meant; () where none is."""
        known = self.values.get(SIZE, ())
        squeezed = _squeezed(said)
        measured = [size for size in known if _UNIT.sub("", _squeezed(size)) == squeezed]
        return tuple(measured) or sizes_meant(said, known)

    def children(self) -> tuple[str, ...]:
        """The catalogue's words for the young among its genders: "boys", "kids", "baby"."""
        return tuple(v for v in self.values.get("gender", ()) if _YOUNG.search(v.casefold()))

    def genders(self, gender: str, *, young: bool = False) -> tuple[str, ...]:
        """The catalogue's words for a gender and what it calls unisex: "boys" for the young, where
        it has a word for them, and for nobody else; "kids" besides "women" where it has none."""
        known = {value: gender_of(value) for value in self.values.get("gender", ())}
        own = [value for value, meant in known.items() if meant == gender]
        aged = [value for value in own if bool(_YOUNG.search(value.casefold())) == young]
        unisex = (v for v, meant in known.items() if meant == "unisex" != gender)
        if young and not aged:
            neutral = (v for v in self.children() if known[v] not in ("female", "male"))
            aged = [*neutral, *own]
        return (*(aged or own), *unisex) if own else tuple(unisex)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text.casefold().replace("×", "x"))


def _heads(value: str) -> Iterator[str]:
    """What a material of several words is a kind of: "steel" for "stainless steel", and nothing for
    "faux leather"."""
    words = words_of(value.casefold())
    if len(words) > 1 and words[0] not in _IMITATING and words[-1] in _MATERIALS:
        yield words[-1]


def _phrases(value: str) -> Iterator[Phrase]:
    """A value as words, and with the blank before its unit left out or put in."""
    folded = value.casefold()
    if len(folded) < _SHORTEST or not re.search(r"[^\W\d_]{2}", folded):
        return
    forms = {folded, re.sub(r"(?<=\d)\s+(?=[a-z])", "", folded)}
    forms.add(re.sub(r"(?<=\d)(?=[a-z])", " ", folded))
    for form in sorted(forms):
        words = tuple(singular(word) for word in words_of(form) if word != "|")
        if words:
            yield words
