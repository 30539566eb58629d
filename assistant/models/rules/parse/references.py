"""Numbers of shown cards and of photos in a shopper's words: "the third", "#3", "photo 2"."""

from __future__ import annotations

import re

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.numbers import CARDINALS, ORDINALS, VALUES, place_of
from assistant.models.rules.lexicon.people import GENDERS
from assistant.models.rules.lexicon.text import CUT, word_set

_MOST_CARDS = 24
_MOST = 12
"""Up to this, cards and photos are named by words."""
_ORDINALS = ORDINALS[:_MOST]
_WORDS = CARDINALS[1 : _MOST + 1]
_ORDINAL = rf"(?:{'|'.join(_ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th))"
_PICTURE = r"(?:photo|picture|pic|image|screenshot)"
_CARD = r"(?:one|item|product|option|result|card|choice)"

# "First aid kit" names no card: an ordinal alone must end what it belongs to.
_ENDS = (
    r"(?=\s*(?:$|[|?'])|\s+(?:in|but|with|under|over|below|is|was|and|or|made|costs?|comes?|"
    r"please|instead|looks?|from|only|again|for|available|come)\b)"
)

_PHOTO = bounded(
    rf"\b(?:{_PICTURE} (?:number |no\.? ?|# ?)?(?P<number>\d{{1,2}}|one|two|three)\b|"
    rf"(?:the )?(?P<ordinal>{_ORDINAL}|last) {_PICTURE})\b"
)
_SHOWN = (
    bounded(r"(?:\bnumber|\bno\.?|\bnr\.?|#)\s?(?P<n>\d{1,2})\b(?!\d)"),
    bounded(rf"\bnumber (?P<n>{'|'.join(_WORDS)})\b"),
    bounded(rf"\b{_CARD} (?P<n>\d{{1,2}})\b"),
    # "Cheapest first" and "curtains first" name no card: an article says that they do.
    bounded(
        rf"\b(?:(?:the |your |that )(?P<the>{_ORDINAL}|last)|(?P<n>{_ORDINAL}|last)"
        rf"(?<!\bfirst)(?<!\blast))(?: {_CARD}(?!\w)|{_ENDS})"
    ),
    bounded(rf"\b(?P<n>first|last) {_CARD}(?!\w)"),
)
_COUNTED = bounded(rf"\b(?:first|top) (?P<n>{'|'.join(_WORDS)}|\d{{1,2}})\b")
_SOME = rf"(?:#|the )?(?:{'|'.join(_WORDS)}|{_ORDINAL}|\\d)"
_EACH = bounded(
    rf"(?<![\w$€£.,])(?:#|number |no\.? |nr\.? |item |option )?"
    rf"(?P<n>{_ORDINAL}|last|(?<!that )(?<!this )(?<!first )(?<!last )(?<!which )"
    rf"(?<!the )one(?=\s*(?:,|\b(?:and|or|vs|versus|against|to|with) )(?:number )?{_SOME})|"
    rf"(?<=number )one|{'|'.join(_WORDS[1:])}|\d{{1,2}})(?![\w$€£%.\"″]|,\d|-[a-z])"
)
_RANGE = bounded(r"\d+ ?(?:to|-|–) ?\d+ ?(?:mm|cm|m|kg|g|l|ml|inch\w*|years?|w|v)\b")
"""Of what is measured: "30 to 35 mm"."""
_TOO_MUCH = bounded(r" (?:is|are|was) (?:way |far |a bit |just )?too ")
"""Behind a price: "94 is too much"."""
_MEASURING = frozenset(["age", "aged", "ages", "at", "from", "turning", "size"])
"""Before a number that is an age, a size or a temperature."""
_VERBS = word_set(
    "is has does was costs comes please as looks vs versus suits fits matches plus this its"
)
_COUNTED_NOUNS = word_set(
    "people person ppl of inch litre liter ml cl cm mm m kg g oz lb ft l w v gb tb h hour minute "
    "year day piece pack sqm square db hz percent degree usd eur dollar euro"
)
_BARE = bounded(
    r"\b(?:like|than|as|to|of|with|about)\s(?P<n>\d{1,2})\b(?!\s*[$€£%.]|\s+(?!please|but|and|or|"
    r"in|with|without|then|though|thanks|maybe|only|just)\w)"
)


