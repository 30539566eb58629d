"""What a vision model's look adds to a search, and how far its order is to be trusted.

Each list is looked at once; every trust is then tried on the recorded orders. As in the chat,
only searches from a picture are looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from tools.errors import RequestError
from tools.evaluate.figures.bootstrap import mean_interval
from tools.evaluate.figures.summary import MEASURES, Figures, percentile
from tools.evaluate.inputs.labels import SHOWN, Answer, LabelledQuery
from tools.media.images import open_product_picture
from tools.product import Product
from tools.rerank.captions import CaptionCache
from tools.rerank.rerank import fused_order, rerank
from tools.rerank.session import FAILURES, RankingMethod
from tools.rerank.vision_model import VisionModel

if TYPE_CHECKING:
    from PIL.Image import Image

    from tools.evaluate.runs.search_run import CountCallback

GRID = tuple(step / 10 for step in range(11))
"""The trusts that are tried."""
MIN_HALF = 20
"""Queries in each half, at least, to learn a trust from."""
_CAPTION_SHARE = 0.5
"""Of the time, at most, as in the chat."""
_GAIN = f"ndcg@{SHOWN}"


@dataclass(frozen=True, slots=True)
class RerankedAnswer:
    """An answer whose list a vision model looked at."""

    answer: Answer
    model_order: tuple[int, ...]
    """The model's own order of `answer.ids`, as places from 0; theirs where it gave none."""
    outcome: str
    """"complete", "repaired" or "fell back"."""
    seconds: float
    """Of the whole look, with caption and reasons."""

    def ids(self, trust: float) -> tuple[str, ...]:
        """What is shown when the model is trusted this far."""
        order = fused_order(self.model_order, trust) if trust else range(len(self.answer.ids))
        return tuple(self.answer.ids[place] for place in order)


@dataclass(frozen=True, slots=True)
class LearnedTrust:
    """A trust, and what it was worth where it was not learned."""

    trust: float
    learned_on: int
    """Queries."""
    held_back: tuple[RerankedAnswer, ...]
    """Those that it is measured on."""
    tried: Mapping[float, float]
    """nDCG by trust, on the half that it was learned on."""


def rerank_answers(
    vision: VisionModel,
    answers: Sequence[Answer],
    facts: Mapping[str, Product],
    *,
    timeout_s: float = 30,
    way: RankingMethod = "one pass",
    both_orders: bool = False,
    reasons: int = 3,
    tell: CountCallback = lambda *_: None,
) -> tuple[RerankedAnswer, ...]:
    """A look at each list of a search from a picture, as the chat looks, see `rerank`.

    Raises RequestError where there is no such list.
    """
    leaning = [
        answer
        for answer in answers
        if (answer.query.photo or answer.query.reference) and len(answer.matches) > 1
    ]
    if not leaning:
        raise RequestError(
            "No query here searches from a picture and finds several products, so there is "
            "nothing to rerank. Give rows with `photo` or `reference_id`, or leave out --rerank."
        )
    captions, looked = CaptionCache(vision, timeout_s=timeout_s), []
    for done, answer in enumerate(leaning, start=1):
        picture = _picture(answer.query, facts)
        start = perf_counter()
        caption = _caption(captions, picture, timeout_s * _CAPTION_SHARE)
        result = rerank(
            vision,
            picture,
            caption,
            answer.matches,
            answer.query.text,
            trust=1,  # its own order; what it counts for is tried afterwards
            timeout_s=max(timeout_s - (perf_counter() - start), 0.0),
            way=way,
            both_orders=both_orders,
            reasons=reasons,
        )
        seconds = perf_counter() - start
        looked.append(RerankedAnswer(answer, result.model_order, result.outcome, seconds))
        tell(done, len(leaning))
    return tuple(looked)


def _picture(query: LabelledQuery, facts: Mapping[str, Product]) -> Image:
    """What the search started from."""
    if query.photo is not None:
        return query.photo()
    return open_product_picture(Path(facts[query.reference].image))


def _caption(captions: CaptionCache, picture: Image, timeout_s: float) -> str:
    key = hashlib.sha256(picture.tobytes()).hexdigest()
    try:
        return captions.wait(key, lambda: picture, timeout_s)
    except FAILURES:
        return ""


