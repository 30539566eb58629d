"""Price and rating limits in a shopper's words. "Cheap" is a wish, not a limit.

An amount is a limit by the words around it: "under", "max", "budget", "can stretch to" for the
highest, "over", "at least", "from" for the lowest; a "not" before them reverses them. Not
covered: amounts in words beyond the tens, and a currency other than the shop's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.numbers import CARDINALS, VALUES
from assistant.models.rules.lexicon.stop_words import FILLERS
from assistant.models.rules.lexicon.text import CUT, cut

_SIGNS = {
    "$": "dollars? bucks? bux usd us$", "€": "euros? eur", "£": "pounds? quids? gbp sterling",
}  # fmt: skip
_SIGN_OF = {
    re.compile(f"(?:{re.escape(sign)}|{'|'.join(words.replace('$', '[$]').split())})"): sign
    for sign, words in _SIGNS.items()
}
CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP"}
"""By sign, as shoppers mean it."""
_CURRENCY = r"[$€£]"
_UNIT_WORD = "|".join(words.replace("$", "[$]").replace(" ", "|") for words in _SIGNS.values())
_PLAIN_NUMBER = (
    r"\d{1,3}(?:(?P<thousands>[.,' ])\d{3})(?:(?P=thousands)\d{3})*(?:[.,]\d{1,2})?(?!\d)|"
    r"\d+(?:[.,]\d{1,2}(?!\d))?(?!\d)"
)
_WORTH = bounded(
    rf"(?<![\w.,])(?P<sign>[$€£]|(?:usd|eur|gbp)\b|us[$])?\s?(?P<n>{_PLAIN_NUMBER})(?P<k>\s?k\b)?"
    rf"(?:[\s-]?(?P<unit>[$€£](?!\d)|(?:{_UNIT_WORD})(?!\w)))?"
)


_SPELLED = bounded(
    rf"(?<!hundred )(?<!hundred and )(?<!ty )(?<!ty-)\b({'|'.join(CARDINALS[1:20])})"
    rf"(?= (?:{_UNIT_WORD})(?!\w))"
)


def in_plain_money(text: str) -> str:
    """A normalized text with every amount that names a currency as a sign and digits: "twenty quid"
    is "£20", "1.000,50 €" is "€1000.50"."""
    text = _SPELLED.sub(lambda match: str(VALUES[match[1]]), text)
    return _WORTH.sub(_plain_worth, text)


def _plain_worth(match: re.Match[str]) -> str:
    said = match["unit"] or match["sign"]
    number = match["n"]
    if not said:
        return match[0]
    lead = ""
    if match["thousands"] == " " and not (re.search(r",\d{2}$", number) or said in "€eur"):
        # "iPhone 15 100 dollars" are two numbers.
        lead, _, number = number.rpartition(" ")
        lead += " "
    elif match["thousands"]:
        number = number.replace(match["thousands"], "")
    number = number.replace(",", ".")
    if match["k"]:
        number = str(Decimal(number) * 1000)
    sign = next(sign for pattern, sign in _SIGN_OF.items() if pattern.fullmatch(said))
    space = re.match(r"\s*", match[0])
    return f"{space[0] if space else ''}{lead}{sign}{number}"


_UNIT = (
    r"(?:stars?|reviews?|ratings?|cm|mm|inch(?:es)?|\"|oz|ml|l|liters?|litres?|lbs?|kg|g|%|"
    r"m[bp](?:/s|ps)?|gbps|hz|khz|mhz|ghz|fps|dpi|ppi|bar|psi|rpm|lumens?|lm|km(?:/h)?|mph|db|"
    r"kw|nm|"
    r"sqm|m2|m²|square|amps?|a(?=h\b)|kilos?|grams?|pounds? of|tons?|feet|ft|met(?:er|re)s?|"
    r"m(?![\w])|"
    r"years?|months?|weeks?|days?|hours?|hrs?|min(?:ute)?s?|watts?|w|volts?|v|gb|tb|mah|pieces?|ohms?|ω|"
    r"pages?|stitches|gears?|denier|tog|parts?|players?|"
    r"pcs|pack|degrees?|celsius|fahrenheit|people|persons?|slices?|cups?|lengths?|th|st|nd|rd)"
)
_PACK = r"(?:box|pack|packet|bag|jar|set|case|carton|tin|tube|bundle|roll)"
_DIGITS = r"\d+(?:,\d{3})*(?:\.\d+|,\d{1,2}(?!\d))?"


def _amount(name: str) -> str:
    return (
        rf"(?P<s{name}>[$€£]|usd ?|eur ?)?\s?(?P<{name}>{_DIGITS})(?![.,]?\d)"
        rf"(?!\s*(?:\+\s*)?-?{_UNIT}\b|\s*[°º]|\s*(?:in|to|per) (?:the|a|an|each|every) {_PACK}\b)"
        rf"(?:\s*(?P<u{name}>{_CURRENCY})(?!\w))?"
    )


_AROUND = r"(?:around|about|roughly|approximately|approx|circa|~)"
_BETWEEN = bounded(
    rf"(?:(?P<lead>between|from|price[sd]?|costing|anywhere from|(?:price )?range(?: of| from|"
    rf" is)*)\s+)?"
    rf"{_amount('a')}\s*(?:-|to|and|up to|till|until)\s*{_amount('b')}"
)
_NEAR = bounded(rf"{_AROUND}\s*{_amount('a')}")
_ANY = bounded(rf"(?<!\s-)(?<![\w#.$€£]){_amount('a')}(?P<plus>\s*\+)?")
_NUMBERED = bounded(
    r"(?:#|\b(?:number|no\.?|nr\.?|item|option|photo|picture|list|size|spf|upf|lsf|factor|level|"
    r"grade|class|type|model|version|series|gen|ip|iso))\s*$"
)
"""Before a number that is a place in a list."""

_LOW = (
    r"no less than|not less than|not under|not below|nothing under|nothing below|more than|"
    r"higher than|north of|pricier than|dearer than|costlier than|more expensive than|"
    r"greater than|at least|over|above|beyond|min(?:imum)?(?: of)?|starting (?:at|from)"
    r"|upwards? of|from|exceed(?:s|ing)?|>=?"
)
_HIGH = (
    r"less (?:than|of)|lower than|south of|cheaper than|smaller than|under|below|beneath|up to|"
    r"at most|"
    r"max(?:imum)?(?: of)?|within|<=?|sub|inside|beat|this side of|change (?:from|out of)|"
    r"(?:not|never|[a-z]+n't) (?:reach|hit|touch|pass|get to|go to)"
)
_MONEY = (
    r"budget|spend|spending|pay|paying|afford|limit|cap|ceiling|stretch|top out|i(?:'ve| have)? "
    r"(?:only )?(?:got|have)|(?:i|we|i'd|i'll|we'd|can|could|would|will|happy|willing|prepared|"
    r"ready)"
    r"(?: to)? go(?: (?:up )?to| as (?:high|far) as)|only got|only have|keep (?:it|this|things|"
    r"the price) (?:to|at|around)|"
    r"let's say|say|make (?:it|that)|price|(?:lower|raise|increase|bump|drop|set|change|move|"
    r"push|up)"
    r"(?: (?:it|that|(?:the|my) "
    r"(?:limit|budget|max|maximum|price)))?(?: up| down)? to"
)
_NEGATION = (
    r"(?:no|not|none|nothing|never|without|cannot|[a-z]+n't|hates?|refuses?|reluctant|unwilling|"
    r"dislikes?|leav(?:e|ing) (?:out|away)|skip(?:ping)?|hid(?:e|ing)|exclud(?:e|ing)|"
    r"remov(?:e|ing))"
)
_OF = r"\s*(?:(?:a|the|of|price|cost|budget|is|at|to|about|around|like)\s+)*"
_TURNED_LOW = bounded(rf"\b{_NEGATION}\b(?:(?!\b(?:but|and)\b)[^|\d]){{0,40}}\b(?:{_LOW}){_OF}$")
_TURNED_HIGH = bounded(rf"\b{_NEGATION}\b(?:(?!\b(?:but|and)\b)[^|\d]){{0,12}}\b(?:{_HIGH}){_OF}$")
_NOT_PAID = bounded(
    rf"\b{_NEGATION}\b(?:(?!\b(?:but|and)\b)[^|\d]){{0,20}}\b(?:pay|paying|spend|spending|costs?|"
    r"costing|give|part with|fork out|shell out)\b[^|\d]{0,8}$"
)
"""Before an amount that "or more" follows: "i'm not paying 100 or more"."""
_SAID_LOW = bounded(rf"(?:^|[^\w])(?:{_LOW}){_OF}$")
_SAID_HIGH = bounded(rf"(?:^|[^\w])(?:{_HIGH}){_OF}$")
_SAID_MONEY = bounded(rf"\b(?:{_MONEY})\b(?:(?! (?:of|for) )[^|\d]){{0,18}}$")
_LOWER_BEHIND = bounded(r"^\s*(?:(?:or|and)\s+(?:more|up|above|over|higher|upwards?)\b|up\b)")
_UPPER_BEHIND = bounded(
    r"^\s*(?:or so\b)?\s*(?:or|and|is|as|at)?\s*(?:the |my |a |an |about |very )*(?:absolute )?"
    r"(?:less|under|below|(?:(?:at|on) the )?(?:very )?outside|"
    r"not a (?:cent|penny|dollar|euro) more|"
    r"cheaper|lower|down(?:wards?)?|beneath|max(?:imum)?|at most|most|tops?|budget|limit|cap|"
    r"ceiling|to spend|"
    r"(?:also |still )?"
    r"(?:fine|ok|okay|alright|possible|doable|(?:all|what|as much as) i(?:'ve)? (?:have|got|can "
    r"(?:spend|pay|afford))(?: left)?(?: for (?:it|this|that))?))\b"
)

_PRICED = bounded(r"\b(?:for|costs?|costing|priced(?: at)?|say|it)\s*$")
_AFTER_PRICE = bounded(r"(?:\||\bprice\b)\s*$")
_HAS = bounded(r"\b(?:got|have|make (?:it|that))\b[^|\d]*$")
_COUNTS = bounded(rf"^ (?!(?:{'|'.join(sorted(FILLERS - {'|'}))}|left|max|budget)\b)[a-z]+s\b")
"""What somebody has so many of: "I have 20 plants"."""
_NOTES = bounded(
    r"^ (?:keys|notes|strings|songs|photos|steps|settings|levels|programs|programmes|stations|"
    r"channels|languages|functions|modes|blades|attachments|compartments|pockets|drawers|shelves|"
    r"seats|doors|wheels|colou?rs|shots|rolls|sheets|cards|bags|tabs|capsules|tablets|litre|liter|"
    r"wh|nm|joules?|atm|ppi|nits|percent)\b"
)
"""What a thing has so many of: "at least 128 notes"."""
_OF_A_CARD = bounded(
    r"\b(?:the|that|this|those|these|paid|was|were|charged|spent|saw|worth|sav(?:e|ed|es|ing)|"
    r"another|extra|than|is (?:it|this|that)|are (?:they|these|those)|around|about|roughly)\s*$"
)
"""Before an amount that a thing costs, or did: "the $30 one", "I paid $80 for my last"."""
_NO_LIMIT_BEHIND = bounded(
    r"^\s*(?:off|cheaper|less|more|dearer|discount|(?:gift )?(?:card|voucher)s?|coupons?|notes?|"
    r"bills?|extra|ones?|difference|(?:is|was|sounds|seems)\b(?: \w+)? (?:too|a lot|expensive|much|"
    r"steep|pricey|more))\b"
)
_NOT_BEHIND = bounded(
    r"^\s*(?:\|\s*)?(?:i|we|he|she|they) (?:(?:really|just) )?(?:don't|do not|doesn't|does not|"
    r"won't|can't|cannot|couldn't|wouldn't|never)\b"
)
"""Turns what was at least into at most: "more than 600 we don't give"."""
BELOW_THAT = bounded(
    r"\b(?:cheaper|less|lower|below|under)(?: than)? (?:that|this)(?=\s*(?:\||,|$))"
)
"""Leaves out the amount itself: "35? anything cheaper than that?"."""
LEAST_STEP = Decimal("0.01")
_COMMA = bounded(r",(?=\d{1,2}$)")
_AROUND_AMOUNT = 160
"""Characters before and behind an amount that can make it a limit."""

_STARS = r"(?P<n>[0-5](?:\.\d+)?)"
_UPWARDS = r"(?:\s*(?:and|or)\s*(?:up|more|above|higher|better|over)\b|\s*\+|\s*min(?:imum)?\b)"
_LEAST_STARS = rf"(?:(?:{_LOW}|with|only)\s+)"
_RATING = bounded(
    rf"(?:(?:rated|rating|ratings|with|and|of|a|an|is|min|minimum)\s+)*{_LEAST_STARS}*{_STARS}"
    rf"\s*\+?[\s-]*(?:stars?)\b(?:\s*(?:rating|rated|ratings))?{_UPWARDS}*"
    rf"|(?:min(?:imum)?\s+)?\b(?:rated|ratings?)\s*(?:(?:of|is|at)\s*)*{_LEAST_STARS}*"
    rf"{_STARS.replace('<n>', '<m>')}(?![\d%])(?!\s*{_CURRENCY}){_UPWARDS}?"
    rf"|(?<![\w$€£.])(?:only |just )?{_STARS.replace('<n>', '<k>')}(?<=\.\d)(?!\s*{_CURRENCY})"
    rf"{_UPWARDS}"
)
_WELL_RATED = bounded(
    r"\b(?:well|highly|best|top|good|great)[ -](?:rated|reviewed|ratings?|reviews?)\b"
)
_STAR_WORDS = bounded(rf"\b({'|'.join(CARDINALS[1:6])})(?=[ -]stars?\b)")
_WELL = Decimal(4)


@dataclass(frozen=True, slots=True)
class Limits:
    """Inclusive bounds in major units; None where nothing was said."""

    min_price: Decimal | None = None
    max_price: Decimal | None = None
    min_rating: Decimal | None = None


Range = tuple[Decimal, Decimal]
"""The lowest and the highest price of a shop, in major units."""


def read_limits(text: str, prices: Range | None = None) -> tuple[Limits, str]:
    """The limits in a normalized text, and the text without them.

    An amount without a currency that would leave nothing of a shop with these prices is none.
    """
    rating, text = _rating(in_plain_money(text))
    low, high, text = _prices(text, prices)
    return Limits(low, high, rating), text


def _rating(text: str) -> tuple[Decimal | None, str]:
    text = _STAR_WORDS.sub(lambda m: str(VALUES[m[1]]), text)
    match, text = cut(_RATING, text)
    if match is not None:
        return Decimal(match["n"] or match["m"] or match["k"]), text
    match, text = cut(_WELL_RATED, text)
    return (_WELL if match else None), text


def _prices(text: str, prices: Range | None) -> tuple[Decimal | None, Decimal | None, str]:
    match = _BETWEEN.search(text)
    # "20-40" may be a size; it is a price after "between", with a currency, or said alone.
    alone = match is not None and match[0].strip() == text.strip(" |")
    if match and (alone or match["lead"] or any(match[g] for g in ("sa", "sb", "ua", "ub"))):
        _, text = cut(_BETWEEN, text)
        first, second = _number(match["a"]), _number(match["b"])
        return min(first, second), max(first, second), text
    match = _NEAR.search(text)
    if match and (match["sa"] or match["ua"]) and not _UPPER_BEHIND.match(text[match.end() :]):
        value = _number(match["a"])
        _, text = cut(_NEAR, text)
        return value * Decimal("0.8"), value * Decimal("1.2"), text
    low: Decimal | None = None
    high: Decimal | None = None
    high_is_bare, start = False, 0  # whether it came from an amount without a word like "under"
    while match := _ANY.search(text, start):
        before = text[max(0, match.start() - _AROUND_AMOUNT) : match.start()]
        behind = text[match.end() : match.end() + _AROUND_AMOUNT]
        side, cue, used = _side(before, behind, match)
        taken = low if side == "low" else high
        told = cue > 0 or used > 0
        replaces = high_is_bare and told and side == "high"
        if side is None or (taken is not None and not replaces):
            start = match.end()
            continue
        if side == "high":
            high_is_bare = not told
        value = _number(match["a"])
        if prices and not (match["sa"] or match["ua"]):
            empty = value > prices[1] if side == "low" else value < prices[0]
            if empty:
                start = match.end()
                continue
        low, high = (value, high) if side == "low" else (low, value)
        kept = text[: match.start() - cue] + CUT
        start = len(kept)
        text = kept + text[match.end() + used :]
    if low is not None and high is not None and low > high:
        low = None  # "over a hundred, that stings; up to 50"
    return low, high, text


def _side(before: str, behind: str, match: re.Match[str]) -> tuple[str | None, int, int]:
    """Which bound an amount is, and how many characters before and after it say so.

    None for a number that no word makes a price.
    """
    if _NUMBERED.search(before):
        return None, 0, 0
    if not (match["sa"] or match["ua"]) and _NOTES.match(behind):
        return None, 0, 0
    for side, pattern in (
        ("high", _TURNED_LOW),
        ("low", _TURNED_HIGH),
        ("high", _SAID_HIGH),
        ("low", _SAID_LOW),
    ):
        said = pattern.search(before)
        if said and side == "low" and _NOT_BEHIND.match(behind):
            return "high", len(before) - said.start(), 0
        if said:
            upper, lower = _UPPER_BEHIND.match(behind), _LOWER_BEHIND.match(behind)
            # "from $5 up", "for under 20 or less"
            used = (lower or upper) if side == "low" else upper
            return side, len(before) - said.start(), used.end() if used else 0
    if match["plus"]:
        return "low", 0, 0
    said = _LOWER_BEHIND.match(behind)
    if said:
        refused = _NOT_PAID.search(before)
        if refused:
            return "high", len(before) - refused.start(), said.end()
        return "low", 0, said.end()
    said = _UPPER_BEHIND.match(behind)
    if said:
        return "high", 0, said.end()
    said = _SAID_MONEY.search(before)
    if said and not (_HAS.search(said[0]) and _COUNTS.match(behind) and not match["sa"]):
        return "high", len(before) - said.start(), 0
    priced = match["sa"] or match["ua"]
    said = _PRICED.search(before)
    if priced and _NO_LIMIT_BEHIND.match(behind):
        return None, 0, 0
    if priced and (said or not before.strip(" |") or _AFTER_PRICE.search(before)):
        return "high", len(before) - said.start() if said else 0, 0
    if priced and not _OF_A_CARD.search(before):
        # An amount of money is always about the price: "what would $20 get me".
        return "high", 0, 0
    return None, 0, 0


def _number(digits: str) -> Decimal:
    # "12,50" is how half of the world writes twelve and a half.
    return Decimal(_COMMA.sub(".", digits).replace(",", ""))
