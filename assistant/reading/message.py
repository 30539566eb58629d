"""One message of a shopper, read: what is wanted, the limits, and what it refers to.

English only. Not covered: two wishes in one message, and more than two photos with roles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from assistant.reading.asks import Ask, read_ask
from assistant.reading.lexicon import BASE_COLORS, Lexicon, Named
from assistant.reading.limits import read_limits
from assistant.reading.photos import Roles, read_roles
from assistant.reading.references import read_photo_number, read_shown_number
from assistant.reading.spelling import mended
from assistant.reading.talk import Talk, read_talk
from assistant.reading.text import CUT, cut, singular, tidy, word_set, words_of
from tools.product import Sort

Comparison = Literal["cheaper", "dearer", "better rated"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message says, before it is put beside what came before. Prices in major units."""

    words: str = ""
    """What the thing is, without limits, colors that are filters, and references."""
    categories: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    min_rating: Decimal | None = None
    shown: int | None = None
    """Number of a card that is named."""
    photo: int | None = None
    """Number of a photo that is named."""
    this: bool = False
    """"With this", "like that": leans on a picture without naming it."""
    like: bool = False
    """Wants something that looks like what it refers to."""
    compared: Comparison | None = None
    more: bool = False
    """Wants more of the same search."""
    follows: bool = False
    """Speaks as one does of what was asked before: "in blue", "red ones instead"."""
    thing: bool = False
    """Names a thing with an article ("what about a kettle"), as one does with a new wish."""
    everything: bool = False
    """Wants to see all of a kind ("show me all mugs"), whatever was asked before."""
    unwanted: tuple[str, ...] = ()
    """What no product found may say: words after "not" or "without"."""
    wanted_again: tuple[str, ...] = ()
    """Words that were not wanted and are taken back: "leather is fine"."""
    sort: Sort = ""
    roles: Roles = field(default_factory=Roles)
    """What several photos stand for, and what is not wanted to look like."""
    ask: Ask | None = None
    """A wish about shown things, in place of all the rest."""
    free_of: frozenset[str] = frozenset()
    """Limits that are taken back: "price", "colors", "brands", "min_rating"."""
    talk: Talk | None = None

    @property
    def limited(self) -> bool:
        """Whether any limit is stated or taken back."""
        bounds = (self.min_price, self.max_price, self.min_rating)
        names = self.categories or self.colors or self.brands
        freed = self.free_of or self.unwanted or self.wanted_again or self.sort
        return bool(names or freed) or any(bound is not None for bound in bounds)


_CHEAPER = re.compile(
    r"\b(?:much |a bit |a little |even |something |anything )*"
    r"(?:cheaper|less expensive|lower[ -]priced|more affordable)\b(?: than)?"
)
_DEARER = re.compile(r"\b(?:pricier|more expensive|higher[ -]priced|dearer)\b(?: than)?")
_BETTER = re.compile(r"\b(?:better|higher)[ -](?:rated|reviewed|ratings?|reviews?)\b(?: than)?")
_MORE = re.compile(
    r"^(?:please |can you |could you )?(?:(?:show|give|see|find)(?: me)? )?(?:some |a few )?"
    r"(?:more|others?|other ones|other options|more options|more results|more like (?:this|these|"
    r"that|those)|next|anything else|something else|what else|the rest|different ones)"
    r"(?: (?:please|of (?:these|those|them|this)|results|products|options|ones|there|is there|"
    r"do you have|have you got))*(?: \|)*$"
)
_NOUN = (r"(?: (?:same )?(?:pattern|print|image|picture|photo|pic|theme|design|motif|look|style|"
         r"texture|colou?rs?|thing|kind of thing|one|animal|screenshot))")  # fmt: skip
