"""Questions about shown products: about one, about several, about all that are shown.

"Is the second available in red?", "how long is the strap?", "which of these has a lid?". They are
answered from what the shop states of those products and never by a search. A question that names
another kind of product stays a search.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.stop_words import FILLERS
from assistant.models.rules.lexicon.text import words_of
from assistant.models.rules.parse import question_forms as forms
from assistant.models.rules.parse.leading_cards import fitting_best, leading_cards, two_named
from assistant.models.rules.parse.meant_cards import Meant, kind_words, meant_cards
from assistant.models.rules.parse.question_topic import Topic, topic_of, topics_of
from assistant.prompt.situation import ShownNote
from tools.text import singular

_LONGEST_QUESTION = 300
_GENERAL = frozenset(
    ["pair", "set", "pack", "model", "version", "size", "brand", "kit", "one", "box", "bag"]
)
"""Nouns by which shoppers speak of anything that is shown: "which pair is heavier?"."""
_IN_THERE = re.compile(r"\bin there\b")
_ASKS, _SURELY, WISHES = 0.8, 0.95, 0.02
"""How likely a message asks about what is shown: from the first on it is a question even in no
known form, from the second on even where it names another thing that the shop has, up to the third
no question after a fact in any form that neither says "of these" nor compares. Of 1,304 wishes that
went on in some thirty sets 2.1 % are above the first and 1.5 % above the second, of 720 questions
1.2 % below the third."""
_POINTS_AT = bounded(
    r"(?<!with )(?<!for )(?<!beside )\b(?:it|its|it's|this|that|these|those|they|them)\b"
)
_WISHING = (
    forms.SHOP_HAS,
    forms.WISHES,
    forms.WANTED,
    forms.NEW_WISH,
    forms.CHEAPER,
    forms.MINE,
    forms.MONEY,
    forms.LIFTED,
    forms.THERE,
    forms.COMES_IN,
    forms.OTHER_SIZE,
    bounded(r"^(?:\W|and |or |so |ok |but )*why\b"),
    bounded(r"^(?:\W|and |or |so |ok |but )*(?:any|with|without|in|for|under|over|what else)\b"),
)
"""Forms of wishes that look like questions, which the lessons have few of."""
_IN_SHOWN = bounded(r"\b(?:in|inside|on) (?:it|this one|that one)\b(?! too\b| as well\b)")
"""Asks what a thing has: "would there be a place for a book in this one?"."""
_OF_SHOWN = bounded(
    r"\b(?:of|among|amongst|from) (?:them|these|those)\b|^do(?:es)? any\b|\bmore\b.*\bthan\b"
)
_RELATIVE = bounded(
    r"^(?:is|are|has|have|comes?) (?!(?:it|its|this|that|these|those|there|the|they|1|one|any|"
    r"number|either|both|he|she|you|anyone|anybody|someone)\b)"
)
"""Says in a description how the thing has to be: "is warmer and has no collar"."""
_COMPARING = ("recommend", "like", "set", "apart", "keep")
Subject = Literal["comes in", "values", "stock", "order", "fact"]


@dataclass(frozen=True, slots=True)
class ProductQuestion:
    """What is asked of shown products."""

    topic: Subject
    """"order" is which of them is the cheapest, dearest or best rated."""
    numbers: tuple[int, ...]
    about: str
    """The question itself, normalized."""
    option: str = ""
    """With "values" the name of an option."""
    colors: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    """With "comes in": what it should be had in."""
    heard: str = ""
    """The question as it was typed, normalized: a word that is no typo may have been mended."""


def read_product_question(
    text: str,
    plain: str,
    *,
    colors: Sequence[str],
    options: Sequence[str],
    cards: Sequence[ShownNote],
    asked: bool,
    color_catalogue: bool,
    focus: int = 0,
    is_kind: Callable[[str], bool] = lambda _: False,
    heard: str = "",
    sought: str = "",
    asks: float | None = None,
) -> ProductQuestion | None:
    """The question in a normalized text; None for any other text.

    `asks` is how likely the message asks about what is shown, where that is known: it decides where
    the forms of questions and wishes do not.

    `plain` is the text without its options; `asked` says whether it was typed with "?". `focus` is
    the card that was last chosen or asked about, 0 for none. `is_kind` tells the words by which the
    shop calls its products; `sought` are the words of the newest search.
    """
    whole = heard or text
    text, plain = (_asking(_IN_THERE.sub("in it", each)) for each in (text, plain))
    found = _by_form(
        text,
        plain,
        colors=colors,
        options=options,
        cards=cards,
        asked=asked,
        color_catalogue=color_catalogue,
        focus=focus,
        is_kind=is_kind,
        whole=whole,
        sought=sought,
    )
    if asks is None or not cards:
        return found
    if found is not None:
        wished = found.topic == "fact" and asks <= WISHES and not _OF_SHOWN.search(text)
        return None if wished else found
    if asks < _ASKS or colors or options or any(each.search(text) for each in _WISHING):
        return None
    if _RELATIVE.match(text) and not (asked or _POINTS_AT.search(text)):
        return None
    shown = kind_words(cards)
    said = [word for word in words_of(text) if word not in FILLERS]  # "can", which holds water
    others = any(is_kind(word) and word not in shown for word in map(singular, said))
    if others and not (asks >= _SURELY and _POINTS_AT.search(text)):
        return None  # "does it have a bag for the way?" asks of a grill
    _, meant = _meant(plain, cards, focus, is_kind, sought)
    if any(number > len(cards) for number in meant.numbers):
        return None
    return ProductQuestion("fact", meant.narrowed(cards), text, heard=whole)


def _meant(
    plain: str,
    cards: Sequence[ShownNote],
    focus: int,
    is_kind: Callable[[str], bool],
    sought: str,
) -> tuple[tuple[int, ...], Meant]:
    """The cards that lead the list, and those that the text means."""
    lead = leading_cards(cards, is_kind, sought)
    best = fitting_best(lead, cards, sought)
    return lead, meant_cards(plain, cards, focus, lead, best, two_named(cards, sought))


def _by_form(
    text: str,
    plain: str,
    *,
    colors: Sequence[str],
    options: Sequence[str],
    cards: Sequence[ShownNote],
    asked: bool,
    color_catalogue: bool,
    focus: int,
    is_kind: Callable[[str], bool],
    whole: str,
    sought: str,
) -> ProductQuestion | None:
    """The question that has the form of one."""
    if not cards or not (
        forms.ASKS.match(text)
        or forms.WHETHER.search(text)
        or (asked and _asks_shortly(text, options))
    ):
        return None
    if (seen := forms.SEES.search(text)) and is_kind(singular(seen["what"])):
        return None
    told = forms.STATES.match(text) or forms.DESCRIBES.match(text) or forms.TELLS.match(text)
    if (told and not asked) or forms.NEW_WISH.search(text):
        return None
    wanted = forms.WANTED.search(text) and not forms.INCLUDED.search(text)
    wanted = wanted and not (asked and _IN_SHOWN.search(text))
    if re.search(forms.MAKER_HAS, text) or wanted:
        return None
    if not asked and forms.REQUIRED.search(text):
        return None
    if forms.SHEER.search(text):
        colors = ()
    lead, meant = _meant(plain, cards, focus, is_kind, sought)
    if meant.named and meant.one and len(meant.lead) == 1 and not (colors or options):
        meant = replace(meant, numbers=meant.lead)
    if (
        forms.GENERAL.search(text)
        or forms.LIFTED.search(text)
        or (meant.named and any(n > len(cards) for n in meant.numbers))
    ):
        return None
    if forms.LIKE_WHAT.search(text) and not _has_topic(topic_of(text)):
        return None
    if forms.FIT.search(text) and not forms.RANGE.search(text):
        return ProductQuestion("fact", meant.narrowed(cards), text, heard=whole)
    known = [card for card in cards if card.number in meant.numbers]
    if len(meant.numbers) == 1:
        found = _of_options(text, known[0], meant, colors, options, asked, color_catalogue)
        if isinstance(found, ProductQuestion):
            return found
        if found:
            return None
    shown = kind_words(cards) | kind_words([card for card in cards if card.number in lead])
    if _is_search(text, meant, cards, colors, is_kind, shown):
        return None
    every = tuple(card.number for card in cards)
    favorite = forms.OPINION.search(text) is not None and not _has_topic(topic_of(text))
    order = forms.ORDER.search(text) and not re.search(r"\bper\b", text)
    if ((order or favorite) and len(meant.numbers) > 1) or (order and len(cards) == 1):
        led = len(meant.numbers) == len(cards) and len(lead) > 1 and lead == every[: len(lead)]
        return ProductQuestion("order", lead if led else meant.numbers, text)
    if len(meant.numbers) > 1 and forms.COMPARED.search(text) and not _has_topic(topic_of(text)):
        return None
    if options and forms.COMES_IN.search(text):
        return ProductQuestion("comes in", meant.narrowed(cards), text, options=tuple(options))
    return ProductQuestion("fact", meant.narrowed(cards), text, heard=whole)


def _asking(text: str) -> str:
    """The text without what is told before its question: "I have an old hob, does it fit?"."""
    parts = [part for each in text.split("|") if (part := each.strip())]
    own = [part for part in parts if not forms.TOLD_OF_SELF.match(part)]
    if not 0 < len(own) < len(parts):
        return text
    asks = forms.ASKS.match(own[0]) and not forms.TOLD_BEFORE.match(text)
    return " | ".join(own) if asks or forms.GOOD_FOR.match(own[0]) else text


def _asks_shortly(text: str, options: Sequence[str]) -> bool:
    """Whether a message that ends with "?" asks without beginning like a question."""
    looks = forms.ASKS_LATER.search(text) or forms.NOUN_ALONE.match(text)
    return bool(options or looks or forms.GOOD_FOR.match(text) or forms.ALTERNATIVES.match(text))


def meaning_asked(question: ProductQuestion) -> str:
    """What is asked in plain words, for a comparison of meanings; "" where a named fact answers."""
    if question.topic != "fact":
        return ""
    asked = [topic.asked for topic in topics_of(question.heard) if not topic.fact]
    return " ".join(asked)[:_LONGEST_QUESTION]


def _of_options(
    text: str,
    card: ShownNote,
    meant: Meant,
    colors: Sequence[str],
    options: Sequence[str],
    asked: bool,
    color_catalogue: bool,
) -> ProductQuestion | bool:
    """The question about colors, sizes or stock of one card; True where it is a search instead.

    In a catalogue with colors, a card without variants has one, and another color is another
    product: "do you have it in red" looks for that.
    """
    if not meant.named:
        return False
    if values := forms.VALUES.search(text):
        name = _option_named(values["name"], card)
        if name:
            return ProductQuestion("values", meant.numbers, text, name)
    if not options and (sized := forms.SIZED.search(text)) and forms.COMES_IN.search(text):
        options = (f"size={sized['size']}",)
    for_whom = forms.COMES_IN.search(text) is not None
    options = [o for o in options if for_whom or not o.startswith(("gender=", "age_group="))]
    varied = bool(card.facts.get("variants")) or not color_catalogue
    said = ProductQuestion("comes in", meant.numbers, text, "", tuple(colors), tuple(options))
    if (options or (colors and varied)) and (forms.COMES_IN.search(text) or asked):
        return said
    if colors and forms.COMES_IN.search(text):
        return said if forms.LISTED_IN.search(text) and not forms.RANGE.search(text) else True
    rated = topic_of(text).fact == "rating"
    if (
        forms.STOCK.search(text)
        and not rated
        and not re.search(r"\b(?:as|in) (?:a|an|the)\b", text)
    ):
        stocked = forms.BUYS.search(text) or not forms.RANGE.search(text)
        if stocked and not re.search(r"\bhave\b", text):
            return ProductQuestion("stock", meant.numbers, text)
    return False


def _is_search(
    text: str,
    meant: Meant,
    cards: Sequence[ShownNote],
    colors: Sequence[str],
    is_kind: Callable[[str], bool],
    shown: frozenset[str],
) -> bool:
    """Whether an interrogative asks for products and not about those that are shown.

    `shown` are the words that they are called by.
    """
    wishes = any(each.search(text) for each in (forms.SHOP_HAS, forms.WISHES, forms.CHEAPER))
    shortly = forms.GOOD_FOR.match(text) or (forms.ALTERNATIVES.match(text) and not wishes)
    if forms.INCLUDED.search(text) or shortly:
        return False
    if forms.SHEER.search(text) and meant.named:
        return False
    if meant.named and forms.STOCKED.search(text) and not colors:
        return False
    ranged = forms.RANGE.search(text) is not None
    if forms.QUANTIFIED.match(text) or forms.WHO_HOW.match(text):
        ranged = forms.SHOP_HAS.search(text) is not None
    several = len(meant.numbers) > 1
    if several and colors and forms.COMES_IN.search(text) and not forms.AMONG.search(text):
        return True
    if ranged and (forms.OTHER_SIZE.search(text) or (several and colors)):
        return True
    mine = forms.MINE.search(text) and not forms.QUANTIFIED.match(text)
    if forms.WISHES.search(text) or mine or forms.MONEY.search(text):
        return True
    which = re.search(r"\bwhich\b", text) is not None
    if several and forms.FILTERED.search(text):
        return True  # the list with that limit is the answer
    if forms.CHEAPER.search(text) and not which:
        return True
    narrows = forms.NARROWS.match(text)
    if several and narrows and not forms.POINTS.search(text[narrows.end() :]):
        what = narrows["what"]
        if what is None or singular(what) in shown:
            return True
    others = [word for word in map(singular, words_of(text)) if is_kind(word) and word not in shown]
    if others and forms.ANY_OF_THEIRS.search(text):
        return True
    if _asks_for_another(text, shown, is_kind):
        return True
    pointed = meant.named and _points(text, meant, cards)
    if ranged and not (forms.OPINION.search(text) or pointed):
        return True
    if pointed and others and len(cards) == 1 and not forms.POINTS.search(text):
        # "Any socks that help?" over a pair of clogs
        pointed = _of_kind(text, shown)
    if forms.THERE.search(text) and not pointed:
        named = re.search(r"\b(?:one|ones|in|with|for|that|which|from|by)\b", text) is not None
        return bool(named or others or colors or _of_kind(text, shown) or not len(meant.numbers))
    if pointed:
        return False
    if which or re.match(r"^(?:\W|and |so )*what [a-z]+s\b", text):
        behind = re.search(r"\b(?:which|what) ([a-z]+)", text)
        noun = singular(behind[1]) if behind else ""
        return bool(noun and is_kind(noun) and noun not in shown | _GENERAL)
    if forms.NOUN_ALONE.match(text):
        return several and forms.WISHED.search(text) is not None
    if forms.QUANTIFIED.match(text):
        offered = bool(others) or forms.YOURS.search(text) is not None
        return offered and topic_of(text).fact == "price"
    if forms.OF_THINGS.match(text):
        return ranged
    if forms.WHO_HOW.match(text) or (forms.HANDLED.match(text) and not forms.RANGE.search(text)):
        return False
    if len(meant.numbers) == 1 and forms.YES_NO.match(text):
        return False  # of the card that was talked about
    return bool(others) or forms.ATTRIBUTE.search(text) is None


def _asks_for_another(text: str, shown: frozenset[str], is_kind: Callable[[str], bool]) -> bool:
    """Whether a thing is asked for that is none of the shown ones: "which pan could they use?"."""
    nouns = [
        singular(each)
        for found in forms.NOUN_ASKED.finditer(text)
        for each in found.groups()
        if each
    ]
    # "The laundry won't dry. Is there a rack for it?" speaks of the laundry.
    told = forms.TOLD_BEFORE.match(text)
    other = told is not None and singular(told["what"]) not in shown
    return any(noun not in shown | _GENERAL and (is_kind(noun) or other) for noun in nouns)


def _points(text: str, meant: Meant, cards: Sequence[ShownNote]) -> bool:
    """Whether the message points at shown cards by more than "any" or "which"."""
    if len(meant.numbers) < len(cards) or len(cards) == 1:
        return True
    if forms.EACH_HAS.search(text):
        return True
    return forms.POINTS.search(text) is not None or _of_kind(text, kind_words(cards))


def _of_kind(text: str, shown: frozenset[str]) -> bool:
    """Whether a word says what the shown products are."""
    return any(singular(word) in shown for word in words_of(text))


def _has_topic(topic: Topic) -> bool:
    """Whether more is asked than which is better, or how they differ."""
    words = [w for w in topic.words if not (forms.COMPARED.search(w) or w in _COMPARING)]
    return topic.measure is not None or bool(words) or bool(topic.counted)


def _option_named(said: str, card: ShownNote) -> str:
    """What is asked for the values of: "color", "size", or an option of the card; "" for none."""
    if re.match(r"colou?r|shade", said):
        return "color"
    if said.startswith("size"):
        return "size"
    options = re.findall(r"(?:^|\. )([^:.]+): ", card.facts.get("variants", "").lower())
    return next((name for name in options if said.rstrip("s") == name.rstrip("s")), "")
