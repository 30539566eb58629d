"""Which names of the catalogue a message states, and which of its words are left to search by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.catalogue_names import (
    BASE_COLORS,
    MATTERS,
    TONES,
    Lexicon,
    Named,
)
from assistant.models.rules.lexicon.stop_words import FILLERS, content
from assistant.models.rules.lexicon.text import word_set, words_of
from assistant.models.rules.parse.clauses import only_tells, told_places
from assistant.models.rules.parse.exclusions import read_exclusions
from assistant.models.rules.parse.reading import Reading
from tools.search.quantities import quantities_in
from tools.search.ranked_products import codes_in
from tools.search.wish_words import words_without
from tools.text import singular

_TURNS = word_set("going goes gone went turning turns turned")
_OF_ITS_COLOR = word_set(
    "tea wine coffee rice bread pepper bean lentil olive chocolate sugar cabbage onion grape apple "
    "spot stain mark patch mould mold smear smudge powder "
    "water"
)
"""What has its color by itself: "green tea", "black spots on the wall"."""
_BURNT = (["for"], ["with"], ["on"], ["over"])
"""What stands before what a barbecue burns."""
_WHOSE = word_set("my our his her their your")
_JOINING = word_set("with for in that which without")
_ASKS = (
    r"^(?:\W|and |or |now |ok |okay |then |maybe |please |hi |hello |hey |also )*(?:what about|"
    r"how about|show me|find me|give me|(?:do|does|have) (?:you|the shop|this shop) (?:have|got|"
    r"sell|"
    r"stock|carry)|got|i want|i need|i'd like|i also need|i'm looking for|i am looking for|"
    r"looking for|i'm after|i am after|i'll (?:also |then )?need|we (?:also )?need|add|throw in|"
    r"(?:let's|lets) (?:also )?(?:add|get|have|see|find)(?: (?:him|her|them|me|us))?|"
    r"(?:is|are) there(?: also)?|(?:i|we) could (?:also )?(?:use|do with)|"
    r"(?:i|we)(?:'d| would) (?:also )?(?:like|love|want))"
)
THING = bounded(
    rf"{_ASKS}\s+(?:(?:a|an|some)\s+(?!.*\b(?:ones?|more|less|bit|little|cheaper)\b)|(?:any )?"
    r"(?:[a-z]+ )?[a-z]+[^\Ws]s(?: \|)*$)"
)
ARTICLE = bounded(
    r"^(?:\W|and |or |now |please |also |plus |then |finally |lastly )*an? "
    r"(?!(?:bit|little|lot|few|touch|tad|more|less|\w+er)\b)"
    r"(?!.*\bones?\b)"
)
"""A thing by itself, "a rocket ship", is another wish than what came before."""
DESCRIBED = bounded(
    r"^(?:\W|and |or |now |please |i need |i want |i'd like |show me |find me |looking for )*"
    r"(?:something|anything) (?:to|that|which|so(?: that)?|where|with which|for which) "
    r"(?!(?:match|go|fit|suit|look)\w*\b)|\b(?:one|some|another) thing (?:[a-z]+ )?to |"
    r"^(?:\W)*(?:and|also|plus|then) (?:also )?something for\b"
)
"""So is one that is told by what it is for: "something to boil water"."""
_PART_OF_COLOR = 4
"""Letters from which on a word may stand for the color that it is a part of."""
_TWICE = bounded(r"\b(\w+) (?:or|and) \1\b")
_COLOR_ONE = bounded(r"\b(?P<color>[a-z]+) 1(?= \||$)")
_COLOR_IS = bounded(r"\b(?P<color>[a-z]+)'(?P<verb>s|ll|d)(?= (?:[a-z]+))")
_VERB_OF = {"s": "is", "ll": "will", "d": "would"}


def with_colors_apart(text: str, lexicon: Lexicon) -> str:
    """The text with colors as words by themselves: "grey is" for "grey's", "mint one" for "mint
    1"."""
    text = _COLOR_ONE.sub(
        lambda m: f"{m['color']} one" if _is_color(m["color"], lexicon) else m[0], text
    )
    return _COLOR_IS.sub(
        lambda m: f"{m['color']} {_VERB_OF[m['verb']]}" if _is_color(m["color"], lexicon) else m[0],
        text,
    )


