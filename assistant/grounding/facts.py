"""What a chat model has been told in a turn: all that its sentences may state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from langchain_core.messages import AnyMessage, ToolMessage

from assistant.grounding.claims import AMOUNT, NUMBER, PRICE, STARS, plain_number
from assistant.models.rules.lexicon.numbers import in_digits
from assistant.prompt.history import shopper_words
from assistant.prompt.situation import Situation
from tools.money import format_price, to_minor

_PRICE_FIELDS = frozenset(["price", "prices", "cheapest"])
_RATING_FIELDS = frozenset(["rating"])
_LIMIT_FIELDS = frozenset(["min_price", "max_price", "min_rating"])


_ORDINARY = frozenset(["i", "i'm", "i'll", "i've", "i'd", "ok", "tv", "usb", "led", "diy", "xl",
                       "usd", "eur", "gbp", "monday", "tuesday", "wednesday", "thursday",
                       "friday", "saturday", "sunday", "january", "february", "march", "april",
                       "june", "july", "august", "september", "october", "november", "december",
                       "christmas", "easter", "halloween", "valentine", "mother", "father",
                       "thanksgiving", "english", "european", "american"])  # fmt: skip
"""Words that have a capital without being a name of the shop."""


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What a model was told until now."""

    numbers: frozenset[str] = frozenset()
    prices: frozenset[str] = frozenset()
    ratings: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    """Numbers that the shopper said, and the limits in force."""
    words: frozenset[str] = frozenset()
    shown: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    """Facts of the newest list by number."""
    detailed: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """Further prices that a tool gave for a shown product, by number: of its variants, before a
    sale."""
    brands: frozenset[str] = frozenset()
    """Of the shop, in small letters; those that the tools named are in `words` as well."""
    said_by_tools: str = ""
    """The shown products, the tool results and the shopper's words, in small letters."""
    tool_answered: bool = False
    """Whether a tool has answered in this turn."""

    @classmethod
    def from_turn(cls, situation: Situation, messages: Sequence[AnyMessage]) -> KnownFacts:
        """The facts in the situation and in the messages of the newest turn."""
        start = max((i for i, m in enumerate(messages) if m.type == "human"), default=0)
        turn = messages[start:]
        results = [m for m in turn if isinstance(m, ToolMessage)]
        tools = " ".join(str(m.text) for m in results)
        asked = in_digits(shopper_words(turn[0])) if turn else ""
        shown = {note.number: note.model_dump() for note in situation.shown}
        about = situation.model_dump(mode="json")
        brands = [str(name).lower() for name in about["catalogue"].get("brands", ())]
        # That the shop has a brand does not say that a shown product is of it.
        told = {**about, "catalogue": {**about["catalogue"], "brands": []}}
        text = f"{json.dumps(told, ensure_ascii=False)} {tools} {asked}"
        numbers = {plain_number(number) for number in NUMBER.findall(text)}
        numbers |= {str(number) for number in range(len(shown) + 1)}
        facts = [*_figures(told), *(fact for m in results for fact in _figures(_json(str(m.text))))]
        limits = {plain_number(value) for name, value in facts if name in _LIMIT_FIELDS}
        wishes = {plain_number(number) for number in NUMBER.findall(asked)} | limits
        cards = json.dumps(told["shown"], ensure_ascii=False)
        return cls(
            numbers=frozenset(numbers),
            prices=frozenset(plain_number(value) for name, value in facts if name in _PRICE_FIELDS),
            ratings=frozenset(
                plain_number(value) for name, value in facts if name in _RATING_FIELDS
            ),
            asked=frozenset(wishes),
            words=frozenset(re.findall(r"[\w']+", text.lower())),
            shown=shown,
            detailed=_detailed(_json(str(m.text)) for m in results),
            brands=frozenset(brands),
            said_by_tools=f"{cards} {tools} {asked}".lower(),
            tool_answered=any(message.status != "error" for message in results),
        )

    def prices_of(self, cards: Iterable[int]) -> set[str]:
        """The prices of these cards, and the differences between them."""
        numbers = list(cards)
        own = self._values("price", numbers)
        own |= {price for number in numbers for price in self.detailed.get(number, ())}
        return own | _differences(own)

    def ratings_of(self, cards: Iterable[int]) -> set[str]:
        """The ratings of these cards."""
        return self._values("rating", cards)

    def titled(self, sentence: str) -> set[int]:
        """Numbers of the shown products whose titles a sentence holds, the longest titles first."""
        rest, found = sentence.lower(), set()
        titles = {number: str(row["title"]).lower() for number, row in self.shown.items()}
        for title in sorted(set(titles.values()), key=len, reverse=True):
            if title and title in rest:
                rest = rest.replace(title, " ")
                found |= {number for number, other in titles.items() if other == title}
        return found

    def same_title(self, numbers: Iterable[int]) -> set[int]:
        """Numbers of all shown products that are called like one of these."""
        titles = {self.shown[number]["title"] for number in numbers}
        return {number for number, row in self.shown.items() if row["title"] in titles}

    def unseen_brand(self, sentence: str) -> bool:
        """Whether a sentence names a brand of the shop that no tool result of the turn names."""
        low = sentence.lower()
        return any(
            re.search(rf"\b{re.escape(brand)}\b", low) and brand not in self.said_by_tools
            for brand in self.brands
        )

    def knows_word(self, word: str) -> bool:
        """Whether a word was told in one of its forms, or needs no telling."""
        word = word.replace("’", "'").strip("'-&")
        bare = re.sub(r"'s$|s'$", "", word)
        forms = {word, bare, f"{bare}s", re.sub(r"s$", "", bare), re.sub(r"es$", "", bare)}
        parts = re.split(r"[-&]", bare)
        return bool(
            forms & (self.words | _ORDINARY)
            or (len(parts) > 1 and all(part in self.words for part in parts))
        )

    def description(self, number: int) -> str:
        """A shown product in one sentence: title, price, rating."""
        product = self.shown[number]
        parts = [f"Number {number} is {product['title']}"]
        if product["price"] is not None:
            currency = product["currency"]
            minor = to_minor(Decimal(str(product["price"])), currency)
            parts.append(f" at {format_price(minor, currency)}")
        if product["rating"] is not None:
            parts.append(f", rated {product['rating']:.1f}")
        return "".join(parts) + "."

    def _values(self, name: str, cards: Iterable[int]) -> set[str]:
        rows = [self.shown[number] for number in cards]
        return {plain_number(str(row[name])) for row in rows if row[name] is not None}


