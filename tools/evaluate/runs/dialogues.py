"""Labelled dialogues: how their turns came out, in figures.

Each turn counts by itself: the products that fit, the price limit in force, and for generated
dialogues also which constraints should hold. The assistant's words are not measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tools.evaluate.figures.measurement import Measurement, ReportItem
from tools.evaluate.figures.summary import Figures, figures, percentile
from tools.evaluate.inputs.constraints import violates
from tools.evaluate.inputs.labels import (
    NO_LIMIT,
    SHOWN,
    Answer,
    Dialogue,
    DialogueTurn,
    LabelledQuery,
)
from tools.evaluate.progress import CountCallback
from tools.product import Filters, Product
from tools.search.searchable_shop import SearchableShop


@dataclass(frozen=True, slots=True)
class TurnOutcome:
    """How one turn came out."""

    shown: tuple[Product, ...] = ()
    """The newest list of the turn in its final order; () where none was shown."""
    also: tuple[Product, ...] = ()
    """Products of lists that the turn showed before that one."""
    filters: Filters | None = None
    """The constraints of the newest search of the thread; None before the first."""
    said: str = ""
    seconds: float = 0.0


class DialogueRunner(Protocol):
    """Holds dialogues with a shop's assistant, each in a thread of its own."""

    def __call__(
        self, shop: SearchableShop, dialogues: Sequence[Dialogue], *, on_progress: CountCallback
    ) -> list[list[TurnOutcome]]:
        """What came of every turn, in the order of the dialogues and their turns."""


@dataclass(frozen=True, slots=True)
class JudgedTurn:
    """A turn, its outcome, and whether that is right."""

    did: str
    place: int
    """In its dialogue, from 1."""
    turn: DialogueTurn
    outcome: TurnOutcome
    over: tuple[str, ...]
    """Ids of shown products that are over the limit in force."""
    success: bool | None
    """Whether the first shown product fits and none is over the limit; None without any that
    fits."""
    constraints: bool | None
    """Whether exactly the right constraints were in force; None where they are not known."""

    @property
    def wrong(self) -> bool:
        """Whether anything is as it should not be."""
        return self.success is False or self.constraints is False or bool(self.over)


def judge_turns(
    dialogues: Sequence[Dialogue],
    outcomes: Sequence[Sequence[TurnOutcome]],
    facts: Mapping[str, Product],
) -> list[JudgedTurn]:
    """Every turn, judged by the products' own facts, not by the index."""
    return [
        _judged(dialogue.did, place, turn, came, facts)
        for dialogue, answers in zip(dialogues, outcomes, strict=True)
        for place, (turn, came) in enumerate(zip(dialogue.turns, answers, strict=True), start=1)
    ]


def _judged(
    did: str, place: int, turn: DialogueTurn, outcome: TurnOutcome, facts: Mapping[str, Product]
) -> JudgedTurn:
    every = {product.id: product for product in (*outcome.shown, *outcome.also)}
    over = tuple(i for i, product in every.items() if violates(facts.get(i, product), turn.limit))
    success = None
    if turn.relevant:
        success = bool(outcome.shown) and outcome.shown[0].id in turn.relevant and not over
    constraints = None
    if turn.wanted is not None:
        constraints = outcome.filters is not None and _same(outcome.filters, turn.wanted, facts)
    return JudgedTurn(did, place, turn, outcome, over, success, constraints)


def _same(given: Filters, wanted: Filters, facts: Mapping[str, Product]) -> bool:
    """Whether two sets of constraints let the same products of this shop pass, each field by
    itself: "Women's Dresses" may be said by one name of the catalogue or by two."""
    if given.exclude_words or given.max_price != wanted.max_price:
        return False
    if given.min_price != wanted.min_price or given.min_rating != wanted.min_rating:
        return False
    alone = (
        (Filters(categories=given.categories), Filters(categories=wanted.categories)),
        (Filters(colors=given.colors), Filters(colors=wanted.colors)),
        (Filters(brands=given.brands), Filters(brands=wanted.brands)),
    )
    return all(
        bool(_names(one)) == bool(_names(other))
        and all(violates(p, one) == violates(p, other) for p in facts.values())
        for one, other in alone
    )


def _names(filters: Filters) -> tuple[str, ...]:
    return filters.categories + filters.colors + filters.brands


def dialogue_figures(judged: Sequence[JudgedTurn]) -> Figures:
    """`turn_success` and `constraints_right` are shares of the turns that can be judged by them,
    `violations` counts shown products over the limit in force, `recall@9` is as for queries."""
    found: Figures = {
        "dialogues": len({each.did for each in judged}),
        "turns": len(judged),
        "turn_success": _share(each.success for each in judged),
        "constraints_right": _share(each.constraints for each in judged),
        "violations": sum(len(each.over) for each in judged),
        f"recall@{SHOWN}": figures([_answer(each) for each in judged])[f"recall@{SHOWN}"],
    }
    times = [each.outcome.seconds * 1000 for each in judged]
    if times:
        found |= {f"latency.turn.p{p}": percentile(times, p) for p in (50, 95)}
    return found


def measured_dialogues(
    title: str, judged: Sequence[JudgedTurn], item: Callable[[str], ReportItem]
) -> Measurement:
    """The figures over all turns, and those by the place of a turn in its dialogue."""
    places = sorted({each.place for each in judged})
    kinds = {
        f"turn {place}": dialogue_figures([each for each in judged if each.place == place])
        for place in places
    }
    answers = tuple(map(_answer, judged))
    return Measurement(title, answers, item, dialogue_figures(judged), kinds)


def _answer(judged: JudgedTurn) -> Answer:
    """The turn as a labelled query, for the report's pictures of the worst."""
    turn = judged.turn
    query = LabelledQuery(
        qid=f"{judged.did}, turn {judged.place}",
        kind=f"turn {judged.place}",
        text=turn.user,
        grades=dict.fromkeys(turn.relevant, 1.0),
        relevant=turn.relevant,
    )
    return Answer(
        query=query,
        ids=tuple(product.id for product in judged.outcome.shown[:SHOWN]),
        broken=frozenset(judged.over),
        constrained=turn.limit != NO_LIMIT,
        timings_ms={"turn": judged.outcome.seconds * 1000},
    )


def _share(values: Iterable[bool | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
