"""A chat model's prose, held against what the shop has said, sentence by sentence.

Caught, in digits and in English words: a number, price or rating that stands nowhere in what the
model was told, one that belongs to another product than the sentence names, a number that no card
has, a brand of the shop that none of the products has, a name in capitals, bold or quotes that no
product has, an address, what a catalogue does not know (delivery, stock, discounts, warranty), and
a tool call written out as prose. A sentence that is caught is replaced by one made from the
catalogue. Not covered: praise and other claims without a fact in them, colors and materials, and
names in small letters.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, ToolMessage

from assistant.models.rules.lexicon.numbers import ORDINAL, in_digits, place_of
from assistant.prompt.history import shopper_words
from assistant.prompt.situation import Situation
from tools.money import format_price, to_minor

_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
_AMOUNT = r"\d[\d,]*(?:\.\d+)?"
_PRICE = re.compile(
    rf"(?:[$€£¥₹₩₽₺]|\b(?:usd|eur|gbp|chf|jpy|cad|aud|inr)\b)\s?(?P<before>{_AMOUNT})"
    rf"|(?P<behind>{_AMOUNT})[\s-]?(?:dollars?|bucks?|quid|euros?|pounds?|francs?|yen|rupees?|cents?"
    r"|usd|eur|gbp|chf|jpy|cad|aud|inr|[$€£¥₹₩₽₺])(?!\w)"
    r"|\b(?:costs?|price[ds]?|yours for|sells? for)\b(?: is| of| at| only| just|:)*"
    rf"\s(?P<said>{_AMOUNT})(?![\w%]|[\s-]*(?:stars?|of|out|left|products?|matches|items?|in))",
    re.IGNORECASE,
)
_STARS = re.compile(
    rf"(?P<before>{_AMOUNT})[\s-]*(?:stars?\b|of 5\b|out of 5\b|/\s?5\b|★|⭐)"
    rf"|(?:\brat(?:ed|ings?)|\bscor(?:es?|ed)|★|⭐)(?: of| is| at| a|:)*\s?(?P<behind>{_AMOUNT})"
    r"(?:\s?(?:out of|of|/)\s?5\b)?",
    re.IGNORECASE,
)
_CENTS = re.compile(
    r"(\d+) (dollars?|euros?|pounds?)(?: and)? (\d{1,2}) (?:cents?|pence)\b", re.IGNORECASE
)
_ROW_OF_STARS = re.compile(r"[★⭐]{2,}")
_LIMIT = re.compile(
    r"(?:under|below|within|over|above|beyond|up to|at (?:most|least)|(?:less|more) than"
    r"|limit(?: of)?|budget(?: of)?|your|between|and|from|to)\s*$",
    re.IGNORECASE,
)
_AND_UP = re.compile(
    r"[\s-]*(?:stars? )?(?:and (?:up|above|more)|or (?:more|better|higher|less)|\+)"
)
_UNIT = r"(?![\d.]*\d|\s*(?:%|[$€£]|stars?|dollars?|bucks|euros?|pounds?|cents?))"
_MEANT = re.compile(
    r"(?:\b(?:numbers?|nos?\.|nr\.?|items?|options?|products?|cards?|picks?|choices?)\s?#?|#)\s?"
    rf"(\d+{_UNIT}(?:(?:\s?(?:,|&|-|–)\s?|,? (?:and|or|to|with|against|vs\.?) )#?\d+{_UNIT})*)",
    re.IGNORECASE,
)
_PLACE = re.compile(
    rf"\bthe ({ORDINAL}|\d+(?:st|nd|rd|th))\b(?! (?:time|thing|step|place|half|of all|look|list))",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"\b[A-Z][\w'&-]+(?:\s+(?:[A-Z][\w'&-]+|&|with|of|in|and))*\s+[A-Z][\w'&-]+")
_CAPITAL = re.compile(r"(?<=[a-z,;)] )[A-Z][\w'’&-]*")
_MARKED = re.compile(r"\*\*(?P<bold>[^*\n]+)\*\*|[“\"«](?P<quoted>[^”\"»\n]+)[”\"»]")
_TO_BE_SAID = re.compile(r"\b(?:say|type|write|ask|try|tell|reply|called|for)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"https?:|www\.|\]\(|\w@\w", re.IGNORECASE)
_UNKNOWN_TO_A_CATALOGUE = re.compile(
    r"\b(?:shipping|ships|deliver(?:y|ed|s)|(?:in|out of) stock|sold out|discount(?:ed|s)?|on sale"
    r"|coupons?|vouchers?|promo(?:tion)?s?|warrant(?:y|ies)|refunds?|money[- ]back|best[- ]?sell\w+"
    r"|customers?|reviewers?|bought it|people (?:love|bought|say))\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"n['’]t\b|\b(?:not|no|cannot|unknown|unsure)\b", re.IGNORECASE)
_LISTED = re.compile(r"\s*[*-]?\s*(\d{1,3})[.):]\s")
_SENTENCE = re.compile(r"(?:\s*\d{1,2}[.)]\s+)?[^\n]*?(?:[.!?]+(?=\s|$)|(?=\n)|$)")
_CALL = re.compile(
    r"^\W*(?:\w+\(|<[\w|/]+|\{|\}|```|\[TOOL|action(?: input)?:|\"\w+\"\s*:)"
    r"|\b(?:multimodal_search|product_details|compare_products|tool_calls?)\b|<\||\b\w+\(\w+\s?="
    r'|"(?:name|arguments|tool|parameters|function)"\s*:',
    re.IGNORECASE,
)
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>\s*", re.DOTALL | re.IGNORECASE)
THINKING = re.compile(r"<(?:think|thinking|reasoning)>", re.IGNORECASE)
"""Where a thought begins that has not ended."""
_LINKS = frozenset(["with", "of", "in", "and", "&"])
_ORDINARY = frozenset(["i", "i'm", "i'll", "i've", "i'd", "ok", "tv", "usb", "led", "diy", "xl",
                       "usd", "eur", "gbp", "monday", "tuesday", "wednesday", "thursday",
                       "friday", "saturday", "sunday", "january", "february", "march", "april",
                       "june", "july", "august", "september", "october", "november", "december",
                       "christmas", "easter", "halloween", "valentine", "mother", "father",
                       "thanksgiving", "english", "european", "american"])  # fmt: skip
"""Words that have a capital without being a name of the shop."""
_ENGLISH = frozenset(["the", "is", "it", "you", "your", "of", "for", "by", "from", "this", "that",
                      "with", "are", "would", "and", "costs"])  # fmt: skip
"""Words that a sentence in another language hardly has."""
_FEW = 3
"""Up to this, number words are figures of speech: "one of these two"."""


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What a model was told until now: all that its sentences may state."""

    numbers: frozenset[str] = frozenset()
    prices: frozenset[str] = frozenset()
    ratings: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    """Numbers that the shopper said, and the limits in force."""
    words: frozenset[str] = frozenset()
    shown: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    """Facts of the newest list by number."""
    brands: frozenset[str] = frozenset()
    """Of the shop, in small letters; those that the tools named are in `words` as well."""
    said_by_tools: str = ""
    currency: str = "USD"
    looked: bool = False
    """Whether a tool has answered in this turn."""

    @classmethod
    def of(cls, situation: Situation, messages: Sequence[AnyMessage]) -> KnownFacts:
        """From the moment and the newest turn's messages."""
        start = max((i for i, m in enumerate(messages) if m.type == "human"), default=0)
        turn = messages[start:]
        results = [m for m in turn if isinstance(m, ToolMessage)]
        tools = " ".join(str(m.text) for m in results)
        asked = in_digits(shopper_words(turn[0])) if turn else ""
        shown = {note.number: note.model_dump() for note in situation.shown}
        about = situation.model_dump(mode="json")
        brands = [str(name).lower() for name in about["catalogue"].get("brands", ())]
        # The names of the shop are no ground for saying that a product is of one.
        told = {**about, "catalogue": {**about["catalogue"], "brands": []}}
        text = f"{json.dumps(told, ensure_ascii=False)} {tools} {asked}"
        numbers = {_plain(number) for number in _NUMBER.findall(text)}
        numbers |= {str(number) for number in range(len(shown) + 1)}
        facts = [*_facts(told), *(fact for m in results for fact in _facts(_json(str(m.text))))]
        limits = {_plain(str(v)) for name, v in facts if name in _LIMITS}
        wishes = {_plain(number) for number in _NUMBER.findall(asked)} | limits
        return cls(
            frozenset(numbers),
            frozenset(_plain(str(value)) for name, value in facts if name in _PRICES),
            frozenset(_plain(str(value)) for name, value in facts if name in _RATINGS),
            frozenset(wishes),
            frozenset(re.findall(r"[\w']+", text.lower())),
            shown,
            frozenset(brands),
            f"{json.dumps(told['shown'], ensure_ascii=False)} {tools} {asked}".lower(),
            str(about["catalogue"].get("currency", "USD")),
            any(message.status != "error" for message in results),
        )

    def mend(self, text: str, said: Iterable[str] = ()) -> str:
        """The text with every sentence that states what is not so replaced, once for a product.

        A tool call written out ends it. `said` are sentences that came before.
        """
        every = list(said)
        before = len(every)
        for sentence in sentences(_THOUGHT.sub("", text)):
            if _CALL.search(sentence.strip()):
                break
            every.append(sentence if self.holds(sentence) else self.instead(sentence, every))
        return "".join(every[before:])

    def bears(self, text: str) -> bool:
        """Whether an answer can be given to a shopper, with a sentence replaced here and there.

        Not one of which no sentence holds, one that writes a tool call out, and one that was made
        up in part without a look at the shop.
        """
        parts = [part for part in sentences(_THOUGHT.sub("", text)) if part.strip()]
        if any(_CALL.search(part.strip()) for part in parts):
            return False
        good = [part for part in parts if self.holds(part)]
        return bool(good) and (self.looked or len(good) == len(parts))

    def holds(self, sentence: str) -> bool:
        """Whether all that a sentence states was told."""
        sentence = _plain_text(sentence)
        if _CALL.search(sentence.strip()):
            return False  # a tool call written out as prose says nothing to a shopper
        spelled = _CENTS.sub(r"\1.\3 \2", in_digits(sentence))
        numbered = self._meant(spelled)
        if any(number not in self.shown for number in numbered):
            return False
        titled = self._titled(sentence)
        if numbered and not titled <= self._namesakes(numbered):
            return False
        return (
            self._figures_hold(spelled, {*numbered, *titled})
            and self._numbers_hold(_CENTS.sub(r"\1.\3 \2", in_digits(sentence, _FEW)))
            and not _ADDRESS.search(sentence)
            and not self._promises(sentence)
            and not self._strange_brand(sentence)
            and not self._strange_name(sentence)
        )

    def _numbers_hold(self, spelled: str) -> bool:
        """Whether every number that is neither price nor rating was told."""
        rest = _STARS.sub(" ", _PRICE.sub(" ", spelled))
        return {_plain(number) for number in _NUMBER.findall(rest)} <= self.numbers

    def _figures_hold(self, spelled: str, meant: set[int]) -> bool:
        """Whether the prices and ratings are known, and of the products meant."""
        meant_rows = [self.shown[number] for number in meant]
        own = {_plain(str(row["price"])) for row in meant_rows if row["price"] is not None}
        stars = {_plain(str(row["rating"])) for row in meant_rows if row["rating"] is not None}
        prices = own | _differences(own) if meant else self.prices
        ratings = stars if meant else self.ratings
        for known, pattern in ((prices, _PRICE), (ratings, _STARS)):
            for match in pattern.finditer(spelled):
                figure = _plain(next(each for each in match.groups() if each))
                before, behind = spelled[: match.start()], spelled[match.end() :]
                a_limit = _LIMIT.search(before) or _AND_UP.match(behind)
                if figure not in known and not (a_limit and figure in self.asked):
                    return False
        return {str(len(row)) for row in _ROW_OF_STARS.findall(spelled)} <= ratings

    def _meant(self, spelled: str) -> list[int]:
        """Numbers of cards that a sentence names, there or not."""
        listed = _LISTED.match(spelled)
        found = [int(listed[1])] if listed else []
        for match in _MEANT.finditer(spelled):
            found += map(int, re.findall(r"\d+", match[1]))
        if self.shown:
            found += [place_of(match[1]) for match in _PLACE.finditer(spelled)]
        return found

    def _titled(self, sentence: str) -> set[int]:
        """Numbers of the shown products whose titles a sentence holds, the longest titles first."""
        rest, found = sentence.lower(), set()
        titles = {number: str(row["title"]).lower() for number, row in self.shown.items()}
        for title in sorted(set(titles.values()), key=len, reverse=True):
            if title and title in rest:
                rest = rest.replace(title, " ")
                found |= {number for number, other in titles.items() if other == title}
        return found

    def _namesakes(self, numbers: Iterable[int]) -> set[int]:
        titles = {self.shown[number]["title"] for number in numbers}
        return {number for number, row in self.shown.items() if row["title"] in titles}

    def _promises(self, sentence: str) -> bool:
        """Something that only a shop could know, and this one has not said."""
        if _DENIED.search(sentence):
            return False
        found = _UNKNOWN_TO_A_CATALOGUE.findall(sentence)
        return any(each.lower() not in self.said_by_tools for each in found)

    def instead(self, sentence: str, said: Iterable[str]) -> str:
        """What the catalogue says of the products that a sentence names; of the first one, where
        it names none; "" where that was said, or nothing is shown."""
        spelled = in_digits(_plain_text(sentence))
        named = [n for n in dict.fromkeys(self._meant(spelled)) if n in self.shown]
        named = named[:_FEW] or [*self.shown][:1]
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
        """A name that was never told: in capitals, bold or quotes."""
        english = bool(_ENGLISH & set(re.findall(r"[a-z]+", sentence.lower())))
        for name in _CAPITALS.findall(sentence.strip()):
            words = [w for w in re.findall(r"[\w']+", name.lower()) if w not in _LINKS]
            # The first word of a sentence has its capital for another reason.
            if sentence.strip().startswith(name) and (len(words) > 2 or not english):
                words = words[1:]
            # So has every noun in German.
            if len(words) > (not english) and not all(map(self._was_told, words)):
                return True
        single = _CAPITAL.findall(sentence) if english else []
        if not all(self._was_told(word.lower()) for word in single):
            return True
        for match in _MARKED.finditer(sentence):
            words = re.findall(r"[\w']+", (match["bold"] or match["quoted"]).lower())
            to_be_said = match["quoted"] and _TO_BE_SAID.search(sentence[: match.start()])
            if len(words) > 1 and not to_be_said and not all(map(self._was_told, words)):
                return True
        return False

    def _was_told(self, word: str) -> bool:
        """In one of its forms."""
        word = word.replace("’", "'").strip("'-&")
        bare = re.sub(r"'s$|s'$", "", word)
        forms = {word, bare, f"{bare}s", re.sub(r"s$", "", bare), re.sub(r"es$", "", bare)}
        parts = re.split(r"[-&]", bare)
        return bool(
            forms & (self.words | _ORDINARY)
            or (len(parts) > 1 and all(part in self.words for part in parts))
        )


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


