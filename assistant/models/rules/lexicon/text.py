"""English text as words: normal form, singular, cutting out what was read."""

from __future__ import annotations

import re

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.numbers import VALUES

CUT = " | "
"""Put in place of a phrase that was read, so that the words around it do not join."""

_UNITS = {word: value for word, value in VALUES.items() if 0 < value < 10}
_TENS = {word: value for word, value in VALUES.items() if value >= 10}
_TENS_WORDS = bounded(rf"\b({'|'.join(_TENS)})(?:[ -]({'|'.join(_UNITS)}))?\b")
_HUNDREDS = bounded(
    rf"\b(?P<times>an?|\d|{'|'.join(_UNITS)}) hundred(?: (?:and )?(?P<more>\d{{1,2}}))?(?!\w)"
)
_BEFORE_AMOUNT = bounded(r":(?=\s*[$€£]?\d)")
_PARTS = bounded(r"[!?;:()\[\]\"]+|[.,]+(?=\s|$)|,(?!\d)")


def normalize(text: str) -> str:
    """Lower case, plain quotes and dashes, single blanks, amounts in digits ("thirty")."""
    text = text.lower().translate(str.maketrans("’‘“”–—", "''\"\"--"))
    text = _TENS_WORDS.sub(lambda m: str(_TENS[m[1]] + _UNITS.get(m[2] or "", 0)), text)
    text = _HUNDREDS.sub(_hundreds, text)
    text = _BEFORE_AMOUNT.sub(" ", text)
    text = _PARTS.sub(CUT, text)
    return " ".join(text.split())


def _hundreds(match: re.Match[str]) -> str:
    times = match["times"]
    count = int(times) if times.isdigit() else _UNITS.get(times, 1)
    return str(100 * count + int(match["more"] or 0))


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
