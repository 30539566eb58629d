"""Whether the words of a text are those of a question, in any form, and whether they are denied.

Not covered: what a word means beside others; statements are compared by meaning elsewhere.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache

from assistant.models.rules.lexicon.same_things import SAID_BY, SAME
from assistant.models.rules.reply.statements import plain
from tools.embedding.common_words import common_words
from tools.index.stemming import search_terms

_LIKE, _LONG = 0.86, 5
"""From this likeness on a word is a slip of another, of words this long."""
_DENIED = re.compile(
    r"(?:\b(?:not|no|without|never|non|isn't|doesn't|cannot|can't|don't|lacks?|neither|nor|free "
    r"(?:of|from)"
    r"|zero|anti)\b[\s-]*(?:[\w'-]+\s+){0,3}|\bun)$",
    re.IGNORECASE,
)
_FREE = re.compile(r"^[\s-]*(?:free|proof|resistant|repellent)\b", re.IGNORECASE)


def is_denied(word: str, text: str) -> bool:
    """Whether a text denies a word: "no leather", "nut-free"."""
    for match in re.finditer(r"[^\W_]+", text):
        if _lacks(word, match[0].lower()):
            return True
        if means(word, plain(match[0])[0] if plain(match[0]) else match[0].lower()):
            before, behind = text[: match.start()], text[match.end() :]
            if _DENIED.search(before) or _FREE.match(behind):
                return True
    return False


def _lacks(word: str, other: str) -> bool:
    """Whether a word of a text says that something is missing: "unlined", "sleeveless"."""
    if other.endswith("proof") and means(word, other[:-5]):
        return True
    base = other[2:] if other.startswith("un") else other.removesuffix("less")
    return base != other and len(base) > 2 and means(word, base)


def matches(word: str, said: frozenset[str]) -> bool:
    """Whether a word of a question is among the words of a text, in any form."""
    return any(means(word, other) or _lacks(word, other) for other in said)


def says_of(word: str, said: frozenset[str]) -> bool:
    """Whether a text has a word that says something about the one that is asked for."""
    by = SAID_BY.get(word, frozenset())
    return bool(by & said) or any(means(word, other) for other in said)


@lru_cache(maxsize=20_000)
def means(word: str, other: str) -> bool:
    if word == other or other in SAME.get(word, ()):
        return True
    one, two = search_terms(word), search_terms(other)
    if one and one == two:
        return True
    if len(word) >= _LONG and other.endswith(word) and other[: -len(word)] in common_words():
        return True  # a soleplate is a plate
    if min(len(word), len(other)) < _LONG or word[0] != other[0]:
        return False
    return SequenceMatcher(None, word, other, autojunk=False).ratio() >= _LIKE
