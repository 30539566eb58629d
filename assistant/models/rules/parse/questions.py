"""Requests about shown products: details, a comparison, "why", the shortlist, earlier lists.

Not covered: two such requests in one message; the first that is recognised counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.numbers import CARDINALS
from assistant.models.rules.lexicon.text import words_of
from assistant.models.rules.parse.differences import IN_ONE_THING
from assistant.models.rules.parse.price_limits import Limits, read_limits
from assistant.models.rules.parse.product_questions import ProductQuestion
from assistant.models.rules.parse.references import numbers_named
from tools.search.arguments import MOST_COMPARED

Kind = Literal["details", "compare", "why", "keep", "drop", "kept", "back", "names"]


@dataclass(frozen=True, slots=True)
class Ask:
    """One request about shown products, or about the names that the shop uses."""

    kind: Kind
    numbers: tuple[int, ...] = ()
    topic: str = ""
    """What a detail is asked about, which list is meant, or which names: in the shopper's words."""
    question: ProductQuestion | None = None
    """What exactly is asked of one product, where that is known."""


_POLITE = (
    r"^(?:please |ok |okay |so |and |now |can you |could you |would you |will you |can i |could i |"
    r"may i |let's |i'd like to |i would like to |i want to |i wanna |let me |actually |just |"
    r"then |"
    r"hi |hey |oh |hm+ |\| )*"
)
_NAMES = bounded(
    rf"{_POLITE}(?:what|which|do you have|are there|tell me (?:what|which)|list|show me|name)"
    r"(?: other| all| the| all the| your| of your| kinds? of| sorts? of| the different|"
    r" different)* "
    r"(?P<what>colou?rs?|brands?|makers?|"
    r"categories|category|departments?|kinds? of (?:things|products|stuff)|types? of "
    r"(?:things|products)|sections?)\b(?! (?:is|are|does|do|was) (?:the|it|this|that|number|#|\d))"
    r"(?=.*\b(?:have|got|sell|offer|carry|there|available|stock|come|exist|choose|options)\b|"
    r"(?: do you| you| please)*(?: \|)*$)"
)

