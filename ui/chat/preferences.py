"""The settings panel of a conversation: its fields, and what the page sends back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tools.catalogue.vocabulary import Vocabulary
from tools.money import parse_price, to_decimal
from tools.product import Filters
from tools.search.search_context import Wishes
from ui.chat.page_config import PageConfig

WISHES = "wishes"
"""The key under which the session stores them."""

_LEAST, _MOST = 3, 24
_HIGHEST = 10**11

Stored = dict[str, Any]
"""Wishes as the session stores them: plain JSON, restored with the conversation."""


@dataclass(frozen=True, slots=True)
class SettingField:
    """One field of the panel."""

    kind: Literal["slider", "switch", "text"]
    id: str
    label: str
    initial: int | bool | str
    hint: str = ""
    range: tuple[int, int] = (0, 0)
    """Of a slider."""


def setting_fields(
    stored: Mapping[str, Any], page_config: PageConfig, vocabulary: Vocabulary
) -> list[SettingField]:
    """The panel's fields with their current values; none for what this shop cannot do."""
    wishes = wishes_of(stored)
    shown = wishes.results or page_config.results
    fields = [
        SettingField(
            "slider",
            "results",
            "Products for a search",
            shown,
            range=(min(_LEAST, page_config.results), _MOST),
        )
    ]
    if page_config.reranks:
        hint = "A vision model puts in order what was found for a photo."
        fields.append(SettingField("switch", "rerank", "Look at the pictures", wishes.rerank, hint))
    if "availability" not in vocabulary.lacking:
        hint = "Leaves out what is sold out, and what the shop does not say."
        fields.append(SettingField("switch", "in_stock", "In stock only", wishes.in_stock, hint))
    if "prices" not in vocabulary.lacking:
        for name, label, minor in (
            ("min_price", "Lowest price", wishes.min_price),
            ("max_price", "Highest price", wishes.max_price),
        ):
            price = "" if minor is None else str(to_decimal(minor, vocabulary.currency))
            fields.append(
                SettingField("text", name, f"{label} ({vocabulary.currency})", price, "any")
            )
    return fields


def parse_settings(settings: Mapping[str, Any], currency: str) -> Stored:
    """What the page's panel sent; invalid values are dropped, and an inverted range is swapped."""
    results = _number(settings.get("results"))
    low, high = (
        _price(settings.get("min_price"), currency),
        _price(settings.get("max_price"), currency),
    )
    if low is not None and high is not None and low > high:
        low, high = high, low
    stored: Stored = {"rerank": settings.get("rerank") is not False}
    if settings.get("in_stock") is True:
        stored["in_stock"] = True
    if results is not None:
        stored["results"] = min(max(results, 1), _MOST)
    if low is not None:
        stored["min_price"] = low
    if high is not None:
        stored["max_price"] = high
    return stored


def wishes_of(stored: Mapping[str, Any]) -> Wishes:
    """The stored settings as the assistant takes them."""
    return Wishes(
        results=stored.get("results"),
        rerank=stored.get("rerank", True),
        min_price=stored.get("min_price"),
        max_price=stored.get("max_price"),
        in_stock=stored.get("in_stock", False),
    )


def without(stored: Mapping[str, Any], limits: Filters) -> Stored:
    """The settings without the limits that a removed tag showed."""
    gone = {
        name
        for name in ("min_price", "max_price", "in_stock")
        if getattr(limits, name) not in (None, False) and getattr(limits, name) == stored.get(name)
    }
    return {name: value for name, value in stored.items() if name not in gone}


def _price(value: object, currency: str) -> int | None:
    """Minor units of a typed price, "20" or "19,99 €"; None for anything else."""
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
