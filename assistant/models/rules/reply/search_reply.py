"""One or two sentences about what a search found, from its reply and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from assistant.models.rules.lexicon.numbers import CARDINALS
from tools.catalogue.options import options_by_key
from tools.filter_codec import label_of_constraint
from tools.money import format_price, to_minor
from tools.product import Filters
from tools.search.replies import SearchReply
from tools.search.rows import ShownRow

_COUNTS = ("no", *CARDINALS[1:13])
_SPOKEN_SORTS = {"dearest": "most expensive"}
"""Sort orders that are called otherwise in a sentence."""


def answer(reply: SearchReply) -> str:
    """What to say about a reply of multimodal_search."""
    sentences = _found(reply) if reply.products else _nothing(reply)
    if reply.taken_for:
        sentences.insert(0, f"The shop calls these {reply.taken_for}.")
    if reply.unstated and reply.products:
        sentences.append(f"None of these says “{'” or “'.join(reply.unstated)}”.")
    if reply.unfiltered:
        sentences.append(
            f"The shop lists no {' and no '.join(reply.unfiltered)}, so that is only in the words."
        )
    if reply.unlisted:
        sentences.append(
            f"This shop lists no {' and no '.join(reply.unlisted)}, so I cannot go by them."
        )
    return " ".join(sentences)


def _found(reply: SearchReply) -> list[str]:
    products, first = reply.products, reply.products[0]
    limits = _limits(reply.filters, reply.currency)
    if reply.unmentioned:
        return [
            f"I find nothing called “{reply.unmentioned}” in this shop.",
            f"The nearest I have: number 1 is {_priced(first)}.",
        ]
    if len(products) == 1:
        return [f"I found one match{limits}: {_priced(first)}."]
    if reply.shown_again:
        return [f"Here they are again, under their old numbers: number 1 is {_priced(first)}."]
    if reply.sorted_by:
        best = _SPOKEN_SORTS.get(reply.sorted_by, reply.sorted_by)
        what = f"The {best} {_thing(reply.filters, one=True)}{limits}"
        rated = reply.sorted_by == "best rated" and first["rating"] is not None
        stars = f", rated {first['rating']:.1f}" if rated else ""
        return [f"{what} is number 1, {_priced(first)}{stars}."]
    opening = f"Here are {_count(len(products))} {_thing(reply.filters)}{limits}."
    second = f"Number 1 is {_priced(first)}"
    prices = [(row["price"], row["currency"]) for row in products if row["price"] is not None]
    if len(set(prices)) > 1:
        low = min(prices, key=lambda each: Decimal(each[0]))
        high = max(prices, key=lambda each: Decimal(each[0]))
        if low[1] == high[1]:
            second += f"; prices run from {_amount(*low)} to {_amount(*high)}"
    return [opening, f"{second}."]


def _nothing(reply: SearchReply) -> list[str]:
    what = _thing(reply.filters) + _limits(reply.filters, reply.currency)
    before = reply.shown_before
    sentences = [f"That was all: no more {what}." if before else f"I found no {what}."]
    if reply.relaxed:
        best = reply.relaxed[0]
        noun = "product" if best.found == 1 else "products"
        label = _let_go(best.without, reply.filters)
        would = f"Without the {label} I can show {_count(best.found)} {noun}"
        cheapest = _amount(best.cheapest, best.currency)
        cost = f"; the cheapest there is costs {cheapest}" if cheapest else ""
        sentences.append(f"{would}{cost}.")
    elif reply.filters != Filters():
        sentences.append("No single limit stands in the way; let go of two, or try other words.")
    else:
        sentences.append("Please try other words or another photo.")
    return sentences


def _thing(filters: Filters, *, one: bool = False) -> str:
    names = filters.categories
    if one:
        return f"of {' and '.join(name.lower() for name in names)}" if names else "of them"
    return " and ".join(name if name.isupper() else name.lower() for name in names) or "products"


def _limits(filters: Filters, currency: str) -> str:
    low, high = filters.min_price, filters.max_price
    parts = []
    if filters.colors:
        plain = _plain(filters.colors)
        some = plain if len(plain) <= 3 else [*plain[:3], "other colors"]
        parts.append(f" in {' or '.join(color.lower() for color in some)}")
    if filters.brands:
        parts.append(f" by {' or '.join(filters.brands)}")
    if low is not None and high is not None:
        parts.append(f" from {format_price(low, currency)} to {format_price(high, currency)}")
    elif high is not None:
        parts.append(f" for up to {format_price(high, currency)}")
    elif low is not None:
        parts.append(f" from {format_price(low, currency)} up")
    if filters.min_rating is not None:
        parts.append(f" rated {filters.min_rating:g} and up")
    parts += [
        f" in size {_or(values)}" if key == "size" else f" ({_named(key)} {_or(values)})"
        for key, values in options_by_key(filters).items()
    ]
    if filters.in_stock:
        parts.append(" in stock")
    if filters.on_sale:
        parts.append(" on sale")
    if filters.exclude_words:
        parts.append(f" without {' or '.join(filters.exclude_words)}")
    return "".join(parts)


def _named(key: str) -> str:
    return key.replace("_", " ")


def _or(values: Sequence[str]) -> str:
    return " or ".join(values)


def _let_go(constraint: str, filters: Filters) -> str:
    """What a constraint is called in a sentence: options by their names, "size and material"."""
    if constraint == "options":
        return " and ".join(map(_named, options_by_key(filters)))
    return label_of_constraint(constraint)


def _plain(colors: Sequence[str]) -> list[str]:
    """Without the colors that another one names in fewer words: "matte black" beside "black"."""
    words = {color: set(re.findall(r"\w+", color.lower())) for color in colors}
    return [color for color in colors if not any(words[each] < words[color] for each in colors)]


def _priced(row: ShownRow) -> str:
    """The title, with the price where the catalogue has one."""
    cost = _amount(row["price"], row["currency"])
    return f"{row['title']}{f' at {cost}' if cost else ''}"


def _amount(price: str | None, currency: str) -> str:
    """A price in major units as a shopper reads it; "" for None."""
    return "" if price is None else format_price(to_minor(price, currency), currency)


def _count(number: int) -> str:
    return _COUNTS[number] if number < len(_COUNTS) else str(number)
