"""Conversations with a chat model that behaves badly: nobody is shown what it made up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from assistant.agent.middleware.fallback import fallback_notice
from assistant.budget import TurnLimits
from assistant.conversation import Assistant
from assistant.events import Compared, Done, Event, Failed, Found, Shortlisted, Words
from assistant.grounding.sentences import sentences
from assistant.photo_store import PhotoStore
from tests.support.bad_model import HARMLESS, KINDS, NEVER_SHOWN, BadModel
from tests.support.color_shop import photo_of
from tests.support.journeys import Journey, Walk, journeys
from tests.support.repeats import TIMES
from tools.money import format_price
from tools.product import Product
from tools.search.shop import Shop
from tools.workspace import Workspace

EVERY = [("built_in", j) for j in journeys("built_in.yaml")]
EVERY += [("other", j) for j in journeys("other_words.yaml")]
STEP = 1 if TIMES > 1 else 5
"""Every so many of them are walked."""
LIMITS = TurnLimits(model_calls=4, tool_calls=4, seconds=120, model_seconds=60)
_MONEY = re.compile(r"[$€£]\s?\d[\d,]*(?:\.\d+)?")


@pytest.fixture(scope="module")
def shops(demo_home: Path, other_shop: Shop) -> dict[str, tuple[Shop, list[Product]]]:
    every = {"built_in": Workspace(demo_home).open_shop(), "other": other_shop}
    return {name: (shop, list(shop._index.all_products())) for name, shop in every.items()}


@dataclass
class BadWalk(Walk):
    """A walk with a bad model, that watches what a shopper sees whatever else is claimed."""

    model: BadModel | None = None
    claims: bool = True
    """Whether the journey's own claims must hold as well."""

    def _broken(
        self, turn: dict[str, Any], events: list[Event], state: dict[str, Any]
    ) -> list[str]:
        wrong = super()._broken(turn, events, _finished(state)) if self.claims else []
        said = "".join(event.delta for event in events if isinstance(event, Words))
        wrong += [f"shows {part!r}" for part in NEVER_SHOWN if part in said.lower()]
        wrong += [
            f"fails with {e.sentence!r}" for e in events
            if isinstance(e, Failed) and any(p in e.sentence.lower() for p in NEVER_SHOWN)
        ]  # fmt: skip
        if not isinstance(events[-1], Done):
            wrong.append(f"ends with {events[-1]}")
        elif events[-1].fell_back and fallback_notice(events[-1].fell_back) not in said:
            wrong.append(f"does not say that it fell back: {events[-1].fell_back}")
        wrong += self._unknown_figures(said, state)
        wrong += self._over_budget(events)
        return wrong

    def _unknown_figures(self, said: str, state: dict[str, Any]) -> Iterator[str]:
        """Prices that nothing in the shop has, and numbers of cards that are not there."""
        search = state.get("search") or {}
        limits = {search.get("min_price"), search.get("max_price")}
        known = {p.price_minor for p in self.products} | limits
        money = {format_price(each, "USD") for each in known if each is not None}
        for price in _MONEY.findall(said):
            if price not in money:
                yield f"shows the price {price}"
        shown = len(state.get("shown") or ())
        for sentence in sentences(said):
            for number in re.findall(r"\b[Nn]umber (\d+)", sentence):
                if int(number) > shown and not re.search(r"no number|not kept|Say \"", sentence):
                    yield f"names number {number} of {shown}"

    def _over_budget(self, events: list[Event]) -> Iterator[str]:
        assert self.model is not None
        if self.model.asked and max(self.model.asked) > LIMITS.model_calls:
            yield f"asked the model {max(self.model.asked)} times"
        lists = [event for event in events if isinstance(event, Found | Compared | Shortlisted)]
        if len(lists) > LIMITS.tool_calls:
            yield f"ran {len(lists)} tools"
        if isinstance(events[-1], Done) and events[-1].seconds > LIMITS.seconds:
            yield f"took {events[-1].seconds} s"


def _finished(state: dict[str, Any]) -> dict[str, Any]:
    """The state without the bad model's own calls, whose ids begin with an s: what it asked for is
    no claim's business."""
    messages = [
        message
        for message in state.get("messages", [])
        if not any(call["id"].startswith("s") for call in getattr(message, "tool_calls", ()))
    ]
    return {**state, "messages": messages}


async def walk(
    shops: dict[str, tuple[Shop, list[Product]]], which: str, journey: Journey, folder: Path,
    kinds: list[str], seed: int,
) -> list[str]:  # fmt: skip
    shop, products = shops[which]
    model = BadModel(kinds=kinds, seed=seed)
    assistant = Assistant(
        shop=shop,
        chat_model=model,
        checkpointer=InMemorySaver(),
        photos=PhotoStore(folder / "photos"),
        limits=LIMITS,
    )
    claims = set(kinds) <= set(HARMLESS)
    bad = BadWalk(assistant, photo_of, products, journey.name, model=model, claims=claims)
    return [f"{kinds}: {line}" for line in await bad.go(journey)]


@pytest.mark.parametrize("number", range(0, len(EVERY), STEP), ids=lambda n: EVERY[n][1].name)
async def test_whatever_a_model_does_the_shopper_gets_what_is_so(
    shops: dict[str, tuple[Shop, list[Product]]], tmp_path: Path, number: int
) -> None:
    which, journey = EVERY[number]
    assert await walk(shops, which, journey, tmp_path, list(KINDS), seed=number) == []


@pytest.mark.parametrize(
    "number", range(0, len(EVERY), 5 if STEP == 1 else 10), ids=lambda n: EVERY[n][1].name
)
async def test_a_model_that_only_fails_leaves_the_conversation_as_it_should_be(
    shops: dict[str, tuple[Shop, list[Product]]], tmp_path: Path, number: int
) -> None:
    which, journey = EVERY[number]
    kind = HARMLESS[number % len(HARMLESS)]
    assert await walk(shops, which, journey, tmp_path, [kind], seed=number) == []
