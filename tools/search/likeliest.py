"""Which candidates of a search by words are likeliest meant, of its categories and of others.

Finds the candidates, has their texts read where they were not, and remembers what was judged: a
turn asks whether its category holds, and then searches.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from tools.catalogue.vocabulary import Vocabulary
from tools.errors import SearchIndexError
from tools.index.milvus import ProductIndex
from tools.product import Filters, Product, Query
from tools.rank_fusion import Hit, fuse
from tools.search.learned_rank import (
    Compared,
    FloatArray,
    compare,
    context_of,
    load_weights,
    says_filters_alone,
    scores,
    texts_of,
)
from tools.search.remembered import Remembered
from tools.search.token_store import MOST_PREPARED, TokenStore

if TYPE_CHECKING:
    from tools.embedding.base import Embedder

_DEPTH = 30
"""How far down each list of candidates is read."""
_CANDIDATES, _READ_A_SEARCH = 40, 12
"""Products that are compared with what was said, and those of them whose texts are read for it."""
_PREPARED_AT_ONCE = 8
"""Products whose texts are read at once before they are asked for: a search waits for so many."""


@dataclass(frozen=True, slots=True)
class _Likely:
    scores: Mapping[str, float] = field(default_factory=dict)
    """How likely each candidate is what was meant, the likeliest first."""
    within: frozenset[str] = frozenset()
    """Ids of those within the filters."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What may be likelier than what a search finds, while it is asked for."""

    vectors: Mapping[str, FloatArray]
    """Of each text that is compared, see `Embedder.token_vectors`."""
    near: Future[list[list[Hit]]]
    """What is nearest to the message, and to it with the one before."""
    saying: Future[list[Hit]]
    """What says its words."""
    other_kind: float
    """How likely the message goes over to another kind of thing, see `MessageActs`."""


class Likeliest:
    """Of one catalogue. Blocking; may be used from several threads."""

    def __init__(
        self,
        index: ProductIndex,
        embedder: Embedder,
        pool: ThreadPoolExecutor,
        path: Path | None = None,
    ) -> None:
        """`path` is the file that keeps what is read of texts; None for memory alone."""
        self.path = path
        self.on_compared: Callable[[Compared], None] | None = None
        """Hears what each search by words compares, to learn from it."""
        self._index, self._embedder, self._pool = index, embedder, pool
        self._tokens = TokenStore(embedder, path)
        self._ended = Event()
        self._judged = Remembered[_Likely]()
        self._requests = Remembered[tuple[Future[list[list[Hit]]], Future[list[Hit]]]]()

    def judges(self, words: Vocabulary) -> bool:
        """Whether the embedder compares tokens, as `learned_rank` was learned with, and the
        catalogue has texts to compare with."""
        return bool(self._embedder.compares_tokens and words.worded)

    def prepare(self, words: Vocabulary) -> None:
        """Reads the texts of a catalogue that is not too large."""
        if not self.judges(words) or self._index.count() > MOST_PREPARED:
            return
        for batch in _batches(self._index.all_products(), _PREPARED_AT_ONCE):
            if self._ended.is_set():
                return
            self._tokens.read(batch)

    def end_preparing(self) -> None:
        """Lets `prepare` end before it has read all texts."""
        self._ended.set()

    def begin(self, query: Query, hard: Filters, words: Vocabulary) -> Begun | None:
        """Asks for candidates of all categories, so that they are there when the search has found
        its own; None where nothing is to be judged, as for a message that the filters say whole.
        `hard` are the filters of the search.
        """
        if not (self.judges(words) and query.text.strip() and query.spoken.said):
            return None
        if says_filters_alone(query):
            return None
        texts = texts_of(query)
        said = list(dict.fromkeys(filter(None, (*texts.values(), *query.spoken.shown[:1]))))
        self._embedder.read_ahead(query.text.strip(), said)
        vectors = dict(zip(said, self._embedder.token_vectors(said), strict=True))
        wide = replace(hard, categories=())
        wholes = [vectors[texts["said"]][0]]
        if texts["before"]:
            wholes.append(context_of(texts, vectors))
        requests = self._requests.get(
            words,
            (texts["said"], texts["before"], wide),
            lambda: (
                self._pool.submit(
                    self._index.nearest_of_each, "words", np.stack(wholes), wide, _DEPTH
                ),
                self._pool.submit(self._index.full_text, texts["said"], wide, _DEPTH),
            ),
        )
        acts = self._embedder.acts_in(query.spoken.said) if query.spoken.before else None
        return Begun(vectors, *requests, acts.other_kind if acts else 0.0)

    def ordered(
        self,
        query: Query,
        best: list[str],
        begun: Begun | None,
        words: Vocabulary,
        products: Callable[[Sequence[str]], Mapping[str, Product]],
    ) -> list[str]:
        """The ids of a search, the likeliest first, with others that pass where it names no
        category; the same where nothing is judged. `products` gives those of ids.
        """
        if begun is None:
            return best
        likely = self._judged.get(
            words, _wish_of(query), lambda: self._judge(query, best, begun, words, products)
        )
        open_kind = not query.filters.categories
        first = [id_ for id_ in likely.scores if open_kind or id_ in likely.within]
        return list(dict.fromkeys((*first, *best)))

    def beyond(self, query: Query, words: Vocabulary) -> float:
        """How much likelier the likeliest candidate outside the query's categories is than the
        likeliest within, once it was searched; minus infinity where one of the two is missing."""
        likely = self._judged.get(words, _wish_of(query), _Likely)
        within = [score for id_, score in likely.scores.items() if id_ in likely.within]
        beyond = [score for id_, score in likely.scores.items() if id_ not in likely.within]
        if not (within and beyond):
            return -math.inf
        return max(beyond) - max(within)

    def _judge(
        self,
        query: Query,
        best: list[str],
        begun: Begun,
        words: Vocabulary,
        products: Callable[[Sequence[str]], Mapping[str, Product]],
    ) -> _Likely:
        try:
            lists = [*begun.near.result(), begun.saying.result()]
        except SearchIndexError:
            self._requests.forget()  # the next search asks anew
            raise
        lists.append([Hit(id_, 0.0) for id_ in best[:_DEPTH]])
        numbered = {str(number): each for number, each in enumerate(lists)}
        ids = list(fuse(numbered, dict.fromkeys(numbered, 1.0)))[:_CANDIDATES]
        found = list(products(ids).values())
        codes = self._tokens.known(found)
        new = [product for product in found if product.id not in codes][:_READ_A_SEARCH]
        if new:
            codes |= self._tokens.read(new)
        if not codes:
            return _Likely()
        compared = compare(
            query,
            found,
            codes,
            best[:_DEPTH],
            begun.vectors,
            words.kinds,
            other_kind=begun.other_kind,
        )
        if self.on_compared is not None:
            self.on_compared(compared)
        likely = scores(compared, load_weights())
        return _Likely(dict(sorted(likely.items(), key=lambda pair: -pair[1])), frozenset(best))


def _wish_of(query: Query) -> Hashable:
    return query.text, query.filters, query.spoken


def _batches(products: Iterable[Product], size: int) -> Iterator[list[Product]]:
    left = iter(products)
    while batch := list(islice(left, size)):
        yield batch
