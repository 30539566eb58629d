"""Questions about what sets shown products apart: by any word for a difference, or by what is paid
more for.

"How does 2 differ from 1?", "in what way is the second unlike the first?", "what do I get more for
the dearer one?", "why does 2 cost more?". They are answered by a comparison.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.parse.meant_cards import kind_words, numbers_meant
from assistant.models.rules.parse.question_forms import ASKS, WHETHER
from assistant.prompt.situation import ShownNote
from tools.search.arguments import MOST_COMPARED

_UNLIKE = bounded(
    r"\b(?:differs?|differed|differing|differen(?:ce|ces)|unlike|distinguish\w*|dissimilar|"
    r"differently|"
    r"different (?:from|to|than|about|between|with|at)|different(?= \||$)|"
    r"not the same|(?:the|exactly|really|actually) same(?= as\b| \||$)|identical|"
    r"(?:sets?|tells?|keeps?|know) .{0,40}\bapart|separat\w+ .{0,40}\bfrom|"
    r"(?:else|other|extra|more|advantages?|better) .{0,40}\b(?:over|compared (?:to|with)|"
    r"that .{0,30}\b(?:has not|hasn't|doesn't|does not|lacks?))|"
    r"(?:got|has|have|does|do) .{0,20}\bthat .{0,30}\b(?:hasn't|has not|doesn't|does not|lacks?|"
    r"can't))\b"
)
"""Says that two things are not the same, or asks whether they are."""
IN_ONE_THING = bounded(
    r"\b(?:differen(?:ce|ces|t)|differs?)\b.*\b(?:in|in terms of|as to|regarding|when it comes to) "
    r"(?!(?:them|these|those|the|it|price|your|short|general|detail|practice|simple|plain|brief|"
    r"words|use|stock|pictures?|photos?)\b)[a-z]+"
)
"""Asks for one thing that may differ: "the difference between the two in weight"."""
_DEARER = (
    r"(?:dearer|pricier|costlier|more (?:expensive|costly|pricey|dear)|(?:more|extra|higher) "
    r"(?:money|price)|extra (?:cost|cash|dollars?|bucks|euros?|pounds?|\$)|price difference)"
)
_WORTH = bounded(
    rf"\b(?:what|which|how|why|is|do|does|are)\b.{{0,60}}\b(?:get|got|extra|more|offers?|makes?|"
    rf"gives?|"
    rf"justif\w+|worth|reasons?|better|explains?|for|can|has|why)\b.{{0,60}}\b{_DEARER}|"
    rf"\b{_DEARER}.{{0,40}}\b(?:worth|justif\w+|give|offer|have|has|do|does|can)\b"
)
_COSTS_MORE = bounded(
    rf"^(?:\W|and |so |but |ok )*(?:why|how come|what makes|what's making|for what reason)\b"
    rf".{{0,60}}\b(?:costs? (?:so much |a lot |a bit )?(?:more|less)|{_DEARER}|cheaper|"
    r"less (?:expensive|money))\b"
)
_TWO = bounded(r"\b(?:two|both|either)\b")
_ANOTHER = bounded(
    r"\b(?:do|does|have|has|can|could) (?:you|u|ya)\b|\bis there\b|\bare there\b|\b(?:show|find|"
    r"give) me\b|\b(?:something|anything|an?|some|any|in|other) (?:[a-z]+ )?different\b|"
    r"\b(?:colou?rs?|sizes?|flavou?rs?)\b"
)
"""A wish for something else."""


def read_difference(text: str, cards: Sequence[ShownNote], lead: Sequence[int]) -> tuple[int, ...]:
    """The numbers of the cards whose differences a normalized text asks for; () for any other.

    `lead` are the cards that the list is led by. One that is named is compared with the first of
    the others; where none is named, the first two of the lead are compared, all of it for "how do
    they differ?".
    """
    if IN_ONE_THING.search(text):
        return ()
    if len(cards) < 2 or not (ASKS.match(text) or WHETHER.search(text) or _COSTS_MORE.search(text)):
        return ()
    paid = _COSTS_MORE.search(text) or _WORTH.search(text)
    if not (paid or _UNLIKE.search(text)):
        return ()
    named = numbers_meant(text, len(cards), kind_words(cards))
    if any(not 1 <= number <= len(cards) for number in named):
        return ()
    if len(named) > 1:
        return named[:MOST_COMPARED]
    if _ANOTHER.search(text):
        return ()
    order = [*dict.fromkeys((*lead, *(card.number for card in cards)))]
    if named:
        other = next(number for number in order if number != named[0])
        return tuple(sorted((named[0], other)))
    if paid or _TWO.search(text):
        return tuple(sorted(_by_price(order[:2] if len(lead) < 2 else lead, cards)[:2]))
    many = lead if len(lead) > 1 else order
    return tuple(sorted(many[:MOST_COMPARED]))


def _by_price(numbers: Sequence[int], cards: Sequence[ShownNote]) -> list[int]:
    """The first card, then those of another price: "the dearer one" tells these two apart."""
    prices = {card.number: card.price for card in cards}
    first, *others = numbers
    others.sort(key=lambda number: prices[number] == prices[first])
    return [first, *others]