def with_wrong_first(answers: Sequence[Answer]) -> list[Answer]:
    """The answers with a near neighbour in the first place, where a look has something to mend.

    Where the first product is relevant, it changes places with one that is not, chosen by the hash
    of the query's id. Answers of relevant products alone are left out; others stay as they are.
    """
    hard = []
    for answer in answers:
        relevant = answer.query.relevant
        wrong = [place for place, name in enumerate(answer.ids) if name not in relevant]
        if not relevant or not wrong:
            continue
        order = list(range(len(answer.ids)))
        if answer.ids[0] in relevant:
            other = wrong[_digest(answer.query.qid) % len(wrong)]
            order[0], order[other] = other, 0
        matches = tuple(answer.matches[place] for place in order) if answer.matches else ()
        ids = tuple(answer.ids[place] for place in order)
        hard.append(replace(answer, ids=ids, matches=matches))
    return hard


def rerank_figures(looked: Sequence[RerankedAnswer], trust: float) -> Figures:
    """Figures of the lists as they are shown at this trust, and the lift over the search's order.

    `rerank.lift.NAME` is the mean difference by query, `.low` and `.high` its 95 % interval;
    `rerank.model.NAME` the model's order alone; `rerank.wrong_first` is about the queries whose
    first product the search had wrong.
    """
    found: Figures = {"rerank.n": len(looked), "rerank.trust": trust}
    labelled = [each for each in looked if each.answer.query.relevant]
    for name, measure in MEASURES.items():
        if not labelled:
            break
        after = [measure(each.ids(trust), each.answer.query) for each in labelled]
        before = [measure(each.answer.ids, each.answer.query) for each in labelled]
        alone = [measure(each.ids(1), each.answer.query) for each in labelled]
        lift = mean_interval([new - old for new, old in zip(after, before, strict=True)])
        found[f"rerank.{name}"] = sum(after) / len(after)
        found[f"rerank.model.{name}"] = sum(alone) / len(alone)
        found[f"rerank.lift.{name}"] = lift.mean
        found[f"rerank.lift.{name}.low"] = lift.low
        found[f"rerank.lift.{name}.high"] = lift.high
    wrong = [each for each in labelled if not each.answer.query.relevant & {*each.answer.ids[:1]}]
    found["rerank.wrong_first.n"] = len(wrong)
    if wrong:
        first = [MEASURES["recall@1"](each.ids(trust), each.answer.query) for each in wrong]
        found["rerank.wrong_first.recall@1"] = sum(first) / len(first)
    if looked:
        for outcome in ("complete", "repaired", "fell back"):
            share = sum(each.outcome == outcome for each in looked) / len(looked)
            found[f"rerank.{outcome.replace(' ', '_')}"] = share
        seconds = [each.seconds for each in looked]
        found["rerank.seconds.p50"] = percentile(seconds, 50)
        found["rerank.seconds.p95"] = percentile(seconds, 95)
    return found


def learn_trust(looked: Sequence[RerankedAnswer]) -> LearnedTrust:
    """The trust that is best by nDCG on one half of the queries, if it holds on the other.

    Halves go by the hash of the query's id. Of equal trusts the smallest is taken. It is 0 unless
    the lower end of the interval of the lift on the other half is at least 0. Raises RequestError
    for fewer than MIN_HALF labelled queries in a half.
    """
    labelled = [each for each in looked if each.answer.query.relevant]
    learn = [each for each in labelled if _first_half(each.answer.query.qid)]
    held_back = tuple(each for each in labelled if not _first_half(each.answer.query.qid))
    if min(len(learn), len(held_back)) < MIN_HALF:
        raise RequestError(
            f"A trust is learned from at least {MIN_HALF} queries and tried on as many others; "
            f"here are {len(learn)} and {len(held_back)}. Label more queries."
        )
    tried = {trust: _worth(learn, trust) for trust in GRID}
    best = max(GRID, key=lambda trust: (round(tried[trust], 12), -trust))
    before, after = _gains(held_back, 0), _gains(held_back, best)
    lift = mean_interval([new - old for new, old in zip(after, before, strict=True)])
    return LearnedTrust(best if lift.low >= 0 else 0.0, len(learn), held_back, tried)


def _first_half(qid: str) -> bool:
    # Not by the beginning of the hash: a sample of the queries has those of small hashes.
    return _digest(qid, 8) < 128


def _digest(qid: str, place: int = 0) -> int:
    """0 to 255, the same in every run; independent for another place of the hash, up to 31."""
    return hashlib.sha256(qid.encode("utf-8", "replace")).digest()[place]


def _gains(looked: Sequence[RerankedAnswer], trust: float) -> list[float]:
    measure = MEASURES[_GAIN]
    return [measure(each.ids(trust), each.answer.query) for each in looked]


def _worth(looked: Sequence[RerankedAnswer], trust: float) -> float:
    gains = _gains(looked, trust)
    return sum(gains) / len(gains)
