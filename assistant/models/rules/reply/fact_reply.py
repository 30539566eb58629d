"""Answers to questions about the options and the stock of one product, from its facts alone.

What the shop does not state is said so: nothing is concluded from what is not there.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.models.rules.parse.product_questions import ProductQuestion
from assistant.models.rules.reply.statements import Statement, plain, statements_of
from assistant.models.rules.reply.word_match import matches
from tools.catalogue.colors import plain_color
from tools.catalogue.options import option_named
from tools.catalogue.sizes import same_size
from tools.catalogue.variants import BUYABLE, SOLD_OUT, option_key
from tools.search.replies import DetailsReply, VariantRow
from tools.text import fold

_MOST_SAID = 12


def values(reply: DetailsReply, key: str) -> str:
    """Which values of an option the shop lists."""
    stated = _stated_values(reply, key)
    plural = {"color": "colors", "size": "sizes"}.get(key, f"{key} it")
    if not stated:
        return f"the shop does not say which {plural} it comes in."
    gone = [value for value in stated if _sold_out(reply, key, value)]
    listed = _and(_with_sold_out(stated, gone))
    word = plural if len(stated) > 1 else key
    return f"the shop lists it in {len(stated)} {word}: {listed}."


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


def comes_in(reply: DetailsReply, question: ProductQuestion) -> str:
    """Whether the shop lists it in the colors and options that are asked for."""
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
            if not reply.variants and key == "color":
                # Shops list another color as another product as well.
                return (
                    f"the shop lists it in {_and(known)}; it does not say that it comes in {said}."
                )
            if key not in ("color", "size") and (told := _told(reply, values)):
                return f"{told.quoted}."
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


def _told(reply: DetailsReply, values: Sequence[str]) -> Statement | None:
    """The sentence of the shop that says such a value where its fact is another: "contains latex"
    of a mat of natural rubber."""
    for statement in statements_of(reply):
        said = frozenset(statement.words)
        if any(all(matches(word, said) for word in plain(value)) for value in values):
            return statement
    return None


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


def stock(reply: DetailsReply) -> str:
    """Whether it is in stock, and in which forms it is sold out."""
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


def _plural(key: str) -> str:
    return f"{key.replace('_', ' ')}s"


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _or(names: Sequence[str]) -> str:
    return " or ".join(names)
