"""Labelled queries over a shop from beginning to end: opened, searched, perhaps reranked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tools.embedding.registry import EmbedderChoice
from tools.evaluate.figures.measurement import Measurement, catalogue_items, measure
from tools.evaluate.inputs.labels import LabelledQuery
from tools.evaluate.progress import SILENT, CountCallback, ProgressCallbacks
from tools.evaluate.runs.open_shop import (
    NOTHING_HIDDEN,
    HiddenFields,
    OpenedShop,
    open_for_evaluation,
)
from tools.evaluate.runs.reranking import (
    LearnedTrust,
    learn_trust,
    rerank_answers,
    with_wrong_first,
)
from tools.evaluate.runs.search_run import SearchRun, check_searchable, run_queries
from tools.workspace import Workspace

if TYPE_CHECKING:
    from tools.rerank.session import RankingMethod
    from tools.rerank.vision_model import VisionModel


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How a shop is searched while it is measured."""

    filters: bool = True
    """Whether the search is told of the filters in the queries."""
    hidden: HiddenFields = NOTHING_HIDDEN
    lists: tuple[str, ...] = ()
    """The lists that take part; all of them when empty."""
    sample: int = 0
    """Queries of each kind at most; 0 for all."""
    keep: Path | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    embedded_by: EmbedderChoice | None = None
    """Another embedder than the workspace's; its vectors are in a copy."""


@dataclass(frozen=True, slots=True)
class RerankOptions:
    """The vision model that reranks what was found, and how."""

    vision: VisionModel
    trust: float
    learn: bool = False
    """Learn the trust instead of taking `trust`."""
    hard: bool = False
    """Also rerank the lists with a wrong product in the first place."""
    timeout_s: float = 30
    method: RankingMethod = "one pass"
    both_orders: bool = False
    reasons: int = 3


@dataclass(frozen=True, slots=True)
class ShopMeasurement:
    """A measurement over a shop, and what its reader must know."""

    measurement: Measurement
    run: SearchRun
    learned: LearnedTrust | None
    hard: Measurement | None
    """The lists with a wrong product first, see `with_wrong_first`; None unless asked for."""
    set_aside: tuple[str, ...]
    """Rows of the catalogue's file that could not be used, as sentences."""


def measure_shop(
    workspace: Workspace,
    catalogue: str | Path,
    queries: Sequence[LabelledQuery],
    title: str,
    *,
    options: SearchOptions = SearchOptions(),
    reranking: RerankOptions | None = None,
    callbacks: ProgressCallbacks = SILENT,
) -> ShopMeasurement:
    """Searches a catalogue for the queries, see `open_for_evaluation` and `run_queries`.

    With a learned trust, the figures of the rerank are those of the queries that it was not
    learned on. Raises RequestError where no list is left to search by.
    """
    queries = sample_per_kind(queries, options.sample)
    with open_as(workspace, catalogue, options, callbacks) as opened:
        return measure_open_shop(
            opened,
            queries,
            title,
            filters=options.filters,
            reranking=reranking,
            counting=callbacks.counting,
        )


def open_as(
    workspace: Workspace,
    catalogue: str | Path,
    options: SearchOptions,
    callbacks: ProgressCallbacks,
) -> AbstractContextManager[OpenedShop]:
    """The catalogue as it is to be searched, see `open_for_evaluation`."""
    return open_for_evaluation(
        workspace,
        catalogue,
        hidden=options.hidden,
        lists=options.lists,
        keep=options.keep,
        mapping=options.mapping,
        embedded_by=options.embedded_by,
        drawn=callbacks.drawn,
        progress=callbacks.ingested,
    )


def measure_open_shop(
    opened: OpenedShop,
    queries: Sequence[LabelledQuery],
    title: str,
    *,
    filters: bool = True,
    reranking: RerankOptions | None = None,
    counting: Callable[[str], CountCallback] = lambda _: lambda *_: None,
) -> ShopMeasurement:
    """The same over a shop that is open already."""
    check_searchable(opened.shop.weights, queries)
    done = run_queries(
        opened.shop,
        queries,
        opened.facts,
        opened.vocabulary,
        filters=filters,
        on_progress=counting("Searching"),
    )
    items, learned, hard = catalogue_items(opened.facts), None, None
    found = measure(title, done.answers, items)
    if reranking is not None:
        rerank_all = partial(
            rerank_answers,
            reranking.vision,
            facts=opened.facts,
            timeout_s=reranking.timeout_s,
            method=reranking.method,
            both_orders=reranking.both_orders,
            reasons=reranking.reasons,
        )
        answers, trust = (
            rerank_all(done.answers, on_progress=counting("Reranking")),
            reranking.trust,
        )
        if reranking.learn:
            learned = learn_trust(answers)
            answers, trust = learned.held_back, learned.trust
        found = measure(title, done.answers, items, reranked=answers, trust=trust)
        if learned is not None:
            learned_on = {"rerank.learned_on": learned.learned_on}
            found = replace(found, figures=found.figures | learned_on)
        if reranking.hard:
            hard_answers = with_wrong_first([each.answer for each in answers])
            again = rerank_all(hard_answers, on_progress=counting("Reranking hard lists"))
            hard = measure(f"{title}: first product wrong", hard_answers, items, reranked=again,
                            trust=trust)  # fmt: skip
    set_aside = tuple(f"line {row.line}: {row.reason}" for row in opened.set_aside)
    return ShopMeasurement(found, done, learned, hard, set_aside)


def sample_per_kind(queries: Sequence[LabelledQuery], most: int) -> list[LabelledQuery]:
    """At most so many queries of each kind, chosen by the hash of their ids; 0 gives all."""
    if not most:
        return list(queries)
    chosen: set[int] = set()
    for kind in dict.fromkeys(query.kind for query in queries):
        places = [place for place, query in enumerate(queries) if query.kind == kind]
        places.sort(key=lambda place: hashlib.sha256(queries[place].qid.encode()).digest())
        chosen.update(places[:most])
    return [query for place, query in enumerate(queries) if place in chosen]
