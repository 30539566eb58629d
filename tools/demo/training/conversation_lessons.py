"""Lessons from made-up shops: what shoppers type there, and what they ask of a product.

A folder for each shop holds `products.csv` and, a JSON object a line:

    messages.jsonl   {"before": "...", "say": "...", "right": ["id", ...]}, the first only sometimes
    questions.jsonl  {"id": "...", "ask": "...", "answer": "..."}

`right` are the products that a clerk would show first; `answer` is copied from the product's text,
"" where that does not tell. Beside the shops stands what is said in any of them:

    asks.jsonl       {"say": "...", "asks": true}, false for a wish
    limits.jsonl     {"say": "...", "price": "lifted"}, "kept" where a limit of price stays
    kinds.jsonl      {"before": "...", "say": "...", "same": true}, false where the message goes
                     over to another kind of thing than the one before

Dialogues lie in the shops and are kept apart:
`assistant/ranking_training.py` learns from these, and has to see the tokens of messages that the
token layers were not taught on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.catalogue.facts import searched_text
from tools.catalogue.reader import Numbered, read_products
from tools.product import Product
from tools.search.statements import clauses_of, sentences_of

HELD_OUT = 9
"""One shop in so many is kept out of training."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message, and the places of the products that are right after it."""

    said: str
    before: str
    right: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about one product, and the places of the texts that answer it."""

    question: str
    texts: tuple[str, ...]
    """The clauses of its description, and its title."""
    answering: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """A message, and whether it does each of `tools.embedding.towers.adapted.ACTS`."""

    said: str
    does: tuple[bool | None, bool | None]
    """None where it is not known."""


@dataclass(frozen=True, slots=True)
class Following:
    """A message that follows another one."""

    said: str
    other_kind: bool
    """It goes over to another kind of thing."""


@dataclass(frozen=True, slots=True)
class LessonShop:
    """A made-up shop with all that is said in it."""

    name: str
    texts: tuple[str, ...]
    """What each product is found by, in the order of the catalogue."""
    kinds: tuple[str, ...]
    """The category of each."""
    said: tuple[Said, ...]
    asked: tuple[Asked, ...]


def read_shops(folder: Path) -> tuple[list[LessonShop], list[LessonShop]]:
    """The shops to learn from, and those that are kept out. Raises ValueError where there are not
    enough of them, or where an answer does not stand in its product's text."""
    shops = [_shop(file.parent) for file in sorted(folder.glob("*/products.csv"))]
    if len(shops) <= HELD_OUT // 2:
        raise ValueError(
            f"{folder} has {len(shops)} shops with a products.csv, and it takes {HELD_OUT // 2 + 1}"
        )
    kept = shops[HELD_OUT // 2 :: HELD_OUT]
    return [shop for shop in shops if shop not in kept], kept


def read_acts(folder: Path) -> tuple[list[Act], list[Act]]:
    """What is said in any shop, to learn from, and what is kept out."""
    acts = [Act(line["say"], (line["asks"], None)) for line in _lines(folder / "asks.jsonl")]
    limits = _lines(folder / "limits.jsonl")
    acts += [Act(line["say"], (None, line["price"] == "lifted")) for line in limits]
    kept = acts[HELD_OUT // 2 :: HELD_OUT]
    return [act for act in acts if act not in kept], kept


def read_kinds(folder: Path) -> tuple[list[Following], list[Following]]:
    """Messages to learn from, and those that are kept out. All that follow the same message are on
    one side."""
    lines = list(_lines(folder / "kinds.jsonl"))
    kept = set(sorted({line["before"] for line in lines})[HELD_OUT // 2 :: HELD_OUT])
    told = [(line["before"] in kept, Following(line["say"], not line["same"])) for line in lines]
    return [each for out, each in told if not out], [each for out, each in told if out]


def acts_in(shops: Sequence[LessonShop]) -> list[Act]:
    """What is asked and said in shops: of these messages none takes a limit back."""
    asked = [Act(each.question, (True, False)) for shop in shops for each in shop.asked]
    return [*asked, *(Act(each.said, (False, False)) for shop in shops for each in shop.said)]


def _shop(folder: Path) -> LessonShop:
    found = read_products(folder / "products.csv")
    products = [each.product for each in found if isinstance(each, Numbered)]
    places = {product.id: place for place, product in enumerate(products)}
    said = [_said(each, places) for each in _lines(folder / "messages.jsonl")]
    asked = [
        _asked(each, products[places[each["id"]]]) for each in _lines(folder / "questions.jsonl")
    ]
    texts = tuple(map(searched_text, products))
    kinds = tuple(" > ".join(product.category) for product in products)
    return LessonShop(folder.name, texts, kinds, tuple(said), tuple(asked))


def _said(line: dict[str, Any], places: dict[str, int]) -> Said:
    right = tuple(places[id_] for id_ in line["right"])
    return Said(line["say"], line.get("before", ""), right)


def _asked(line: dict[str, Any], product: Product) -> Asked:
    sentences = sentences_of(product.description)
    clauses = dict.fromkeys(clause for each in sentences for clause in clauses_of(each))
    texts, answer = (*clauses, product.title), line["answer"]
    right = [n for n, text in enumerate(texts) if answer and (answer in text or text in answer)]
    told = " ".join(product.description.split())
    if answer not in told and answer not in product.title:
        raise ValueError(f"{product.id}: the answer {answer!r} does not stand in its text")
    if answer and not right:  # "gym bag and pencil case" is a part of two clauses
        start, end = told.find(answer), told.find(answer) + len(answer)
        places = [(told.find(text), told.find(text) + len(text)) for text in clauses]
        right = [n for n, (own, stop) in enumerate(places) if own < end and start < stop]
    return Asked(line["ask"], texts, tuple(right))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)
