"""A description as statements, and those that are nearest in meaning to a question.

Not covered: a fact that a text says over several sentences.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tools.product import Product
from tools.search.searchable_shop import SearchableShop

_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[^a-z])|\n+|\s*[•·|]\s+")
_CLAUSES = re.compile(r"\s*(?:[,;:()]|\s[-–—]\s|\b(?:and|but|while|plus|or)\b)(?!\d)\s*")
_LEAST = 0.3
"""Cosine from which a statement is named at all."""
_MOST = 3
_READ = 40
"""Clauses of one product that are compared."""


@dataclass(frozen=True, slots=True)
class NearStatement:
    """A part of a description."""

    text: str
    cosine: float


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
    """Of each product the clauses nearest to a question, the nearest first. Blocking."""
    clauses = [
        [clause for each in sentences_of(product.description) for clause in clauses_of(each)]
        for product in products
    ]
    texts = list(dict.fromkeys(text for each in clauses for text in each[:_READ]))
    if not question.strip() or not texts:
        return [() for _ in products]
    cosines = dict(zip(texts, shop.nearness(question, texts), strict=False))
    return [_nearest(each, cosines) for each in clauses]


def _nearest(clauses: Sequence[str], cosines: dict[str, float]) -> tuple[NearStatement, ...]:
    near = [
        NearStatement(text, round(cosines.get(text, 0.0), 2)) for text in dict.fromkeys(clauses)
    ]
    near = [each for each in near if each.cosine >= _LEAST]
    return tuple(sorted(near, key=lambda each: -each.cosine)[:_MOST])
