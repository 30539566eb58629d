"""What a question about products is about: a fact by its name, a measure, a number, or words.

Each asking part of a message has a topic of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.materials import MATERIAL
from assistant.models.rules.lexicon.quantities import Dimension, dimension_of
from assistant.models.rules.lexicon.stop_words import CHATTER, GRAMMAR
from assistant.models.rules.lexicon.text import word_set, words_of
from assistant.models.rules.parse.measures import DURATION, Measure, measure_asked
from assistant.models.rules.parse.question_forms import FIT, STILL_THERE
from tools.text import singular


@dataclass(frozen=True, slots=True)
class Topic:
    """What is asked, without the products that it is asked of."""

    text: str
    words: tuple[str, ...] = ()
    """What it is about, in the singular: measures, references and grammar are left out."""
    fact: str = ""
    """A fact that the catalogue has a name for: "price", "rating", "material"."""
    measure: Measure | None = None
    counted: str = ""
    """The noun behind "how many", in the singular."""
    yes_no: bool = False
    negated: bool = False
    """Whether it asks for something to be absent: "is it nut-free?"."""
    asked: str = ""
    """The question in plain words, for a comparison of meanings."""
    direction: int = 0
    """1 for the most of several, -1 for the least, 0 where none is sought."""
    several: bool = False
    """Whether it is asked of several products."""


_FIT = FIT.pattern
_FACTS = (
    ("price", r"\b(?:(?:would|do|must|will) (?:i|we) (?:have to )?pay\b|"
              r"price[ds]?|costs?|how much(?: is| are|'s| do| does|\s*(?:\||$)| for (?:it|"
              r"this|that|the)\b| (?:would|will) (?:it|this|that|these|those|they)"
              r"(?: all)? (?:be|cost|come to)\b)|expensive|cheap|pricey|sets? (?:me|us|you) back|"
              r"run (?:me|us) to|what do you (?:want|charge) for)\b"),
    ("price before", r"\b(?:original price|price before|used to cost|previously)\b|"
                     r"\b(?:cost|much|price|was|costs)\b.*\b(?:before|originally)\b|"
                     r"\b(?:discounted|on sale|reduced|discount|on offer)\b"),
    ("fit", _FIT),
    ("rating", r"\b(?:rate[ds]? (?:it|them|this|that|these|those|the \w+|number \d+|by|with|among|"
               r"so|\||$)|(?:do|does|how) .{0,40}\brate(?= \||$| (?:with|among|by))|"
               r"how (?:well )?(?:is|are|was|were) .{0,40}\b(?:liked|loved|received)|"
               r"(?:opinions?|verdicts?) (?:of|from|by|on|did|does|do|has|have)\b|"
               r"(?:which|what|good|bad) (?:marks|grades) (?:did|does|do|has|have)\b|"
               r"(?:people|others|customers|buyers|users|everyone|owners|shoppers|reviewers|"
               r"(?:people|those|others|they) who (?:bought|have|own|got|use) (?:it|them|one|"
               r"this)) "
               r"(?:\w+ )?(?:say|said|think|thought|like|liked|love|loved|happy|satisfied|pleased|"
               r"recommend|find|found|feel|rate|make of|made of)|"
               r"ratings?|rated|stars?|reviews?|reviewed|score|popular|feedback|well[ -]liked|"
               r"any good(?! (?:for|at|in|with|on|against)\b)|worth (?:it|the money|buying|"
               r"getting)|"
               r"how good (?:is|are) (?:it|they|the \w+|number \d+)(?: one)?\s*(?:\||$)|"
               r"(?:people|others|customers|buyers|users|everyone|owners) (?:say|think|like|love|"
               r"happy|satisfied|pleased|recommend|find|feel)|(?:happy|satisfied|"
               r"pleased) (?:customers|"
               r"buyers|with)|recommended by|complain\w*)\b"),
    ("author", r"\b(?:who(?:'s| is)? (?:wrote|the author|written|illustrated|designed)|author|"
               r"written by)\b"),
    ("brand", r"\b(?:brands?|(?:what|which) (?:company|firm|label)|"
              r"who makes|who made|who's it by|who is it by|maker|make is|"
              r"manufacturer|made by)\b"),
    ("category", r"\b(?:category|department|section)\b"),
    ("color", r"^(?:\W|and |so |ok )*(?:what|which) (?:colou?rs?|shade)\b|\bwhat(?:'s| is| are)? "
              r"(?:the|its|their) colou?rs?\b|\bcolou?r (?:is|are|does|do)\b"),
    ("material", r"\b(?:made (?:out )?(?:of|from|with)|made (?:\||$)|materials?|fabrics?|"
                 r"what(?:'s| is) it in)\b"),
    ("gender", r"\bwho(?:'s| is| are)\b.*\bfor\b|\bfor (?:men|women|whom|kids|children|boys|"
               r"girls|a man|a woman)\b"),
    ("condition", r"\b(?:condition|brand new|(?<!be )(?<!get )used(?! (?:up|to|for|as|under|in|on|"
                  r"with|at|by|"
                  r"when|without|while|outside|outdoors|inside|indoors)\b)|refurbished|"
                  r"second hand)\b|\bnew\s*(?:\||$)"),
    ("stock", rf"\b(?:{STILL_THERE})\b|"
              r"\b(?:available\s*(?:\||$)|available (?:now|yet|today)|(?:have|get|order|buy) "
              r"(?:it|them) (?:right )?now|must i wait|"
              r"in stock|out of stock|sold out|availability|unavailable|still available|how "
              r"many (?:are )?left|"
              r"any left|(?:is|are|was) (?:it|they|that|this|these|those|the \w+|"
              r"number \d+)(?: one)? "
              r"(?:all |already |still )*(?:gone|there)|"
              r"(?:send|ship|deliver|dispatch|post) (?:me |us )?(?:it|them|this|that|these|the \w+|"
              r"number \d+))\b"),
)  # fmt: skip
_NAMED = tuple((name, bounded(pattern)) for name, pattern in _FACTS)
_HOW_MUCH_OF = bounded(
    r"\bhow much (?!(?:will|would) (?:it|this|that|these|those|they) (?:all )?(?:be|come to)\b)"
    r"(?:does|do|can|will|would|of|is in|weight|space|room|memory|storage|power|water|"
    r"juice|noise|[a-z]+ (?:does|do|can|will|is|are))\b(?!.{0,40}\b(?:costs?|set|run) ?)"
)


_MADE_OF = bounded(
    r"\bmade (?:out )?(?:of|from|with) (?:real |genuine |pure |any |solid |recycled "
    r")*(?P<what>[a-z]+)"
)
_EITHER = bounded(rf"{MATERIAL.pattern} or (?:is it |are they )?(?:\w+ )?{MATERIAL.pattern}")
_COUNTED = bounded(
    r"\bhow many (?:different |separate |individual )?(?P<noun>[a-z][a-z-]*(?: [a-z-]+)?)"
)
_MOST_COUNTED = bounded(
    r"\b(?:most|fewest) (?P<noun>(?:[a-z-]+ )?[a-z-]{2,}[^\Ws]s)\b|"
    r"\b(?:highest|lowest|biggest|strongest|greatest|higher|lower|what|which) (?P<graded>spf|upf|"
    r"ip|"
    r"tog|denier|factor|proof|octane|proof|grit|mips|lumens?|fill power|thread count|level|class|"
    r"grade|gears?|teeth)\b"
)
"""Things that are counted as well: "which has the most length settings", "the highest SPF"."""
_OWN_MOST = bounded(
    r"\b(?:what(?:'s|s| is| are| was)?|how)\b.*\b(?:the|its|their) (?:very )?(?:[a-z]+est|max\w*|"
    r"min\w*|"
    r"most|least|top) [a-z ]{0,40}\b(?:it|they|i|you|we|(?:this|that|the \w+) one (?:can|does|has|"
    r"goes|will)|number \d+)\b|\b(?:its|their) (?:[a-z]+est|max\w*|min\w*|most|least|top)\b"
)
"""Asks for an end of a range of one product: "what's the shortest length it can do?"."""
_MOST = bounded(
    r"\b(?:most|biggest|largest|longest|heaviest|tallest|widest|highest|loudest|strongest|deepest|"
    r"roomiest|thickest|priciest|dearest|best|greatest|bigger|larger|longer|heavier|"
    r"taller|wider|"
    r"louder|stronger|higher|deeper|more|better)\b"
)
_LEAST = bounded(
    r"\b(?:least|fastest|quickest|faster|quicker|smallest|shortest|lightest|quietest|cheapest|"
    r"slimmest|thinnest|lowest|fewest|"
    r"smaller|shorter|lighter|quieter|cheaper|slimmer|thinner|lower|fewer|less|narrowest)\b"
)
_FOR_WHOM = bounded(
    r"\bmy (?:son|daughter|wife|husband|girlfriend|boyfriend|mum|mom|mother|dad|father|kid|child|"
    r"baby|friend)\b"
)
_THE_ONE = bounded(r"\b(?:the|that|this) [a-z-]+ ones?\b")
_SCALED = bounded(
    r"\b(?:enough|feeds?|serves?|seats?|sleeps?|family|(?:fits?|go|slides?|push|put|get|"
    r"slip)\b.{0,20}\b(?:under|beneath|below)|"
    r"heavy|light|loud|noisy|quiet|big|bigger|large|larger|small|smaller|long|longer|tall|"
    r"taller|wide|"
    r"wider|deep|thick|powerful|strong|heavier|lighter|louder|quieter|size|weight|\w*\d\w*|which|"
    r"what|how)\b"
)
_PARTED = bounded(
    r"\||\band (?=(?:what|what's|whats|how|how's|is|are|does|do|can|which|who|has|have|will)\b)"
)
_ASKING = bounded(
    r"\b(?:is|are|does|do|did|has|have|can|could|will|would|was|what|what's|whats|which|who|how|"
    r"how's|any)\b"
)
_TAIL = bounded(r"(?:in|on|at|with|without|when|while) \S")
_SUBJECT = bounded(r"(?:and |so |but )?(?:the|its|their) (?:[a-z-]+ ){0,2}[a-z-]+")
_TELLING = bounded(
    r"(?:and |but |because |since )?"
    r"(?:i|i'm|we|we're|he|he's|she|she's|(?:my|our|his|her) [a-z]+)\b"
    r"(?!.*\b(?:if|whether|wonder\w*|know|what|which|how)\b)"
)
"""Says what is so beside a question: "any chicken in it? My dog is allergic"."""
_SUPERLATIVE = bounded(r"\b[a-z]+(?:est)\b|\b(?:most|least|best|worst)\b")
_CONTENT = bounded(r"\bwhat(?:'s|s| is| are)? (?:in|inside)\b|\bcontains?\b")
_INCLUDED = bounded(r"\b(?:includ\w+|comes? with|in the box)\b")
_MOST_OF = re.compile(
    r"(?P<base>(?!for|mod|inter|hon|har|prot|qu|bl|gu|mid|earn|cont|test|w$)[a-z]{3,12})est"
)
_ABSENT = bounded(
    r"\b(?:without|free of|free from|no)\b|[ -]free\b|\b(?:non|anti)[ -]|\b(?:proof|resistant|"
    r"repellent)\b"
)
_YES_NO = bounded(
    r"^(?:\W|and |so |ok |okay |but |also |then |hi |hey |hello |please |well |oh |hm+ |yes |great "
    r"|cool |nice |thanks |perfect |could you tell me |can you tell me |tell me |do you know |i "
    r"wonder "
    r"|wondering |just wondering |if |whether |quick question )*"
    r"(?!(?:can|could|would|do) (?:you|u) )(?:is|are|does|do|did|has|have|can|could|will|would|"
    r"was|were|any|isn't|doesn't|don't|aren't|"
    r"can't|it|they|got)\b"
)
_NO_TOPIC = (GRAMMAR | CHATTER) - {"long", "off"} | word_set(
    "first second third fourth fifth sixth seventh eighth ninth last number one ones two three "
    "four five six "
    "product "
    "products item items made come comes coming is tell wonder wondering know knows say says said "
    "said's thing things work works get gets shop shops mention mentions state states question "
    "curious whether among between all both either none each tell's info information give gives "
    "use "
    "used using go goes going fit suitable suited okay possible able need needs want allow allows "
    "offer offers got check checked mean feature features include includes included including "
    "contain "
    "contains inside "
    "support supports equipped built provide provides really actually certain correct right please "
    "pls plz u ur r does'nt doesnt isnt its whats hows wheres theyre difference good best better "
    "take takes put let lets make makes handle survive happen "
    "myself yourself ourselves enough properly normally usually hour hours minute minutes second "
    "seconds bit lot kind sort expect expected possibly even ever once needed required necessary "
    "must should fits until till fully "
)
_MEASURING = word_set(
    "long longer longest length short shorter shortest heavy heavier heaviest light lighter "
    "lightest weigh weighs weight wide "
    "wider widest width tall taller tallest high higher highest height deep depth big bigger "
    "biggest "
    "large larger largest small smaller smallest size sizes dimension dimensions measurement "
    "measurements much many far old hot "
    "warm cold loud louder loudest quiet quieter quietest noisy powerful powerfull strong "
    "stronger strongest most least fast "
    "faster fastest thick thin slim hold holds capacity volume last lasts more less fewer fewest "
    "max maximum min minimum temp temperature same "
    "seat seats sleep sleeps feed feeds serve serves person persons people family families adult "
    "adults guest guests load carry carries bear flat low max user limit amount cm mm kg litre "
    "liter litres liters "
    "kilo kilos "
    "highest lowest roomiest wattage watt watts exact exactly total overall power rating"
)


_GRADES = word_set("highest lowest biggest strongest greatest higher lower most fewest")
_IN_ADVANCE = bounded(
    r"\bin the evening\b.*\bmorning\b|\b(?:overnight|beforehand|in advance|ahead of time|"
    r"when i wake "
    r"up|before i (?:get up|wake|come home))\b"
)
"""Asks for something that can be programmed."""


_ORIGIN = bounded(
    r"\bwhere (?:does|do|did|is|are|was|were)\b.*\b(?:from|made|produced|manufactured|grown|"
    r"built)\b|"
    r"\b(?:which|what) (?:country|place|region)\b"
)
_RUNS_DRY = bounded(
    r"\b(?:runs?|ran) (?:out|dry|empty|low)\b|\bused up\b|\b(?:is|are|gets?|goes|"
    r"'s) (?:all )?(?:empty|"
    r"gone|finished)\b"
)
"""Asks what happens when nothing is left in it."""


def topics_of(text: str) -> list[Topic]:
    """What each asking part of a normalized message asks for; the whole where no part asks."""
    parts = [part.strip() for part in _PARTED.split(text) if part.strip()]
    parts = _with_subjects(parts)
    asking = [part for part in parts if _ASKING.search(part)]
    own = [part for part in asking or parts if not _TELLING.match(part)] or asking
    topics = [_topic_of(part) for part in own or [" ".join(parts)]]
    if len(own) < len(parts) and not any(map(has_content, topics)):
        # "I'm pregnant, is this ok for me?"
        told = [part for part in parts if part not in own]
        return [_topic_of(" ".join((*own, *told)))]
    return topics


def _with_subjects(parts: Sequence[str]) -> list[str]:
    """The parts, a thing that is only named with the part behind it ("the hood, is it fixed?"), and
    an end with the part before ("how low does it go, in degrees?")."""
    joined: list[str] = []
    subject = ""
    for part in parts:
        if joined and _TAIL.match(part) and not _ASKING.search(part):
            joined[-1] = f"{joined[-1]} {part}"
        elif _SUBJECT.fullmatch(part) and not _ASKING.search(part):
            subject = f"{subject} {part}".strip()
        else:
            joined.append(f"{part} {subject}".strip())
            subject = ""
    return [*joined, subject] if subject else joined


def has_content(topic: Topic) -> bool:
    """Whether a part of a question says what is asked: "how is the handle" of a pan does not."""
    return bool(topic.words or topic.fact or topic.counted or topic.measure)


def topic_of(text: str) -> Topic:
    """What the first asking part of a normalized message asks for."""
    return topics_of(text)[0]


def _topic_of(text: str) -> Topic:
    text = _FOR_WHOM.sub(" ", _THE_ONE.sub(" ", text))
    words = tuple(dict.fromkeys(_plain(word) for word in _topic_words(text)))
    if _IN_ADVANCE.search(text):
        words = ("programmable",)
    elif not words and _ORIGIN.search(text):
        words = ("origin",)
    elif _RUNS_DRY.search(text):
        words = ("empty", *(word for word in words if word not in ("used", "happen", "run")))
    if not words and _INCLUDED.search(text):
        words = ("included",)
    if not words and _CONTENT.search(text):
        words = ("ingredient",)
    counted = _counted(text)
    named: frozenset[str] = frozenset()
    unit = None if counted is None else _dimension(counted)
    measure = None
    if unit is not None:
        measure, named = measure_asked(text)
        if measure is None or unit not in measure.dimensions:
            measure, named = (
                Measure((unit,), DURATION if unit == "time" else frozenset()),
                frozenset(),
            )
    elif counted is None:
        measure, named = measure_asked(text)
        if _YES_NO.match(text) and not _SCALED.search(text):
            measure, named = None, frozenset()  # "do the covers come off?" asks for no area
    fact = _fact(text) if measure is None and counted is None else ""
    measuring = measure is not None
    about = tuple(
        word
        for word in words
        if not (measuring and (word in _MEASURING or word in named))
        and not (counted and word in _GRADES)
    )
    substance = _MADE_OF.search(text) if fact == "material" else None
    if substance is not None and _YES_NO.match(text):
        fact, about = "", (singular(substance["what"]),)
    elif _EITHER.search(text) and _YES_NO.match(text):
        fact, about = "material", tuple(word for word in about if not MATERIAL.fullmatch(word))
    direction = 0
    if _SUPERLATIVE.search(text) or re.search(r"\bwhich\b|\bor\b", text):
        direction = -1 if _LEAST.search(text) else 1 if _MOST.search(text) else 0
    if _OWN_MOST.search(text):
        direction = 0
    return Topic(
        text,
        about,
        fact,
        measure,
        "" if counted is None or unit is not None else counted,
        _YES_NO.match(text) is not None,
        _ABSENT.search(text) is not None,
        " ".join(word for word in words_of(text) if word != "|"),
        direction,
    )


def _plain(word: str) -> str:
    """A word in the singular, "warm" for "warmest"."""
    match = _MOST_OF.fullmatch(word)
    if match is None or word in _MEASURING:
        return singular(word)
    base = match["base"]
    if base.endswith("i"):
        return f"{base[:-1]}y"
    return base[:-1] if base[-1] == base[-2] and base[-1] not in "lsz" else base


def _fact(text: str) -> str:
    found = [name for name, pattern in _NAMED if pattern.search(text)]
    if "price before" in found:
        return "price before"
    if "price" in found and _HOW_MUCH_OF.search(text):
        found.remove("price")
    return found[0] if found else ""


def _counted(text: str) -> str | None:
    match = _COUNTED.search(text) or _MOST_COUNTED.search(text)
    if match is None or re.match(r"(?:left|ratings?|reviews?|stars?)\b", match["noun"] or ""):
        return None
    if match.re is _MOST_COUNTED and match["graded"]:
        return singular(match["graded"])
    first, _, second = match["noun"].partition(" ")
    verbs = word_set("do does can is are has have will would it they fit come in of on to for you")
    if first in verbs:
        return None
    return singular(first if not second or second in verbs else match["noun"])


def _dimension(counted: str) -> Dimension | None:
    first = counted.split()[0]
    if first in ("cup", "man", "bar", "day", "c", "in", "year"):
        return None
    return dimension_of(first) or dimension_of(f"{first}s")


def _topic_words(text: str) -> list[str]:
    text = text.replace("wi-fi", "wifi")
    words = words_of(re.sub(r"'s\b", "", text.replace("-", " ")))
    return [word for word in words if word != "|" and word not in _NO_TOPIC and not word.isdigit()]