def read_photo_number(text: str, photos: int) -> tuple[int | None, str]:
    """The number of the photo that is named, from 1, and the text without it."""
    match = _PHOTO.search(text)
    if match is None:
        return None, text
    number = _value(match["number"] or match["ordinal"], photos)
    return number, text[: match.start()] + CUT + text[match.end() :]


def read_shown_number(text: str, shown: int) -> tuple[int | None, str]:
    """The number of the shown card that is named, and the text without it.

    May be out of range: the search says so. A bare number ("cheaper than 2") counts only while
    a card has it, since it may as well be a price.
    """
    for pattern in _SHOWN:
        match = pattern.search(text)
        if match is not None:
            rest = text[: match.start()] + CUT + text[match.end() :]
            if _value(match.groupdict().get("the") or match["n"], shown) > _MOST_CARDS:
                continue  # "my wife's 40th"
            return _value(match.groupdict().get("the") or match["n"], shown), rest
    match = _BARE.search(text)
    if match is not None and 1 <= int(match["n"]) <= shown:
        return int(match["n"]), text[: match.start("n")] + CUT + text[match.end("n") :]
    return None, text


def numbers_named(text: str, shown: int) -> tuple[int, ...]:
    """All numbers of cards in a text that is about cards, each once, in their order.

    "The first two" are 1 and 2. May be out of range: the tool says so.
    """
    counted = _COUNTED.search(text)
    if counted is not None:
        return tuple(range(1, _value(counted["n"], shown) + 1))
    if re.search(r"\b(?:all of (?:them|these|those)|them all|everything|all)\b", text):
        return tuple(range(1, shown + 1))
    # "The second one" is one number, not two.
    plain = re.sub(rf"\b({_ORDINAL}|last|this|that|which|other|cheaper|better|red|blue) one\b",
                   r"\1", text)  # fmt: skip
    named = [match for match in _EACH.finditer(plain) if not _counts(match, plain)]
    named = [match for match in named if not _RANGE.match(plain, match.start())]
    return tuple(dict.fromkeys(_value(m["n"], shown) for m in named if not _is_age(m)))


def _is_age(match: re.Match[str]) -> bool:
    """Whether an ordinal is too high for a card: "my uncle's 60th"."""
    return (
        re.fullmatch(r"\d+(?:st|nd|rd|th)", match["n"]) is not None
        and place_of(match["n"]) > _MOST_CARDS
    )


def _counts(match: re.Match[str], text: str) -> bool:
    """Whether a number counts something: "for two", "the two of us", "10 attachments"."""
    number, before = match["n"], text[: match.start()].split()
    if _TOO_MUCH.match(text, match.end()):
        return True
    named = match[0] != number  # "from number 2"
    if not named and before[-1:] == ["of"] and before[-2:-1] and before[-2] in GENDERS:
        return True  # "a boy of 9"
    if not named and before and before[-1] in _MEASURING:
        return True
    if number in _WORDS and before and before[-1] in ("for", "of", "us"):
        return True
    behind = re.match(r"[\s-]([a-z]+)", text[match.end() :])
    word = behind[1] if behind else ""
    plural = word.endswith("s") and not word.endswith("ss") and word not in _VERBS
    return not re.match(rf"{_ORDINAL}|last", number) and (plural or word in _COUNTED_NOUNS)


def _value(name: str, of: int) -> int:
    if name == "last":
        return max(of, 1)
    return VALUES[name] if name in _WORDS else place_of(name)
