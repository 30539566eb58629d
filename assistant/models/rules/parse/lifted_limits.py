"""Limits that are taken back: "any color", "forget the budget", "it doesn't have to be red"."""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.text import CUT

_NAMES = {
    "price": r"(?:price|budget|cost|money|spending|limit)",
    "colors": r"(?:colou?r|shade|hue)",
    "brands": r"(?:brand|maker|make)",
    "min_rating": r"(?:rating|review|star)",
}
_LETTING_GO = (
    r"(?:any|whatever|whichever|screw|stuff|damn|sod|blow|to hell with|disregard|leave aside|"
    r"every|all|no|other|"
    r"forget(?: about)?|ignore|drop|remove|lose|lift|scrap|skip|"
    r"without|never mind|regardless of|don't (?:care|mind|worry)(?: about)?|not (?:bothered|fussy|"
    r"fussed|picky) about|(?:needn't|need not|don't have to|don't need to) (?:mind|"
    r"watch|heed|(?:care|worry|bother) about|look at|think (?:of|about))|get rid of|take off|clear|"
    r"reset)"
)
_NO_MATTER = (
    r"(?:(?:(?:is|are|does|do|really|just|of|then|now|so|actually)\s)*(?:doesn't|don't|isn't|aren't|not|no)\b[^|]{0,20}"
    r"(?:matters?|important|object|issue|problem|care|relevant|fussed|concern|importance)|"
    r"(?:is|are) (?:fine|ok|okay|"
    r"irrelevant|open|unlimited)|(?:makes?|matters?|counts?) (?:nothing|not)|"
    r"can (?:be (?:any|anything|higher|more|whatever)|"
    r"go (?:up|higher)))\b"
)
_FREE = {
    what: bounded(
        rf"\b{_LETTING_GO} (?:about )?(?:what |which |the |a |an |my |of )*(?:price |color |"
        rf"colour |"
        rf"brand |rating )?{name}s?\b(?: limit| cap| range| preference| filter| requirement)?s?"
        rf"(?: is| are)?(?: fine| ok| okay| at all| will do)?|"
        rf"\b{name}s? (?:limit |cap )?{_NO_MATTER}|"
        rf"(?:^|\| ?)(?:the )?{name}s?(?: and [a-z]+)? aside\b"
    )
    for what, name in _NAMES.items()
}
_MORE_MONEY = bounded(
    r"\b(?:(?:budget|limit|ceiling|price cap) (?:is )?(?:off|gone|lifted)|"
    r"(?:forget|drop|scrap|ignore|never mind|screw)(?: about)? the [$€£]?\d+(?! [a-z]+s\b)|"
    r"(?:forget|ignore|never mind|scrap|drop)(?: about)? (?:what(?:ever)? i said|all that)?"
    r"(?: about)? (?:the )?(?:money|budget|price|cost)|"
    r"(?:forget|lift|drop|scrap|ignore|remove)(?: about)? (?:the|my|that) (?:cap|ceiling|"
    r"max(?:imum)?)|money(?: is|'s) no (?:object|issue|matter|question)|"
    r"(?:i )?(?:can|may) (?:spend|pay) more|"
    r"no (?:more )?(?:(?:price |budget )?limit\b|(?:price |budget )ceiling\b|"
    r"(?:ceiling|cap)(?= (?:any ?more|now|at all)\b| ?\||$))|"
    r"hang the (?:price|cost|budget)|(?:never mind|no matter|regardless of) (?:what|how much) "
    r"(?:it|they|that|this) costs?|"
    r"(?:may|can|could|is allowed to) cost more|whatever (?:the price|(?:it|"
    r"they) costs?)|more expensive (?:is|"
    r"ones are) (?:fine|ok|okay)|cost(?:s)? whatever)\b"
)
_NEITHER = bounded(r"\bneither (?:[a-z]+ ){1,3}nor (?:[a-z]+ ){1,6}(?:matters?|counts?)\b")
_EVERY_LIMIT = bounded(
    r"\b(?:forget|drop|scrap|ignore|lift) (?:(?:both|all|these|those|the|my|other) )+(?:wishes|"
    r"limits|conditions|filters|requirements|demands|constraints)\b"
)
_ANY_COLOR = bounded(
    r"\b(?:the |my )?(?:colou?r|shade)(?:'s)? (?:(?:is|are|be) )?"
    r"(?:(?:to )?(?:me|us|him|her|them) )?(?:all )?"
    r"(?:equal|the same|open|whatever|up to you)\b(?! as\b)(?: to (?:me|us|him|her|them))?|"
    r"\b(?:doesn't|don't|does not|do not|no longer) (?:really )?(?:care|mind|bother)s?(?: about)? "
    r"(?:the |which |what )?colou?rs?\b(?: any ?more)?"
)
_NOT_NEEDED = bounded(
    r"\b(?:(?:doesn't|does not|don't|do not|needn't|need not|not)(?: really| necessarily)? ?"
    r"(?:have to|need to)?(?: necessarily)? ?be|not necessarily|no need (?:for it )?to be) "
    r"(?P<what>[a-z]+)\b"
)
_SCRAPPED = bounded(
    r"\b(?:scrap|scratch|drop|ditch|lose|skip|forget(?: about)?|never mind)(?: the)? "
    r"(?:[a-z]+ and )?(?P<what>[a-z]+)(?= altogether\b|\s*(?:\||$|,|and\b|or\b))"
)
"""A color that was asked for: "scrap the black"."""


def read_lifted_limits(text: str, is_color: Callable[[str], bool]) -> tuple[frozenset[str], str]:
    """The limits that a normalized text lifts, and the text without those words."""
    freed: set[str] = set()
    text, times = _EVERY_LIMIT.subn(CUT, text)
    if times:
        freed |= _NAMES.keys()
    for what, pattern in _FREE.items():
        text, times = pattern.subn(CUT, text)
        if times:
            freed.add(what)
    for match in reversed(list(_NEITHER.finditer(text))):
        freed |= {what for what, name in _NAMES.items() if re.search(rf"\b{name}s?\b", match[0])}
        text = text[: match.start()] + CUT + text[match.end() :]
    text, times = _MORE_MONEY.subn(CUT, text)
    if times:
        freed.add("price")
    text, times = _ANY_COLOR.subn(CUT, text)
    if times:
        freed.add("colors")
    for pattern in (_NOT_NEEDED, _SCRAPPED):
        matches = [each for each in pattern.finditer(text) if is_color(each["what"])]
        for match in reversed(matches):
            freed.add("colors")
            text = text[: match.start()] + CUT + text[match.end() :]
    return frozenset(freed), text
