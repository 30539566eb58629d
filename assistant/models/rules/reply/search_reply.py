"""One or two sentences about what a search found, from its result and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tools.money import format_price, to_minor

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
           "eleven", "twelve")  # fmt: skip
_LIMITS = {
    "colors": "color",
    "price": "price limit",
    "min_rating": "rating limit",
    "brands": "brand",
    "categories": "category",
    "without": "words that are not wanted",
}


def answer(result: Mapping[str, Any], *, currency: str) -> str:
    """What to say about a result of multimodal_search."""
    sentences = _nothing(result, currency) if not result["found"] else _found(result, currency)
    if missing := result.get("not_filtered_on"):
        sentences.append(
            f"The shop lists no {' and no '.join(missing)}, so that is only in the words."
        )
    if unlisted := result.get("not_listed_by_this_shop"):
        sentences.append(f"This shop lists no {' and no '.join(unlisted)}, so I cannot go by them.")
    return " ".join(sentences)


def _found(result: Mapping[str, Any], currency: str) -> list[str]:
    products: Sequence[Mapping[str, Any]] = result["products"]
    first = products[0]
    limits = _limits(result["filters"], currency)
    cost = _price(first)
    unknown = result.get("mentioned_by_no_product")
    if unknown:
        nearest = f"number 1 is {first['title']}{f' at {cost}' if cost else ''}"
        return [
            f"I find nothing called “{unknown}” in this shop.",
            f"The nearest I have: {nearest}.",
        ]
    if len(products) == 1:
        return [f"I found one match{limits}: {first['title']}{f' at {cost}' if cost else ''}."]
    if result.get("shown_again"):
        return [f"Here they are again, under their old numbers: {_named_first(first)}."]
    if order := result.get("sorted"):
        best = {"cheapest": "cheapest", "dearest": "most expensive", "best rated": "best rated"}
        what = f"The {best[order]} {_thing(result['filters'], one=True)}{limits}"
        stars = f", rated {first['rating']:.1f}" if order == "best rated" else ""
        return [f"{what} is number 1, {first['title']}{f' at {cost}' if cost else ''}{stars}."]
    opening = f"Here are {_count(len(products))} {_thing(result['filters'])}{limits}."
    second = f"Number 1 is {first['title']}{f' at {cost}' if cost else ''}"
    priced = [product for product in products if product["price"] is not None]
    if len({(product["price"], product["currency"]) for product in priced}) > 1:
        low = min(priced, key=lambda product: Decimal(product["price"]))
        high = max(priced, key=lambda product: Decimal(product["price"]))
        if low["currency"] == high["currency"]:
            second += f"; prices run from {_price(low)} to {_price(high)}"
    return [opening, f"{second}."]


def _nothing(result: Mapping[str, Any], currency: str) -> list[str]:
    filters = result["filters"]
    what = _thing(filters) + _limits(filters, currency)
    before = result.get("shown_before")
    sentences = [f"That was all: no more {what}." if before else f"I found no {what}."]
    relaxed = result.get("would_be_found_without") or []
    if relaxed:
        best = relaxed[0]
        cheapest = best["cheapest"]
        cost = (
            format_price(to_minor(cheapest, best["currency"]), best["currency"]) if cheapest else ""
        )
        noun = "product" if best["found"] == 1 else "products"
        would = f"Without the {_LIMITS[best['without']]} I can show {_count(best['found'])} {noun}"
        sentences.append(f"{would}{f'; the cheapest there is costs {cost}' if cost else ''}.")
    elif filters:
        sentences.append("No single limit stands in the way; let go of two, or try other words.")
    else:
        sentences.append("Please try other words or another photo.")
    return sentences


def _thing(filters: Mapping[str, Any], *, one: bool = False) -> str:
    names = filters.get("categories", [])
    if one:
        return f"of {' and '.join(name.lower() for name in names)}" if names else "of them"
    return " and ".join(name if name.isupper() else name.lower() for name in names) or "products"


def _named_first(first: Mapping[str, Any]) -> str:
    cost = _price(first)
    return f"number 1 is {first['title']}{f' at {cost}' if cost else ''}"


def _limits(filters: Mapping[str, Any], currency: str) -> str:
    def cost(amount: float) -> str:
        return format_price(to_minor(Decimal(str(amount)), currency), currency)

    low, high = filters.get("min_price"), filters.get("max_price")
    parts = []
    if colors := filters.get("colors"):
        plain = _plain(colors)
        some = plain if len(plain) <= 3 else [*plain[:3], "other colors"]
        parts.append(f" in {' or '.join(color.lower() for color in some)}")
    if brands := filters.get("brands"):
        parts.append(f" by {' or '.join(brands)}")
    if low is not None and high is not None:
        parts.append(f" from {cost(low)} to {cost(high)}")
    elif high is not None:
        parts.append(f" for up to {cost(high)}")
    elif low is not None:
        parts.append(f" from {cost(low)} up")
    if (rating := filters.get("min_rating")) is not None:
        parts.append(f" rated {rating:g} and up")
    if without := filters.get("without"):
        parts.append(f" without {' or '.join(without)}")
    return "".join(parts)


def _plain(colors: Sequence[str]) -> list[str]:
    """Without those that another one says in fewer words: "matte black" beside "black"."""
    words = {color: set(re.findall(r"\w+", color.lower())) for color in colors}
    return [color for color in colors if not any(words[each] < words[color] for each in colors)]


def _price(product: Mapping[str, Any]) -> str:
    if product["price"] is None:
        return ""
    currency = product["currency"]
    return format_price(to_minor(product["price"], currency), currency)


def _count(number: int) -> str:
    return _COUNTS[number] if number < len(_COUNTS) else str(number)
