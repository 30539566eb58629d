"""Answers to questions about one product, from its facts and nothing else.

What the shop does not state is said so: nothing is concluded from what is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.models.rules.lexicon.stop_words import CHATTER, GRAMMAR
from assistant.models.rules.parse.product_questions import ProductQuestion
from tools.catalogue.colors import plain_color
from tools.catalogue.options import option_named
from tools.catalogue.sizes import same_size
from tools.catalogue.variants import BUYABLE, SOLD_OUT, option_key
from tools.search.replies import DetailsReply, VariantRow
from tools.text import fold, singular

_MEASURES = {
    "long": "length", "heavy": "weight", "weigh": "weight", "weighs": "weight", "wide": "width",
    "tall": "height", "high": "height", "deep": "depth", "thick": "thickness", "big": "size",
    "large": "size", "fabric": "material", "made": "material",
}  # fmt: skip
_FOR_WHOM = re.compile(r"\bwho(?:'s| is)\b.*\bfor\b|\bfor (?:men|women|whom|kids|children)\b")
_CONDITION = re.compile(r"\b(?:condition|new|used|refurbished)\b")
_SALE = re.compile(r"\b(?:discounted|on sale|reduced)\b")
_NO_TOPIC = (GRAMMAR | CHATTER) - {"long"} | {
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "number",
    "one", "ones", "product", "item", "made", "come", "comes", "is",
}  # fmt: skip
_OWN_TABLE = ("title", "description", "link", "price", "rating", "category", "tags", "variants")
_MOST_SAID = 12
_LONGEST_TEXT = 400


def answer_question(reply: DetailsReply, question: ProductQuestion) -> str:
    """One or two sentences."""
    name = f"Number {reply.number}, {reply.facts['title']}"
    match question.topic:
        case "values":
            return f"{name}: {_values(reply, question.about)}"
        case "comes in":
            return f"{name}: {_comes_in(reply, question)}"
        case "stock":
            return f"{name}: {_stock(reply)}"
        case _:
            return f"{name}: {_fact(reply, question.about)}"


def _values(reply: DetailsReply, key: str) -> str:
    values = _stated_values(reply, key)
    plural = {"color": "colors", "size": "sizes"}.get(key, f"{key} it")
    if not values:
        return f"the shop does not say which {plural} it comes in."
    gone = [value for value in values if _sold_out(reply, key, value)]
    listed = _and(_with_sold_out(values, gone))
    word = plural if len(values) > 1 else key
    return f"the shop lists it in {len(values)} {word}: {listed}."


def _with_sold_out(values: Sequence[str], gone: Sequence[str]) -> list[str]:
    return [f"{value} (sold out)" if value in gone else value for value in values[:_MOST_SAID]]


def _stated_values(reply: DetailsReply, key: str) -> list[str]:
    of_variants = [
        value
        for variant in reply.variants
        for name, value in variant.options.items()
        if option_key(name) == key
    ]
    if of_variants:
        return list(dict.fromkeys(of_variants))
    own = next((v for n, v in reply.facts.items() if option_key(n) == key and v), None)
    return [own] if own else []


def _sold_out(reply: DetailsReply, key: str, value: str) -> bool:
    rows = [row for row in reply.variants if value in _of(row, key)]
    return bool(rows) and all(row.availability in SOLD_OUT for row in rows)


def _of(row: VariantRow, key: str) -> list[str]:
    return [value for name, value in row.options.items() if option_key(name) == key]


def _comes_in(reply: DetailsReply, question: ProductQuestion) -> str:
    wanted: dict[str, list[str]] = {}
    for color in question.colors:
        wanted.setdefault("color", []).append(color)
    for stated in question.options:
        key, value = option_named(stated)
        wanted.setdefault(key, []).append(value)
    said = " and ".join(
        f"{'size ' if key == 'size' else ''}{_or(values)}" for key, values in wanted.items()
    )
    for key, values in wanted.items():
        known = _stated_values(reply, key)
        if not known:
            return f"the shop does not say which {_plural(key)} it comes in."
        if not any(_same(key, value, each) for value in values for each in known):
            return f"no, not in {said}. The shop lists it in {_and(known[:_MOST_SAID])}."
    rows = [
        row
        for row in reply.variants
        if all(
            any(
                _same(key, value, each) for value in values for each in _row_values(reply, row, key)
            )
            for key, values in wanted.items()
        )
    ]
    if reply.variants and not rows:
        return f"no, not in {said} together. {_every_option(reply)}"
    return _had_in(rows, said, reply)


def _had_in(rows: Sequence[VariantRow], said: str, reply: DetailsReply) -> str:
    stocks = {row.availability for row in rows} or {str(reply.facts.get("availability") or "")}
    price = next((row.price for row in rows if row.price), "")
    cost = f", {price}" if price else ""
    if stocks <= SOLD_OUT:
        state = "discontinued" if stocks == {"discontinued"} else "sold out"
        return f"the shop lists it in {said}{cost}, but that is {state}."
    if stocks & BUYABLE:
        gone = " Some of these are sold out." if stocks & SOLD_OUT else ""
        return f"yes, in {said}{cost}, in stock.{gone}"
    known = next(iter(sorted(stocks - {""})), "")
    stock = f" ({known})" if known else ". The shop does not say whether it is in stock"
    return f"yes, the shop lists it in {said}{cost}{stock}."


def _row_values(reply: DetailsReply, row: VariantRow, key: str) -> list[str]:
    return _of(row, key) or _stated_values(reply, key)


def _every_option(reply: DetailsReply) -> str:
    keys = dict.fromkeys(option_key(n) for row in reply.variants for n in row.options)
    parts = [f"{key} {_and(_stated_values(reply, key)[:_MOST_SAID])}" for key in keys]
    return f"The shop lists {'; '.join(parts)}, but not every combination."


def _same(key: str, one: str, other: str) -> bool:
    if key == "size":
        return same_size(one, other)
    if key == "color":
        plain, stated = plain_color(one), plain_color(other)
        return f" {plain} " in f" {stated} "
    return fold(one) == fold(other)


def _stock(reply: DetailsReply) -> str:
    stocks = [row.availability for row in reply.variants if row.availability]
    own = reply.facts.get("availability") or ""
    if not stocks and not own:
        return "the shop does not say whether it is in stock."
    if not stocks:
        return f"it is {own}."
    buyable = [row for row in reply.variants if row.availability in BUYABLE]
    gone = [row for row in reply.variants if row.availability in SOLD_OUT]
    if not buyable:
        others = sorted(set(stocks) - SOLD_OUT)
        return f"it is {others[0] if others else 'out of stock'} in every form."
    few = all(row.availability == "few left" for row in buyable)
    state = "few left" if few else "in stock"
    if not gone:
        return f"it is {state}."
    names = [" ".join(row.options.values()) for row in gone[:_MOST_SAID]]
    more = f" and {len(gone) - len(names)} more" if len(gone) > len(names) else ""
    return f"it is {state}, but sold out in {_and(names)}{more}."


def _fact(reply: DetailsReply, asked: str) -> str:
    facts = {name: value for name, value in reply.facts.items() if value}
    if asked == "price before" or _SALE.search(asked):
        was, price = facts.get("price before"), facts.get("price")
        if was:
            return f"the shop gives {was} as its price before; now it costs {price}."
        return "the shop does not say that it cost more before."
    if _FOR_WHOM.search(asked):
        return _quoted(facts, ("gender", "age group"), "whom it is for")
    if _CONDITION.search(asked) and "how" not in asked:
        return _quoted(facts, ("condition",), "which condition it is in")
    topic = _topic(asked)
    if label := _best_label(topic, facts):
        return f"the shop says {label}: {facts[label]}."
    sentence = _sentence_about(topic, str(facts.get("description", "")))
    if sentence:
        return f"the shop says: “{sentence}”"
    said = " ".join(topic)
    unsaid = f"the shop does not say{f' ({said})' if said else ''}"
    text = str(facts.get("description", ""))
    # A text may say it in words that the question has not: "a silk dress".
    return f"{unsaid} as a fact. Its text: “{text[:_LONGEST_TEXT]}”" if text else f"{unsaid}."


def _quoted(facts: dict[str, str], names: Iterable[str], what: str) -> str:
    stated = [f"{name}: {facts[name]}" for name in names if name in facts]
    return f"the shop says {'; '.join(stated)}." if stated else f"the shop does not say {what}."


def _topic(asked: str) -> list[str]:
    """The words that a question is about, measures by their names."""
    words = re.findall(r"[a-z]+", asked.replace("'s", ""))
    named = [
        _MEASURES.get(word, word) for word in words if word in _MEASURES or word not in _NO_TOPIC
    ]
    return list(dict.fromkeys(map(singular, named)))


def _best_label(topic: Sequence[str], facts: dict[str, str]) -> str:
    """The fact whose name has most of the words, and all of them where it has several."""
    best, most = "", 0.0
    for label in facts:
        if label in _OWN_TABLE:
            continue
        words = {singular(word) for word in re.findall(r"[a-z]+", label)}
        shared = words & set(topic)
        things = [word for word in topic if word not in _MEASURES.values()]
        about = not things or bool(shared & set(things)) or not (words - set(topic))
        share = len(shared) / len(words | set(topic)) if words else 0.0
        if shared and about and share > most:
            best, most = label, share
    return best


def _sentence_about(topic: Sequence[str], description: str) -> str:
    """The sentence of a description that says a word of the question."""
    wanted = [word for word in topic if word not in _MEASURES.values()] or (
        ["made"] if "material" in topic else []
    )
    for sentence in re.split(r"(?<=[.!?])\s+", description):
        words = {singular(word) for word in re.findall(r"[a-z]+", sentence.lower())}
        if wanted and all(word in words for word in wanted):
            return sentence
    return ""


def _plural(key: str) -> str:
    return f"{key.replace('_', ' ')}s"


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _or(names: Sequence[str]) -> str:
    return " or ".join(names)
