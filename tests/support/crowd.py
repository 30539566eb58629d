"""Many shoppers at once, by real websocket clients; what comes back must be theirs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from tests.support.chat_client import RunningChat, Shopper, shopper

Wanted = tuple[str, str]
"""A color and a kind, as a shopper says them."""


@dataclass
class Crowd:
    """What a crowd of shoppers saw."""

    first_card_s: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


async def visit(
    chat: RunningChat, shoppers: int, turns: int, think_s: float, wanted: Sequence[Wanted]
) -> Crowd:
    """Let so many shoppers in at once, until all are done; each asks for other ones of `wanted`."""
    crowd = Crowd()
    async with AsyncExitStack() as stack:
        people = [await stack.enter_async_context(shopper(chat)) for _ in range(shoppers)]
        await asyncio.gather(
            *(_shop(crowd, one, n, turns, think_s, wanted) for n, one in enumerate(people))
        )
    return crowd


async def _shop(
    crowd: Crowd, one: Shopper, n: int, turns: int, think_s: float, wanted: Sequence[Wanted]
) -> None:
    for turn in range(turns):
        color, kind = wanted[(n * turns + turn) % len(wanted)]
        shown, ended = len(one.galleries()), len(one.named("task_end"))
        start = time.perf_counter()
        await one.say(f"{color} {kind}")
        await one.until(
            lambda: len(one.galleries()) > shown or len(one.named("task_end")) > ended  # noqa: B023 - called before the next turn
        )
        crowd.first_card_s.append(time.perf_counter() - start)
        await one.until(lambda: len(one.named("task_end")) > ended)  # noqa: B023
        if len(one.galleries()) <= shown:
            crowd.wrong.append(f"{color} {kind}: nothing ({one.said()[-200:]})")
            continue
        cards = one.galleries()[shown]["cards"]
        strange = [card["title"] for card in cards if not _fits(card, color, kind)]
        if strange:
            crowd.wrong.append(f"{color} {kind}: {strange}")
        if turn < turns - 1:
            await asyncio.sleep(think_s)


def _fits(card: dict[str, Any], color: str, kind: str) -> bool:
    """Whether a card is of the kind and color that were asked for, by what it says itself."""
    names = [option["name"].lower() for option in card["options"]]
    chosen = [each["values"] for each in card["variants"] if each["id"] == card["chosen"]]
    own = dict(card["facts"]).get("Color", "")
    shown = chosen[0][names.index("color")] if chosen and "color" in names else own
    return bool(card["category"].lower() == kind and shown.lower() == color)
