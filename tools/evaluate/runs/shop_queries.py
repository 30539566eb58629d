"""Labelled queries over a shop from beginning to end: opened, searched, perhaps reranked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tools.evaluate.figures.measurement import Measurement, catalogue_items, measure
from tools.evaluate.inputs.labels import LabelledQuery
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
from tools.evaluate.runs.search_run import CountCallback, SearchRun, check_searchable, run_queries
from tools.workspace import Workspace

if TYPE_CHECKING:
    from tools.ingest import Progress
    from tools.rerank.session import RankingMethod
    from tools.rerank.vision_model import VisionModel
    from tools.workspace import Drawn


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


@dataclass(frozen=True, slots=True)
class RerankOptions:
    """The vision model that looks at what was found."""

    vision: VisionModel
    trust: float
    learn: bool = False
    """Learn the trust instead of taking `trust`."""
    hard: bool = False
    """Look at the lists a second time, with a near neighbour in the first place."""
    timeout_s: float = 30
    way: RankingMethod = "one pass"
    both_orders: bool = False
    reasons: int = 3


@dataclass(frozen=True, slots=True)
class ProgressCallbacks:
    """What is told while it goes on."""

    drawn: Drawn = lambda *_: None
    taken_in: Progress = lambda _: None
    counting: Callable[[str], CountCallback] = lambda _: lambda *_: None


@dataclass(frozen=True, slots=True)
class ShopMeasurement:
    """A measurement over a shop, and what is to be said about it."""

    measure: Measurement
    run_queries: SearchRun
    learned: LearnedTrust | None
    hard: Measurement | None
    """The lists with a near neighbour in the first place, see `with_wrong_first`; None unless asked for."""
    set_aside: tuple[str, ...]
    """Rows of the catalogue's file that could not be used, as sentences."""


def measure_shop(
    home: Workspace,
    catalogue: str | Path,
    queries: Sequence[LabelledQuery],
    title: str,
    *,
    ways: SearchOptions = SearchOptions(),
    reranking: RerankOptions | None = None,
    watch: ProgressCallbacks = ProgressCallbacks(),
) -> ShopMeasurement:
    """Searches a catalogue for the queries, see `open_for_evaluation` and `run_queries`.

    With a learned trust, the figures of the rerank are those of the queries that it was not
    learned on. Raises RequestError where no list is left to search by.
    """
    queries = sample_per_kind(queries, ways.sample)
    with open_as(home, catalogue, ways, watch) as opened:
        return measure_open_shop(
            opened,
            queries,
            title,
            filters=ways.filters,
            reranking=reranking,
            counting=watch.counting,
        )


def open_as(
    home: Workspace, catalogue: str | Path, ways: SearchOptions, watch: ProgressCallbacks
) -> AbstractContextManager[OpenedShop]:
    """The catalogue as it is to be searched, see `open_for_evaluation`."""
    return open_for_evaluation(
        home,
        catalogue,
        hidden=ways.hidden,
        lists=ways.lists,
        keep=ways.keep,
        mapping=ways.mapping,
        drawn=watch.drawn,
        progress=watch.taken_in,
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
    """The same over a shop that is open."""
    check_searchable(opened.shop.weights, queries)
    done = run_queries(
        opened.shop,
        queries,
        opened.facts,
        opened.vocabulary,
        filters=filters,
        tell=counting("Searching"),
    )
    things, learned, hard = catalogue_items(opened.facts), None, None
    found = measure(title, done.answers, things)
    if reranking is not None:
        look = partial(
            rerank_answers,
            reranking.vision,
            facts=opened.facts,
            timeout_s=reranking.timeout_s,
            way=reranking.way,
            both_orders=reranking.both_orders,
            reasons=reranking.reasons,
        )
        looked, trust = look(done.answers, tell=counting("Reranking")), reranking.trust
        if reranking.learn:
            learned = learn_trust(looked)
            looked, trust = learned.held_back, learned.trust
        found = measure(title, done.answers, things, looked=looked, trust=trust)
        if learned is not None:
            told = {"rerank.learned_on": learned.learned_on}
            found = replace(found, figures=found.figures | told)
        if reranking.hard:
            answers = with_wrong_first([each.answer for each in looked])
            again = look(answers, tell=counting("Reranking hard lists"))
            hard = measure(f"{title}: first product wrong", answers, things, looked=again,
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
