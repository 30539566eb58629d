"""Which shown cards a question is about: by number, by a pronoun, by what they are called.

Not covered: "the other one".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.numbers import CARDINALS, ORDINALS, VALUES, place_of
from assistant.models.rules.lexicon.synonyms import PEOPLE
from assistant.models.rules.lexicon.text import words_of
from assistant.prompt.situation import ShownNote
from tools.text import singular

_WORDS = "|".join(CARDINALS[1:13])
_ORDINAL = rf"(?:{'|'.join(ORDINALS[:12])}|last|\d{{1,2}}(?:st|nd|rd|th))"
_VERBS = (
    r"is|are|was|does|do|did|has|have|had|can|could|will|would|come|comes|made|cost|costs|in|on|"
    r"of|with|"
    r"and|or|vs|versus|to|than|for|fit|fits|take|takes|look|looks|like|weigh|weighs|hold|holds|"
    r"last|lasts|"
    r"work|works|run|runs|also|still|actually|from|by|as|at|rated|available|too|again|please|got|"
    r"keep|use|need|needs"
)
_COUNTED = bounded(rf"\b(?P<end>first|top|last) (?!one\b)(?P<n>{_WORDS}|\d{{1,2}})\b")
_NAMED = bounded(
    rf"(?:\b(?:number|item|option|product|card)|\bno\.?|\bnr\.?|#)\s?(?P<n>\d{{1,2}}|"
    rf"{_WORDS})\b(?!\d)"
)
_PLACED = bounded(
    rf"(?P<the>\b(?:the|your|that|number) )?\b(?P<n>{_ORDINAL})(?:'s|"
    rf"\b)(?:\s+(?P<next>[a-z][\w-]*))?"
)
_NO_CARD = frozenset(
    ["aid", "class", "edition", "gen", "generation", "floor", "hand", "time", "person", "row",
     "shelf", "thing", "step", "place", "half", "layer", "zone", "skin", "forever", "year",
     "season", "day"]
)  # fmt: skip
"""What an ordinal stands before that counts something else: "the first aid kit"."""
_CHAIN = bounded(
    r"(?<![\w$€£.,])#?\d{1,2}(?:\s*(?:,|&|/|or|and|vs\.?|versus|against|to|with)\s*(?:and |or )?"
    r"(?:the |number |no |#)?\d{1,2}){1,8}(?![.,]?\d|\s?(?:%|[$€£]|cm|mm|inch|kg|l\b|ml|years?|"
    r"people))"
)
_DIGIT = bounded(
    rf"(?:\b(?:is|are|does|do|charge|wash|use|put|take|fold|wear|clean|of|between|and|or|than|to|"
    rf"about|has|on|vs|versus|with|both|in|for|"
    rf"from)\s+|"
    rf"^|[,/&|]\s*)(?P<n>\d{{1,2}})(?=\s*(?:$|[,/&|?]|'s\b|(?:{_VERBS}|waterproof|[a-z]+ly|the|a|"
    rf"any|more|"
    rf"less|better|"
    rf"bigger|lighter|heavier|cheaper|good|big|heavy|loud|safe)\b))"
)
_SHORTEST_NAME = 3
_PAIRED = (
    "shoe", "boot", "sneaker", "sandal", "jean", "trouser", "pant", "glove", "sock", "pole",
    "earring", "headphone", "earbud", "glasses", "goggle", "short", "legging", "slipper",
)  # fmt: skip
"""What people call "they" although it is one product."""
_ALL = bounded(
    rf"\b(?:all (?:of )?(?:them|these|those|the)|them all|they all|these all|all (?:{_WORDS}|"
    rf"\d{{1,2}})|"
    r"each of|each one|every one|any of|either of|neither of|none of|some of|which|any|both)\b"
)
_WHICH = bounded(
    r"\b(?:(?<!from )(?<!at )(?<!for )(?<!in )(?<!to )which|each|every|"
    r"(?:all|any|either|neither|none|some|both) of)\b"
)
"""Asks of several even where it says "it": "which has it?", not "any chicken in it?" and not "from
which age is it?"."""
_THEM = bounded(r"\b(?:they|them|these|those|their|theirs|they're|ones)\b")
_IT = bounded(
    r"\b(?:it|its|it's|this|that|this one|that one|the one|the (?:thing|item|article|product))\b"
    r"(?! (?:year|season|month)\b)"
)
_THE_TWO = bounded(r"\b(?:the|these|those) two(?: of them)?\b(?! [a-z]+(?:er|est)\b)")
_BOTH = bounded(r"\b(?:both(?! (?:an?|the|its) )|either of (?:them|these|those)|neither)\b")
_JOINS = bounded(r"\b(?:or|and|than|vs|versus)\b")


@dataclass(frozen=True, slots=True)
class Meant:
    """The cards that a question means."""

    numbers: tuple[int, ...]
    """May be out of range: the tool says so."""
    named: bool
    """Whether the message points at them: by number, pronoun or name."""
    one: bool = False
    """Whether one is spoken of and the message does not say which: "it", or nothing."""
    lead: tuple[int, ...] = ()
    """What the list is led by, where the message points at no others: a list goes on with other
    things."""

    def narrowed(self, cards: Sequence[ShownNote]) -> tuple[int, ...]:
        """The cards, of those that are not told apart only the leading ones in one category."""
        numbers = tuple(n for n in self.numbers if n in self.lead) or self.numbers
        if not self.one or len(numbers) < 2:
            return numbers
        first = next((card.category for card in cards if card.number == numbers[0]), "")
        return tuple(
            card.number for card in cards if card.number in numbers and card.category == first
        )