def _figures(content: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The figures in what a tool or the situation says, with the names of their fields."""
    if isinstance(content, dict):
        if isinstance(content.get("values"), list):  # a row of a comparison
            name = str(content.get("name", ""))
            yield from _figures(content["values"], name)
            return
        for key, value in content.items():
            yield from _figures(value, str(key))
    elif isinstance(content, list):
        for value in content:
            yield from _figures(value, name)
    elif isinstance(content, str):
        if name in ("rating", "price", "prices", "cheapest"):
            # "4.6 (1,204 ratings)" is one rating.
            yield from ((name, number) for number in NUMBER.findall(re.sub(r"\(.*", "", content)))
            yield from (
                (name, match[0]) for match in re.finditer(rf"(?<=[$€£¥₹]){AMOUNT}", content)
            )
        else:
            for match in PRICE.finditer(content):
                yield "price", match["before"] or match["behind"] or match["said"]
            for match in STARS.finditer(content):
                yield "rating", match["before"] or match["behind"]
    elif isinstance(content, int | float) and not isinstance(content, bool):
        yield name, str(content)


def _detailed(results: Iterable[Any]) -> dict[int, frozenset[str]]:
    """Number → all prices in what a tool said of that product alone, or of each of several."""
    whole = [content for content in results if isinstance(content, dict)]
    each = [
        row for content in whole if "found" not in content for row in content.get("products", ())
    ]
    return {
        content["number"]: frozenset(
            plain_number(value) for name, value in _figures(content) if name in _PRICE_FIELDS
        )
        for content in (*whole, *each)
        if isinstance(content, dict) and isinstance(content.get("number"), int)
    }


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _differences(prices: Iterable[str]) -> set[str]:
    """By how much one of these prices is above another."""
    try:
        each = [Decimal(price) for price in prices]
    except InvalidOperation:
        return set()
    return {plain_number(str(abs(a - b))) for a in each for b in each if a != b}
