"""Which clauses of a message say what is wanted, and which only tell of people and reasons.

"There's a newborn in the house as well. A cuddly animal": the second says what the thing is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.stop_words import FILLERS

_BEGINS = r"^(?:and|but|so|because|since|as|also|now|well|hi|hey|you see|you know|see|plus|then| )*"
_DOES = (
    r"(?:is|are|was|were|am|has|have|had|won't|doesn't|don't|didn't|can't|can|cannot|will|would|"
    r"isn't|aren't|wasn't|weren't|never|always|just|keeps?|kept|broke|died|loves?|likes?|lives?|live|"
    r"goes|go|gets?|got|moved?|moves|hates?|eats?|sleeps?|works?|plays?|does|do|cooks?|flies|"
    r"turns?|turned|started|reacts?|says?|said|bought|lost|left|only|really|still)"
)
_TELLS = bounded(
    rf"{_BEGINS}(?:(?:i|we|he|she|it|they|you|there)(?:'(?:s|m|re|ve|d|ll))? [a-z]|"
    rf"(?:i|we|he|she|it|they|there|that)'(?:s|m|re|ve) |that is |"
    rf"(?:my|our|his|her|their|the|its|next door's|an? (?:friend|colleague|mate|neighbou?r|cousin))"
    rf"(?: (?!(?:that|which|who|to|for|with|where|i|he|she|we|they|you)\b)[a-z0-9'-]+){{1,4}} "
    rf"{_DOES}\b|for (?:women|men|girls|boys|kids) {_DOES}\b)"
)
_WISHES = bounded(
    r"\b(?:want(?:s|ed)?|need(?:s|ed)?|looking|searching|hunting|after|wish(?:es)?|like to|"
    r"(?:would|'d) (?:also |really )?(?:like|love|be|help|do)|[a-z]+'d (?:like|love|need|want)|"
    r"something|anything|show|find|give|recommend|suggest|should|must|ought|"
    r"(?:has|have|had) (?:got )?to|please|buy|thinking (?:of|about)|interested|fancy|"
    r"how about|have you|do you|you have|you got|any|is there|are there|could|can i|can you|"
    r"due|in the market|prefer|get (?:him|her|them|us|me|one|a|an|some)|"
    r"^(?:and |so |but )*(?:what|which)|wouldn't mind|hoping|hope|order|shop|"
    r"dream(?:s|ing) of|deserves?)\b"
)
_NAMED = bounded(
    r"\b(?:an?|some|any|something|anything|another|(?:my|her|his|our) (?:next|new)) (?!ones?\b|"
    r"bit\b|little\b|lot\b|few\b|while\b|"
    r"(?:[a-z]+ )?(?:colou?r|shade|tone|size|price|version|style|fit|look|design)\b)[a-z]"
)
_OF_BEFORE = bounded(
    r"\b(?:(?<!for that )(?<!for this )(?<!on that )ones?|"
    r"(?<!for )(?<!on )(?:them|it|those)|same)\b"
)
_LEAST = 2
"""Words that say what the thing is, from which they do so without what is told beside."""


def told_places(words: Sequence[str], is_thing: Callable[[str], bool]) -> list[bool]:
    """Of each word and cut of a normalized text, whether it stands in a clause that only tells
    something; False for all where the others do not say by themselves what is wanted."""
    told, wanted = _parted(words)
    said = [word for clause in wanted for word in clause.split() if word not in FILLERS]
    enough = len(said) >= _LEAST and not any(_OF_BEFORE.search(clause) for clause in wanted)
    if not (any(tells for tells, _ in told) and enough and _names(wanted, is_thing)):
        return [False] * len(words)
    return [tells for tells, clause in told for _ in clause]


def only_tells(words: Sequence[str], is_thing: Callable[[str], bool]) -> bool:
    """Whether a normalized text tells something and names no thing that is wanted."""
    told, wanted = _parted(words)
    return any(tells for tells, _ in told) and not _names(wanted, is_thing)


def _parted(words: Sequence[str]) -> tuple[list[tuple[bool, list[str]]], list[str]]:
    """The clauses and cuts, each with whether it only tells something, and the clauses that do
    not."""
    clauses = [list(group) for _, group in groupby(words, lambda word: word == "|")]
    told = [(_tells(" ".join(clause)), clause) for clause in clauses]
    return told, [" ".join(c) for tells, c in told if not tells and c[0] != "|"]


def _tells(clause: str) -> bool:
    return bool(_TELLS.match(clause)) and not _WISHES.search(clause)


def _names(clauses: Sequence[str], is_thing: Callable[[str], bool]) -> bool:
    """Whether clauses name a thing."""
    return any(
        _NAMED.search(clause) or any(is_thing(word) for word in clause.split())
        for clause in clauses
    )
