"""English text as words: normal form, singular, cutting out what was read."""

from __future__ import annotations

import re

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.numbers import in_digits

CUT = " | "
"""Put in place of a phrase that was read, so that the words around it do not join."""

_BEFORE_AMOUNT = bounded(r":(?=\s*[$€£]?\d)")
_PARTS = bounded(r"[!?;:()\[\]\"]+|[.,]+(?=\s|$)|,(?!\d)")


def normalize(text: str) -> str:
    """Lower case, plain quotes and dashes, single blanks, amounts in digits ("thirty")."""
    text = text.lower().translate(str.maketrans("’‘“”–—", "''\"\"--"))
    text = in_digits(text, most_kept=9)
    text = _BEFORE_AMOUNT.sub(" ", text)
    text = _PARTS.sub(CUT, text)
    return " ".join(text.split())


def word_set(words: str) -> frozenset[str]:
    """The words of a line as a set."""
    return frozenset(words.split())


def words_of(text: str) -> list[str]:
    """The words and cuts of a text in order; a hyphen parts words."""
    return re.findall(r"[^\W_]+(?:['.&][^\W_]+)*|\|", text)


def cut(pattern: re.Pattern[str], text: str) -> tuple[re.Match[str] | None, str]:
    """The first match, and the text with a cut in its place."""
    match = pattern.search(text)
    if match is None:
        return None, text
    return match, text[: match.start()] + CUT + text[match.end() :]
