"""The situation: what a chat model is told before it answers, as one block of JSON.

It stands in the system message between tags. The built-in model reads the very same text, so
nothing reaches it that another model would not know.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field

_OPEN, _CLOSE = "<situation>", "</situation>"


class PhotoNote(BaseModel):
    """A picture that `photo` can name."""

    number: int
    name: str
    new: bool = False
    """It came with the newest message."""
    of_product: bool = False
    """The picture of a product of the shop, which the newest search started from."""


class ShownNote(BaseModel):
    """A card of the newest list, that `like` can name."""

    number: int
    title: str
    category: str = ""
    price: Decimal | None = None
    currency: str = "USD"
    color: str = ""
    brand: str = ""
    rating: float | None = None
    facts: dict[str, str] = Field(default_factory=dict, exclude_if=lambda facts: not facts)
    """Other facts that the shop states, by name."""


class ListNote(BaseModel):
    """A list that was shown before, that `list` can name; the newest one is the last."""

    number: int
    found: int
    about: str = ""
    """What its search asked for; "" for the shortlist."""


class Situation(BaseModel):
    """What the model knows of the thread and the shop when it answers."""

    photos: list[PhotoNote] = Field(default_factory=list)
    shown: list[ShownNote] = Field(default_factory=list)
    lists: list[ListNote] = Field(default_factory=list)
    kept: list[str] = Field(default_factory=list)
    """Titles on the shortlist."""
    last_search: dict[str, Any] | None = None
    """The arguments that would repeat the newest search now."""
    catalogue: dict[str, Any] = Field(default_factory=dict)


def render(situation: Situation) -> str:
    """The block of the system message."""
    text = json.dumps(situation.model_dump(mode="json"), ensure_ascii=False)
    # Titles and file names are strangers' words: none of them may close the block.
    return _OPEN + text.replace("<", "\\u003c") + _CLOSE


def read(system: str) -> Situation:
    """The situation in a system message; an empty one when it holds none."""
    if _OPEN not in system:
        return Situation()
    return Situation.model_validate_json(system.split(_OPEN, 1)[1].split(_CLOSE, 1)[0])
