"""What several pictures of a message stand for: "this shape, that pattern", "not like this one"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.reading.references import read_photo_number, read_shown_number
from assistant.reading.text import CUT

_SHAPE = r"(?:shape|style|form|cut|kind|silhouette|model|type|design)"
_LOOK = r"(?:pattern|print|colou?rs?|texture|motif|fabric|material|theme)"
_FIRST = r"(?:this|the first|the 1st|photo 1|picture 1|one of them)"
_SECOND = r"(?:that|the second|the 2nd|the other|photo 2|picture 2|the latter)"
_ONE = r"(?: one| photo| picture| image| pic)?(?:'s)?"
_WHO = rf"(?P<{{0}}>{_FIRST}|{_SECOND}){_ONE}"


def _either_way(quality: str, name: str) -> str:
    """ "This shape" and "the shape of this"."""
    who = _WHO.replace("{0}", name)
    behind = _WHO.replace("{0}", f"{name}_behind")
    return rf"(?:\b{who} {quality}|\b(?:the |same )*{quality} (?:of|from|in|as in|like) {behind})\b"


_BOTH = re.compile(rf"{_either_way(_SHAPE, 'shape')}(?P<between>.*?){_either_way(_LOOK, 'look')}")
_TURNED = re.compile(rf"{_either_way(_LOOK, 'look')}(?P<between>.*?){_either_way(_SHAPE, 'shape')}")
_TOGETHER = re.compile(
    r"\b(?:like|with|of|from|combining|mixing|between|in the style of)? ?(?:both"
    r"(?: of (?:these|them))?(?: photos| pictures)?|a (?:mix|mixture|combination|cross) (?:of|"
    r"between) (?:these|them|"
    r"the two|both)(?: two)?|(?:these|the) two(?: photos| pictures)?(?: together| combined)?)\b"
)
_UNLIKE = re.compile(
    r"\b(?:(?:but |just |please |and )*(?:not|nothing|never)(?: at all)? (?:(?:something |"
    r"anything |"
    r"one |ones )?(?:like|similar to|as in|resembling))|unlike|(?:very |quite |something |"
    r"anything |"
    r"completely |totally )*different (?:from|than|to)|nothing close to|(?:but |and )?not(?= "
    r"(?:this|that|number|the (?:first|second|third|fourth|fifth|last|other)|photo|picture|#)))\s*"
)
_THIS = re.compile(r"\s*(?:this|that|these|the)(?: other)?(?: one| photo| picture| image| pic)?\b")
_BEFORE = re.compile(
    r"\b(?:with |like |in |from |on |to |for )*(?:(?:the|my|that) )?(?:"
    r"(?:previous|earlier|older|old|former|other) (?:photo|picture|pic|image)|"
    r"(?:photo|picture|pic|image) (?:that |which )?(?:(?:i|we) (?:sent|had|used|gave you|uploaded|"
    r"attached|showed you) )?(?:from )?(?:before|earlier|previously|a while ago))\b"
)


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


def read_roles(text: str, shown: int, photos: int) -> tuple[Roles, str]:
    """The roles in a tidied text, and the text without them."""
    before = _BEFORE.search(text)
    if before is not None:
        text = text[: before.start()] + CUT + text[before.end() :]
        return Roles(before=True), text
    for pattern in (_BOTH, _TURNED):
        match = pattern.search(text) if photos > 1 else None
        if match is not None:
            shape = _second(match["shape"] or match["shape_behind"])
            look = _second(match["look"] or match["look_behind"])
            rest = text[: match.start()] + CUT + text[match.end() :]
            if shape != look:
                return Roles(shape=1 + shape, look=1 + look), rest
    match = _TOGETHER.search(text) if photos > 1 else None
    if match is not None:
        return Roles(shape=1, look=2), text[: match.start()] + CUT + text[match.end() :]
    return _unlike(text, shown, photos)


def _unlike(text: str, shown: int, photos: int) -> tuple[Roles, str]:
    match = _UNLIKE.search(text)
    if match is None:
        return Roles(), text
    before, rest = text[: match.start()], text[match.end() :]
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
