"""A description as statements, and those that are nearest in meaning to a question.

Not covered: a fact that a text says over several sentences.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tools.index.stemming import search_terms
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
    """Of each product the clauses nearest to a question, the nearest first. Blocking.

    Words of a product's own name are left out of both sides, since they make all that names the
    product near: "these goggles are stylish" to "can I wear the goggles over glasses?".
    """
    if not question.strip():
        return [() for _ in products]
    clauses = [
        list(
            dict.fromkeys(
                clause for each in sentences_of(product.description) for clause in clauses_of(each)
            )
        )[:_READ]
        for product in products
    ]
    asked: dict[str, dict[str, float]] = {}
    compared: list[tuple[str, list[str]]] = []
    for product, texts in zip(products, clauses, strict=True):
        name = frozenset(
            search_terms(f"{product.title} {' '.join(product.category)} {product.brand}").split()
        )
        bare = [_without(text, name) for text in texts]
        compared.append((_without(question, name), bare))
        asked.setdefault(compared[-1][0], {}).update(dict.fromkeys(bare, 0.0))
    for bare_question, cosines in asked.items():
        texts = list(cosines)
        cosines.update(
            zip(texts, shop.nearness(bare_question, texts) if texts else (), strict=False)
        )
    return [
        _nearest(texts, [asked[bare_question][each] for each in bare])
        for texts, (bare_question, bare) in zip(clauses, compared, strict=True)
    ]


def _without(text: str, name: frozenset[str]) -> str:
    """The text without the words of a name; the whole where nothing is left."""
    kept = [word for word in text.split() if not set(search_terms(word).split()) & name]
    return " ".join(kept) or text


def _nearest(clauses: Sequence[str], cosines: Sequence[float]) -> tuple[NearStatement, ...]:
    near = [
        NearStatement(text, round(cosine, 2))
        for text, cosine in zip(clauses, cosines, strict=True)
        if cosine >= _LEAST
    ]
    return tuple(sorted(near, key=lambda each: -each.cosine)[:_MOST])
