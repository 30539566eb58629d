"""Other languages than English: which one a message is in, and what of it is understood.

Words of a language are told by its commonest ones, another script by its letters. Numbers, brands
and the shop's own words count as they are; colors, limits and a few kinds are translated.
Not covered: grammar, and languages that are not listed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.other_languages import (
    ANSWERS,
    CHEAPER,
    COLORS,
    COMMON,
    KINDS,
    LIMITS,
)

_ENGLISH = (
    "i you we a an the is are was for with without and or not no in on of to under below above "
    "any some do does "
    "have has it they this that these those what which how who my me show find need want looking "
    "please thanks "
    "something more less than cheaper one ones can could would from at by but so die as la pour "
    "men con hat also "
    "des les me per das son mas son ha use all die no on sale tag will her be there if list size "
    "dame"
)
_SCRIPTS = (
    ("ru", r"[а-яё]"), ("el", r"[α-ωάέήίόύώ]"), ("ja", r"[ぁ-ヿ]"), ("ko", r"[가-힣]"),
    ("zh", r"[一-鿿]"),
    ("ar", r"[ء-ي]"), ("he", r"[א-ת]"), ("hi", r"[अ-ह]"), ("th", r"[ก-ฮ]"),
)  # fmt: skip
_WORD = bounded(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MOSTLY = 0.5


def language_of(text: str) -> str:
    """The code of the language that a message is in, such as "de"; "" for English or unknown."""
    said = unicodedata.normalize("NFC", text).lower()
    letters = sum(each.isalpha() for each in said)
    for language, letter in _SCRIPTS:
        if letters and len(re.findall(letter, said)) > _MOSTLY * letters:
            return language
    words = _WORD.findall(said.replace("’", "'"))
    english = sum(word in _english() for word in words)
    counts = {language: sum(w in own for w in words) for language, own in _own_words().items()}
    language = max(counts, key=lambda each: counts[each])
    most = counts[language]
    if (most >= 2 and most > 2 * english) or (
        most == 1 and not english and _other(words, language)
    ):
        return language
    return ""


def in_english(text: str, language: str) -> str:
    """The message with its colors, limits and known kinds in English, the grammar left out."""
    said = unicodedata.normalize("NFC", text).lower().replace("’", "'")
    if language not in LIMITS:
        return said
    most, least = LIMITS[language]
    said = re.sub(rf"\b{most}", "under", said)
    said = re.sub(rf"\b{least}", "over", said)
    table, own = _table(language), _own_words()[language]
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?|[^\w\s]*\d[\w.,]*[^\w\s]*|[?!,.€$£]", said)
    return " ".join(_translated(word, table) for word in words if word not in own)


def note_on_language(language: str, understood: str) -> str:
    """Says in the shopper's language that English is understood best, and what was understood."""
    only, got, please = ANSWERS[language]
    return f"{only} {got.format(understood)}" if understood else f"{only} {please}"


def _translated(word: str, table: dict[str, str]) -> str:
    for ending in ("", "en", "er", "es", "em", "e", "s", "n"):
        if word.endswith(ending) and (found := table.get(word[: len(word) - len(ending)])):
            return found
    return word


def _other(words: list[str], language: str) -> bool:
    """Whether another word of a short message is of that language, too."""
    table = _table(language)
    return any(_translated(word, table) != word for word in words)


@cache
def _table(language: str) -> dict[str, str]:
    pairs = [
        pair.split(" ", 1) for table in (COLORS, KINDS) for pair in table[language].split(", ")
    ]
    cheaper = dict.fromkeys(CHEAPER.get(language, "").split(), "cheaper")
    return {pair[0]: pair[1] for pair in pairs} | cheaper


@cache
def _english() -> frozenset[str]:
    return frozenset(_ENGLISH.split())


@cache
def _own_words() -> dict[str, frozenset[str]]:
    """Language → its common words that no English message has."""
    return {
        language: frozenset(words.split()) - _english() - {"euro", "euros"}
        for language, words in COMMON.items()
    }
