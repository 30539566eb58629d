"""Conversations as data: what is said, and what must then be true.

A file of tests/data/journeys holds a list of journeys: `name`, and `turns`, each with `say`,
perhaps `photo` (names of pictures, attached in this order), and any of these claims:

    tool, arguments   the last call of the chat model; of the arguments those that are named
    says, never       parts that the answer has and has not, whatever the case
    all               what every shown product is: category, color, brand, max_price, min_price,
                      min_rating, without (a color that it has not, or a word that it does not
                      say), with (one that it says)
    found             how many were found: a number, or "some"
    new               true: nothing that an earlier list of the journey has shown
    same_as           number of the turn, from 1, whose list is shown again
    first             "cheapest" or "dearest" of all in the shop that `all` describes
    event             name of an event that was heard
    state             shortlist, shown, lists: how many rows; search: some of its values
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage
from PIL import Image

from assistant.conversation import Assistant
from assistant.events import Event, Failed, Found, Message, Photo, Shortlisted, Words
from tests.support.conversation import history
from tests.support.paths import DATA
from tests.support.yaml_files import read_yaml
from tools.catalogue.colors import BASE
from tools.catalogue.facts import searched_text
from tools.index.stemming import search_terms
from tools.product import Product

FOLDER = DATA / "journeys"
Draw = Callable[[str], Image.Image]


@dataclass(frozen=True, slots=True)
class Journey:
    """One conversation."""

    name: str
    turns: list[dict[str, Any]]


def journeys(file: str) -> list[Journey]:
    """Those of one file, in its order."""
    rows = read_yaml(FOLDER / file)
    return [Journey(row["name"], row["turns"]) for row in rows]


@dataclass
class Walk:
    """Goes through one journey and says what is not as it should be."""

    assistant: Assistant
    draw: Draw
    products: list[Product]
    thread: str
    lists: list[list[str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    async def go(self, journey: Journey) -> list[str]:
        """The claims that do not hold, as sentences."""
        for number, turn in enumerate(journey.turns, start=1):
            photos = [self._photo(name) for name in turn.get("photo", ())]
            message = Message(turn["say"], tuple(photos))
            events = [event async for event in self.assistant.turn(self.thread, message)]
            state = await self.state()
            for claim in self._broken(turn, events, state):
                said = "".join(e.delta for e in events if isinstance(e, Words))
                self.wrong.append(
                    f"{journey.name}, turn {number} {turn['say']!r}: {claim} [{said}]"
                )
        return self.wrong

    async def state(self) -> dict[str, Any]:
        """What the thread remembers."""
        return await history(self.assistant, self.thread)

    def _photo(self, name: str) -> Photo:
        buffer = io.BytesIO()
        self.draw(name).save(buffer, "PNG")
        return self.assistant.photos.add(buffer.getvalue(), f"{name}.png")

    def _broken(
        self, turn: dict[str, Any], events: list[Event], state: dict[str, Any]
    ) -> list[str]:
        said = "".join(e.delta for e in events if isinstance(e, Words))
        shown = [m.product for e in events if isinstance(e, Found | Shortlisted) for m in e.matches]
        heard = {type(event).__name__ for event in events}
        wrong = [f"failed: {e.sentence}" for e in events if isinstance(e, Failed)]
        wrong += [
            f"does not say {p!r}" for p in turn.get("says", ()) if p.lower() not in said.lower()
        ]
        wrong += [f"says {p!r}" for p in turn.get("never", ()) if p.lower() in said.lower()]
        wrong += _calls(turn, state)
        for product in shown:
            wrong += [
                f"{product.id} breaks {claim}" for claim in _unlike(product, turn.get("all", {}))
            ]
        if (found := turn.get("found")) is not None and not (
            bool(shown) if found == "some" else len(shown) == found
        ):
            wrong.append(f"found {len(shown)}")
        ids = [product.id for product in shown]
        if turn.get("new") and (again := set(ids) & {i for each in self.lists for i in each}):
            wrong.append(f"shows again {sorted(again)}")
        if (place := turn.get("same_as")) and ids != self.lists[place - 1]:
            wrong.append("is not that list")
        if (order := turn.get("first")) and shown:
            wrong += self._not_first(shown[0], order, turn.get("all", {}))
        if (event := turn.get("event")) and event not in heard:
            wrong.append(f"no {event} was heard")
        wrong += _state(turn.get("state", {}), state)
        self.lists.append(ids)
        return wrong

    def _not_first(self, first: Product, order: str, of: dict[str, Any]) -> list[str]:
        prices = [
            p.price_minor for p in self.products if p.price_minor is not None and not _unlike(p, of)
        ]
        best = min(prices) if order == "cheapest" else max(prices)
        return (
            [] if first.price_minor == best else [f"{first.price_minor} is not the {order} {best}"]
        )


def _calls(turn: dict[str, Any], state: dict[str, Any]) -> list[str]:
    messages = state.get("messages", [])
    start = max((i for i, m in enumerate(messages) if m.type == "human"), default=0)
    calls = [c for m in messages[start:] if isinstance(m, AIMessage) for c in m.tool_calls]
    if "tool" not in turn:
        return []
    if turn["tool"] is None:
        return [f"calls {calls[0]['name']}"] if calls else []
    if not calls or calls[-1]["name"] != turn["tool"]:
        return [f"calls {[call['name'] for call in calls]}"]
    given = calls[0]["args"]
    return [
        f"{name} is {given.get(name)!r}, not {value!r}"
        for name, value in turn.get("arguments", {}).items()
        if given.get(name) != value
    ]


def _unlike(product: Product, claims: dict[str, Any]) -> list[str]:
    """The claims that do not hold of a product. Prices are major units of two digits."""
    price = None if product.price_minor is None else product.price_minor / 100
    said = f" {search_terms(searched_text(product))} "
    colors = f" {search_terms(product.color)} "
    holds: dict[str, Callable[[Any], bool]] = {
        "category": lambda name: name in product.category,
        "color": lambda name: name in product.color,
        "brand": lambda name: name == product.brand,
        "max_price": lambda most: price is not None and price <= most,
        "min_price": lambda least: price is not None and price >= least,
        "min_rating": lambda least: product.rating is not None and product.rating >= least,
        "without": lambda word: f" {search_terms(word)} " not in (colors if word in BASE else said),
        "with": lambda word: re.search(rf" {search_terms(word)} ", said) is not None,
    }
    return [f"{name} {value}" for name, value in claims.items() if not holds[name](value)]


def _state(claims: dict[str, Any], state: dict[str, Any]) -> list[str]:
    wrong = []
    for name, value in claims.items():
        if name == "search":
            search = state.get("search") or {}
            wrong += [f"search has {k} {search.get(k)!r}" for k, v in value.items()
                      if search.get(k) != v]  # fmt: skip
        elif len(state.get(name) or ()) != value:
            wrong.append(f"{name} has {len(state.get(name) or ())} rows")
    return wrong