_MINE = rf"(?:(?:the|my|this|that){_NOUN}{{1,2}})"
_PICTURED = re.compile(
    rf"(?:\b(?:with|in|like|matching|from|of|as|on|to|similar to|inspired by|that match(?:es)?|"
    rf"which match(?:es)?|goes with|that goes with|looks? like|that looks? like|based on) )*"
    rf"(?:\b(?:the |in the )?(?:same|similar){_NOUN}{{1,2}}"
    rf"(?: (?:as|of|like) (?:{_MINE}|this|that))?|"
    rf"\b{_MINE}|\b(?:this|these)\b(?! year| week| month| summer| winter)|"
    r"\b(?:the one|what(?:'s| is)|as) (?:in|on) (?:this|that|the|my) (?:photo|picture|pic|image))"
    r"(?: (?:on (?:it|them)|in it|theme|here|above))*(?: theme\b)?"
)
_LIKE = re.compile(
    r"\b(?:(?:more|something|anything|one|ones|some) )?(?:like|similar to|close to|resembling|"
    r"in the style of|looks? like)(?=\s+(?:the\b|#|number|no\b|\d|\||that|this|your|it\b|"
    r"item|option|product))"
)
_FREE = {
    "price": re.compile(r"\b(?:any price|price does(?:n't| not) matter|no (?:price )?limit|"
                        r"whatever (?:the )?price|no budget|regardless of price)\b"),
    "colors": re.compile(r"\b(?:any|all|whatever|every|other) colou?rs?\b|"
                         r"\bcolou?r does(?:n't| not) matter\b"),
    "brands": re.compile(r"\b(?:any|whatever|all|other) brands?\b"),
    "min_rating": re.compile(r"\b(?:any|whatever) ratings?\b"),
}  # fmt: skip
_NOT = re.compile(
    r"\b(?:not|no|without|except(?: for)?|but not|nothing|anything but|don't (?:want|like)|"
    r"do not (?:want|like)|isn't|aren't|hate|avoid|excluding|minus|other than|leave out|non)"
    r"(?: (?:in|with|made of|made from|made out of|any|a|an|the|too|of|more|that is|that are))*"
    r"[\s-]+(?P<what>[a-z][\w'-]*)"
)
_STOPS = word_set(
    "please and or but nor thanks thank in with for at on by ones one things thing stuff either "
    "this "
    "that these those it them under over below above from to is are though if sure more less bad "
    "really what interested you i my of anymore any again so too also like | only just then"
)
_NO_THING = word_set("expensive pricey thanks idea problem worries limit matter necessarily only")
_FINE = re.compile(
    r"\b(?P<what>[a-z][\w'-]*) (?:is|are|would be) (?:fine|ok|okay|alright|good|allowed)"
    r"(?: (?:too|after all|again|now))*\b"
)
_ANOTHER = re.compile(
    r"\s*(?:no |not |nor |any )?(?!please\b|thanks?\b|in\b|under\b|with\b|show\b|only\b|just\b|"
    r"instead\b)[a-z][\w'-]*(?: please| thanks| thank you)*\s*(?:\||$)"
)
_SORTS: tuple[tuple[Sort, re.Pattern[str]], ...] = (
    ("cheapest", re.compile(r"\b(?:cheapest|least expensive|lowest[ -]priced?|most affordable|"
                            r"least pricey)\b")),
    ("dearest", re.compile(r"\b(?:most expensive|priciest|dearest|highest[ -]priced?|costliest|"
                           r"most luxurious)\b")),
    ("best rated", re.compile(r"\b(?:(?:best|top|highest)[ -](?:rated|reviewed|ratings?|reviews?)|"
                              r"most (?:popular|loved))\b")),
)  # fmt: skip
_FOLLOWS = re.compile(
    r"\b(?:ones?|instead|rather|but|only|too|also)\b|\b(?:it|them|those|same)\b|"
    r"\b(?:something|anything) (?:a bit |a little |much )?(?:more|less|in|with|under|without)\b|"
    r"^(?:\W|and |or |now |ok |okay |then |maybe |please |just )*"
    r"(?:in|under|below|with|without|not|no|more|less|make|what about|how about|but|over|"
    r"above|up to|between|at|for|from|by|max|only|\|)(?!\w)"
)
_THING = re.compile(
    r"^(?:\W|and |or |now |ok |okay |then |maybe |please )*(?:what about|how about|show me|find me|"
    r"give me|do you have|have you got|do you sell|i want|i need|i'd like|i'm looking for|"
    r"looking for)\s+(?:a|an|some)\s+(?!.*\b(?:ones?|more|less|bit|little|cheaper)\b)"
)
_EVERYTHING = re.compile(
    r"(?:^|[:;.!|])(?:\W|please |can you |could you |now |ok |okay )*"
    r"(?:show|give|list|find|see)(?: me)? "
    r"(?:all|every)\b(?! (?:colou?rs?|brands?|of (?:it|them|these|those|this)))"
)
_LEAD_IN = re.compile(
    r"^(?:\W|hi|hello|hey|there|please|can|could|would|will|you|i|i'd|i'm|im|i am|we|we're|am|are|"
    r"is|do|does|have|has|got|show|find|give|get|search|look|looking|want|wanna|need|like|love|"
    r"to|for|me|us|my|a|an|the|some|any|all|every|your|list|buy|see|let|let's|thanks|thank|ok|"
    r"okay|so|and|now|"
    r"just|maybe|what about|how about|about|also|then|something|anything|products?|items?|stuff|"
    r"things?|in|with|but|or|make|it|them|that|those|ones?|of|same|kind|color(?:ed)?|colour(?:ed)?|"
    r"instead|rather|only|too|shopping|interested|as|on|available|come|comes|there's|which|what|"
    r"more|from|by|at|than)"
    r"(?![\w'])"
)
_TAIL = word_set(
    "| in on with for from under over of and or to that which who by at like as please but is are "
    "a an the some now today it them so too also ones one instead only rather color colour colored "
    "coloured colors than my me your do you have there theme then i'd i price priced costs cost "
    "costing rated rating available come comes stock sell offer carry got"
)


