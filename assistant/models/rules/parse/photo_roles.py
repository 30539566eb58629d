"""What several pictures of a message stand for: "this shape, that pattern", "not like this one"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.text import CUT
from assistant.models.rules.parse.references import read_photo_number, read_shown_number

_SHAPES = r"(?:shape|style|form|cut|kind|silhouette|model|type|design|thing|item|product|object)s?"
_LOOKS = r"(?:pattern|print|colou?r|texture|motif|fabric|material|theme|colou?ring)s?"
_PHOTO = r"(?:photo|picture|pic|image)"
_FIRST = rf"(?:this|the first|the 1st|first|{_PHOTO} (?:1|one)|the former|one of them)"
_SECOND = rf"(?:that|the second|the 2nd|second|{_PHOTO} (?:2|two)|the other|other|the latter)"
_WHO = rf"(?P<who>{_FIRST}|{_SECOND})(?: one| {_PHOTO})?(?:'s)?"
_BEHIND = r"(?:of|from|in|as in|like|on|that is in)"


def _quality(quality: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """ "The shape of this" and "this shape"."""
    return (
        bounded(rf"\b{quality} {_BEHIND} {_WHO}\b"),
        bounded(rf"\b{_WHO} {quality}\b"),
    )


_OF_SHAPE, _OF_LOOK = _quality(_SHAPES), _quality(_LOOKS)
_ANYONE = bounded(rf"\b{_WHO}\b")
_TOGETHER = bounded(
    r"\b(?:like|with|of|from|combining|mixing|between|in the style of)? ?(?:both"
    r"(?: of (?:these|them))?(?: photos| pictures)?|a (?:mix|mixture|combination|cross) (?:of|"
    r"between) (?:these|them|"
    r"the two|both)(?: two)?|(?:these|the) two(?: photos| pictures)?(?: together| combined)?)\b"
)
_UNLIKE = bounded(
    r"\b(?:(?:but |just |please |and )*(?:not|nothing|never|less|don't (?:want|show me|like)|"
    r"do not (?:want|show me|like))(?: at all)? (?:(?:more |something |anything |things |one |"
    r"ones |any |some )*(?:like|similar to|as in|resembling))|unlike|(?:very |quite |something |"
    r"anything |"
    r"completely |totally )*different (?:from|than|to)(?! (?:each|one another))|"
    r"(?:i )?(?:really )?(?:can't stand|don't like|do not like|hate|dislike)(?= (?:this one|"
    r"that one|number|the (?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|last)|#))|"
    r"nothing close to|(?:but |and )?not(?= "
    r"(?:this|that|number|the (?:first|second|third|fourth|fifth|last|other)|photo|picture|#)))\s*"
)
_THIS = bounded(r"\s*(?:this|that|these|the)(?: other)?(?: one| photo| picture| image| pic)?\b")
_SENT = r"(?:sent|had|used|gave you|uploaded|attached|showed you|shared|posted|took)"
_BEFORE = bounded(
    r"\b(?:with |like |in |from |on |to |for |as |matching )*(?:(?:the|my|that) )?(?:"
    rf"(?:previous|earlier|older|old|former|other) {_PHOTO}|"
    rf"{_PHOTO} (?:that |which )?(?:(?:i|we) {_SENT}(?: you)?(?: (?:from )?(?:before|earlier|"
    r"previously|a while ago|at the start))?|(?:from )?(?:before|earlier|previously|a while ago)|"
    r"again))\b"
)
_OLDEST = bounded(rf"\b(?:with |like |as |in |from )*the (?:first|original) {_PHOTO}")
_MINE = bounded(rf"\b(?:with |like |as |in |from |matching |to )*(?:the|my|that) {_PHOTO}\b")


@dataclass(frozen=True, slots=True)
class Roles:
    """Places are from 1 among the photos of the turn, unless they say "shown"."""

    shape: int | None = None
    """The photo that the search starts from."""
    look: int | None = None
    """The photo that counts beside it."""
    unlike_photo: int | None = None
    unlike_shown: int | None = None
    unlike_this: bool = False
    """ "Not like this one": what is unwanted has no number of its own."""
    before: bool = False
    """ "The photo from before"."""


def read_roles(text: str, shown: int, photos: int, new_photos: int = 0) -> tuple[Roles, str]:
    """The roles in a normalized text, and the text without them.

    With several new photos "the second" is one of them, and no card.
    """
    before = _BEFORE.search(text)
    if before is None and photos and not new_photos:
        before = _MINE.search(text) or _OLDEST.search(text)
    if before is not None:
        text = text[: before.start()] + CUT + text[before.end() :]
        return Roles(before=True), text
    if photos > 1:
        roles, rest = _shape_and_look(text)
        if roles.shape is not None:
            return roles, rest
    match = _TOGETHER.search(text) if photos > 1 else None
    if match is not None:
        return Roles(shape=1, look=2), text[: match.start()] + CUT + text[match.end() :]
    return _unlike(text, shown, photos, new_photos)


def _shape_and_look(text: str) -> tuple[Roles, str]:
    """Which of two photos gives the shape.

    Where the text names one quality of one photo, the other photo gives the other quality.
    """
    if len(_ANYONE.findall(text)) < 2 or _UNLIKE.search(text):
        return Roles(), text
    for qualities, second_gives in ((_OF_LOOK, True), (_OF_SHAPE, False)):
        for pattern in qualities:
            match = pattern.search(text)
            if match is None:
                continue
            place = 2 if _second(match["who"]) else 1
            look = place if second_gives else 3 - place
            rest = text
            for each in (*_OF_LOOK, *_OF_SHAPE, _ANYONE):
                rest = each.sub(CUT, rest)
            return Roles(shape=3 - look, look=look), rest
    return Roles(), text


def _unlike(text: str, shown: int, photos: int, new_photos: int) -> tuple[Roles, str]:
    match = _UNLIKE.search(text)
    if match is None:
        return Roles(), text
    before, rest = text[: match.start()], text[match.end() :]
    who = _ANYONE.match(rest) if new_photos > 1 else None
    if who is not None:
        other = _ANYONE.sub(CUT, before)
        return Roles(
            unlike_photo=2 if _second(who["who"]) else 1
        ), f"{other}{CUT}{rest[who.end() :]}"
    number, other = read_photo_number(rest, photos)
    if number is not None:
        return Roles(unlike_photo=number), f"{before}{CUT}{other}"
    number, other = read_shown_number(rest, shown)
    if number is not None:
        return Roles(unlike_shown=number), f"{before}{CUT}{other}"
    this = _THIS.match(rest)
    if this is None:
        return Roles(), text
    return Roles(unlike_this=True), f"{before}{CUT}{rest[this.end() :]}"


def _second(who: str) -> bool:
    return re.fullmatch(_SECOND, who) is not None
