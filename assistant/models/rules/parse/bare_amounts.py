"""Amounts without a currency that are what a shopper can spend: "he has got 300 for it".

A clause is about money where it speaks of having, spending or a ceiling, and names no other thing:
no number of pieces, inches or years is told without one. It is written as a limit, "up to 300",
before any limit is read. Not covered: two amounts in one clause.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.people import GENDERS
from assistant.models.rules.lexicon.stop_words import FILLERS
from assistant.models.rules.lexicon.text import CUT, word_set, words_of
from assistant.models.rules.parse.price_limits import Limits, Range, read_limits

_CLAUSES = bounded(r"(\s*(?:\||,(?!\d)|(?<!\d )\b(?:and|but|so|then)\b)\s*)")
_AMOUNT = bounded(r"(?<![\w#.,/-])(?P<said>[$€£]?(?P<n>\d{1,6}(?:\.\d{1,2})?))(?![\w%.,/\"°-])")
_MONEY = word_set(
    "spend spending pay paying afford affords cover covers covering stretch stretches ceiling roof "
    "limit maximum max budget budgeted cap allowance pot kitty cash money funds wallet purse "
    "pocket bank saved spare shell fork cough"
)
"""What only money is spoken of with, where a clause names no thing."""
_ALLOWED = word_set(
    "far high up comfortable comfortably happy willing prepared allowed plenty absolute absolutely "
    "roughly exactly total altogether tops most where line draw stop stops end upper set aside "
    "each apiece left suffice suffices enough ready gift present scraped together barely "
    "unfortunately sadly part past beyond agreed settled between chip chipped chips throw threw "
    "allow allows enough or dad mum"
)
_HAVING = bounded(
    r"^(?:[a-z']+ )*?(?:(?:i|we|he|she|they|who|you|i've|we've|they've|he's|she's) )?"
    r"(?:only |just |have |has |had |'ve |to )*(?:got|gets?|have|has|had|put|set|saved) "
    r"(?:[a-z]+ )??[$€£]?[\d.]+(?: (?:left|aside|ready|together|in total|altogether))*"
    r"(?: (?:for|to|on|with|of mine)\b.*)?$"
)
"""Somebody has it: "she has 60 for it", "got 150 to spend"."""
_NOBODY = bounded(
    r"\b(?:it|that|which|this|one|these|those|list|shop) (?:only |just )?"
    r"(?:has|have|had|got|gets)\b"
)
_FOR = bounded(
    r"\b(?P<what>something|anything|one|ones|it|them|these|those|this|that|pairs?|sets?) for "
    r"(?:around |about |roughly |like |maybe )*[$€£]?[\d.]+(?: please| thanks| then| max| or so)*$|"
    r"^(?:around|about|roughly|circa) [$€£]?[\d.]+(?: please| or so| for (?:it|all|the lot))*$"
)
"""What is had for it: "anything for 45"."""
_NEARLY = bounded(r"\b(?:around|about|roughly|circa) [$€£]?[\d.]+")
_N = r"[$€£]?[\d.]+"
_REACHING = bounded(
    rf"^(?:[a-z']+ )*?{_N} (?:(?:just |only |really )*(?:is|would be|will be|'s) "
    r"(?:just |really |about )*(?:as (?:far|high|much)|all|it|plenty|enough|where|"
    r"(?:the|my) (?:most|end|lot|top|line))\b|"
    r"(?:has|have|would|will|must|should|can|could|might|does|may|ought)\b(?: have)?(?: to)? "
    r"(?:do|get|buy|suffice|be (?:enough|plenty|it|all))\b|(?:gets|buys)\b|"
    r"(?:be )?(?:enough|plenty|do|get|buy)\b)|"
    r"\b(?:stops?|(?:draw|drew|draws) the line|go(?:es)? (?:up )?(?:to|past|beyond|over)|"
    r"as (?:far|high) as|part with|agreed on|settled on|(?:chip|chipped|chips|throw|threw) in)"
    rf" (?:at |is |about )*{_N}(?: (?:between us|together|each|max))*$"
)
"""It reaches so far: "30 is as far as I go", "what would 20 get me"."""
_ALONE = bounded(
    r"^(?:please |ok |okay |so |like |maybe |just )*[$€£]?[\d.]+(?: please| thanks| ok)*$"
)


_REFUSED = bounded(
    r"(?<![\w.,])(?<!number )(?<!item )(?<!card )(?<!no )(?<!size )(?<!of )"
    r"[$€£]?\d+(?:,\d{3})*(?:\.\d+)?(?: (?:dollars|bucks|euros?|pounds|quid|usd|eur))?"
    r"(?: for (?:it|this|that|these|those|one|(?:a|an|the|this|that) [a-z]+))? ?"
    r"(?:is|are|'s|seems|sounds|feels) (?:(?:really|just|way|far|still|a bit|a little|rather|quite|"
    r"so|much|simply) )*(?:too (?:much|dear|expensive|pricey|steep|high|costly|rich)|steep|"
    r"a lot(?= of money\b| ?(?:\||$)| for )|"
    r"pricey|expensive|dear)\b(?: (?:of money|for (?:me|us|him|her|them|that|it|this)))*"
)
_ROUND = 20
_POINTED = bounded(
    r"(?:\b(?:number|no|nr|item|card|photo|picture|size|age|aged|turning|turns|turned|in|since|year|"
    r"spf|factor|level|grade|class|type|model|version|series|route|page|of|x|by|"
    r"(?<!came )(?<!comes )to|from|like|the|my|is|are|'s|her|his|our|their|this|that|those|these|"
    r"than|or|and|saw|paid|was|were|at least|over|above|more than|"
    r"less|minus|channel|radio|bus|line)|[#°%-])\s*$"
)
"""Before a number that is no ceiling: a size, an age, a place, a price of before."""
_TELLING = 10
"""An amount below may as well count things."""


def with_plain_amounts(text: str, prices: Range | None, is_other: Callable[[str], bool]) -> str:
    """A normalized text whose clauses that tell what can be spent are "up to" that amount.

    `is_other` tells of a number whether the shop or a card says it of something else, a size or a
    model.
    """
    if prices is None or not any(char.isdigit() for char in text):
        return text
    parts = _CLAUSES.split(text)
    listed_numbers = re.findall(r"\d+(?:\.\d+)?", text)
    listed = len(parts) > 1 and len(listed_numbers) == 1
    for place in range(0, len(parts), 2):
        match = _AMOUNT.search(parts[place])
        if match is None or len(re.findall(r"\d+(?:\.\d+)?", parts[place])) > 1:
            continue
        amount = Decimal(match["n"])
        if amount < prices[0] or read_limits(parts[place])[0] != Limits():
            continue
        if _tells_money(parts[place], amount):
            whom = [word for word in words_of(parts[place]) if word in GENDERS]
            parts[place] = " ".join((*whom, f"{CUT}up to {match['said']}{CUT}"))
            continue
        apart = all("|" in gap or "," in gap for gap in parts[max(place - 1, 0) : place + 2 : 2])
        alone = listed and apart and not amount % 5 and _ALONE.match(parts[place])
        near = _FOR.search(parts[place]) or (alone or None)
        if not near and _stands_alone(parts[place], match, amount) and len(listed_numbers) == 1:
            inside = prices[0] < amount < prices[1] and not is_other(match["n"])
            parts[place] += f"{CUT}up to ${match['n']}{CUT}" if inside else ""
            continue
        if near and amount >= _TELLING and amount <= prices[1] and not is_other(match["n"]):
            how = "around" if _NEARLY.search(near[0]) else "up to"
            kept = parts[place][: near.start()] + (near.groupdict().get("what") or "")
            parts[place] = f"{kept}{CUT}{how} ${match['n']}{CUT}"
    return " ".join("".join(parts).split())


def with_refused_amounts(text: str) -> str:
    """A normalized text with "cheaper" for an amount that is too much: "120 for that is too much"
    speaks of what is shown, and allows no 120."""
    return _REFUSED.sub(f"{CUT}cheaper{CUT}", text)


def _stands_alone(clause: str, match: re.Match[str], amount: Decimal) -> bool:
    """Whether a round number counts, names and measures nothing, as nothing but a price does: "two
    hundred at the outside", "it stops hurting at seventy"."""
    if amount < _ROUND or amount % 5 or _POINTED.search(clause[: match.start()]):
        return False
    behind = re.match(r"\s*([a-z]+)", clause[match.end() :])
    if behind is not None and behind[1] in ("of", "or", "to", "and"):
        return False
    return behind is None or behind[1] in FILLERS or behind[1] in _MONEY or behind[1] in _ALLOWED


def _tells_money(clause: str, amount: Decimal) -> bool:
    """Whether a clause with one amount in it tells what can be spent, and names no thing."""
    words = re.findall(r"[a-z]+(?:'[a-z]+)?", clause)
    known = FILLERS | _MONEY | _ALLOWED | GENDERS.keys()
    if not words or not known.issuperset(words):
        return False
    if not _MONEY.isdisjoint(words):
        return True
    if amount < _TELLING or _NOBODY.search(clause):
        return False
    having = _HAVING.match(clause)
    return bool(having or _REACHING.search(clause))
