"""Questions about a shown product: its variants, its stock, and any fact of it.

"Is the second available in red?", "which sizes does it come in?", "what is the first made of?".
They are answered from that product's facts and never by a search. Not covered: a question about
several products at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.parse.references import numbers_named
from assistant.prompt.situation import ShownNote

Topic = Literal["comes in", "values", "stock", "fact"]


@dataclass(frozen=True, slots=True)
class ProductQuestion:
    """What is asked of one shown product."""

    topic: Topic
    number: int
    about: str = ""
    """For "values" the name of an option; for "fact" the question itself."""
    colors: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    """With "comes in": what it should be had in."""


_ASKS = bounded(
    r"^(?:\W|please |ok |okay |so |and |but |now |also |hi |hey |hello |could you tell me |can you "
    r"tell me |tell me |do you know |does it say )*(?:is|are|does|do|did|has|have|can|could|will|"
    r"would|was|were|what|what's|whats|which|who|who's|how|how's|any|got)\b"
)
_IT = bounded(r"\b(?:it|its|it's|this one|that one|this|that)\b")
_ITS_FACT = bounded(r"^(?:so |and |ok |okay )*what(?:'s| is) the [a-z]+(?: [a-z]+)?\s*(?:\||$)")
"""With one card alone, "what's the capacity?" is about it."""
_THEM = bounded(r"\b(?:these|those|them|they|of these|of those|ones|which of)\b")
_COMES_IN = bounded(
    r"\b(?:available|come|comes|coming|have|get|got|order|buy|sell|exist|there|offered|"
    r"sold out|out of stock|in stock)\b.*\b(?:in|as)\b"
)
_VALUES = bounded(
    r"\b(?:what|which|how many|any other|other|more|the)\s+(?:other |all |available )*"
    r"(?P<name>colou?rs?|shades?|sizes?|[a-z]+s?)\b.*\b(?:come|comes|available|there|have|has|offered|"
    r"get|got|sold|sell|exist|choose)\b"
)
_STOCK = bounded(
    r"\b(?:in stock|out of stock|sold out|available|availability|unavailable|buyable|"
    r"(?:be )?(?:ordered|bought)|(?:still |i )*(?:buy|order|get|have) (?:it|this|that)?|left)\b"
)
_FACT = bounded(
    r"\b(?:made (?:out )?(?:of|from)|material|fabric|how (?:long|heavy|big|large|wide|"
    r"tall|high|deep|thick|old|much|many|loud|fast)|weight|weigh|weighs|length|width|height|size|dimensions?|"
    r"capacity|waterproof|washable|condition|new|used|refurbished|discounted|on sale|reduced|"
    r"who is|who's|for (?:men|women|kids|children|whom)|battery|lining|have|has|with|"
    r"what is|what's|whats|pattern|warranty|origin)\b"
)
_PRICE = bounded(r"\b(?:before|originally|original price|used to cost|was the price|previously)\b")
_GENERAL = bounded(
    r"\b(?:tell me (?:more )?about|describe|details?|rating|rated|stars?|reviews?|brand|"
    r"who makes|who made|maker|manufacturer|category|better|compare|difference|"
    r"special|good|worth|recommend|like)\b"
)
_COST = bounded(r"\b(?:price|costs?|how much|expensive|cheap)\b")


def read_product_question(
    text: str,
    plain: str,
    *,
    colors: Sequence[str],
    options: Sequence[str],
    cards: Sequence[ShownNote],
    asked: bool,
    color_catalogue: bool,
) -> ProductQuestion | None:
    """The question in a normalized text; None for any other text.

    `plain` is the text without its options; `asked` says whether it was typed with "?". In a
    catalogue with colors, a card without variants has one, and another color is another product:
    a search finds it.
    """
    if not cards or not (_ASKS.match(text) or (asked and options)):
        return None
    number = _number(plain, cards)
    if number is None or _GENERAL.search(text):
        return None
    card = cards[number - 1]
    if values := _VALUES.search(text):
        name = _option_named(values["name"], card)
        if name:
            return ProductQuestion("values", number, name)
    forms = bool(card.facts.get("variants")) or not color_catalogue
    if (options or (colors and forms)) and (_COMES_IN.search(text) or asked):
        return ProductQuestion("comes in", number, colors=tuple(colors), options=tuple(options))
    if colors and _COMES_IN.search(text):
        return None
    if _PRICE.search(text) and re.search(r"\b(?:cost|much|price|was)\b", text):
        return ProductQuestion("fact", number, "price before")
    if _COST.search(text):
        return None
    if _STOCK.search(text) and not re.search(r"\b(?:as|in) (?:a|an|the)\b", text):
        return ProductQuestion("stock", number)
    if _FACT.search(text):
        return ProductQuestion("fact", number, text)
    return None


def _number(plain: str, cards: Sequence[ShownNote]) -> int | None:
    numbers = numbers_named(plain, len(cards))
    if len(numbers) == 1 and 1 <= numbers[0] <= len(cards):
        return numbers[0]
    alone = not numbers and len(cards) == 1 and not _THEM.search(plain)
    if alone and (_IT.search(plain) or _ITS_FACT.match(plain)):
        return 1
    return None


def _option_named(said: str, card: ShownNote) -> str:
    """What is asked for the values of: "color", "size", or an option of the card; "" for none."""
    if re.match(r"colou?r|shade", said):
        return "color"
    if said.startswith("size"):
        return "size"
    options = re.findall(r"(?:^|\. )([^:.]+): ", card.facts.get("variants", "").lower())
    return next((name for name in options if said.rstrip("s") == name.rstrip("s")), "")
