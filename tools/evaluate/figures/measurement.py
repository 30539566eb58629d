"""One measurement: its answers, its figures, and what a report shows of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.evaluate.figures.rerank_figures import RerankedAnswer, rerank_figures
from tools.evaluate.figures.summary import Figures, by_kind, figures
from tools.evaluate.inputs.labels import Answer
from tools.media.images import open_product_picture
from tools.product import Product

if TYPE_CHECKING:
    from PIL.Image import Image

_ROUNDED = 6


@dataclass(frozen=True, slots=True)
class ReportItem:
    """A product or picture that a search can find, as a report shows it."""

    title: str
    picture: Callable[[], Image] | None = None
    """Raises PhotoError or OSError."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One set of queries with its answers and figures."""

    title: str
    answers: tuple[Answer, ...]
    item: Callable[[str], ReportItem]
    """What an id stands for in a report."""
    figures: Figures
    kinds: Mapping[str, Figures]
    """The figures by kind of query."""
    reranked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By a query's id, what is shown after the rerank; only for those that were reranked."""

    def as_json(self) -> dict[str, Any]:
        """All figures by their names, those by kind under `by_kind`."""
        kinds = {kind: _rounded(found) for kind, found in self.kinds.items()}
        return {**_rounded(self.figures), "by_kind": kinds}


def measure(
    title: str,
    answers: Sequence[Answer],
    item: Callable[[str], ReportItem],
    *,
    reranked: Sequence[RerankedAnswer] = (),
    trust: float = 0.0,
    own: Figures | None = None,
) -> Measurement:
    """The measurement of these answers, and of their rerank at this trust.

    `own` are figures of another kind that take the place of these.
    """
    if own is not None:
        return Measurement(title, tuple(answers), item, own, {})
    kinds = {}
    for kind, some in by_kind(answers).items():
        of_kind = [each for each in reranked if each.answer.query.kind == kind]
        kinds[kind] = figures(some) | (rerank_figures(of_kind, trust) if of_kind else {})
    found = figures(answers) | (rerank_figures(reranked, trust) if reranked else {})
    shown = {each.answer.query.qid: each.ids(trust) for each in reranked}
    return Measurement(title, tuple(answers), item, found, kinds, shown)


def catalogue_items(products: Mapping[str, Product]) -> Callable[[str], ReportItem]:
    """What the ids of a catalogue stand for."""

    def item(identity: str) -> ReportItem:
        product = products.get(identity)
        if product is None:
            return ReportItem(f"{identity} (not in the catalogue)")
        path = Path(product.image)
        return ReportItem(product.title, lambda: open_product_picture(path))

    return item


def _rounded(found: Figures) -> dict[str, float | int | None]:
    return {
        name: round(value, _ROUNDED) if isinstance(value, float) else value
        for name, value in found.items()
    }
