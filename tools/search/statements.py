"""A description as statements, and those that likeliest answer a question.

Not covered: a fact that a text says over several sentences.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.product import Product
from tools.search.searchable_shop import SearchableShop

_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[^a-z])|\n+|\s*[•·|]\s+")
_CLAUSES = re.compile(r"\s*(?:[,;:()]|\s[-–—]\s|\b(?:and|but|while|plus|or)\b)(?!\d)\s*")
_LEAST = 0.03
"""Likelihood from which a statement is named at all."""
_MOST = 3
_READ = 40
"""Clauses of one product that are compared."""
_FULL = 50.0
"""Log odds that are as good as certain."""


@dataclass(frozen=True, slots=True)
class NearStatement:
    """A part of a description."""

    text: str
    likelihood: float
    """That it answers the question, 0 to 1; of all of one description and of nothing answering
    together 1."""


def sentences_of(description: str) -> list[str]:
    """The sentences of a description, as they stand there."""
    text = html.unescape(description).replace("\xa0", " ")
    return [part.strip() for part in _SENTENCES.split(text) if part and part.strip()]


def clauses_of(sentence: str) -> list[str]:
    """The parts of a sentence that say one thing each, as they stand there."""
    return [part for part in _CLAUSES.split(sentence) if part and part.strip()]


def nearest_statements(
    shop: SearchableShop, question: str, products: Sequence[Product]
) -> list[tuple[NearStatement, ...]]:
    """Of each product the clauses that may answer a question, the likeliest first. Blocking."""
    if not question.strip():
        return [() for _ in products]
    told = [_clauses_in(product.description) for product in products]
    every = list(dict.fromkeys(clause for clauses in told for clause in clauses))
    answering = shop.answering(question, every) if every else ()
    if not answering:  # the embedder was not taught it
        return [() for _ in products]
    odds = dict(zip(every, answering, strict=True))
    return [_likeliest({clause: odds[clause] for clause in clauses}) for clauses in told]


def _clauses_in(description: str) -> list[str]:
    clauses = (clause for each in sentences_of(description) for clause in clauses_of(each))
    return list(dict.fromkeys(clauses))[:_READ]


def _likeliest(odds: Mapping[str, float]) -> tuple[NearStatement, ...]:
    """`odds` are log odds against nothing answering."""
    shares = {clause: math.exp(min(each, _FULL)) for clause, each in odds.items()}
    whole = 1 + sum(shares.values())
    near = [
        NearStatement(clause, round(share / whole, 2))
        for clause, share in shares.items()
        if share / whole >= _LEAST
    ]
    return tuple(sorted(near, key=lambda each: -each.likelihood)[:_MOST])