def read_message(typed: str, lexicon: Lexicon, *, shown: int = 0, photos: int = 0) -> Reading:
    """The reading of what a shopper typed, with `shown` cards and `photos` to refer to."""
    text = mended(tidy(typed), lexicon.color_words)
    ask = read_ask(text, shown)
    if ask is not None:
        return Reading(ask=ask)
    talk = read_talk(text)
    if talk is not None:
        return Reading(talk=talk)
    reading = Reading(
        thing=_THING.search(text) is not None,
        everything=_EVERYTHING.search(text) is not None,
        follows=_FOLLOWS.search(text) is not None,
        more=_MORE.match(text) is not None,
    )
    if reading.more:
        return replace(reading, this=re.search(r"\b(?:this|that)\b", text) is not None)
    roles, text = read_roles(text, shown, photos)
    photo, text = read_photo_number(text, photos)
    sort, text = _sort(text)
    like, text = cut(_LIKE, text)
    number, text = read_shown_number(text, shown)
    compared, text = _compared(text)
    limits, text = read_limits(text)
    free, text = _free(text)
    this, text = _pictured(text)
    reading = replace(
        reading,
        photo=photo,
        shown=number,
        like=like is not None,
        this=this or (like is not None and number is None),
        compared=compared,
        roles=roles,
        sort=sort,
        min_price=limits.min_price,
        max_price=limits.max_price,
        min_rating=limits.min_rating,
        free_of=free,
    )
    return _named(reading, text, typed, lexicon)


def _compared(text: str) -> tuple[Comparison | None, str]:
    names: tuple[tuple[Comparison, re.Pattern[str]], ...] = (
        ("cheaper", _CHEAPER), ("dearer", _DEARER), ("better rated", _BETTER),
    )  # fmt: skip
    for name, pattern in names:
        # "cheaper than $20" is a limit, not a comparison with a card.
        match = pattern.search(text)
        if match and not re.match(r"\s*[$€£]?\d", text[match.end() :]):
            return name, text[: match.start()] + CUT + text[match.end() :]
    return None, text


