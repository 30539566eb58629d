"""What is asked of things that were shown: details, a comparison, "why", the shortlist, old lists.

Not covered: two such wishes in one message; the first that is recognised counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.reading.references import numbers_named

Kind = Literal["details", "compare", "why", "keep", "drop", "kept", "back", "names"]


@dataclass(frozen=True, slots=True)
class Ask:
    """One wish about shown things, or about the names that the shop uses."""

    kind: Kind
    numbers: tuple[int, ...] = ()
    topic: str = ""
    """What a detail is asked about, which list is meant, or which names: in the shopper's words."""


_POLITE = (
    r"^(?:please |ok |okay |so |and |now |can you |could you |would you |will you |let's |i'd like "
    r"to |i would like to |i want to |i wanna |let me |just |then |\| )*"
)
_LIST = r"(?:short ?list|favou?rites|favs|wish ?list|selection|saved (?:ones|items)|keepers|picks)"
_KEPT = re.compile(
    rf"{_POLITE}(?:my |the )?(?:(?:show|see|view|open|list|display|what|which|where|bring up|"
    rf"look at|go to|"
    rf"back to)\b.*)?\b(?:kept|saved|short ?listed|bookmarked|{_LIST}|put aside|set aside|"
    rf"what (?:did|do|have) i (?:save|keep))\b"
)
_KEEP = re.compile(
    rf"{_POLITE}(?:keep|save|short ?list|bookmark|remember|hold on to|set aside|put aside|pin|"
    r"add(?=.*\b(?:short ?list|list|favou?rites|favs|selection|picks)\b)|"
    r"put(?=.*\b(?:short ?list|list|favou?rites|favs|selection|picks|aside)\b))\b"
)
_DROP = re.compile(
    rf"{_POLITE}(?:drop|remove|delete|forget|discard|unsave|let go of|get rid of|throw out|"
    r"take(?=.*\b(?:off|out)\b)|kick out|cross off|not keeping)\b"
)
_COMPARE = re.compile(
    rf"{_POLITE}(?:compare|comparison|contrast)\b|\b(?:versus|vs|against|compared? (?:to|with)|"
    r"side by side|differen(?:ce|ces|t)|differ)\b|^which (?:one )?is (?:the )?"
    r"(?:better|nicer|best|cheaper)\b"
)
_PAIR = re.compile(r"\b(?:against|versus|vs|or|and|to|with|from)\b|[,|]")
_WHY = re.compile(
    rf"{_POLITE}(?:why|how come|what makes|what's the reason|for what reason|explain why)\b"
)
_BACK = re.compile(
    rf"{_POLITE}(?:(?:go|take me|get|bring me|return|let's go|going)? ?back\b(?: to| at)?|"
    rf"return to|"
    r"(?:show|see|give)(?: me)?(?: again)?(?= .*\b(?:again|before|earlier|previous|original|"
    r"first (?:ones|list|results|lot|set|batch|search|few|products|items))\b)|"
    r"(?=(?:the )?(?:previous|earlier|original|first) (?:ones|list|results|lot|set|batch|"
    r"search)\b)|(?=(?:the )?(?:ones|list|results|products|things) (?:from )?(?:before|earlier)\b)|"
    r"undo\b)(?P<what>.*)$"
)
_PICTURE = re.compile(r"\b(?:photo|picture|pic|image|screenshot)\b")
_NAMES = re.compile(
    rf"{_POLITE}(?:what|which|do you have|are there|tell me (?:what|which)|list|show me)"
    r"(?: other| all| the| all the| your| kinds? of)* (?P<what>colou?rs?|brands?|makers?|"
    r"categories|category|departments?|kinds? of (?:things|products|stuff)|types? of "
    r"(?:things|products)|sections?)\b(?! (?:is|are|does|do) (?:the|it|this|that|number|#))"
    r"(?=.*\b(?:have|got|sell|offer|carry|there|available|stock|come|exist|choose|options)\b|"
    r"(?: do you| you)?(?: \|)*$)"
)
_DETAILS = re.compile(
    rf"{_POLITE}(?:tell me|more (?:details?|info|information|about)|details?|info|information|"
    r"describe|what|what's|whats|how|is|are|does|do|can|which|who|when|where|give me (?:more )?"
    r"(?:details?|info|information))\b"
)
_OTHER_KIND = re.compile(
    r"\b(?:available|come|comes|get|got|have|sell|sold|make|made)\b.*\b(?:in|as)\s+(?!it\b|total\b)"
    r"\w+|\b(?:like|similar|cheaper|pricier|better rated|more expensive|less)\b"
)
_MATERIAL = re.compile(r"\b(?:made|material|fabric|come from|out) ?(?:of|from|in)?\b")


def read_ask(text: str, shown: int) -> Ask | None:
    """The wish in a tidied text, with `shown` cards to refer to; None for any other."""
    if match := _NAMES.match(text):
        return Ask("names", topic=match["what"])
    numbers = numbers_named(text, shown)
    if _DROP.match(text) and numbers:
        return Ask("drop", numbers)
    if _KEEP.match(text):
        return Ask("keep", numbers)
    if _KEPT.match(text):
        return Ask("kept")
    if _WHY.match(text):
        return Ask("why", numbers)
    if _COMPARE.search(text) and (len(numbers) > 1 or re.match(rf"{_POLITE}compar", text)):
        return Ask("compare", numbers)
    if (match := _BACK.match(text)) and not _PICTURE.search(text):
        return Ask("back", topic=match["what"] or text)
    asks = _DETAILS.match(text) is not None and len(numbers) == 1
    if asks and (_MATERIAL.search(text) or not _OTHER_KIND.search(text)):
        return Ask("details", numbers, text)
    return None
