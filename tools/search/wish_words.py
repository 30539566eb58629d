"""The words of a search that grew over several messages: the newest part first, "; " between.

"waterproof; hiking boots": what was said last counts most, and what was said before is kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from tools.text import singular

NEWER = "; "
"""Between a newer part and an older one."""


def parts_of(words: str) -> list[str]:
    """The parts, the newest first, without empty ones."""
    return [part for each in words.split(NEWER.strip()) if (part := each.strip())]


def with_newer(newer: str, words: str) -> str:
    """The words with a newer part before them."""
    return NEWER.join(filter(None, (newer, words)))


def words_without(words: str, gone: Collection[str]) -> str:
    """The words without these, which are in the singular."""
    kept = (
        " ".join(word for word in part.split() if singular(word) not in gone)
        for part in parts_of(words)
    )
    return NEWER.join(filter(None, kept))


def single_words(words: str) -> list[str]:
    """Every word of every part, as it is written."""
    return re.findall(r"[^\s;]+", words)
