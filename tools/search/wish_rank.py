"""The order of candidates by how much of the wish each of them states.

Retrieval finds what is near; which of twenty jackets is waterproof or holds 45 litres is a matter
of words and numbers. A rare word counts more than one that all candidates say, a title more than a
description, what the thing is called more than what it goes with, and a word that is denied ("not
wireless") counts nothing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from tools.catalogue.facts import full_text
from tools.index.stemming import search_terms
from tools.product import Product
from tools.search.exclusions import denies, may_be_lacked, says
from tools.search.quantities import quantities_in, unmet
from tools.search.wish_words import parts_of
from tools.text import fold, singular

DEEP = 40
"""Candidates that are looked through."""
_RETRIEVED, _STATED, _NUMBERS, _KIND, _MEANT = 0.5, 1.0, 0.7, 0.6, 0.6
"""How much retrieval counts, the words, a number, the name of the thing, and its meaning."""
_NOT_WANTED = frozenset(["for", "with", "on", "to", "of", "in", "my", "and", "from"])
"""Words whose noun is what the thing goes with."""
_ANY_THING = frozenset(
    ["machine", "maker", "device", "appliance", "set", "kit", "pack", "unit", "system", "tool"]
)
"""Last words of names that say no kind by themselves."""
_LATER = 0.9
"""A word counts this much of the one before it in the same message."""
_EARLIER = 0.4
"""What was said in the message before counts this much, see `tools.search.wish_words`."""
_SHELVED = 0.6
"""Whose category alone is called as what is sought, beside 1 for whose title is."""
_DESCRIBED = 0.6
"""What a description says, beside 1 for a title."""
_LACKS = 0.5
"""Whose text says that it lacks what is unwanted ("nut-free"), beside those that are silent."""
_REMEMBERED = 4000
"""Characters of the longest text whose words are remembered."""
_ALONE = 1.0
"""The very color that is asked for comes before one with more in it: "black" before "matte black"
and "black and blue". At .3, three of 78 queries of a real shop met "matte black" first."""


def by_wish(
    text: str,
    ids: Sequence[str],
    products: Mapping[str, Product],
    scores: Mapping[str, float],
    kinds: Collection[str] = (),
    nearness: Mapping[str, float] | None = None,
    color: str = "",
    unwanted: Sequence[str] = (),
) -> list[str]:
    """The ids again, the first DEEP of them by how much of `text` their products state.

    `kinds` are what the shop calls products: those of the kind that the text names come first.
    `color` is the one that is asked for, `unwanted` are words for what a product has to lack.
    `nearness` are cosines of the text to what is said of products, of the nearest of them.
    """
    first = [each for each in ids[:DEEP] if each in products]
    parts = [list(dict.fromkeys(search_terms(part).split())) for part in parts_of(text)]
    terms = list(dict.fromkeys(term for part in parts for term in part))
    wanted = {
        quantity: _EARLIER**age
        for age, part in reversed(list(enumerate(parts_of(text))))
        for quantity in quantities_in(part)
    }
    people = max((each.value for each in wanted if each.dimension == "people"), default=0)
    wanted = {q: n for q, n in wanted.items() if q.dimension != "people" or q.value == people}
    if len(first) < 2 or not terms:
        return list(ids)
    joined = {one + other: (one, other) for one in terms for other in terms}
    said = {each: _said(products[each], terms, joined) for each in first}
    frequent = Counter(term for terms_said in said.values() for term in terms_said)
    rare = {term: math.log(1 + len(first) / (1 + count)) for term, count in frequent.items()}
    weights = _weights(parts, rare)
    best = max((scores.get(each, 0.0) for each in first), default=0.0) or 1.0
    kind, counts = kind_wanted(text, kinds)
    newest = next(iter(parts_of(text)), "")
    wished = [word for word in newest.split() if may_be_lacked(word)]
    near = nearness or {}
    far = min(near.values(), default=0.0)
    spread = max(near.values(), default=0.0) - far or 1.0

    def worth(each: str) -> float:
        product = products[each]
        stated = sum(weights[term] * share for term, share in said[each].items())
        of_kind = counts * how_much_kind(product, kind) if kind else 0.0
        lacking = unmet(wanted, product)
        numbers = sum(count for each, count in wanted.items() if each not in lacking)
        retrieved = scores.get(each, 0.0) / best
        meant = (near.get(each, far) - far) / spread
        return (
            _RETRIEVED * retrieved
            + _STATED * stated
            + _NUMBERS * numbers
            + _KIND * of_kind
            + _MEANT * meant
            + _LACKS * any(denies(product, each) for each in unwanted)
            - _LACKS * any(denies(product, each) for each in wished)
            + _ALONE * (bool(color) and fold(product.color) == fold(color))
        )

    ordered = sorted(first, key=lambda each: -worth(each))
    rest = [each for each in ids if each not in set(first)]
    return [*ordered, *rest]


def _weights(parts: Sequence[Sequence[str]], rare: Mapping[str, float]) -> dict[str, float]:
    """How much each term counts, 1 in all: within its part the rarer and the earlier ones more.

    `rare` has the terms that any candidate says. A part of which none is said takes no share.
    """
    weights: dict[str, float] = {}
    shares = 0.0
    for age, part in enumerate(parts):
        own = {
            term: _LATER ** min(place, 4) * rare[term]
            for place, term in enumerate(part)
            if term in rare
        }
        whole, share = sum(own.values()), _EARLIER**age
        shares += share if own else 0.0
        for term, weight in own.items():
            weights[term] = weights.get(term, 0.0) + share * weight / whole
    return {term: weight / shares for term, weight in weights.items()}


def kind_wanted(text: str, kinds: Collection[str]) -> tuple[str, float]:
    """The kind that the newest part names which names any, and how much it counts by its age."""
    for age, part in enumerate(parts_of(text)):
        if kind := kind_in(part, kinds):
            return kind, _EARLIER**age
    return "", 0.0


def kind_in(text: str, kinds: Collection[str]) -> str:
    """The first kind that a text names as what is wanted, in the singular; "" for none."""
    words = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", text.casefold())
    for place in range(len(words)):
        if place and words[place - 1] in _NOT_WANTED:
            continue
        for length in (2, 1):
            phrase = singular(" ".join(words[place : place + length]))
            if phrase in kinds and len(phrase) > 1 and phrase not in _ANY_THING:
                return phrase
    return ""


def how_much_kind(product: Product, kind: str) -> float:
    """How surely a product is of a kind: 1 where its title says so, less where a category does,
    which may hold other things as well ("Ski/boarding" has goggles)."""
    wanted = terms_of(kind)
    if wanted <= terms_of(product.title):
        return 1.0
    shelves = (*product.category, *product.more_categories)
    said = any(wanted <= terms_of(name) for name in shelves)
    return _SHELVED if said else 0.0


def terms_of(text: str) -> frozenset[str]:
    """The words of a text in one form; those of the last products are remembered."""
    return _remembered(text) if len(text) <= _REMEMBERED else _remembered.__wrapped__(text)


@lru_cache(maxsize=2048)
def _remembered(text: str) -> frozenset[str]:
    return frozenset(search_terms(text).split())


def _said(
    product: Product, terms: Sequence[str], joined: Mapping[str, tuple[str, str]]
) -> dict[str, float]:
    """How well the product says each of the terms, 0 to 1; those that it does not say are
    absent. `joined` are words that two terms make, with these."""
    facts = " ".join((product.title, product.color, product.material, *product.category))
    title = set(terms_of(facts))
    title |= {term for word in title & joined.keys() for term in joined[word]}
    text = full_text(product)
    everything = terms_of(text)
    found = {}
    for term in terms:
        if term in title:
            found[term] = 1.0
        elif term in everything and says(text, term):
            found[term] = _DESCRIBED
    return found
