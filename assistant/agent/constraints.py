"""The limits in force in a thread, each with its origin: words, a card, a button or the model.

A limit keeps its origin while later searches carry it over. A limit that was dropped and is set
again gets a new origin. Not covered: why a chat model set a limit that the shopper did not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, TypedDict

from assistant.events import Pick
from assistant.models.rules.lexicon.numbers import in_digits
from assistant.models.rules.lexicon.text import word_set
from tools.catalogue.options import option_named
from tools.catalogue.sizes import same_size
from tools.catalogue.variants import gender_of
from tools.filter_codec import FILTER_FIELDS, arguments_of_constraint
from tools.index.stemming import search_terms
from tools.money import to_minor
from tools.search.rows import SearchRow, ShownRow

Origin = Literal["words", "card", "chip", "model"]
"""The shopper's words, a shown product that they point at, a button, or the chat model's guess."""
_NAMES = tuple(each.argument for each in FILTER_FIELDS if each.many)
_FIGURES = tuple(each.argument for each in FILTER_FIELDS if not each.many)
_PRICES = arguments_of_constraint("price")
_FLAG_WORDS = word_set(
    "stock available sold sale sales offer discount discounted reduced buy order now"
)


class ConstraintRow(TypedDict):
    """One limit of the newest search."""

    name: str
    """Of the search's field: `max_price`, `colors`, ..."""
    value: str | int | float
    """One name, or a figure; prices in minor units."""
    turn: int
    """Of the message that set it, from 1."""
    origin: Origin
    words: str
    """What the shopper said in that message."""


def constraints_of(
    search: SearchRow,
    before: Sequence[ConstraintRow],
    *,
    turn: int,
    said: str,
    pick: Pick | None,
    shown: Sequence[ShownRow],
    currency: str,
) -> list[ConstraintRow]:
    """The limits of a search in the order of its fields, those of `before` with their origins.

    `said` and `pick` are of the message numbered `turn`; `shown` are the cards that it could point
    at.
    """
    known = {(row["name"], row["value"]): row for row in before}
    rows = []
    for name, value in _limits(search):
        row = known.get((name, value))
        if row is None:
            origin = _origin(name, value, said, pick, shown, currency)
            row = ConstraintRow(name=name, value=value, turn=turn, origin=origin, words=said)
        rows.append(row)
    return rows


def _limits(search: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in _NAMES:
        for value in search.get(name) or ():
            yield name, value
    for name in _FIGURES:
        if search.get(name) not in (None, False):
            yield name, search[name]


def _origin(
    name: str, value: Any, said: str, pick: Pick | None, shown: Sequence[ShownRow], currency: str
) -> Origin:
    if pick is not None:
        return "chip" if pick.act in ("refine", "relax") else "card"
    if value is True:
        return "words" if _FLAG_WORDS & set(re.findall(r"[a-z]+", said.lower())) else "model"
    if name == "options":
        return "words" if _says_option(value, said) else "model"
    if name in _NAMES:
        terms = set(search_terms(said).split())
        return "words" if terms & set(search_terms(str(value)).split()) else "model"
    if name not in _PRICES:
        spoken = {float(number) for number in _numbers(said)}
        # "Better rated" is the next tenth above the card's rating.
        pointed = {row["rating"] for row in shown} | {
            round(row["rating"] + 0.1, 1) for row in shown if row["rating"] is not None
        }
    else:
        spoken = {to_minor(number, currency) for number in _numbers(said)}
        # "Cheaper" is one unit below the card's price.
        prices = [to_minor(r["price"], r["currency"]) for r in shown if r["price"] is not None]
        pointed = {price + step for price in prices for step in (-1, 0, 1)}
    if value in spoken:
        return "words"
    return "card" if value in pointed else "model"


def _says_option(option: str, said: str) -> bool:
    """Whether the words hold an option's value, however it is said: "medium" for "size=M"."""
    key, value = option_named(option)
    words = re.findall(r"[\w'.]+", said.lower())
    if set(search_terms(value).split()) & set(search_terms(said).split()):
        return True
    if key == "size":
        return any(same_size(word.strip("'."), value) for word in words)
    return key == "gender" and gender_of(value) in {gender_of(word) for word in words}


def _numbers(said: str) -> Iterator[Decimal]:
    for word in in_digits(said).replace(",", "").split():
        digits = "".join(c for c in word if c in "0123456789.").strip(".")
        if digits.count(".") <= 1 and digits:
            yield Decimal(digits)
