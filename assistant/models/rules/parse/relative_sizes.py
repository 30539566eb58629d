"""Sizes that are compared with a shown product: "bigger", "a smaller one".

Where the title of that product states an amount ("Suitcase 38L"), more or less of it is searched
for, else the plain word for the size. Not covered: amounts that only a description states.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

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


def with_plain_sizes(
    words: str, earlier: str, title: str, others: Sequence[str] = ()
) -> tuple[str, str]:
    """The words of a message and those of before with what a compared size means beside the
    product of that title; the amounts of before are then no longer wanted. One of `others` that
    is called the same but for its numbers is meant by them."""
    match = _RELATIVE.search(words)
    if match is None:
        return words, earlier
    size = match["size"]
    if sizes := _next_size(title, others, larger=size in _MORE):
        numbers = set(_NUMBER.findall(title))
        earlier = " ".join(word for word in earlier.split() if word not in numbers)
        return f"{words[: match.start()]}{sizes}{words[match.end() :]}", earlier
    amount = next((q for q in quantities_in(title) if q.dimension in _SIZED), None)
    meant = _MORE.get(size) or _LESS[size]
    if amount is not None and size not in ("heavier", "shorter"):
        more = size in _MORE
        meant = f"{'at least' if more else 'at most'} {_scaled(amount.said, 1.1 if more else 0.9)}"
        for each in quantities_in(earlier):
            earlier = earlier.replace(each.said, " ")
    words = f"{words[: match.start()]}{meant}{words[match.end() :]}"
    return " ".join(words.split()), " ".join(earlier.split())


def _next_size(title: str, others: Sequence[str], *, larger: bool) -> str:
    """The numbers, as they stand, of the title that is the next larger or smaller one."""

    def numbers(each: str) -> list[float]:
        return [float(n.replace(",", "")) for n in _NUMBER.findall(each)]

    own, bare = numbers(title), _NUMBER.sub("#", title)
    alike = [each for each in others if _NUMBER.sub("#", each) == bare]
    found = [e for e in alike if (numbers(e) > own if larger else numbers(e) < own)]
    if not found:
        return ""
    following = min(found, key=numbers) if larger else max(found, key=numbers)
    said = re.search(r"\d.*\d(?:\s?[A-Za-z\"]{1,6}\b)?|\d(?:\s?[A-Za-z\"]{1,6}\b)?", following)
    return "" if said is None else said[0].casefold()


def _scaled(amount: str, factor: float) -> str:
    """An amount as it is said, times a factor: "38l" becomes "41.8l"."""
    number = _NUMBER.search(amount)
    if number is None:
        return amount
    value = float(number[0].replace(",", "")) * factor
    return f"{amount[: number.start()]}{value:g}{amount[number.end() :]}"
