"""The catalogue's own names, found in a shopper's words.

A name becomes a filter only when the shopper says it: a category as the thing that is wanted
("phone case"), not as what it is for ("for my kitchen") or part of another thing ("climbing
shoes" is no Climbing). It may be said by a part ("hoodie" for "Hoodies & Sweatshirts"), by its
last word ("lamps" for "Table Lamps"), by two levels ("women's dresses") or by another everyday
word (`synonyms`).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from assistant.models.rules.lexicon.option_names import OptionLexicon
from assistant.models.rules.lexicon.people import gender_of_name
from assistant.models.rules.lexicon.stop_words import CHATTER, FILLERS, GRAMMAR
from assistant.models.rules.lexicon.synonyms import GROUPS, PEOPLE
from assistant.models.rules.lexicon.text import word_set, words_of
from tools.catalogue.colors import colors_meant, plain_color, sayable
from tools.catalogue.vocabulary import LEVELS, Vocabulary
from tools.embedding.towers.glosses import GLOSSES
from tools.money import to_decimal
from tools.text import singular

BASE_COLORS = word_set(
    "black white red blue green yellow orange purple pink brown grey beige gold silver navy "
    "turquoise teal violet maroon cream ivory olive tan khaki copper bronze rose mint coral "
    "lavender burgundy magenta cyan indigo charcoal"
)
MATTERS = word_set(
    "natural ebony lavender oak walnut cherry coffee chocolate vanilla lemon linen denim bamboo "
    "cork"
)
"""Colors that are also matters, scents or qualities: "natural cork", "lavender oil"."""
_MOSTLY_COLORS = word_set("charcoal copper bronze olive rose mint cream coral")
"""The same, but colors wherever the shop calls no product after them: "charcoal grill"."""
_THINGS_TOO = word_set(
    "midnight slate wine chocolate camel mint plum rainbow clear assorted coffee stone sand rose "
    "cherry ruby lemon peach apricot rust walnut chestnut denim sky royal steel linen pearl snow "
    "coral salmon sage moss forest hunter jade amber champagne cream petrol army jet heather ash "
    "brick caramel hazel lime emerald sapphire copper gold silver tan olive nude"
)
"""Shades that are also things: colors only where the catalogue calls one so."""
_ALIKE = {"gray": "grey", "golden": "gold", "coloured": "colored"}
_BEFORE_VERBS = word_set("can could must should would will may might they we i they'll we'll i'll")
_CONTEXT = word_set("for in with to from my our his her their at on matching fits fit against")
_PLACES = word_set("above beneath beside behind near under over below opposite underneath")
"""Words that tell where a thing is to be: "above the dining table"."""
_OWNERS = word_set("my our his her their")
_THE = _OWNERS | word_set("the this that")
_DESCRIBING = word_set("is are was were has have had gets looks isn't aren't")
"""Verbs behind what a shopper only speaks of: "our kitchen is white"."""
_GLUE = (GRAMMAR | CHATTER | {"|"}) | word_set(
    "please like only cheap cheaper cheapest made having featuring under over print printed "
    "pattern patterned style styled themed costing priced rated available version versions "
    "stuff things thing items products options ones max min maximum minimum below above between "
    "broke broken died tore torn lost stopped "
    "ripped size sized match matches matching go goes suit suits fit fits look looks "
    "collection selection range section department ideas need want looking instead"
)
_PARTS_OF_OTHERS = word_set(
    "holder stand set bag cover rack hook filter mount strap charger box cleaner bulb shade press "
    "warmer organizer rest part kit"
)
_TOO_WIDE = word_set(
    "accessory good gear item product equipment supply thing stuff covering textile essential care "
    "wear more other set kit machine appliance device"
)
"""Last words that say nothing without the first: "Small Leather Goods"."""
TONES = word_set("dark light bright pale matte neon pastel metallic")
_AFTER = word_set(
    "looking look search searching browsing browse shopping shop hunting hunt market after ask "
    "asking need searched here want wanting seeking"
)
"""Words whose "for" says what is wanted, not what for."""
_ARTICLES = word_set("a an the some new any more your nice good my our")
_JOINS = word_set("and or | nor plus")
_DESIGNS = word_set("print pattern dot stripe check motif logo design edition style color")
"""Last words of titles that say how a thing looks."""
_MEASURES = word_set(
    "length size width height depth weight version model shade tone colour pair piece level amount"
)
"""Words of titles that tell of any thing and name none: "the shorter length"."""
_MOST_SHELVES = 3
"""Categories that one word for a thing may stand for."""
_THINGS_AS_COLORS = {(color,) for color in BASE_COLORS}
_GLOSSED = tuple(
    tuple(tuple(map(singular, phrase.split())) for phrase in (name, *plain))
    for name, plain in GLOSSES.items()
)
"""Everyday names of goods, each with plainer ones."""
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A name of the catalogue in the words, with where it stands."""

    names: tuple[str, ...]
    start: int
    end: int
    """Behind its last word."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The names of one catalogue by the phrases that a shopper may say for them."""

    categories: dict[Phrase, tuple[str, ...]] = field(default_factory=dict)
    colors: dict[Phrase, tuple[str, ...]] = field(default_factory=dict)
    brands: dict[Phrase, tuple[str, ...]] = field(default_factory=dict)
    color_names: tuple[str, ...] = ()
    paths: tuple[tuple[str, ...], ...] = ()
    things: frozenset[str] = frozenset()
    """What products are called in their titles, in the singular."""
    options: OptionLexicon = field(default_factory=OptionLexicon)
    own: dict[Phrase, Phrase] = field(default_factory=dict)
    """The shop's phrase for one that means the same and that it does not say."""
    spelled: dict[str, int] = field(default_factory=dict)
    """All words of those names, of titles and of descriptions, with how often titles say them."""
    pairs: frozenset[Phrase] = frozenset()
    """What products are called in two words whose first is a small one: "down jacket"."""
    of_matter: frozenset[Phrase] = frozenset()
    """What products are called after what they are made of, burn or smell of: "charcoal grill"."""
    prices: tuple[Decimal, Decimal] | None = None
    """The lowest and the highest price, in major units."""
    color_words: frozenset[str] = field(init=False)
    """Single words of colors: the catalogue's and everyone's."""
    names_people: bool = field(init=False)
    """Whether a category says for whom its products are: "Women"."""
    states_gender: bool = field(init=False)
    """Whether the shop says for whom things are, in a fact or in its categories."""

    def __post_init__(self) -> None:
        # Every message asks for these, and a large shop has thousands of names.
        own = {word for name in self.color_names for word in name.lower().split() if len(word) > 3}
        people = any(word in PEOPLE for phrase in self.categories for word in phrase)
        levels = {level for path in self.paths for level in path}
        gender = bool(self.options.values.get("gender")) or any(map(gender_of_name, levels))
        object.__setattr__(self, "color_words", BASE_COLORS | own)
        object.__setattr__(self, "names_people", people)
        object.__setattr__(self, "states_gender", gender)

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> Lexicon:
        """Built once for each vocabulary."""
        things = frozenset(map(singular, vocabulary.things))
        categories, own = _category_index(vocabulary, things)
        lexicon = cls(
            categories,
            _color_index(vocabulary.colors, in_words=vocabulary.uncolored),
            _index((brand, _brand_phrases(brand)) for brand in vocabulary.brands),
            tuple(vocabulary.colors),
            tuple(tuple(path.split(LEVELS)) for path in vocabulary.paths),
            things,
            OptionLexicon.of(vocabulary),
            own,
            pairs=_of_two_words(vocabulary.kinds, FILLERS),
            of_matter=_of_two_words(vocabulary.kinds, MATTERS | _MOSTLY_COLORS),
            prices=_price_range(vocabulary),
        )
        lexicon.spelled.update(_spelled(lexicon, vocabulary))
        return lexicon

    def gendered(self, names: Sequence[str], gender: str) -> tuple[str, ...]:
        """These categories, or their paths, for one gender; as they are where none says it."""
        found: dict[str, None] = {}
        for name in names:
            levels = name.split(LEVELS)
            under = [path for path in self.paths if set(levels) <= set(path)]
            said = [path for path in under if gender in map(gender_of_name, path)]
            others = [path for path in under if any(map(gender_of_name, path))]
            if said and len(said) < len(under):
                for path in said:
                    own = {*levels, next(lv for lv in path if gender_of_name(lv) == gender)}
                    found[LEVELS.join(level for level in path if level in own)] = None
            elif said or len(others) < len(under):
                found[name] = None
        return tuple(found) or tuple(names)

    def is_category(self, words: Sequence[str]) -> bool:
        """Whether these words are a category's."""
        return tuple(map(singular, words)) in self.categories

    def find_colors(self, words: Sequence[str]) -> list[Named]:
        """Colors, the longest names first where they overlap."""
        found = _find([self._color_word(word) for word in words], self.colors)
        return [
            Named(each.names, each.start - 1, each.end)
            if each.start and words[each.start - 1] in TONES
            else each
            for each in found
        ]

    def _color_word(self, word: str) -> str:
        """The color that a word stands for: "bluish" is blue."""
        if word.endswith("ish") and len(word) > 5:
            stem = word[:-3]
            base = next((c for c in BASE_COLORS if c in (stem, f"{stem}e", stem[:-1])), "")
            return base or word
        return plain_color(word) or word

    def find_brands(self, words: Sequence[str], typed: str) -> list[Named]:
        """Brands. One that may be an ordinary word counts where a name would stand: typed with a
        capital, behind "by", or with nothing but small words before it. What a thing is for is no
        brand of it.

        `typed` is the text as the shopper wrote it, for its capitals.
        """
        capitals = {word.lower() for word in re.findall(r"\b[A-Z][\w&']*", typed)}
        found = []
        for named in _find(words, self.brands):
            before = words[named.start - 1] if named.start else "|"
            after = words[named.end] if named.end < len(words) else "|"
            word, one = words[named.start], named.end - named.start == 1
            if _fits(words, named.start):
                continue
            if one and ((word,) in self.colors or (singular(word),) in self.categories):
                continue
            name_like = word in capitals or len(word) > 7 or before in {"by", "from", "brand"}
            alone = before in FILLERS and (after in FILLERS or word not in self.things)
            if not one or name_like or alone:
                found.append(named)
        return found

    def kind_of(self, words: str) -> str:
        """What kind of thing words name, in the singular; "" where they name none."""
        return self.find_categories(words_of(words.lower()))[2]

    def find_categories(self, words: Sequence[str]) -> tuple[list[Named], list[str], str]:
        """Categories that are wanted, the words in the shop's own for the same, and the kind that
        they name."""
        words = [re.sub(r"'s$", "", word) for word in words]
        mentions = _find([singular(word) for word in words], self.categories)
        people = [all(singular(w) in PEOPLE for w in words[m.start : m.end]) for m in mentions]
        for place, mention in enumerate(mentions):
            # "women's" goes with a thing that has none of its own between.
            earlier = any(m.names and not people[i] for i, m in enumerate(mentions[:place]))
            if not people[place] and not _wanted(words, mention, earlier=earlier):
                people[place] = False
                mentions[place] = Named((), mention.start, mention.end)
            owned = not _OWNERS.isdisjoint(words[max(0, mention.start - 2) : mention.start])
            described = mention.end < len(words) and words[mention.end] in _DESCRIBING
            later = any(m.names for m in mentions[place + 1 :])
            if owned and (later or described or "for" in words[: mention.start]):
                # "My flat is dark, I need a lamp", "our kitchen is white", "for my dad's garden"
                mentions[place] = Named((), mention.start, mention.end)
        named = [mention for mention in mentions if mention.names]
        kinds = [tuple(map(singular, words[m.start : m.end])) for m in named]
        things = [self.own.get(k, k) for k in kinds if not all(word in PEOPLE for word in k)]
        wanted = self._joined(named, words)
        said = list(words)
        for each in reversed(named):
            phrase = tuple(map(singular, words[each.start : each.end]))
            said[each.start : each.end] = self.own.get(phrase, words[each.start : each.end])
        return wanted, said, " ".join(things[-1]) if things else ""

    def _joined(self, wanted: list[Named], words: Sequence[str]) -> list[Named]:
        """Two levels of one path become a path: "women's dresses", "dresses for women"."""
        joined: list[Named] = []
        for mention in wanted:
            last = joined[-1] if joined else None
            between = words[last.end : mention.start] if last else ()
            if last and not any(word in _JOINS for word in between):
                both = self._both(last.names, mention.names)
                if both:
                    joined[-1] = Named(both, last.start, last.end)
                    joined.append(Named(both, mention.start, mention.end))
                    continue
            joined.append(mention)
        things = [
            each
            for each in joined
            if not all(w in PEOPLE for w in map(singular, words[each.start : each.end]))
        ]
        people = [each for each in joined if each not in things]
        # A level of people that has no such thing says nothing that a filter could keep.
        if any(set(each.names) & set(other.names) for each in things for other in people):
            return joined
        return things or people

    def _both(self, one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
        """The category paths that hold both levels; () where no product has both."""
        names: dict[str, None] = {}
        for first in one:
            for second in other:
                levels = {*first.split(LEVELS), *second.split(LEVELS)}
                under = [path for path in self.paths if levels <= set(path)]
                if not under or len(levels) < 2:
                    continue
                ordered = [level for level in under[0] if level in levels]
                ending = [path for path in self.paths if ordered[-1] in path]
                whole = len(ending) == len(under)
                names[ordered[-1] if whole else LEVELS.join(ordered)] = None
        return tuple(names)


def _price_range(vocabulary: Vocabulary) -> tuple[Decimal, Decimal] | None:
    lowest, highest, currency = vocabulary.min_price, vocabulary.max_price, vocabulary.currency
    if lowest is None or highest is None:
        return None
    return to_decimal(lowest, currency), to_decimal(highest, currency)


def _fits(words: Sequence[str], start: int) -> bool:
    """Whether what stands there is what the thing is for: "a case for my Nuvio Pro"."""
    while start and words[start - 1] in _ARTICLES | {"the", "my", "our"}:
        start -= 1
    before = words[start - 1] if start else ""
    return before == "for" and not (start > 1 and words[start - 2] in _AFTER)


def _wanted(words: Sequence[str], named: Named, *, earlier: bool) -> bool:
    """Whether a category is the thing that is wanted; `earlier` where one is named before it."""
    after = singular(words[named.end]) if named.end < len(words) else "|"
    behind = words[named.end] if named.end < len(words) else "|"
    long = named.end - named.start > 1
    # "Suitcases going for under 120": a plural and a verb make no compound.
    plural = behind not in _GLUE and words[named.end - 1] != singular(words[named.end - 1])
    verb = plural or behind.endswith(("ing", "ed", "ly"))
    free = (
        behind in _GLUE
        or after in _GLUE
        or after.isdigit()
        or (verb and after not in _PARTS_OF_OTHERS)
    )
    if not (free or (long and after not in _PARTS_OF_OTHERS)):
        return False
    place = named.start
    while place > 0 and (words[place - 1] in _ARTICLES - {"my", "our"} or _is_named(words, place)):
        place -= 1
    before = words[place - 1] if place else ""
    led = [w for w, the in pairwise(words[max(0, named.start - 3) : named.start]) if the in _THE]
    if any(word in _PLACES for word in led):
        return False
    if not long and place == named.start and before in _BEFORE_VERBS:
        return False  # "so that they can watch"
    if before in ("forget", "scrap", "than") or (
        before in ("about", "of")
        and place > 1
        and words[place - 2] in ("forget", "instead", "enough", "out", "full")
    ):
        return False
    if before == "for" or (before in ("my", "our") and place > 1 and words[place - 2] == "for"):
        start = place - 1 if before == "for" else place - 2
        asks = start > 0 and words[start - 1] in _AFTER
        article = place < named.start and words[place] in ("a", "an", "some")
        # "I have 30 dollars for a scarf"
        alone = start > 0 and article and not earlier
        return (asks or alone) and before == "for"
    return not (before in _CONTEXT and place > 1 and _has_thing(words, place - 1))


def _is_named(words: Sequence[str], place: int) -> bool:
    """Whether before a place a name was cut out of a phrase: "on a (mesh) band"."""
    return place > 1 and words[place - 1] == "|" and words[place - 2] in _ARTICLES | {"the"}


def _has_thing(words: Sequence[str], end: int) -> bool:
    """Whether something else is wanted before "with a ..."."""
    return any(word not in FILLERS and word not in _GLUE for word in words[:end])


def _of_two_words(kinds: Iterable[str], first: Container[str]) -> frozenset[Phrase]:
    """The names of kinds that are two words and begin with one of these."""
    pairs = (tuple(kind.split()) for kind in kinds)
    return frozenset(pair for pair in pairs if len(pair) == 2 and pair[0] in first)


def _category_index(
    vocabulary: Vocabulary, things: frozenset[str]
) -> tuple[dict[Phrase, tuple[str, ...]], dict[Phrase, Phrase]]:
    """Phrases to categories, and phrases that the shop does not say to its own.

    By whole names and their parts; then by last words, by words that `things` of the shop are
    called by ("tote" of "Tote Bags"), by what products are called ("tent", in Trekking), and by
    other words for the same.
    """
    names = list(vocabulary.categories)
    index = _index((name, _category_phrases(name)) for name in names)
    own_names = set(index)
    whole = {tuple(singular(word) for word in _plain(name)) for name in names}
    called = [(name, _words_of_name(name) & things) for name in names]
    kinds = {tuple(kind.split()): tuple(in_) for kind, in_ in vocabulary.kinds.items()}
    for shorter in (
        _index((name, _heads(name)) for name in names),
        _index((name, [(word,) for word in sorted(words)]) for name, words in called),
        {
            kind: in_
            for kind, in_ in kinds.items()
            if len(in_) <= _MOST_SHELVES and _names_kind(kind)
        },
    ):
        for phrase, named in shorter.items():
            index.setdefault(phrase, named)
    for phrase, shelves in kinds.items():
        # A hoodie may stand outside of "Knitwear & Hoodies": titles know where else.
        every = tuple(dict.fromkeys((*index.get(phrase, ()), *shelves)))
        if (
            phrase in index
            and phrase not in whole
            and len(every) <= _MOST_SHELVES
            and _names_kind(phrase)
        ):
            index[phrase] = every
    own: dict[Phrase, Phrase] = {}
    for phrase in list(index):
        for group in GROUPS:
            for same in group:
                if len(phrase) > len(same) and phrase[-len(same) :] == same:
                    for other in group:
                        _say(index, own, (*phrase[: -len(same)], *other), phrase)
    for group in (*GROUPS, *_GLOSSED):
        known = next((phrase for phrase in group if phrase in index), None)
        if known is not None:
            for phrase in group:
                # "Gym shoes" are shoes; a "hair iron" is no iron.
                if len(phrase) == 1 or phrase[-1] != known[-1]:
                    _say(index, own, phrase, known)
    titled = set(map(singular, vocabulary.words))
    # Where a category is called so, the filter says it; a title has to be said in its own words.
    return index, {
        said: known
        for said, known in own.items()
        if titled and known not in own_names and not titled.issuperset(said)
    }


def _say(
    index: dict[Phrase, tuple[str, ...]], own: dict[Phrase, Phrase], said: Phrase, known: Phrase
) -> None:
    if said not in index and not (len(said) == 1 and said[0] in FILLERS):
        index[said] = index[known]
        own[said] = own.get(known, known)


def _names_kind(kind: Phrase) -> bool:
    return (
        kind[-1] not in _DESIGNS
        and kind[-1] not in _TOO_WIDE
        and kind[-1] not in FILLERS | _MEASURES
        and ((kind[-1],) not in _THINGS_AS_COLORS)
    )


def _spelled(lexicon: Lexicon, vocabulary: Vocabulary) -> dict[str, int]:
    phrases = (*lexicon.categories, *lexicon.colors, *lexicon.brands, *lexicon.options.phrases)
    said = [word for phrase in phrases for word in phrase]
    said += [word for name in vocabulary.categories for word in words_of(name.lower())]
    words = {word: 0 for word in said if word.isalpha() and len(word) > 2}
    return words | dict.fromkeys(vocabulary.described, 0) | dict(vocabulary.words)


def _category_phrases(name: str) -> list[Phrase]:
    """What is said for "Hoodies & Sweatshirts": the whole, each part, and written in one."""
    parts = [name, *_parts(name)]
    phrases = [tuple(singular(word) for word in _plain(part)) for part in parts]
    whole = phrases[0]
    if "&" in name:
        phrases += [tuple(singular(w) for w in _plain(name.replace("&", " and ")))]
    phrases += [("".join(phrase),) for phrase in phrases if len(phrase) == 2]
    phrases += [(second, "for", my, first) for first, second in
                [p for p in phrases if len(p) == 2] for my in ("my", "a", "the")]  # fmt: skip
    return [phrase for phrase in phrases if phrase and (phrase == whole or _says(phrase))]


def _words_of_name(name: str) -> set[str]:
    """The single words of a name of several."""
    words = [singular(word) for word in _plain(name) if word not in GRAMMAR]
    return set(words) - _TOO_WIDE if len(words) > 1 else set()


def _says(phrase: Phrase) -> bool:
    return len("".join(phrase)) > 2 and not (len(phrase) == 1 and phrase[0] in _TOO_WIDE)


def _parts(name: str) -> list[str]:
    return re.split(r"\s*(?:&|/|,|\band\b)\s*", name)


def _heads(name: str) -> list[Phrase]:
    """The last words of a name's parts: "lamp" for "Table Lamps"."""
    found: list[Phrase] = []
    for part in _parts(name):
        last = part.split()[-1:] if len(part.split()) > 1 else []
        word = singular(last[0].lower()) if last and last[0].isalpha() else ""
        if len(word) > 2 and word not in _TOO_WIDE:
            found.append((word,))
    return found


def _color_index(names: Iterable[str], *, in_words: bool) -> dict[Phrase, tuple[str, ...]]:
    """The catalogue's own colors, and words for colors that stand for one of them; all words for
    colors with `in_words`, where products name theirs in a text."""
    known = list(names)
    index = _index((color, [tuple(plain_color(color).split()), _plain(color)]) for color in known)
    for color in known:
        for word in _plain(color):
            # "blue" stands for "dark blue" where no product is plainly blue.
            if word in BASE_COLORS:
                index.setdefault((word,), (word,))
    if in_words:
        for word in BASE_COLORS - _THINGS_TOO:
            index.setdefault((word,), (word,))
    for said in sayable():
        phrase = tuple(said.split())
        thing = len(phrase) == 1 and phrase[0] in _THINGS_TOO
        meant = in_words or colors_meant(said, known)
        if not thing and phrase not in index and meant:
            index[phrase] = (said,)
    return index


def _brand_phrases(brand: str) -> list[Phrase]:
    return [_plain(brand), _plain(brand.replace("&", " and "))]


def _plain(name: str) -> Phrase:
    words = [re.sub(r"'s?$", "", word) for word in words_of(name.lower())]
    return tuple(_ALIKE.get(word, word) for word in words if word != "|")


def _index(named: Iterable[tuple[str, Sequence[Phrase]]]) -> dict[Phrase, tuple[str, ...]]:
    index: dict[Phrase, tuple[str, ...]] = {}
    for name, phrases in named:
        for phrase in dict.fromkeys(phrases):
            if phrase:
                index[phrase] = (*index.get(phrase, ()), name)
    return index


def _find(words: Sequence[str], index: dict[Phrase, tuple[str, ...]]) -> list[Named]:
    longest = max(map(len, index), default=0)
    found: list[Named] = []
    start = 0
    while start < len(words):
        for length in range(min(longest, len(words) - start), 0, -1):
            names = index.get(tuple(words[start : start + length]))
            if names:
                found.append(Named(names, start, start + length))
                start += length
                break
        else:
            start += 1
    return found
