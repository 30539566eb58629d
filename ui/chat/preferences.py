"""The settings that a shopper may change for the conversation, and what comes back from them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tools.agent_tools.context import Wishes
from tools.catalogue.vocabulary import Vocabulary
from tools.money import parse_price, to_decimal
from tools.product import Filters
from ui.chat.page_config import PageConfig

WISHES = "wishes"
"""Where the session keeps them."""

_LEAST, _MOST = 3, 24
_HIGHEST = 10**11

Kept = dict[str, Any]
"""Wishes as the session keeps them: plain JSON, so that they come back with the thread."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One field of the panel."""

    kind: Literal["slider", "switch", "text"]
    id: str
    label: str
    initial: int | bool | str
    hint: str = ""
    range: tuple[int, int] = (0, 0)
    """Of a slider."""


def choices(
    kept: Mapping[str, Any], page_config: PageConfig, vocabulary: Vocabulary
) -> list[Choice]:
    """The panel's fields, filled with what is set; none for what this shop cannot do."""
    wishes = wishes_of(kept)
    shown = wishes.results or page_config.results
    fields = [
        Choice(
            "slider",
            "results",
            "Products for a search",
            shown,
            range=(min(_LEAST, page_config.results), _MOST),
        )
    ]
    if page_config.reranks:
        hint = "A vision model puts in order what was found for a photo."
        fields.append(Choice("switch", "rerank", "Look at the pictures", wishes.rerank, hint))
    if "prices" not in vocabulary.lacking:
        for name, label, minor in (
            ("min_price", "Lowest price", wishes.min_price),
            ("max_price", "Highest price", wishes.max_price),
        ):
            price = "" if minor is None else str(to_decimal(minor, vocabulary.currency))
            fields.append(Choice("text", name, f"{label} ({vocabulary.currency})", price, "any"))
    return fields


def kept_from(settings: Mapping[str, Any], currency: str) -> Kept:
    """What the page's panel says, without what makes no sense; a range the wrong way is turned."""
    results = _number(settings.get("results"))
    low, high = (
        _price(settings.get("min_price"), currency),
        _price(settings.get("max_price"), currency),
    )
    if low is not None and high is not None and low > high:
        low, high = high, low
    kept: Kept = {"rerank": settings.get("rerank") is not False}
    if results is not None:
        kept["results"] = min(max(results, 1), _MOST)
    if low is not None:
        kept["min_price"] = low
    if high is not None:
        kept["max_price"] = high
    return kept


def wishes_of(kept: Mapping[str, Any]) -> Wishes:
    """The same as the assistant takes it."""
    return Wishes(
        results=kept.get("results"),
        rerank=kept.get("rerank", True),
        min_price=kept.get("min_price"),
        max_price=kept.get("max_price"),
    )


def without(kept: Mapping[str, Any], limits: Filters) -> Kept:
    """Wishes without the price limits that a tag lets go of: the next search would have them."""
    gone = {
        name
        for name in ("min_price", "max_price")
        if getattr(limits, name) is not None and getattr(limits, name) == kept.get(name)
    }
    return {name: value for name, value in kept.items() if name not in gone}


def _price(value: object, currency: str) -> int | None:
    """Minor units of what a shopper typed, "20" or "19,99 €"; None for what is no such price."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        minor, stated = parse_price(str(value), currency)
    except ValueError:
        return None
    return minor if stated == currency and minor < _HIGHEST else None


def _number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if math.isfinite(value) else None
