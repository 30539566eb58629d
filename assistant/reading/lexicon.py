"""The catalogue's own names, found in a shopper's words.

A name becomes a filter only when the shopper says it: a category as the thing that is wanted
("phone case"), not as what it is for ("for my kitchen") or part of another thing ("climbing
shoes" is no Climbing). Not covered: synonyms ("couch" for "Sofas"); they stay in the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from assistant.reading.text import singular, word_set, words_of
from tools.catalogue.vocabulary import Vocabulary

BASE_COLORS = word_set(
    "black white red blue green yellow orange purple pink brown grey beige gold silver navy "
    "turquoise teal violet maroon cream ivory olive tan khaki copper bronze rose mint coral "
    "lavender burgundy magenta cyan indigo charcoal"
)
_ALIKE = {"gray": "grey", "golden": "gold", "coloured": "colored"}
_CONTEXT = word_set("for in with to from my our his her their at on matching fits fit")
_GLUE = word_set(
    "| in on with for from under over of and or to that which who by at like as please but is "
    "are now today this these those it them so not without no instead only too also about around "
    "than made having featuring cheap cheaper nice pretty good great print printed pattern "
    "patterned style themed i we you can do does"
)
_PARTS_OF_OTHERS = word_set(
    "holder stand set bag cover rack hook filter mount strap charger box cleaner bulb shade press "
    "warmer organizer rest part kit"
)
_LEAD = word_set(
    "a an the some i i'm im am me we you do have show find looking look search want need get give "
    "my our for any got shopping browse interested"
)
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A name of the catalogue in the words, with where it stands."""

    names: tuple[str, ...]
    start: int
    end: int
    """Behind its last word."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The names of one catalogue by the phrases that a shopper may say for them."""

    categories: dict[Phrase, tuple[str, ...]] = field(default_factory=dict)
    colors: dict[Phrase, tuple[str, ...]] = field(default_factory=dict)
    brands: dict[Phrase, tuple[str, ...]] = field(default_factory=dict)
    color_names: tuple[str, ...] = ()

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> Lexicon:
        """Built once for each vocabulary."""
        colors = _index((color, [_plain(color)]) for color in vocabulary.colors)
        for color in vocabulary.colors:
            for word in _plain(color):
                # "blue" stands for "dark blue" where no product is plainly blue.
                if word in BASE_COLORS:
                    colors.setdefault((word,), (word,))
        return cls(
            _index((name, _category_phrases(name)) for name in vocabulary.categories),
            colors,
            _index((brand, [_plain(brand)]) for brand in vocabulary.brands),
            tuple(vocabulary.colors),
        )

    @property
    def color_words(self) -> frozenset[str]:
        """Single words of colors: the catalogue's and everyone's."""
        own = {word for name in self.color_names for word in name.lower().split() if len(word) > 3}
        return BASE_COLORS | own

    def find_colors(self, words: Sequence[str]) -> list[Named]:
        """Colors, the longest names first where they overlap."""
        return _find([_ALIKE.get(word, word) for word in words], self.colors)

    def find_brands(self, words: Sequence[str], typed: str) -> list[Named]:
        """Brands. One that may be an ordinary word counts when it is typed as a name is.

        `typed` is the text as the shopper wrote it, for its capitals.
        """
        capitals = {word.lower() for word in re.findall(r"\b[A-Z][\w&']*", typed)}
        found = []
        for named in _find(words, self.brands):
            before = words[named.start - 1] if named.start else ""
            one = named.end - named.start == 1
            if one and (words[named.start],) in self.colors:
                continue
            if not one or before in {"by", "from", "brand"} or words[named.start] in capitals:
                found.append(named)
        return found

    def find_categories(self, words: Sequence[str]) -> tuple[list[Named], list[str]]:
        """Categories that are wanted, and the words with misspelt ones put right."""
        mended = [re.sub(r"'s$", "", word) for word in self._mended(words)]
        found = []
        for named in _find([singular(word) for word in mended], self.categories):
            after = singular(mended[named.end]) if named.end < len(mended) else "|"
            before = _word_before(mended, named.start)
            long = named.end - named.start > 1
            free = after in _GLUE or after.isdigit() or (long and after not in _PARTS_OF_OTHERS)
            if free and not (before in _CONTEXT and named.start > 0 and _has_thing(mended, named)):
                found.append(named)
        return found, mended

    def _mended(self, words: Sequence[str]) -> Iterable[str]:
        known = {word for phrase in self.categories for word in phrase}
        for word in words:
            if len(word) < 5 or singular(word) in known or not word.isalpha():
                yield word
                continue
            near = sorted(k for k in known if _misspelt(singular(word), k))
            # The plural ending is kept as it was typed.
            yield (near[0] + ("s" if word.endswith("s") else "")) if len(near) == 1 else word


def _misspelt(word: str, known: str) -> bool:
    """One slip of the finger, or two in a long word; never a change to another word's letter."""
    if len(known) < 4 or word[0] != known[0]:
        return False
    slips = OSA.distance(word, known, score_cutoff=2)
    # "shirt" and "skirt" differ by one letter in place of another: in short words that is a word.
    swapped = len(word) == len(known) and sorted(word) != sorted(known)
    return (slips == 1 and (len(known) >= 7 or not swapped)) or (slips == 2 and len(known) >= 9)


def _category_phrases(name: str) -> list[Phrase]:
    """What is said for "Hoodies & Sweatshirts": the whole, each part, and written in one."""
    parts = [name, *re.split(r"\s*(?:&|/|,|\band\b)\s*", name)]
    phrases = [tuple(singular(word) for word in _plain(part)) for part in parts]
    phrases += [("".join(phrase),) for phrase in phrases if len(phrase) == 2]
    phrases += [(second, "for", my, first) for first, second in
                [p for p in phrases if len(p) == 2] for my in ("my", "a", "the")]  # fmt: skip
    return [phrase for phrase in phrases if phrase and len("".join(phrase)) > 2]


def _plain(name: str) -> Phrase:
    words = [re.sub(r"'s?$", "", word) for word in words_of(name.lower())]
    return tuple(_ALIKE.get(word, word) for word in words if word != "|")


def _index(named: Iterable[tuple[str, Sequence[Phrase]]]) -> dict[Phrase, tuple[str, ...]]:
    index: dict[Phrase, tuple[str, ...]] = {}
    for name, phrases in named:
        for phrase in dict.fromkeys(phrases):
            if phrase:
                index[phrase] = (*index.get(phrase, ()), name)
    return index


def _find(words: Sequence[str], index: dict[Phrase, tuple[str, ...]]) -> list[Named]:
    longest = max(map(len, index), default=0)
    found: list[Named] = []
    start = 0
    while start < len(words):
        for length in range(min(longest, len(words) - start), 0, -1):
            names = index.get(tuple(words[start : start + length]))
            if names:
                found.append(Named(names, start, start + length))
                start += length
                break
        else:
            start += 1
    return found


def _word_before(words: Sequence[str], place: int) -> str:
    """The nearest word before, past articles."""
    while place > 0 and words[place - 1] in {"a", "an", "the", "some", "new"}:
        place -= 1
    return words[place - 1] if place else ""


def _has_thing(words: Sequence[str], named: Named) -> bool:
    """Whether something else is wanted before "for my ..."."""
    return any(word not in _GLUE for word in words[: named.start] if word not in _LEAD)