def _is_color(word: str, lexicon: Lexicon) -> bool:
    return word in BASE_COLORS or (word,) in lexicon.colors


def named(reading: Reading, text: str, typed: str, lexicon: Lexicon) -> Reading:
    """The reading with the catalogue's names, and the remaining text as words."""
    unwanted, again, text = read_exclusions(text, lexicon)
    words = words_of(text)
    told = told_places(words, lambda word: singular(word) in lexicon.things)
    telling = only_tells(words, lambda word: singular(word) in lexicon.things)
    brands = lexicon.find_brands(words, typed)
    words = _without(words, brands)
    facts = [
        Named(names, start, end)
        for start, end, names in lexicon.options.find(words)
        if not lexicon.is_category(words[start:end])
    ]
    words = _without(words, facts)
    colors = [
        each
        for each in lexicon.find_colors(words)
        if not (_is_thing(words, each, lexicon) or _of_another(words, each, lexicon))
    ] or _in_part_of_color(words, lexicon)
    words = _without(words, colors)
    aside = _said([w if tells else "|" for w, tells in zip(words, told, strict=True)], lexicon)
    words = ["|" if tells else word for word, tells in zip(words, told, strict=True)]
    categories, words, kind = lexicon.find_categories(words)
    parted = [
        code
        for code in codes_in(typed)
        if re.search(r"^(?!sub-)[A-Za-z]\w*[-:](?:.*[-:])?\w*\d", code, re.IGNORECASE)
    ]
    # An id is found as it is written; its parts are words as well.
    both = _both_colors(words_of(text), colors)
    said = " ".join((*parted, _with_quantities(_said(words, lexicon), text), *both)).strip()
    coded = bool(parted) and len(typed.split()) == 1
    return replace(
        reading,
        coded=coded or _is_code(said),
        only_tells=telling,
        same_thing=reading.same_thing or (telling and reading.anaphoric),
        thing=reading.thing or (any(told) and _names_thing(text, told)),
        known_thing=singular(said.rpartition(" ")[2]) in lexicon.things,
        colors=_names(colors),
        brands=_names(brands),
        categories=_names(categories),
        options=tuple(dict.fromkeys((*reading.options, *_names(facts)))),
        words=f"{aside} {said}".strip(),
        kind=kind,
        unwanted=unwanted,
        wanted_again=again,
    )


def with_fine_colors(reading: Reading, unwanted: Sequence[str], lexicon: Lexicon) -> Reading:
    """The reading with the colors that are fine as wanted ones, but for what was not wanted
    before: of the same thing, that may be there again."""
    before = () if reading.categories else " ".join(unwanted).split()
    fine = [word for word in reading.wanted_again if word not in before]
    names = _names([each for word in fine for each in lexicon.find_colors([word])])
    return replace(reading, colors=tuple(dict.fromkeys((*reading.colors, *names))))


def _names_thing(text: str, told: Sequence[bool]) -> bool:
    """Whether the clauses of a text that do not only tell something name a thing."""
    kept = ["|" if tells else word for word, tells in zip(words_of(text), told, strict=True)]
    clauses = " ".join(kept).split("|")
    return any(p.search(each.strip()) for each in clauses for p in (THING, ARTICLE, DESCRIBED))


def _both_colors(words: Sequence[str], colors: Sequence[Named]) -> list[str]:
    """What is to have two colors, "black and orange", as words: a filter would take either."""
    return [
        " ".join(words[one.start : other.end])
        for one, other in pairwise(colors)
        if words[one.end : other.start] == ["and"]
        and words[other.end : other.end + 1] not in ([], ["|"])
    ]


def _is_code(said: str) -> bool:
    """Whether the words are one code of letters and digits, and no amount: "H3521"."""
    code = re.fullmatch(r"(?=.*[a-z])(?=.*\d.*\d)[a-z0-9]{4,}", said, re.IGNORECASE)
    return code is not None and not any(each.dimension for each in quantities_in(said))


