"""The order of candidates by how much of the wish each of them states.

Retrieval finds what is near; which of twenty jackets is waterproof or holds 45 litres is a matter
of words and numbers. A rare word counts more than one that all candidates say, a title more than a
description, what the thing is called more than what it goes with, and a word that is denied ("not
wireless") counts nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from tools.catalogue.facts import full_text
from tools.catalogue.vocabulary import called
from tools.index.stemming import search_terms
from tools.product import Product
from tools.search.exclusions import says
from tools.search.quantities import quantities_in, unmet

DEEP = 40
"""Candidates that are looked through."""
_RETRIEVED, _STATED, _NUMBERS, _KIND = 0.6, 1.0, 0.5, 0.35
"""How much retrieval counts, the words, a number and the name of the thing."""
_DESCRIBED = 0.6
"""What a description says, beside 1 for a title."""


def by_wish(
    text: str, ids: Sequence[str], products: Mapping[str, Product], scores: Mapping[str, float]
) -> list[str]:
    """The ids again, the first DEEP of them by how much of `text` their products state."""
    first = [each for each in ids[:DEEP] if each in products]
    terms = list(dict.fromkeys(search_terms(text).split()))
    wanted = quantities_in(text)
    if len(first) < 2 or not terms:
        return list(ids)
    said = {each: _said(products[each], terms) for each in first}
    frequent = Counter(term for terms_said in said.values() for term in terms_said)
    weights = {
        term: math.log(1 + len(first) / (1 + frequent[term])) for term in terms if frequent[term]
    }
    total = sum(weights.values()) or 1.0
    best = max((scores.get(each, 0.0) for each in first), default=0.0) or 1.0

    def worth(each: str) -> float:
        product = products[each]
        stated = sum(weights[term] * share for term, share in said[each].items()) / total
        heads = search_terms(" ".join(called(product)[-1:])).split()
        kind = any(head in terms for head in heads)
        numbers = len(wanted) - len(unmet(wanted, product))
        retrieved = scores.get(each, 0.0) / best
        return _RETRIEVED * retrieved + _STATED * stated + _KIND * kind + _NUMBERS * numbers

    ordered = sorted(first, key=lambda each: -worth(each))
    rest = [each for each in ids if each not in set(first)]
    return [*ordered, *rest]


def _said(product: Product, terms: Sequence[str]) -> dict[str, float]:
    """How well the product says each of the terms, 0 to 1; those that it does not say are absent."""
    facts = " ".join((product.title, product.color, product.material, *product.category))
    title = set(search_terms(facts).split())
    text = full_text(product)
    everything = set(search_terms(text).split())
    found = {}
    for term in terms:
        if term in title:
            found[term] = 1.0
        elif term in everything and says(text, term):
            found[term] = _DESCRIBED
    return found
