"""Labelled queries and dialogues, and what a search gave for a query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from tools.product import Filters, Match

if TYPE_CHECKING:
    from PIL.Image import Image

SHOWN = 9
"""Results that count, as many as a shopper sees."""


@dataclass(frozen=True, slots=True)
class StatedConstraints:
    """The constraints of a query as it was labelled: prices in major units, names as written."""

    min_price: Decimal | None = None
    max_price: Decimal | None = None
    categories: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    min_rating: float | None = None


@dataclass(frozen=True, slots=True)
class LabelledQuery:
    """What is searched for, and which products fit."""

    qid: str
    kind: str
    """What figures are grouped by: "words", "photo", "photo+words", "reference+words", ..."""
    text: str = ""
    photo: Callable[[], Image] | None = None
    """Opens the picture searched from. Raises PhotoError or OSError."""
    reference: str = ""
    """Id of the product that is searched from and left out of its own results; "" for none. Its
    picture is taken where there is no `photo`."""
    stated: StatedConstraints = field(default_factory=StatedConstraints)
    grades: Mapping[str, float] = field(default_factory=dict)
    """How well products fit, above 0, for nDCG; a product without a grade does not fit."""
    relevant: frozenset[str] = frozenset()
    """The products that count as found, for recall, MRR and MAP."""
    exclude: tuple[str, ...] = ()
    """Products left out of the results."""
    violations: frozenset[str] = frozenset()
    """Products known to break a constraint, besides what `stated` says."""
    hard_negatives: frozenset[str] = frozenset()
    """Products that nearly fit."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was shown for a query."""

    query: LabelledQuery
    ids: tuple[str, ...]
    """Best first, at most SHOWN."""
    broken: frozenset[str] = frozenset()
    """Those of `ids` that break a constraint of the query."""
    constrained: bool = False
    """Whether the query states a constraint at all."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    matches: tuple[Match, ...] = ()
    """The same as `ids`, as the shop gave them; () where no shop was asked."""


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A query that was left out, and why, as a sentence that says what to do."""

    where: str
    reason: str


NO_LIMIT = Filters()


@dataclass(frozen=True, slots=True)
class DialogueTurn:
    """What a shopper says, and what is then right."""

    user: str
    relevant: frozenset[str] = frozenset()
    """The products that fit; the turn has no success to measure where there are none."""
    limit: Filters = NO_LIMIT
    """Every constraint in force that can be broken by a product: for a turn of a file its price
    limit alone."""
    wanted: Filters | None = None
    """The constraints that should be in force, in the catalogue's names; None for not known."""
    photo: Path | None = None


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Turns of one thread, in their order."""

    did: str
    turns: tuple[DialogueTurn, ...]


def query_kind(text: str, photo: object, reference: str) -> str:
    """The group of a query that names none: by what it has."""
    start = "reference" if reference else "photo" if photo else ""
    return f"{start}+words" if start and text else start or "words"
