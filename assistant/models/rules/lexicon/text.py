"""Small tools on English words."""

from __future__ import annotations

import re

from assistant.models.rules.lexicon.bounded import bounded

CUT = " | "
"""Stands where something was read and taken out, so that its neighbours do not become one."""

_TENS = {
    "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "eleven": 11, "twelve": 12, "thirteen": 13,
    "fourteen": 14, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_UNITS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
          "nine": 9}  # fmt: skip
_ENDINGS = (("ies", "y"), ("ie", "y"), ("lves", "lf"), ("rves", "rf"), ("sses", "ss"),
            ("ches", "ch"), ("shes", "sh"), ("xes", "x"))  # fmt: skip
_TENS_WORDS = bounded(rf"\b({'|'.join(_TENS)})(?:[ -]({'|'.join(_UNITS)}))?\b")

_BEFORE_AMOUNT = bounded(r":(?=\s*[$€£]?\d)")
_PARTS = bounded(r"[!?;:()\[\]\"]+|[.,]+(?=\s|$)|,(?!\d)")


def tidy(text: str) -> str:
    """Lower case, plain quotes and dashes, single blanks, amounts in digits ("thirty")."""
    text = text.lower().translate(str.maketrans("’‘“”–—", "''\"\"--"))
    text = re.sub(r"\b(?:a|one) hundred\b", "100", text)
    text = _TENS_WORDS.sub(lambda m: str(_TENS[m[1]] + _UNITS.get(m[2] or "", 0)), text)
    text = _BEFORE_AMOUNT.sub(" ", text)
    text = _PARTS.sub(CUT, text)
    return " ".join(text.split())


def word_set(words: str) -> frozenset[str]:
    """The words of a line, for a table that is read more often than it is changed."""
    return frozenset(words.split())


def words_of(text: str) -> list[str]:
    """The words and cuts of a text in order; a hyphen parts words."""
    return re.findall(r"[^\W_]+(?:['.&][^\W_]+)*|\|", text)


def singular(word: str) -> str:
    """One form for singular and plural; not always a word, but the same one for both."""
    for ending, instead in _ENDINGS:
        if len(word) > len(ending) + 1 and word.endswith(ending):
            return word[: -len(ending)] + instead
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def cut(pattern: re.Pattern[str], text: str) -> tuple[re.Match[str] | None, str]:
    """The first match, and the text with a cut in its place."""
    match = pattern.search(text)
    if match is None:
        return None, text
    return match, text[: match.start()] + CUT + text[match.end() :]
