"""What a rerank adds to a search, and how far the model's order is to be trusted.

Each list is ranked once; every trust is then tried on the recorded orders. As in the chat, only
searches from a picture are reranked.
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
from tools.evaluate.figures.rerank_figures import RerankedAnswer
from tools.evaluate.figures.summary import MEASURES
from tools.evaluate.inputs.labels import SHOWN, Answer, LabelledQuery
from tools.media.images import open_product_picture
from tools.product import Product
from tools.rerank.captions import CaptionCache
from tools.rerank.rerank import rerank
from tools.rerank.session import FAILURES, RankingMethod
from tools.rerank.vision_model import VisionModel

if TYPE_CHECKING:
    from PIL.Image import Image

    from tools.evaluate.progress import CountCallback

GRID = tuple(step / 10 for step in range(11))
"""The trusts that are tried."""
MIN_HALF = 20
"""Queries in each half, at least, to learn a trust from."""
_CAPTION_SHARE = 0.5
"""Of the time, at most, as in the chat."""
_GAIN = f"ndcg@{SHOWN}"


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
    method: RankingMethod = "one pass",
    both_orders: bool = False,
    reasons: int = 3,
    on_progress: CountCallback = lambda *_: None,
) -> tuple[RerankedAnswer, ...]:
    """Reranks each list of a search from a picture, as the chat does, see `rerank`.

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
    captions, reranked = CaptionCache(vision, timeout_s=timeout_s), []
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
            method=method,
            both_orders=both_orders,
            reasons=reasons,
        )
        seconds = perf_counter() - start
        reranked.append(RerankedAnswer(answer, result.model_order, result.outcome, seconds))
        on_progress(done, len(leaning))
    return tuple(reranked)


def _picture(query: LabelledQuery, facts: Mapping[str, Product]) -> Image:
    """What the search started from."""
    if query.photo is not None:
        return query.photo()
    return open_product_picture(Path(facts[query.reference].image))


def _caption(captions: CaptionCache, picture: Image, timeout_s: float) -> str:
    key = hashlib.sha256(picture.tobytes()).hexdigest()
    try:
        return captions.get(key, lambda: picture, timeout_s)
    except FAILURES:
        return ""


def with_wrong_first(answers: Sequence[Answer]) -> list[Answer]:
    """The answers with a wrong product in the first place, so that a rerank can improve each.

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


def learn_trust(reranked: Sequence[RerankedAnswer]) -> LearnedTrust:
    """The trust that is best by nDCG on one half of the queries, if it holds on the other.

    Halves go by the hash of the query's id. Of equal trusts the smallest is taken. It is 0 unless
    the lower end of the interval of the lift on the other half is at least 0. Raises RequestError
    for fewer than MIN_HALF labelled queries in a half.
    """
    labelled = [each for each in reranked if each.answer.query.relevant]
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


def _gains(reranked: Sequence[RerankedAnswer], trust: float) -> list[float]:
    measure = MEASURES[_GAIN]
    return [measure(each.ids(trust), each.answer.query) for each in reranked]


def _worth(reranked: Sequence[RerankedAnswer], trust: float) -> float:
    gains = _gains(reranked, trust)
    return sum(gains) / len(gains)
