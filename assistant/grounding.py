"""A chat model's prose, held against what the shop has said, sentence by sentence.

Caught: a number, price or rating that stands nowhere in what the model was told, one that belongs
to another product than the sentence names, a brand of the shop that none of the products has, and
a name in capitals that no product has. A sentence that is caught is replaced by one made from the
catalogue. Not covered: praise and other claims without a fact in them, and names in small letters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, ToolMessage

from assistant.prompt import shopper_words
from assistant.situation import Situation
from tools.money import format_price, to_minor

_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
_PRICE = re.compile(
    r"(?:[$€£]|usd |eur |gbp )\s?(?P<before>\d[\d,]*(?:\.\d+)?)"
    r"|(?P<behind>\d[\d,]*(?:\.\d+)?)\s?(?:dollars?|bucks|euros?|pounds?|usd|eur|gbp|[$€£])(?!\w)",
    re.IGNORECASE,
)
_STARS = re.compile(
    r"(?P<before>\d(?:\.\d+)?)[\s-]*(?:stars?|of 5|out of 5|/\s?5)"
    r"|rat(?:ed|ing)(?: of| is|:)? (?P<behind>\d(?:\.\d+)?)",
    re.IGNORECASE,
)
_MEANT = re.compile(r"(?:\bnumbers?|\bno\.|#)\s?(?P<n>\d{1,2})(?:(?:,| and|,? or) (?P<m>\d{1,2}))?",
                    re.IGNORECASE)  # fmt: skip
_CAPITALS = re.compile(r"\b[A-Z][\w'&-]+(?:\s+(?:[A-Z][\w'&-]+|&|with|of|in|and))*\s+[A-Z][\w'&-]+")
_LISTED = re.compile(r"\s*(\d{1,2})[.):]\s")
_SENTENCE = re.compile(r"(?:\s*\d{1,2}[.)]\s+)?[^\n]*?(?:[.!?]+(?=\s|$)|(?=\n)|$)")
_CALL = re.compile(r'^\W*(?:\w+\(|<\w+|\{|```|.*"(?:name|arguments|tool)"\s*:)', re.DOTALL)
_LINKS = frozenset(["with", "of", "in", "and", "&"])


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a model was told until now: all that its sentences may state."""

    numbers: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    shown: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    """Facts of the newest list by number."""
    brands: frozenset[str] = frozenset()
    """Of the shop, in small letters; those that the tools named are in `words` as well."""
    said_by_tools: str = ""
    currency: str = "USD"

    @classmethod
    def of(cls, situation: Situation, messages: Sequence[AnyMessage]) -> Grounds:
        """From the moment and the newest turn's messages."""
        start = max((i for i, m in enumerate(messages) if m.type == "human"), default=0)
        turn = messages[start:]
        tools = " ".join(str(m.text) for m in turn if isinstance(m, ToolMessage))
        asked = shopper_words(turn[0]) if turn else ""
        shown = {note.number: note.model_dump() for note in situation.shown}
        about = situation.model_dump(mode="json")
        brands = [str(name).lower() for name in about["catalogue"].get("brands", ())]
        # The names of the shop are no ground for saying that a product is of one.
        told = {**about, "catalogue": {**about["catalogue"], "brands": []}}
        text = f"{json.dumps(told, ensure_ascii=False)} {tools} {asked}"
        numbers = {_plain(number) for number in _NUMBER.findall(text)}
        numbers |= {str(number) for number in range(len(shown) + 1)}
        return cls(
            frozenset(numbers),
            frozenset(re.findall(r"[\w']+", text.lower())),
            shown,
            frozenset(brands),
            f"{json.dumps(told['shown'], ensure_ascii=False)} {tools} {asked}".lower(),
            str(about["catalogue"].get("currency", "USD")),
        )

    def mend(self, text: str) -> str:
        """The text with every sentence that states what is not so replaced, once for a product."""
        said: list[str] = []
        for sentence in sentences(text):
            good = sentence if self.holds(sentence) else self.instead(sentence, said)
            said.append(good)
        return "".join(said)

    def holds(self, sentence: str) -> bool:
        """Whether all that a sentence states was told."""
        if _CALL.match(sentence.strip()):
            return False  # a tool call written out as prose says nothing to a shopper
        meant = [self.shown[n] for n in _meant(sentence) if n in self.shown]
        if any(n not in self.shown for n in _meant(sentence)):
            return False
        prices = {_plain(each) for each in _groups(_PRICE, sentence)}
        ratings = {_plain(each) for each in _groups(_STARS, sentence)}
        if meant:
            own = {_plain(str(each["price"])) for each in meant if each["price"] is not None}
            stars = {_plain(str(each["rating"])) for each in meant if each["rating"] is not None}
            others = [each for each in self.shown.values() if each not in meant]
            titles = [str(each["title"]).lower() for each in others]
            own_titles = " ".join(str(each["title"]).lower() for each in meant)
            swapped = any(t in sentence.lower() and t not in own_titles for t in titles)
            if swapped or not (prices <= own and ratings <= stars):
                return False
        return (
            {_plain(number) for number in _NUMBER.findall(sentence)} <= self.numbers
            and not self._strange_brand(sentence)
            and not self._strange_name(sentence)
        )

    def instead(self, sentence: str, said: Iterable[str]) -> str:
        """What the catalogue says of the products that a sentence names; of the first one, where
        it names none; "" where that was said, or nothing is shown."""
        named = [n for n in _meant(sentence) if n in self.shown] or [*self.shown][:1]
        facts = " ".join(self._fact(number) for number in named)
        return "" if not facts or any(facts in each for each in said) else f"{facts} "

    def _fact(self, number: int) -> str:
        product = self.shown[number]
        parts = [f"Number {number} is {product['title']}"]
        if product["price"] is not None:
            currency = product["currency"]
            minor = to_minor(Decimal(str(product["price"])), currency)
            parts.append(f" at {format_price(minor, currency)}")
        if product["rating"] is not None:
            parts.append(f", rated {product['rating']:.1f}")
        return "".join(parts) + "."

    def _strange_brand(self, sentence: str) -> bool:
        low = sentence.lower()
        return any(
            re.search(rf"\b{re.escape(brand)}\b", low) and brand not in self.said_by_tools
            for brand in self.brands
        )

    def _strange_name(self, sentence: str) -> bool:
        """Two words or more in capitals, of which one was never told."""
        for name in _CAPITALS.findall(sentence.strip()):
            words = [w for w in re.findall(r"[\w']+", name.lower()) if w not in _LINKS]
            # The first word of a sentence has its capital for another reason.
            words = words[1:] if sentence.strip().startswith(name) and len(words) > 2 else words
            if not all(word in self.words for word in words):
                return True
        return False


def sentences(text: str) -> list[str]:
    """The sentences of a text, which together are the text; "$9.99" ends none."""
    found, place = [], 0
    for match in _SENTENCE.finditer(text):
        if match.end() <= place:
            continue
        end = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip(" "))
        found.append(text[place:end])
        place = end
    return found if place == len(text) else [*found, text[place:]]


def grounded(message: AIMessage, grounds: Grounds) -> AIMessage:
    """The message as the history keeps it: nothing invented is read again in the next turn."""
    text = str(message.text)
    mended = grounds.mend(text)
    return message if mended == text else message.model_copy(update={"content": mended})


def _meant(sentence: str) -> list[int]:
    listed = _LISTED.match(sentence)
    first = [int(listed[1])] if listed else []
    return first + [
        int(n) for match in _MEANT.finditer(sentence) for n in match.group("n", "m") if n
    ]


def _groups(pattern: re.Pattern[str], sentence: str) -> list[str]:
    return [match["before"] or match["behind"] for match in pattern.finditer(sentence)]


def _plain(number: str) -> str:
    """One form for "1,299.00" and "1299"."""
    digits = number.replace(",", "").rstrip(".")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
