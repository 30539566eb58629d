"""The name of a conversation in the sidebar: what its newest search was about."""

from __future__ import annotations

import re

from assistant.events import Understood
from tools.catalogue.options import options_by_key
from tools.money import format_price
from tools.product import Filters

_MOST_WORDS = 8
_UNSAID = "A photo"


def name_of(understood: Understood, currency: str) -> str:
    """A name in a few words, such as "Phone Cases, blue, under $20"; never empty."""
    filters = understood.filters
    subject = _subject(understood)
    said = subject.lower()
    parts = [subject]
    chosen = (filters.colors, filters.brands, *options_by_key(filters).values())
    parts += [" or ".join(names) for names in chosen if names]
    # "A blue mug" names its color already.
    parts = [parts[0], *(part for part in parts[1:] if part.lower() not in said)]
    if price := _price(filters, currency):
        parts.append(price)
    if filters.min_rating is not None:
        parts.append(f"rated {filters.min_rating:g} or better")
    parts += ["in stock"] * filters.in_stock + ["on sale"] * filters.on_sale
    return ", ".join(parts)


def _subject(understood: Understood) -> str:
    """The categories in force, else the words, else the product or photo of the search."""
    categories = understood.filters.categories
    words = " ".join(understood.text.split()[:_MOST_WORDS]).strip(" .,;:!?")
    if categories:
        what = " and ".join(path.split(" > ")[-1] for path in categories)
    elif words:
        what = words[0].upper() + words[1:]
    else:
        what = ""
    if understood.like:
        return f"{what or 'Something'} like {understood.like}"
    if understood.photo is not None:
        return f"{what} like a photo" if what and categories else what or _UNSAID
    return what or "Anything"


def _price(filters: Filters, currency: str) -> str:
    low, high = filters.min_price, filters.max_price
    if low is not None and high is not None:
        return f"{_short(low, currency)} to {_short(high, currency)}"
    if high is not None:
        # "Under $20" is a bound of $19.99, since bounds are inclusive.
        below = high + 1 if high % 100 == 99 else high
        return f"under {_short(below, currency)}"
    return f"from {_short(low, currency)}" if low is not None else ""


def _short(minor: int, currency: str) -> str:
    """A price without decimals where they are zeros."""
    return re.sub(r"[.,]0+(?!\d)", "", format_price(minor, currency))