_LIST = (
    r"(?:short ?list|favou?rites|favs|wish ?list|selection|saved (?:ones|items|list)|keepers|picks|"
    r"my list|the list)"
)
_I_KEPT = (
    r"(?:(?:did|have|had|do) i (?:keep|kept|save|saved|bookmark|bookmarked|short ?list(?:ed)?|put "
    r"aside|pick|picked)|(?<!is what )(?<!is all )(?:i|i have) (?:kept|saved|bookmarked|"
    r"short ?listed|picked|put aside|set aside))"
)
_KEPT = bounded(
    rf"\b{_I_KEPT}\b|{_POLITE}(?:my |the )?(?:{_LIST}|list)(?: please| now| again)*(?: \|)*$|"
    rf"\b(?:show|see|view|open|display|what|what's|which|where|bring up|pull up|look at|go to|back "
    rf"to|check|read|anything|something|list)\b.*\b{_LIST}|\bmy {_LIST}(?: please)?(?: \|)*$"
)
_LISTED = r"(?=.*\b(?:short ?list|list|favou?rites|favs|selection|picks|aside|later)\b)"
_KEEP = bounded(
    r"\b(?:keep(?! (?:everything|all else|all of that|the (?:rest|same)|"
    r"[a-z]+ing\b))|save|bookmark|hold on to|set aside|pin|star|favou?rite|short ?list"
    rf"|(?:put|pop|add|stick|throw|include|move){_LISTED}"
    r"|(?:i'll|i will|i'd like to|let me) (?:take|have|keep|go (?:for|with))|remember)\b"
)
_KEEP_TO = bounded(
    r"\bkeep (?:it|that|this|them|things) (?:within|under|below|beneath|to|at|around|between|"
    r"simple|small|light|cheap)\b"
)
"""Sets a limit: "keep it within 300"."""
_DROP = bounded(
    r"\b(?:drop|remove|delete|discard|unsave|un-?keep|let go of|get rid of|throw out|kick out|"
    r"cross off|not keeping|don't keep|take(?=.*\b(?:off|out)\b)|forget(?: about)?)\b"
)
_IT = bounded(r"\b(?:it|that|this|them|these|those)\b(?: one)?(?: please| too| for me)*(?: \||$)")
_COMPARE = bounded(
    r"\b(?:compare|comparison|contrast|versus|vs|against|compared? (?:to|with)|side by side|"
    r"differen(?:ce|ces|t)|differs?|better|nicer|best|cheaper|or|apart|distinguish\w*|separat\w+|"
    r"advantages?|over|"
    r"instead of|"
    r"rather than|in common|extra)\b"
)
_COMPARED = bounded(rf"{_POLITE}(?:compare|comparison|contrast)\b")
_PICK = bounded(r"\bbetween\b.*\b(?:better|nicer|best|prefer|choose|differ\w*|pick)\b")
_COUNTS = bounded(
    rf"(?<!number )(?<!#)\b(?:{'|'.join(CARDINALS[1:13])}|\d{{1,2}})[ -](?:people|persons?|man|"
    rf"men|adults?|kids|"
    r"children|slices?|pieces?|packs?|cups?|inch(?:es)?|cm|mm|kg|litres?|liters?|ml|hours?|"
    r"minutes?|years?)\b"
)
"""Numbers that count something, and no cards."""
_DIFFER = bounded(
    r"\b(?:differen(?:ce|ces|t)|differs?|compare[ds]?|comparison)\b(?=.*\bbetween\b|.*\bof\b)|"
    r"\b(?:separat\w+|distinguish\w*)\b.*\b(?:from|and)\b|\b(?:sets?|tells?)\b.*\bapart\b"
)
_DIFFER_ALL = bounded(
    r"\b(?:(?:compare|comparison|contrast)\b.*\b(?:them|these|those|all|both)|"
    r"(?:differen(?:ce|ces)\b.*|\bdifferent between )\b(?:them|these|those|all|both|the two|"
    r"the three)|"
    r"(?:sets?|tells?|keeps?) (?:them|these|those|the (?:two|three)) apart|"
    r"distinguish\w* (?:them|these|those|the (?:two|three))|"
    r"how (?:do|are) (?:they|these|those|the two) (?:all )?(?:differ|different|compare)|"
    r"what(?:'s| is) the difference\s*(?:\||$))"
)
_WHETHER = bounded(rf"{_POLITE}(?:is|are|which)\b.*\b(?:than|or)\b")
"""Two numbers behind it are two cards: "is 2 cheaper than 3"."""
_LONGEST_KEPT = 12
"""Words: a longer message is no look at the shortlist, "vouchers where she picks for herself"."""
_WHY = bounded(
    rf"{_POLITE}(?:why|how come|what ma(?:kes|de)|what's the reason|for what reason|explain why|"
    r"reason for)\b"
)
_LISTS = (
    r"(?:ones|list|lists|results?|lot|set|batch|search|page|few|products|items|things|selection)"
)
_EARLIER = (
    r"(?:before|earlier|previously|originally|initially|first|in the beginning|at the (?:very )?"
    r"(?:start|beginning)|a (?:while|moment) ago|just now)"
)
_BACK = bounded(
    rf"{_POLITE}(?:(?:i want |i'd like )?(?:to )?(?:go|take me|get|bring me|return|let's go|going|"
    rf"jump|switch|show me)? ?back\b(?: to| at)?|return to|"
    r"(?:show|see|give)(?: me)?(?: again)?(?= .*\b(?:again|once more|before|earlier|previous|"
    rf"original|first {_LISTS})\b)|"
    rf"(?=(?:the )?(?:very )?(?:previous|earlier|original|first|last) {_LISTS}\b)|"
    rf"(?=(?:the |those |these )?(?:[a-z]+ ){{0,2}}[a-z]+ (?:you |that you |which you )?(?:showed|"
    rf"had shown|gave|had)(?: me| us)? {_EARLIER}\b)|"
    r"(?=(?:the |those |these )(?:[a-z]+ ){0,2}[a-z]+ (?:from )?(?:before|earlier|again)\b)|"
    rf"(?=(?:the )?{_LISTS} (?:from )?(?:before|earlier)\b)|"
    r"undo\b)(?P<what>.*)$"
)
_PICTURE = bounded(r"\b(?:photo|picture|pic|image|screenshot)\b")
_DETAILS = bounded(
    rf"{_POLITE}(?:tell me|give me the|what|what's|how|how's|is|are|was|does|do|did|has|have|can|"
    r"could|would|will|should|which|who|who's|when|where|anything)\b"
)
_INFORMED = bounded(
    r"\b(?:more (?:details?|info|information|about)|details?|info|information|describe|description|"
    r"lowdown|specs?|specifics|tell me (?:more )?about|made (?:out )?of|material)\b"
)
_OTHER_KIND = bounded(
    r"\blike(?!\s*(?:\||$))|"
    r"\b(?:available|come|comes|get|got|have|sell|sold|make|made|see)\b.*\b(?:in|as)\s+"
    r"(?!it\b|total\b)\w+|\b(?:similar|cheaper|pricier|better rated|higher rated|more "
    r"expensive|less|version|resembling|unlike|resembles?)\b"
)
_ANOTHER = bounded(r"\b(?:how|what) about (?:an?|some|ones?) (?!(?:and|or|vs|versus|against|to)\b)")
"""A wish for another thing, whatever numbers are in it: "how about one with two drawers"."""
_MATERIAL = bounded(r"\b(?:made|material|fabric|come from|out) ?(?:of|from|in)?\b")