def meant_cards(
    text: str,
    cards: Sequence[ShownNote],
    focus: int,
    lead: Sequence[int] = (),
    best: Sequence[int] = (),
    two: Sequence[int] = (1, 2),
) -> Meant:
    """The cards of a normalized question. `focus` is the card that was last chosen or asked about,
    0 for none; the list is led by `lead`, of which `best` fit the words of the search best; `two`
    are those that "both" are where two are not what leads it."""
    shown = len(cards)
    every = tuple(range(1, shown + 1))
    numbers = numbers_meant(text, shown, kind_words(cards))
    if numbers:
        return Meant(numbers, named=True)
    one: tuple[int, ...] = (focus,) if 1 <= focus <= shown else (1,) if shown == 1 else ()
    of_one = _IT.search(text) and not (_THEM.search(text) or _WHICH.search(text))
    if shown > 2 and (_THE_TWO.search(text) or (_BOTH.search(text) and not of_one)):
        return Meant(tuple(lead) if len(lead) == 2 else tuple(two), named=True)
    kinds = kind_words(cards)
    words = words_of(text)
    joined = _JOINS.search(text) is not None
    called = _called(words, cards, kinds, several=joined)
    if joined and len(called) > 1:
        return Meant(called, named=True)
    which = _ALL.search(text) is not None and not of_one
    if which and shown > 1:
        return Meant(every, named=True)
    if _THEM.search(text):
        plural = bool(one) and _is_plural(cards[one[0] - 1])
        return Meant(one, named=True) if plural else Meant(every, named=True, lead=tuple(lead))
    for before, word in pairwise(words):
        if before in ("the", "this", "that", "these", "those") and singular(word) in kinds:
            many = singular(word) != word and not (one and _is_plural(cards[one[0] - 1]))
            return Meant(every if many or not one else one, named=True)
    if called:
        return Meant(called, named=True)
    named = _IT.search(text) is not None
    return Meant(one or every, named=named, one=True, lead=() if one else tuple(best or lead))


def numbers_meant(text: str, shown: int, kinds: frozenset[str]) -> tuple[int, ...]:
    """The numbers of cards that a question says, each once, in their order."""
    counted = _COUNTED.search(text)
    if counted is not None:
        many = min(_value(counted["n"], shown), shown)
        first = shown - many + 1 if counted["end"] == "last" else 1
        return tuple(range(first, first + many))
    found = {match.start("n"): _value(match["n"], shown) for match in _NAMED.finditer(text)}
    found |= {match.start("n"): int(match["n"]) for match in _DIGIT.finditer(text)}
    for match in _CHAIN.finditer(text):
        for digits in re.finditer(r"\d+", match[0]):
            found[match.start() + digits.start()] = int(digits[0])
    for match in _PLACED.finditer(text):
        behind = match["next"]
        noun = behind is not None and singular(behind) in kinds | {
            "one",
            "item",
            "product",
            "option",
        }
        if match["n"] == "last" and not (match["the"] or behind == "one"):
            continue  # "how long does it last on one charge"
        placed = match["the"] and behind not in _NO_CARD
        if behind is None or noun or placed or re.fullmatch(_VERBS, behind):
            found[match.start("n")] = _value(match["n"], shown)
    return tuple(dict.fromkeys(found[place] for place in sorted(found)))


def kind_words(cards: Sequence[ShownNote]) -> frozenset[str]:
    """What the shown products are called: words of most titles, and of their categories."""
    said: dict[str, int] = {}
    for card in cards:
        last = card.category.rpartition(" > ")[2]
        words = {
            singular(word) for word in words_of(f"{card.title} {last}".lower()) if word.isalpha()
        }
        for word in words:
            said[word] = said.get(word, 0) + 1
    return frozenset(word for word, times in said.items() if 2 * times > len(cards))


def _called(
    words: Sequence[str], cards: Sequence[ShownNote], kinds: frozenset[str], *, several: bool
) -> tuple[int, ...]:
    """The cards whose titles or brands have a word behind "the", unless all have: "the Survivor",
    "the compact one", "the four slice one". The first such word counts, each where `several`."""
    titles = {card.number: _title_words(card) for card in cards}
    named: list[int] = []
    for at, (before, word) in enumerate(pairwise(words)):
        digits = str(VALUES[word]) if word in VALUES else word
        long = len(word) >= _SHORTEST_NAME or digits.isdigit()
        if before != "the" or not long or singular(word) in kinds or word in ("last", "first"):
            continue
        behind = singular(words[at + 2]) if at + 2 < len(words) else ""
        if singular(word) in PEOPLE and not any(behind in said for said in titles.values()):
            continue  # "up to what weight of the child?"
        found = [number for number, said in titles.items() if singular(digits) in said]
        if len(found) < len(cards) and (several or not named):
            named += found
    return tuple(dict.fromkeys(named))


def _title_words(card: ShownNote) -> frozenset[str]:
    return frozenset(map(singular, words_of(f"{card.title} {card.brand}".lower())))


def _is_plural(card: ShownNote) -> bool:
    """Whether a product goes by a plural: "Trail Shoes", a pair of boots."""
    last = [word for word in words_of(card.title.lower()) if word.isalpha()]
    category = card.category.rpartition(" > ")[2].lower()
    return any(word.endswith("s") and singular(word) != word for word in last[-1:]) or any(
        pair in f"{category} {card.title.lower()}" for pair in _PAIRED
    )


def _value(name: str, shown: int) -> int:
    if name == "last":
        return max(shown, 1)
    return VALUES[name] if name in VALUES else place_of(name)
