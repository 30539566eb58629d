"""Which of the shown products is the cheapest, the dearest or the best rated, from their cards."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from assistant.models.rules.parse.product_questions import ProductQuestion
from assistant.prompt.situation import ShownNote
from tools.money import format_price, to_minor

_RATING = re.compile(
    r"\b(?:rated|reviewed|ratings?|reviews?|popular|recommend|pick|choose|suggest|say|think|buy)\b"
)
_MOST_TITLES = 2
_DEAR = re.compile(
    r"\b(?:(?:costs?|is|are) more\b|dearer|pricier|(?:more|most) expensive|priciest|dearest|"
    r"(?:the )?most\b(?! affordable| reasonable)|highest price)"
)


def order_answer(question: ProductQuestion, cards: Sequence[ShownNote]) -> str:
    """One or two sentences. Cards without the fact are named apart."""
    asked = [card for card in cards if card.number in question.numbers]
    rated = _RATING.search(question.about) is not None
    what = "rating" if rated else "price"
    first = first_in_order(question, cards)
    if not first:
        return f"The shop does not say the {what} of any of these."
    named = " and ".join(f"number {card.number}, {card.title}" for card in first)
    if len(first) > _MOST_TITLES:
        numbers = [str(card.number) for card in first]
        named = f"numbers {', '.join(numbers[:-1])} and {numbers[-1]}"
    most = _DEAR.search(question.about) is not None
    which = "best rated" if rated else "most expensive" if most else "cheapest"
    verb = "is" if len(first) == 1 else "are"
    text = f"{named[0].upper()}{named[1:]}, {verb} the {which}: {_said(first[0], rated)}."
    silent = [str(card.number) for card in asked if _value(card, rated) is None]
    return f"{text} The shop gives no {what} for {', '.join(silent)}." if silent else text


def first_in_order(question: ProductQuestion, cards: Sequence[ShownNote]) -> list[ShownNote]:
    """The cards that are the answer: one, several that are alike, none where no fact is known."""
    rated = _RATING.search(question.about) is not None
    values = {
        card.number: value
        for card in cards
        if card.number in question.numbers and (value := _value(card, rated)) is not None
    }
    if not values:
        return []
    most = rated or _DEAR.search(question.about) is not None
    best = max(values.values()) if most else min(values.values())
    return [card for card in cards if values.get(card.number) == best]


def _value(card: ShownNote, rated: bool) -> Decimal | None:
    value = card.rating if rated else card.price
    return None if value is None else Decimal(str(value))


def _said(card: ShownNote, rated: bool) -> str:
    if rated:
        return f"{card.rating:.1f}"
    return format_price(to_minor(card.price or Decimal(0), card.currency), card.currency)