def _sort(text: str) -> tuple[Sort, str]:
    for name, pattern in _SORTS:
        match, text = cut(pattern, text)
        if match is not None:
            return name, text
    return "", text


def _free(text: str) -> tuple[frozenset[str], str]:
    free = set()
    for name, pattern in _FREE.items():
        match, text = cut(pattern, text)
        if match is not None:
            free.add(name)
    return frozenset(free), text


def _pictured(text: str) -> tuple[bool, str]:
    rest = _PICTURED.sub(CUT, text)
    return rest != text, rest


def _named(reading: Reading, text: str, typed: str, lexicon: Lexicon) -> Reading:
    """Fills in the names of the catalogue and what is left as words."""
    unwanted, again, text = _unwanted(text, lexicon)
    words = words_of(text)
    brands = lexicon.find_brands(words, typed)
    words = _without(words, brands)
    colors = lexicon.find_colors(words)
    words = _without(words, colors)
    categories, words = lexicon.find_categories(words)
    return replace(
        reading,
        colors=_names(colors),
        brands=_names(brands),
        categories=_names(categories),
        words=_trimmed(words),
        unwanted=unwanted,
        wanted_again=again,
    )


def _unwanted(text: str, lexicon: Lexicon) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Words that are not wanted, words that are again, and the rest of the text."""
    again = []
    while match := _FINE.search(text):
        again.append(match["what"])
        text = text[: match.start()] + CUT + text[match.end() :]
    unwanted: list[str] = []
    while match := _NOT.search(text):
        rest = text[match.start("what") :]
        phrases, length = _phrases(rest, lexicon)
        unwanted += phrases
        text = text[: match.start()] + CUT + rest[length:]
    return tuple(dict.fromkeys(unwanted)), tuple(again), text


def _phrases(rest: str, lexicon: Lexicon) -> tuple[list[str], int]:
    """The phrases at the start of a text after "not", and how long they are.

    Up to three words, ended by what cannot belong to it or by the thing itself: "not leather bags"
    is about leather. "Or", "nor" and a comma begin another one.
    """
    phrases: list[list[str]] = [[]]
    end = 0
    for match in re.finditer(r"[\w'-]+|\|", rest):
        word = match[0]
        joins = word in ("or", "nor", "|") or (word == "and" and phrases[-1])
        if joins and phrases[-1] and _goes_on(rest[match.end() :]):
            phrases.append([])
            continue
        if word in ("no", "not", "nor", "any") and not phrases[-1]:
            continue
        is_thing = phrases[-1] and (singular(word),) in lexicon.categories
        if word in _STOPS or is_thing or len(phrases[-1]) == 3 or word in _NO_THING:
            end = match.end() if word in _NO_THING else end
            break
        phrases[-1].append(word)
        end = match.end()
    return [" ".join(words) for words in phrases if words], max(end, 1)


def _goes_on(rest: str) -> bool:
    """Whether another unwanted thing follows a joining word: one word, then the end."""
    return _ANOTHER.match(rest) is not None


def _without(words: list[str], named: list[Named]) -> list[str]:
    taken = {place for each in named for place in range(each.start, each.end)}
    return ["|" if place in taken else word for place, word in enumerate(words)]


def _names(named: list[Named]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in named for name in each.names))


def _trimmed(words: list[str]) -> str:
    """The words that say what the thing is, without the phrases around them."""
    text = " ".join(words)
    while match := _LEAD_IN.match(text):
        text = text[match.end() :].strip(" |")
    kept = [word for word in text.split() if word != "|"]
    while kept and kept[-1] in _TAIL:
        kept.pop()
    return re.sub(r"\b(\w+) (?:or|and) \1\b", r"\1", " ".join(kept))


def plain_words(words: str) -> str:
    """Words without colors, for when a new color is stated."""
    return " ".join(word for word in words.split() if word not in BASE_COLORS)