def grounded(message: AIMessage, grounds: KnownFacts) -> AIMessage:
    """The message as the history keeps it: nothing invented is read again in the next turn."""
    text = str(message.text)
    mended = grounds.mend(text)
    return message if mended == text else message.model_copy(update={"content": mended})


_PRICES = frozenset(["price", "prices", "cheapest"])
_RATINGS = frozenset(["rating"])
_LIMITS = frozenset(["min_price", "max_price", "min_rating"])


def without_thoughts(text: str) -> str:
    """The text without the thoughts that some models write before they answer."""
    return _THOUGHT.sub("", text)


def _facts(content: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The figures in what a tool or the situation says, with the names of their fields."""
    if isinstance(content, dict):
        if isinstance(content.get("values"), list):  # a row of a comparison
            name = str(content.get("name", ""))
            yield from _facts(content["values"], name)
            return
        for key, value in content.items():
            yield from _facts(value, str(key))
    elif isinstance(content, list):
        for value in content:
            yield from _facts(value, name)
    elif isinstance(content, str):
        if name in ("rating", "price", "prices", "cheapest"):
            # "4.6 (1,204 ratings)" is one rating.
            yield from ((name, number) for number in _NUMBER.findall(re.sub(r"\(.*", "", content)))
            yield from (
                (name, match[0]) for match in re.finditer(rf"(?<=[$€£¥₹]){_AMOUNT}", content)
            )
        else:
            for match in _PRICE.finditer(content):
                yield "price", match["before"] or match["behind"] or match["said"]
            for match in _STARS.finditer(content):
                yield "rating", match["before"] or match["behind"]
    elif isinstance(content, int | float) and not isinstance(content, bool):
        yield name, str(content)


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
    return {_plain(str(abs(a - b))) for a in each for b in each if a != b}


def _plain_text(sentence: str) -> str:
    """Without what makes one character look like another, and without invisible ones."""
    plain = unicodedata.normalize("NFKC", sentence)
    return "".join(c for c in plain if unicodedata.category(c) != "Cf")


def _plain(number: str) -> str:
    """One form for "1,299.00" and "1299"."""
    # "13,99" is how most of Europe writes "13.99".
    digits = re.sub(r",(?=\d\d$)", ".", number).replace(",", "").rstrip(".")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