def read_ask(text: str, shown: int) -> Ask | None:
    """The request in a normalized text, with `shown` cards to refer to; None for any other text."""
    if match := _NAMES.match(text):
        return Ask("names", topic=match["what"])
    raw = numbers_named(text, shown)
    inside = len(raw) > 1 and all(1 <= number <= shown for number in raw)
    whole = not IN_ONE_THING.search(text)
    if inside and whole and _DIFFER.search(text):  # "between 1 and 3" is no price here
        return Ask("compare", raw)
    if shown > 1 and not raw and whole and _DIFFER_ALL.search(text):
        return Ask("compare", tuple(range(1, min(shown, MOST_COMPARED) + 1)))
    limits, bare = read_limits(text)
    pictured = _PICTURE.search(text) is not None
    bare = _COUNTS.sub(" ", bare)
    numbers = numbers_named(bare, shown)
    in_reach = any(number <= max(shown, MOST_COMPARED) for number in numbers)
    if _DROP.search(text) and (in_reach or (numbers and "number" in text)) and not pictured:
        return Ask("drop", numbers)
    if (
        len(words_of(text)) <= _LONGEST_KEPT
        and _KEPT.search(text)
        and not (_KEEP.search(text) and numbers)
    ):
        return Ask("kept")
    if (match := _KEEP.search(bare)) and not (pictured or _KEEP_TO.search(text)):
        alone = not numbers and limits == Limits() and _IT.match(bare, match.end() + 1)
        if numbers or alone:
            return Ask("keep", numbers)
    if _WHY.match(text):
        return Ask("why", numbers)
    if whole and _COMPARE.search(bare) and 1 < len(numbers) <= MOST_COMPARED and not pictured:
        return Ask("compare", numbers)
    if (_WHETHER.match(text) or _PICK.search(text)) and len(raw) == 2 and inside:
        return Ask("compare", raw)
    if _COMPARED.match(text):
        return Ask("compare", numbers)
    if (match := _BACK.match(text)) and not pictured and limits == Limits():
        return Ask("back", topic=match["what"] or text)
    if len(numbers) != 1:
        return None
    asks = _DETAILS.match(text) or _INFORMED.search(text)
    if _ANOTHER.search(text):
        return None
    if asks and (_MATERIAL.search(text) or not _OTHER_KIND.search(text)):
        return Ask("details", numbers, text)
    return None
