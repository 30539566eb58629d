"""Questions about shown products: about one, about several, about all that are shown.

"Is the second available in red?", "how long is the strap?", "which of these has a lid?". They are
answered from what the shop states of those products and never by a search. A question that names
another kind of product stays a search.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.text import words_of
from assistant.models.rules.parse.meant_cards import Meant, kind_words, meant_cards
from assistant.models.rules.parse.question_topic import Topic, topic_of, topics_of
from assistant.prompt.situation import ShownNote
from tools.text import singular

_LONGEST_QUESTION = 300
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


_OPENING = (
    r"^(?:\W|please |ok |okay |so |and |but |now |also |hi |hey |hello |well |oh |um+ |great |"
    r"cool |nice |"
    r"thanks |thank you |perfect |lovely |right |quick question |one more thing |just |sorry |"
    r"could you tell me |can you tell me |can u tell me |would you know |any idea |do you know |"
    r"do u know |"
    r"does it say |does the shop say |tell me |i wonder |i'm wondering |wondering |i'd like to "
    r"know |"
    r"i would like to know |i want to know |may i ask |can i ask |might i ask |you know |if |"
    r"whether )*"
)
_ASKS = bounded(
    rf"{_OPENING}(?:(?:from|for|at|in|on|with|to|by|up to) (?:what|which|how|who|whom)|is|are|"
    rf"does|do|did|has|have|can|could|will|would|was|were|isn't|aren't|"
    rf"doesn't|don't|"
    r"what|what's|whats|which|whichever|who|who's|whose|how|how's|hows|where|when|any|got|it|"
    r"they)\b"
)
_ASKS_LATER = bounded(
    r"(?:^|[|,.]|\b(?:but|and|so)\b)\s*(?:is|are|does|do|can|could|will|would|what|what's|whats|"
    r"which|how|any)\s"
)
_YES_NO = bounded(rf"{_OPENING}(?:is|are|does|do|did|has|have|can|could|will|would)\b")
_WHETHER = bounded(
    r"\b(?:whether|if|tell me|know|wonder) (?:the|it|they|this|that|these|number|#)\b"
)
_NOUN_ALONE = bounded(
    r"^(?:\W|and |so |ok |the |its |their |what about (?:the|its|their) )*(?:price|weight|size|"
    r"height|width|"
    r"length|depth|dimensions?|measurements?|capacity|material|fabric|colou?r|brand|rating|"
    r"reviews?|warranty|"
    r"guarantee|battery(?: life)?|wattage|voltage|power|runtime|flavou?r|ingredients|author|pages|"
    r"waterproof|washable|machine washable|dishwasher[ -]safe|vegan|[a-z]+[ -]free|rechargeable|"
    r"cordless)"
    r"(?: (?:of|for|on) (?:it|them|these|those|this one|that one|(?:the |number |#)?\w+(?: one)?))?"
    r"(?: please| tho| though)*\s*(?:\||$)"
)
"""A property by itself, typed with "?": "weight?", "the price of number 4?", "the warranty?"."""
_WISHED = bounded(r"\b(?:waterproof|washable|safe|vegan|free|rechargeable|cordless|leather)\b")
"""Said alone over a list these narrow it."""
_STATES = bounded(
    r"^(?:\W|and |so )*(?:it|they)\s+(?:is|are|should|must|has to|have to|needs?|needs? to|would "
    r"be)\b"
)
_RANGE = bounded(
    r"\b(?:do|does|did|have|has|can|could|would|will) (?:you|u|ya|the shop|this shop|you guys)\b|"
    r"\b(?:you|u) (?:have|got|sell|carry|stock|offer|recommend|suggest)\b|^(?:\W|and |so )*got\b|"
    r"\bwhat else\b|\b(?:show|find|give|get) (?:me|us)\b"
)
_OPINION = bounded(
    r"\b(?:would|do|can|could) (?:you|u) (?:recommend|say|think|pick|choose|suggest|know|buy)\b"
)
_WISHES = bounded(
    r"\b(?:what|how) about (?!the warranty|the guarantee|the (?:price|weight|size|battery)|its|"
    r"their)|"
    r"\b(?:similar|another|instead|something|anything|alternatives?|"
    r"version)\b|"
    r"\b(?:others?|else)\b|\blike (?:this|that|these|those|it|number|the|#)\b|\bdo (?:they|these|"
    r"those|it) look in\b"
)
_CHEAPER = bounded(
    r"\b(?:cheaper|dearer|pricier|more expensive|less expensive|"
    r"(?:better|higher)[ -](?:rated|reviewed|ratings?|reviews?|stars?|scores?))\b"
)
_LIFTED = bounded(
    r"^(?:\W|and |so |ok )*any (?:other )?(?:colou?rs?|sizes?|prices?|brands?|materials?|"
    r"ratings?|kinds?|styles?)\b"
)
_OTHER_SIZE = bounded(
    r"\b(?:bigger|smaller|larger|other|different|another) (?:size|colou?r|"
    r"one)s?\b"
)
_MINE = bounded(
    r"\b(?:can|could|may|shall|should) (?:i|we) (?:please )?(?:see|get|have|buy|order|add|keep|"
    r"return|save|look|"
    r"try|pay|also|just see|reserve|take (?:it|this|that|number|the \w+(?: one)?)\s*(?:\||$))\b"
)
_THERE = bounded(
    r"\b(?:is|are) there (?:also )?(?:a|an|any|one|ones|some|something)\b|^(?:\W|and |so |ok "
    r")*any\b"
)
_GENERAL = bounded(
    r"\b(?:tell me (?:more )?about|describe|details?|special about|what(?:'s| is| are) .{0,24} "
    r"like|why|"
    r"how come|compare|comparison|side by side|short ?list|my list|favou?rites)\b"
)
_LIKE_WHAT = bounded(r"\bwhat(?:'s| is| are|s) .{0,24} like\b")
_COMPARED = bounded(
    r"\b(?:compare[ds]?|comparison|versus|vs|differen(?:ce|ces|t)|differs?|side by side|better|"
    r"nicer|best)\b"
)
_COMES_IN = bounded(
    r"\b(?:available|come|comes|coming|have|get|got|order|buy|sell|exist|there|offered|"
    r"sold out|out of stock|in stock)\b.*\b(?:in|as)\b"
)
_LISTED_IN = bounded(
    r"\b(?:available|comes?|coming|offered|exist|made)\b.*\b(?:in|as)\b|^is\b|^are\b"
)
_SIZED = bounded(r"\b(?:waist|size|inseam|eu|uk|us)\s?(?P<size>\d{1,3}|x{0,3}[sml])\b")
_VALUES = bounded(
    r"\b(?:what|which|how many|any other|other|more|the)\s+(?:other |all |available |different )*"
    r"(?P<name>colou?rs?|shades?|sizes?|[a-z]+s?)\b.*\b(?:come|comes|available|there|have|has|"
    r"offered|"
    r"get|got|sold|sell|exist|choose)\b"
)
_STOCK = bounded(
    r"\b(?:in stock|out of stock|sold out|available|availability|unavailable|buyable|"
    r"(?:be )?(?:ordered|bought)|(?:still |i )*(?:buy|order|get|have) (?:it|this|that)?|left)\b"
)
_BUYS = bounded(r"\b(?:still|can i (?:buy|order|get)|ordered|bought|stock|sold out|left)\b")
_ORDER = bounded(
    r"\b(?:cheapest|least expensive|costs? (?:the )?least|most affordable|lowest price|most "
    r"expensive|priciest|"
    r"dearest|costs? (?:the )?most|highest price|(?:best|top|highest)[ -](?:rated|reviewed|"
    r"ratings?|reviews?)|"
    r"most reviews|most popular)\b"
)
_ATTRIBUTE = bounded(
    r"\b(?:what(?:'s| is| are| was)?|whats|how(?:'s| is| are)?|is|are|does|do|will|can) (?:the|"
    r"its|their) [a-z]|"
    r"\bhow (?:long|big|large|heavy|wide|tall|high|deep|thick|loud|noisy|hot|warm|far|fast|"
    r"strong|powerful|"
    r"much|many|old)\b|\bwhat (?:size|material|capacity|color|colour|brand|kind of|type of|"
    r"voltage|age|"
    r"fabric|flavou?r)\b|\b(?:is|are) there (?:a|an|any)\b|^(?:\W|and |so |ok )*any\b|"
    r"\b(?:in stock|waterproof|washable|dishwasher|warranty)\b|\bcan (?:i|you|u|we|one) (?:use|"
    r"wash|put|take|wear|"
    r"clean|run|control|charge|fold|adjust|remove|store|cook|make|fit|plug|connect|machine|dry|"
    r"iron)\b"
)
_AMONG = bounded(r"\b(?:which|any|some|none|all|each|either|both) of\b")
_FILTERED = bounded(r"\b(?:on sale|reduced|discounted|in stock)\b")
_EACH_HAS = bounded(
    r"\b(?:do|does|did|can|will|would|is|are|has|have) (?:any|either|some|none|one|both|each)(?: "
    r"one| ones)? "
    r"(?:have|has|got|come|comes|fit|fits|work|works|take|takes|include|includes|use|uses|need|"
    r"needs|run|runs|"
    r"get|gets|make|makes|offer|offers|support|supports|say|says|contain|contains|feature|"
    r"features|hold|keep|"
    r"last|weigh|cost|suit|go|do|been|be|made|suitable|good|safe|free|available|[a-z]+proof|"
    r"washable)\b"
)
_MONEY = bounded(
    r"\b(?:under|below|less than|up to|at most|max|cheaper than|over|above)\s?[$€£]?\d"
)


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
) -> ProductQuestion | None:
    """The question in a normalized text; None for any other text.

    `plain` is the text without its options; `asked` says whether it was typed with "?". `focus` is
    the card that was last chosen or asked about, 0 for none. `is_kind` tells the words by which the
    shop calls its products.
    """
    if not cards or not (
        _ASKS.match(text)
        or _WHETHER.search(text)
        or (asked and (options or _ASKS_LATER.search(text) or _NOUN_ALONE.match(text)))
    ):
        return None
    if _STATES.match(text) and not asked:
        return None
    meant = meant_cards(plain, cards, focus)
    if (
        _GENERAL.search(text)
        or _LIFTED.search(text)
        or (meant.named and any(n > len(cards) for n in meant.numbers))
    ):
        return None
    if _LIKE_WHAT.search(text) and not _has_topic(topic_of(text)):
        return None
    known = [card for card in cards if card.number in meant.numbers]
    if len(meant.numbers) == 1:
        found = _of_options(text, known[0], meant, colors, options, asked, color_catalogue)
        if isinstance(found, ProductQuestion):
            return found
        if found:
            return None
    if _is_search(text, meant, cards, colors, is_kind):
        return None
    favorite = _OPINION.search(text) is not None and not _has_topic(topic_of(text))
    if (_ORDER.search(text) or favorite) and len(meant.numbers) > 1:
        return ProductQuestion("order", meant.numbers, text)
    if len(meant.numbers) > 1 and _COMPARED.search(text) and not _has_topic(topic_of(text)):
        return None
    if options and _COMES_IN.search(text):
        return ProductQuestion("comes in", meant.numbers, text, options=tuple(options))
    return ProductQuestion("fact", meant.numbers, text)


def meaning_asked(question: ProductQuestion) -> str:
    """What is asked in plain words, for a comparison of meanings; "" where a named fact answers."""
    if question.topic != "fact":
        return ""
    asked = [topic.asked for topic in topics_of(question.about) if not topic.fact]
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
    if values := _VALUES.search(text):
        name = _option_named(values["name"], card)
        if name:
            return ProductQuestion("values", meant.numbers, text, name)
    if not options and (sized := _SIZED.search(text)) and _COMES_IN.search(text):
        options = (f"size={sized['size']}",)
    forms = bool(card.facts.get("variants")) or not color_catalogue
    said = ProductQuestion("comes in", meant.numbers, text, "", tuple(colors), tuple(options))
    if (options or (colors and forms)) and (_COMES_IN.search(text) or asked):
        return said
    if colors and _COMES_IN.search(text):
        return said if _LISTED_IN.search(text) and not _RANGE.search(text) else True
    if _STOCK.search(text) and not re.search(r"\b(?:as|in) (?:a|an|the)\b", text):
        stocked = _BUYS.search(text) or not _RANGE.search(text)
        if stocked and not re.search(r"\bhave\b", text):
            return ProductQuestion("stock", meant.numbers, text)
    return False


def _is_search(
    text: str,
    meant: Meant,
    cards: Sequence[ShownNote],
    colors: Sequence[str],
    is_kind: Callable[[str], bool],
) -> bool:
    """Whether an interrogative asks for products and not about those that are shown."""
    ranged = _RANGE.search(text) is not None
    several = len(meant.numbers) > 1
    if several and colors and _COMES_IN.search(text) and not _AMONG.search(text):
        return True
    if ranged and (_OTHER_SIZE.search(text) or (several and colors)):
        return True
    if _WISHES.search(text) or _MINE.search(text) or _MONEY.search(text):
        return True
    which = re.search(r"\bwhich\b", text) is not None
    if several and _FILTERED.search(text):
        return True  # the list with that limit is the answer
    if _CHEAPER.search(text) and not which:
        return True
    pointed = meant.named and _points(text, meant, cards)
    if ranged and not (_OPINION.search(text) or pointed):
        return True
    shown = kind_words(cards)
    others = [word for word in map(singular, words_of(text)) if is_kind(word) and word not in shown]
    if _THERE.search(text) and not pointed:
        named = re.search(r"\b(?:one|ones|in|with|for|that|which|from|by)\b", text) is not None
        return bool(named or others or colors or _of_kind(text, shown) or not len(meant.numbers))
    if pointed:
        return False
    if which or re.match(r"^(?:\W|and |so )*what [a-z]+s\b", text):
        behind = re.search(r"\b(?:which|what) ([a-z]+)", text)
        noun = singular(behind[1]) if behind else ""
        return bool(noun and is_kind(noun) and noun not in shown)
    if _NOUN_ALONE.match(text):
        return several and _WISHED.search(text) is not None
    if len(meant.numbers) == 1 and _YES_NO.match(text):
        return False  # of the card that was talked about
    return bool(others) or _ATTRIBUTE.search(text) is None


def _points(text: str, meant: Meant, cards: Sequence[ShownNote]) -> bool:
    """Whether the message points at shown cards by more than "any" or "which"."""
    if len(meant.numbers) < len(cards) or len(cards) == 1:
        return True
    if _EACH_HAS.search(text):
        return True
    pronoun = re.search(
        r"\b(?:it|its|it's|they|them|these|those|their|of (?:the|all)|all|both|each|one|this|"
        r"that)\b",
        text,
    )
    return pronoun is not None or _of_kind(text, kind_words(cards))


def _of_kind(text: str, shown: frozenset[str]) -> bool:
    """Whether a word says what the shown products are."""
    return any(singular(word) in shown for word in words_of(text))


def _has_topic(topic: Topic) -> bool:
    """Whether more is asked than which is better, or how they differ."""
    words = [w for w in topic.words if not (_COMPARED.search(w) or w in ("recommend", "like"))]
    return topic.measure is not None or bool(words) or bool(topic.counted)


def _option_named(said: str, card: ShownNote) -> str:
    """What is asked for the values of: "color", "size", or an option of the card; "" for none."""
    if re.match(r"colou?r|shade", said):
        return "color"
    if said.startswith("size"):
        return "size"
    options = re.findall(r"(?:^|\. )([^:.]+): ", card.facts.get("variants", "").lower())
    return next((name for name in options if said.rstrip("s") == name.rstrip("s")), "")