def _in_part_of_color(words: Sequence[str], lexicon: Lexicon) -> list[Named]:
    """The colors of the catalogue that a word behind "in" is a part of: "in steel" where a color
    is "stainless steel"."""
    found = []
    for place, (before, word) in enumerate(pairwise(words), 1):
        last = place + 1 == len(words) or words[place + 1] in FILLERS
        if before != "in" or not last or word in BASE_COLORS | TONES or len(word) < _PART_OF_COLOR:
            continue
        names = [
            name
            for name in lexicon.color_names
            if word in (said := name.lower().split())
            and (word == said[-1] or BASE_COLORS.isdisjoint(said))
        ]
        found += [Named(tuple(names), place, place + 1)] if names else []
    return found


def _is_thing(words: Sequence[str], color: Named, lexicon: Lexicon) -> bool:
    """Whether the word of a color is what is wanted: "day cream with sun protection"."""
    word, before = words[color.start], words[color.start - 1] if color.start else "|"
    after = words[color.end] if color.end < len(words) else "|"
    alone = color.end - color.start == 1 and (after in FILLERS or after in _JOINING)
    called = singular(word) in lexicon.things
    other = before in FILLERS or singular(before) in lexicon.things or (before,) in lexicon.colors
    return called and alone and not other


def _of_another(words: Sequence[str], color: Named, lexicon: Lexicon) -> bool:
    """Whether a color is that of what the thing is for ("a mug for his black coffee"), of what is
    eaten or drunk, of a matter ("natural cork"), or what something turns to."""
    if color.start and words[color.start - 1] in _TURNS:
        return True
    before = list(words[max(0, color.start - 4) : color.start])
    places = [place for place, word in enumerate(before[1:], 1) if word in _WHOSE]
    owner = places[-1] if places else 0
    behind = words[color.end] if color.end < len(words) else "|"
    last = color.end + 1 >= len(words) or words[color.end + 1] in FILLERS  # no "coffee machine"
    if singular(behind) in _OF_ITS_COLOR and last:
        return True
    if words[color.end - 1] == "charcoal" and words[color.start - 1 : color.start] in _BURNT:
        return True
    told = behind not in FILLERS | _JOINING | BASE_COLORS | TONES and behind.isalpha()
    matter = words[color.end - 1]
    if (matter, singular(behind)) in lexicon.of_matter:
        return True
    if matter in MATTERS and told and singular(behind) not in lexicon.things:
        return True
    return bool(owner) and before[owner - 1] == "for" and behind not in FILLERS


def colors_said(words: list[str], lexicon: Lexicon) -> tuple[str, ...]:
    """Colors in the shopper's words, whether the catalogue has them or not."""
    named = [" ".join(words[each.start : each.end]) for each in lexicon.find_colors(words)]
    return tuple(named or [word for word in words if word in lexicon.color_words])


def options_said(words: list[str], lexicon: Lexicon) -> tuple[str, ...]:
    return tuple(option for _, _, options in lexicon.options.find(words) for option in options)


def _without(words: list[str], named: list[Named]) -> list[str]:
    taken = {place for each in named for place in range(each.start, each.end)}
    return ["|" if place in taken else word for place, word in enumerate(words)]


def _names(named: list[Named]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in named for name in each.names))


def _said(words: list[str], lexicon: Lexicon) -> str:
    """The words that say what the thing is; "in red or blue" leaves none."""
    return _TWICE.sub(r"\1", content(words, lexicon.pairs))


def _with_quantities(words: str, text: str) -> str:
    """The words with the amounts that small words are a part of: "one litre", "50 inches or "
    "more"."""
    amounts = (each.said for each in quantities_in(text) if each.dimension)
    kept = set(words.split())
    lost = [said for said in amounts if not set(re.findall(r"[^\W_]+", said)) <= kept]
    for said in lost:
        words = " ".join(word for word in words.split() if word not in said.split())
    return " ".join((words, *lost)).strip()


def plain_words(words: str) -> str:
    """Words without colors, for when a new color is stated."""
    return words_without(words, BASE_COLORS)
