"""The claims of one sentence: its figures, the cards that it names, its names and its promises."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from assistant.models.rules.lexicon.numbers import ORDINAL, in_digits, place_of
from assistant.models.rules.lexicon.other_languages import COMMON

NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
AMOUNT = r"\d[\d,]*(?:\.\d+)?"
PRICE = re.compile(
    rf"(?:[$€£¥₹₩₽₺]|\b(?:usd|eur|gbp|chf|jpy|cad|aud|inr)\b)\s?(?P<before>{AMOUNT})"
    rf"|(?P<behind>{AMOUNT})[\s-]?(?:dollars?|bucks?|quid|euros?|pounds?|francs?|yen|rupees?|cents?"
    r"|usd|eur|gbp|chf|jpy|cad|aud|inr|[$€£¥₹₩₽₺])(?!\w)"
    r"|\b(?:costs?|price[ds]?|yours for|sells? for)\b(?: is| of| at| only| just|:)*"
    rf"\s(?P<said>{AMOUNT})(?![\w%]|[\s-]*(?:stars?|of|out|left|products?|matches|items?|in))",
    re.IGNORECASE,
)
STARS = re.compile(
    rf"(?P<before>{AMOUNT})[\s-]*(?:stars?\b|of 5\b|out of 5\b|/\s?5\b|★|⭐)"
    rf"|(?:\brat(?:ed|ings?)|\bscor(?:es?|ed)|★|⭐)(?: of| is| at| a|:)*\s?(?P<behind>{AMOUNT})"
    r"(?:\s?(?:out of|of|/)\s?5\b)?",
    re.IGNORECASE,
)
_CENTS = re.compile(
    r"(\d+) (dollars?|euros?|pounds?)(?: and)? (\d{1,2}) (?:cents?|pence)\b", re.IGNORECASE
)
_ROW_OF_STARS = re.compile(r"[★⭐]{2,}")
_LIMIT = re.compile(
    r"(?:under|below|within|over|above|beyond|up to|at (?:most|least)|(?:less|more) than"
    r"|limit(?: of)?|budget(?: of)?|your|between|and|from|to)\s*$",
    re.IGNORECASE,
)
_AND_UP = re.compile(
    r"[\s-]*(?:stars? )?(?:and (?:up|above|more)|or (?:more|better|higher|less)|\+)"
)
_UNIT = r"(?![\d.]*\d|\s*(?:%|[$€£]|stars?|dollars?|bucks|euros?|pounds?|cents?))"
_MEANT = re.compile(
    r"(?:\b(?:numbers?|nos?\.|nr\.?|items?|options?|products?|cards?|picks?|choices?)\s?#?|#)\s?"
    rf"(\d+{_UNIT}(?:(?:\s?(?:,|&|-|–)\s?|,? (?:and|or|to|with|against|vs\.?) )#?\d+{_UNIT})*)",
    re.IGNORECASE,
)
_PLACE = re.compile(
    rf"\bthe ({ORDINAL}|\d+(?:st|nd|rd|th))\b(?! (?:time|thing|step|place|half|of all|look|list))",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"\b[A-Z][\w'&-]+(?:\s+(?:[A-Z][\w'&-]+|&|with|of|in|and))*\s+[A-Z][\w'&-]+")
_OTHERS = frozenset(
    word for language, words in COMMON.items() if language != "de" for word in words.split()
)
_GERMAN = frozenset(["im", "am", "habe", "hier", "aber", "wird", *COMMON["de"].split()]) - _OTHERS
"""Words of the one language here in which every noun has a capital."""
_MAKER = re.compile(
    r"\b(?:(?:Marke|Hersteller|Firma)(?: ist| heißt|:)?|stammt von|ist von|kommt "
    r"von)\s([A-ZÄÖÜ][\w'’&-]*)"
)
_CAPITAL = re.compile(r"(?<=[^\W\d_A-Z] )[A-Z][\w'’&-]*|(?<=[,;)] )[A-Z][\w'’&-]*")
_MARKED = re.compile(r"\*\*(?P<bold>[^*\n]+)\*\*|[“\"«](?P<quoted>[^”\"»\n]+)[”\"»]")
_TO_BE_SAID = re.compile(r"\b(?:say|type|write|ask|try|tell|reply|called|for)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"https?:|www\.|\]\(|\w@\w", re.IGNORECASE)
_UNKNOWN_TO_A_CATALOGUE = re.compile(
    r"\b(?:shipping|ships|deliver(?:y|ed|s)|(?:in|out of) stock|sold out|discount(?:ed|s)?|on sale"
    r"|coupons?|vouchers?|promo(?:tion)?s?|warrant(?:y|ies)|refunds?|money[- ]back|best[- ]?sell\w+"
    r"|customers?|reviewers?|bought it|people (?:love|bought|say))\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"n['’]t\b|\b(?:not|no|cannot|unknown|unsure)\b", re.IGNORECASE)
_LISTED = re.compile(r"\s*[*-]?\s*(\d{1,3})[.):]\s")
_CALL = re.compile(
    r"^\W*(?:\w+\(|<[\w|/]+|\{|\}|```|\[TOOL|action(?: input)?:|\"\w+\"\s*:)"
    r"|\b(?:multimodal_search|product_details|compare_products|tool_calls?)\b|<\||\b\w+\(\w+\s?="
    r'|"(?:name|arguments|tool|parameters|function)"\s*:',
    re.IGNORECASE,
)
_LINKS = frozenset(["with", "of", "in", "and", "&"])
_ENGLISH = frozenset(["the", "is", "it", "you", "your", "of", "for", "by", "from", "this", "that",
                      "with", "are", "would", "and", "costs"])  # fmt: skip
"""Words that a sentence in another language hardly has."""
FEW = 3
"""Up to this, number words are figures of speech: "one of these two"."""


class Figure(NamedTuple):
    """A price or a rating in a sentence."""

    value: str
    """In the form of `plain_number`."""
    is_limit: bool
    """Whether the sentence gives it as a bound: "under $20"."""


def plain_number(number: str) -> str:
    """One form for "1,299.00" and "1299"."""
    # "13,99" is how most of Europe writes "13.99".
    digits = re.sub(r",(?=\d\d$)", ".", number).replace(",", "").rstrip(".")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def plain_text(sentence: str) -> str:
    """The sentence with look-alike characters normalized (NFKC) and invisible ones removed."""
    plain = unicodedata.normalize("NFKC", sentence)
    return "".join(c for c in plain if unicodedata.category(c) != "Cf")


def with_digits(sentence: str, most_kept: int = -1) -> str:
    """The sentence with number words and "5 dollars and 20 cents" as digits.

    Numbers up to `most_kept` stay words.
    """
    return _CENTS.sub(r"\1.\3 \2", in_digits(sentence, most_kept))


def is_tool_call(sentence: str) -> bool:
    """Whether the sentence is a tool call written out as prose, which tells a shopper nothing."""
    return bool(_CALL.search(sentence.strip()))


def has_address(sentence: str) -> bool:
    """Whether the sentence holds a link or a mail address."""
    return bool(_ADDRESS.search(sentence))


def other_numbers(spelled: str) -> set[str]:
    """The numbers of a sentence that are neither price nor rating."""
    rest = STARS.sub(" ", PRICE.sub(" ", spelled))
    return {plain_number(number) for number in NUMBER.findall(rest)}


def figures(spelled: str, pattern: re.Pattern[str]) -> Iterator[Figure]:
    """The figures of a sentence; `pattern` is `PRICE` or `STARS`."""
    for match in pattern.finditer(spelled):
        before, behind = spelled[: match.start()], spelled[match.end() :]
        is_limit = bool(_LIMIT.search(before) or _AND_UP.match(behind))
        yield Figure(plain_number(next(each for each in match.groups() if each)), is_limit)


def star_counts(spelled: str) -> set[str]:
    """Ratings that are drawn as a row of stars."""
    return {str(len(row)) for row in _ROW_OF_STARS.findall(spelled)}


def card_numbers(spelled: str, *, ordinals: bool) -> list[int]:
    """The numbers of cards that a sentence names, there or not.

    With `ordinals` "the third" is card 3.
    """
    listed = _LISTED.match(spelled)
    found = [int(listed[1])] if listed else []
    for match in _MEANT.finditer(spelled):
        found += map(int, re.findall(r"\d+", match[1]))
    if ordinals:
        found += [place_of(match[1]) for match in _PLACE.finditer(spelled)]
    return found


def shop_promises(sentence: str) -> list[str]:
    """The words of a sentence, in small letters, for what only the shop could know."""
    if _DENIED.search(sentence):
        return []
    return [each.lower() for each in _UNKNOWN_TO_A_CATALOGUE.findall(sentence)]


def names(sentence: str) -> Iterator[list[str]]:
    """The words of each name in a sentence, in small letters: in capitals, bold or quotes."""
    english = bool(_ENGLISH & set(re.findall(r"[a-z]+", sentence.lower())))
    for name in _CAPITALS.findall(sentence.strip()):
        words = [w for w in re.findall(r"[\w']+", name.lower()) if w not in _LINKS]
        # The first word of a sentence has its capital for another reason.
        if sentence.strip().startswith(name) and (len(words) > 2 or not english):
            words = words[1:]
        # So has every noun in German.
        if len(words) > (not english):
            yield words
    if english or not _GERMAN & set(re.findall(r"[^\W\d_]+", sentence.lower())):
        yield from ([word.lower()] for word in _CAPITAL.findall(sentence))
    else:
        yield from ([word.lower()] for word in _MAKER.findall(sentence))
    for match in _MARKED.finditer(sentence):
        words = re.findall(r"[\w']+", (match["bold"] or match["quoted"]).lower())
        to_be_said = match["quoted"] and _TO_BE_SAID.search(sentence[: match.start()])
        if len(words) > 1 and not to_be_said:
            yield words
