"""What to do about a message: one search, or one sentence.

The newest instruction wins; what it does not touch carries over from the newest search. A new
thing ("now mugs") starts afresh.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assistant.reading.message import Reading, plain_words
from assistant.reading.text import singular
from assistant.situation import ShownNote, Situation
from tools.money import to_decimal, to_minor
from tools.multimodal_search import missing_sentence

Arguments = dict[str, Any]
"""Of the tool multimodal_search."""


@dataclass(frozen=True, slots=True)
class Say:
    """An answer without a search."""

    text: str


_TALK = {
    "hello": "Hello! Send me a photo, tell me in words what you are looking for, or both.",
    "thanks": "You're welcome. Tell me if you would like to see something else.",
    "bye": "Goodbye, and come back any time.",
    "help": (
        "I search this shop's products by photo, by words, or by both: attach a photo and write "
        '"a phone case with this". Then narrow it down: "cheaper", "in blue", "like the third".'
    ),
    "undone": "I cannot do that yet: I find products and narrow them down. What should I look for?",
    "elsewhere": "I can only help to find products in this shop. What are you looking for?",
}
_ABOUT_ONE = (
    "I can search and narrow down, but not answer questions about a single product yet; "
    "its card shows what the shop says about it."
)
_WHAT = "What are you looking for? Say it in words or attach a photo."
_NO_PHOTO = "I see no photo in this conversation. Please attach one, or say in words what it shows."
_WHICH = "Which one do you mean? Say its number, for example: more like number 2."


def decide(reading: Reading, now: Situation) -> Arguments | Say:
    """The arguments of the search that is meant, or what to say instead."""
    if reading.talk is not None:
        return Say(_TALK[reading.talk])
    if reading.question:
        return Say(_ABOUT_ONE)
    if reading.unwanted and not (reading.words or reading.limited or reading.this or reading.shown):
        left = " and ".join(reading.unwanted)
        return Say(f"I cannot leave out {left} yet. Tell me what it should be instead.")
    if reading.more:
        return _more(reading, now)
    if reading.compared is not None and (not now.shown or not _new_thing(reading, now)):
        return _compared(reading, now)
    new_photo = any(photo.new for photo in now.photos)
    if reading.shown is not None and not new_photo:
        return _like(reading, now, reading.shown)
    if new_photo or reading.photo is not None:
        return _from_photo(reading, now)
    if now.last_search is not None and not _new_thing(reading, now):
        if not (reading.words or reading.limited or reading.this or reading.follows):
            return Say(_WHAT)
        if reading.like and reading.this and "photo" not in now.last_search:
            return Say(_WHICH)
        return _carried(reading, now)
    return _afresh(reading, now)


def _afresh(reading: Reading, now: Situation) -> Arguments | Say:
    arguments = _stated(reading)
    if reading.words:
        arguments["words"] = reading.words
    if reading.this:
        photo = (now.last_search or {}).get("photo") or (1 if now.photos else None)
        if photo is None:
            return Say(_NO_PHOTO)
        arguments["photo"] = photo
    named = reading.categories or reading.colors or reading.brands
    if not ("words" in arguments or "photo" in arguments or named):
        missing = _unlisted(reading, now)
        return Say(missing_sentence(missing) if missing else _WHAT)
    return arguments


def _unlisted(reading: Reading, now: Situation) -> list[str]:
    """What the message sets a limit on and no product of the shop states."""
    priced = any(price is not None for price in now.catalogue.get("prices", ("",)))
    missing = []
    if not priced and (reading.min_price is not None or reading.max_price is not None):
        missing.append("prices")
    if not now.catalogue.get("rated", True) and reading.min_rating is not None:
        missing.append("ratings")
    return missing


def _from_photo(reading: Reading, now: Situation) -> Arguments:
    number = reading.photo or 1
    if now.last_search is not None and reading.follows and not reading.words:
        # "And now with this one": the same wish, another picture.
        return {**_carried(reading, now), "photo": number}
    words = {"words": reading.words} if reading.words else {}
    return {**_stated(reading), **words, "photo": number}


def _more(reading: Reading, now: Situation) -> Arguments | Say:
    if now.last_search is None:
        return Say(_WHAT)
    if reading.this and not now.last_search.get("photo"):
        return Say(_WHICH)
    return {**now.last_search, "skip_shown": True}


def _like(reading: Reading, now: Situation, number: int) -> Arguments:
    carried = _carried(reading, now) if now.last_search is not None else _stated(reading)
    carried.pop("photo", None)
    return {**carried, "like": number}


def _compared(reading: Reading, now: Situation) -> Arguments | Say:
    number = reading.shown or 1
    if not now.shown:
        if not reading.words:
            return Say(f"There is nothing to compare with yet. {_WHAT}")
        return _afresh(reading, now)
    if number > len(now.shown):
        return Say(f"There is no number {number}: the list has the numbers 1 to {len(now.shown)}.")
    bound = _beyond(reading, now.shown[number - 1])
    if isinstance(bound, Say):
        return bound
    # "Something like the first, but cheaper" looks like it as well.
    arguments = _like(reading, now, number) if reading.like else _carried(reading, now)
    arguments = {**arguments, **bound}
    if arguments.get("min_price", 0) > arguments.get("max_price", float("inf")):
        arguments.pop("min_price" if reading.compared == "cheaper" else "max_price")
    return arguments


def _beyond(reading: Reading, card: ShownNote) -> Arguments | Say:
    """The bound that leaves this card behind."""
    if reading.compared == "better rated":
        if card.rating is None:
            return Say(f"The shop gives no rating for number {card.number}, so I cannot compare.")
        return {"min_rating": min(5.0, round(card.rating + 0.1, 1))}
    if card.price is None:
        return Say(f"The shop gives no price for number {card.number}, so I cannot compare.")
    step = -1 if reading.compared == "cheaper" else 1
    minor = to_minor(card.price, card.currency) + step
    if minor < 0:
        return Say(f"Number {card.number} costs nothing; there is nothing cheaper.")
    price = float(to_decimal(minor, card.currency))
    return {"max_price": price} if reading.compared == "cheaper" else {"min_price": price}


def _carried(reading: Reading, now: Situation) -> Arguments:
    """The newest search with what this message changes."""
    last = dict(now.last_search or {})
    low, high = reading.min_price, reading.max_price
    if "price" in reading.free_of or (low is not None and low > last.get("max_price", low)):
        last.pop("max_price", None)
    if "price" in reading.free_of or (high is not None and high < last.get("min_price", high)):
        last.pop("min_price", None)
    for name in ("colors", "brands", "min_rating"):
        if name in reading.free_of:
            last.pop(name, None)
    words = str(last.get("words", ""))
    if reading.colors:
        words = plain_words(words)
    if reading.categories:
        words = reading.words
    elif reading.words and not _within(reading.words, words):
        words = f"{words} {reading.words}".strip()
    if reading.photo is not None:
        last["photo"] = reading.photo
    arguments = {**last, **_stated(reading), "words": words}
    return {name: value for name, value in arguments.items() if value != ""}


def _stated(reading: Reading) -> Arguments:
    every: Arguments = {
        "min_price": _number(reading.min_price),
        "max_price": _number(reading.max_price),
        "categories": list(reading.categories),
        "colors": list(reading.colors),
        "brands": list(reading.brands),
        "min_rating": _number(reading.min_rating),
    }
    return {name: value for name, value in every.items() if value not in (None, [])}


def _new_thing(reading: Reading, now: Situation) -> bool:
    """Whether the message names another thing than the newest search."""
    if now.last_search is None:
        return True
    if reading.everything and (reading.categories or reading.words):
        return True
    if reading.categories:
        last = {str(name) for name in now.last_search.get("categories", ())}
        # "What about mugs?" asks for the same in another kind; "mugs" alone is a new wish.
        return not (last & set(reading.categories) or reading.follows)
    if not reading.words or _within(reading.words, str(now.last_search.get("words", ""))):
        return False
    return reading.thing or not (reading.follows or reading.compared)


def _within(words: str, others: str) -> bool:
    known = {singular(word) for word in others.split()}
    return all(singular(word) in known for word in words.split())


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
