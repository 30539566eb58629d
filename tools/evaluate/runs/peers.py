"""A catalogue's own queries by the search, and by what needs no model.

A shop sees at once whether the models earn their keep.

Words are also searched by full text alone, and against the pictures alone as if the shop had no
texts; photos also by a color histogram. All stand in one table, by the kind of query and the peer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tools.errors import PhotoError
from tools.evaluate.inputs.catalogue_queries import COLOR, KIND
from tools.evaluate.inputs.labels import Answer, LabelledQuery
from tools.evaluate.progress import CountCallback
from tools.evaluate.runs.color_histogram import histogram, histograms, intersection
from tools.evaluate.runs.open_shop import OpenedShop
from tools.evaluate.runs.search_run import SearchRun, run_queries
from tools.evaluate.runs.vector_gallery import ranked_ids
from tools.media.images import open_product_picture

FULL_TEXT, PICTURES, HISTOGRAM = "full text alone", "pictures alone", "color histogram alone"


def run_with_peers(
    opened: OpenedShop,
    queries: Sequence[LabelledQuery],
    counting: Callable[[str], CountCallback],
) -> SearchRun:
    """The answers of the search, then those of each peer, whose queries are of a kind of their own:
    "photo, color histogram alone".
    """
    whole = _searched(opened, queries, (), counting("Searching"))
    # A shop of pictures alone has no text to search.
    words = [query for query in queries if query.text and opened.vocabulary.worded]
    depicted = [query for query in words if query.kind in (KIND, COLOR)]
    answers = [
        *whole.answers,
        *_named(FULL_TEXT, _searched(opened, words, ("bm25",), counting("Full text")).answers),
        *_named(PICTURES, _searched(opened, depicted, ("picture",), counting("Pictures")).answers),
        *_named(HISTOGRAM, _by_color(opened, [query for query in queries if query.photo])),
    ]
    return replace(whole, answers=tuple(answers))


def _searched(
    opened: OpenedShop,
    queries: Sequence[LabelledQuery],
    lists: tuple[str, ...],
    on_progress: CountCallback,
) -> SearchRun:
    shop = opened.shop
    if lists:
        shop = shop.weighted(dict.fromkeys(shop.weights, dict.fromkeys(lists, 1.0)))
    return run_queries(shop, queries, opened.facts, opened.vocabulary, on_progress=on_progress)


def _by_color(opened: OpenedShop, queries: Sequence[LabelledQuery]) -> list[Answer]:
    """By the share of pixels that two histograms have in common."""
    ids, pictures = [], []
    for product in opened.facts.values():
        if not product.image:
            continue
        try:
            pictures.append(histogram(open_product_picture(Path(product.image))))
        except (PhotoError, OSError):
            continue  # one that cannot be opened is found by no photo
        ids.append(product.id)
    if not queries or not ids:
        return []
    gallery = np.stack(pictures)
    asked = histograms([query.photo() for query in queries if query.photo])
    return [
        Answer(query, ranked_ids(ids, scores))
        for query, scores in zip(queries, intersection(asked, gallery), strict=True)
    ]


def _named(peer: str, answers: Iterable[Answer]) -> list[Answer]:
    return [
        replace(
            answer,
            query=replace(
                answer.query,
                qid=f"{answer.query.qid}, {peer}",
                kind=f"{answer.query.kind}, {peer}",
            ),
        )
        for answer in answers
    ]
