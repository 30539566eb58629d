"""Words and names in one form."""

from __future__ import annotations

import json
from functools import lru_cache

_ENDINGS = (("ies", "y"), ("ie", "y"), ("lves", "lf"), ("rves", "rf"), ("sses", "ss"),
            ("ches", "ch"), ("shes", "sh"), ("xes", "x"))  # fmt: skip


def fold(name: str) -> str:
    """A name for comparison: case and runs of blanks do not matter."""
    return " ".join(name.casefold().split())


def is_unicode(value: object) -> bool:
    """Whether every text in a JSON value can be written as UTF-8: half a surrogate pair cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def singular(name: str) -> str:
    """A name whose last word has one form for singular and plural.

    It is the same for both ("shelf", "shelves"), and not always a word ("cooky"). In small
    letters.
    """
    before, blank, word = name.rpartition(" ")
    return before + blank + _singular(word)


@lru_cache(maxsize=8192)
def _singular(word: str) -> str:
    for ending, instead in _ENDINGS:
        if len(word) > len(ending) + 1 and word.endswith(ending):
            return word[: -len(ending)] + instead
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    if len(word) == 3 and word.endswith("s") and not set(word) & set("aeiouy"):
        return word[:-1]  # "TVs"
    return word
