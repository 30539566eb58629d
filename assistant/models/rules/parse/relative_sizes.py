"""Sizes that are compared with a shown product: "bigger", "a smaller one".

Where the title of that product states an amount ("Suitcase 38L"), more or less of it is searched
for, else the plain word for the size. Not covered: amounts that only a description states.
"""

from __future__ import annotations

from assistant.models.rules.lexicon.bounded import bounded
from tools.search.quantities import quantities_in

_MORE = {
    "bigger": "big large",
    "larger": "large big",
    "longer": "long",
    "taller": "tall",
    "wider": "wide",
    "roomier": "large",
    "heavier": "heavy",
}
_LESS = {
    "smaller": "small compact",
    "shorter": "short",
    "narrower": "narrow",
    "tinier": "mini",
}
_RELATIVE = bounded(rf"\b(?P<size>{'|'.join((*_MORE, *_LESS))})\b")
_NUMBER = bounded(r"\d+(?:,\d{3})*(?:\.\d+)?")
_SIZED = frozenset(("volume", "length", "charge", "memory"))
"""Dimensions in which a thing is called big or small."""


def with_plain_sizes(words: str, earlier: str, title: str) -> tuple[str, str]:
    """The words of a message and those of before with what a compared size means beside the
    product of that title; the amounts of before are then no longer wanted."""
    match = _RELATIVE.search(words)
    if match is None:
        return words, earlier
    size = match["size"]
    amount = next((q for q in quantities_in(title) if q.dimension in _SIZED), None)
    meant = _MORE.get(size) or _LESS[size]
    if amount is not None and size not in ("heavier", "shorter"):
        more = size in _MORE
        meant = f"{'at least' if more else 'at most'} {_scaled(amount.said, 1.1 if more else 0.9)}"
        for each in quantities_in(earlier):
            earlier = earlier.replace(each.said, " ")
    words = f"{words[: match.start()]}{meant}{words[match.end() :]}"
    return " ".join(words.split()), " ".join(earlier.split())


def _scaled(amount: str, factor: float) -> str:
    """An amount as it is said, times a factor: "38l" becomes "41.8l"."""
    number = _NUMBER.search(amount)
    if number is None:
        return amount
    value = float(number[0].replace(",", "")) * factor
    return f"{amount[: number.start()]}{value:g}{amount[number.end() :]}"
