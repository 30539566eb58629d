"""A shop: one catalogue, the model that sees it, and searching in it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, assert_never

from tools.catalogue.facts import searched_text
from tools.catalogue.registry import Entry, Registry
from tools.catalogue.vocabulary import Vocabulary
from tools.embedding.base import Item
from tools.errors import PhotoError, RequestError
from tools.index.milvus import ProductIndex, priced
from tools.index.schema import VECTORS
from tools.media.images import open_product_picture
from tools.product import Filters, Match, Product, Query, SearchResult, SortOrder
from tools.rank_fusion import fuse
from tools.search.fitting import narrows, shown_as
from tools.search.likeliest import Likeliest
from tools.search.list_weights import BALANCED, Weights
from tools.search.quantities import quantities_in, unmet
from tools.search.ranked_products import RankedProducts, codes_in
from tools.search.remembered import Remembered
from tools.search.searchable_shop import Elsewhere
from tools.search.variant_owners import VariantOwners
from tools.search.wish_rank import DEEP, by_wish, how_much_kind, kind_wanted
from tools.search.wish_words import single_words, with_newer
from tools.text import singular

if TYPE_CHECKING:
    from PIL.Image import Image

    from tools.embedding.base import Embedder, FloatArray, MessageActs
    from tools.embedding.meaning import WordFinder
    from tools.index.milvus import Priced
    from tools.rank_fusion import Hit

MAX_LIMIT = 100
_UNWANTED_SHARE = 0.5
"""How much of an unwanted picture is taken from a query; a whole one would turn it around."""
_SORTED_DEPTH = 18
"""Of a picture's results that a sort takes: two lists of nine."""
_DEPTH = 50
"""How far down each list is read before they are fused."""
_STRANGE = 0.3
"""A share of the words: where titles say more of them, the shop has what they name."""
_DEEPER = 4
"""How many times further it is read where too few of them pass an exact check."""
_DEEPEST = 4000
"""Milvus gives at most 16,384 results."""
PARTIAL = 2.0
"""Power of the share of the words that a product says, see `_said`."""
_SAYING = 20
"""How far down full text is read for a product that says all words."""
_FORESEEN = 50
"""Products that a search is asked for at most, with those that a vision model looks at."""
_MOST_KINDS = 300
"""Categories that are chosen from, the commonest: some 200 are read in a second, once."""


@dataclass(frozen=True, slots=True)
class _QueryPicture:
    """The picture that a query starts from, and the product whose picture it is."""

    photo: Image | None
    product: Product | None = None
    """The one that was pointed at."""

    @property
    def exclude(self) -> tuple[str, ...]:
        return () if self.product is None else (self.product.id,)


class _Kinds:
    """Chooses among a catalogue's categories; made anew when an ingest changed them."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._made: tuple[tuple[str, ...], WordFinder | None] | None = None
        self._lock = Lock()

    def finder(self, names: tuple[str, ...]) -> WordFinder | None:
        with self._lock:
            if self._made is None or self._made[0] != names:
                self._made = names, self._embedder.word_finder(names[:_MOST_KINDS])
            return self._made[1]


class Shop:
    """Searches one catalogue. All methods block; all may be called from several threads."""

    def __init__(
        self,
        entry: Entry,
        registry: Registry,
        index: ProductIndex,
        embedder: Embedder,
        weights: Weights = BALANCED,
        tokens: Path | None = None,
    ) -> None:
        """`tokens` is the file that keeps what is read of texts; None for memory alone."""
        self._entry = entry
        self._registry = registry
        self._index = index
        self._embedder = embedder
        self._weights = _usable(weights, embedder)
        self._kinds = _Kinds(embedder)
        self._meant, self._elsewhere = Remembered[str](), Remembered[Elsewhere]()
        self._found, self._count = Remembered[SearchResult](), Remembered[int]()
        self._owners = VariantOwners(index.count, index.all_products)
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="retrieve")
        self.likeliest = Likeliest(index, embedder, self._pool, tokens)
        index.check(embedder.fingerprint)

    @property
    def name(self) -> str:
        """The catalogue's name."""
        return self._entry.name

    @property
    def weights(self) -> Weights:
        """How much each list of a search counts; a kind of search that is missing cannot be run."""
        return self._weights

    def weighted(self, weights: Weights) -> Shop:
        """The same catalogue searched with other weights of the lists."""
        tokens = self.likeliest.path
        return Shop(self._entry, self._registry, self._index, self._embedder, weights, tokens)

    @property
    def vocabulary(self) -> Vocabulary:
        """The catalogue's own words, as of its last ingest."""
        return self._registry.get(self.name).vocabulary

    def prepare(self) -> None:
        """Makes what the first searches would wait for: the index that the embedded Milvus makes of
        full text at its first search, what the names of the categories mean, and, of a catalogue
        that is not too large, the tokens of its products' texts."""
        self._search(Query(next(iter(self.vocabulary.last_names), self.name)), 1)
        self._kinds.finder(tuple(self.vocabulary.last_names))
        self.likeliest.prepare(self.vocabulary)

    def count(self) -> int:
        """How many products the catalogue has had since its last ingest."""
        return self._count.get(self.vocabulary, "all", self._index.count)

    def product(self, identity: str) -> Product | None:
        """The product of that id, or None if the catalogue does not have it (any more)."""
        whole = identity.encode("utf-8", "ignore").decode()
        return self._index.products([whole]).get(identity)

    def products(self, identities: Sequence[str]) -> dict[str, Product]:
        """Those of these ids that the catalogue still has: what is missing is gone."""
        whole = [each.encode("utf-8", "ignore").decode() for each in identities]
        return self._index.products(whole)

    def product_with_variant(self, variant_id: str) -> Product | None:
        """The product that has a variant of this id; None where none has, see `VariantOwners`."""
        product = self.product(self._owners.owner(variant_id))
        known = product is not None and any(v.id == variant_id for v in product.variants)
        return product if known else None

    def named(self, names: Sequence[str]) -> Product | None:
        """The product that a page of the shop names: by its id, else by a code of its own or of a
        variant, such as a SKU. None where no product has one, or several have.
        """
        found = self.products(names)
        if not found:
            codes = self._index.with_codes(names, Filters()) if self.vocabulary.coded else []
            found = self.products(codes) if len(codes) == 1 else {}
        return next((found[name] for name in (*names, *found) if name in found), None)

    def kind_meant(self, said: str) -> str:
        """The category of the catalogue that words mean which no product says: "runners" are its
        Sneakers. "" where a product says them all, where no category is near enough, and where the
        embedder does not choose among words.
        """
        said = " ".join(single_words(said))
        return self._meant.get(self.vocabulary, said, lambda: self._kind_meant(said))

    def _kind_meant(self, said: str) -> str:
        finder = self._kinds.finder(tuple(self.vocabulary.last_names))
        if not said or finder is None:
            return ""
        titled = self.vocabulary.words
        strange = [w for w in said.split() if w.isalpha() and len(w) > 2]
        strange = [w for w in strange if w not in titled and singular(w) not in titled]
        if titled and len(strange) < max(_STRANGE * len(said.split()), 1):
            # Titles say the most of them: the shop has what they name.
            return ""
        if any(hit.share == 1 for hit in self._index.full_text(said, Filters(), _SAYING)):
            return ""
        meant = finder.meant(" ".join(strange) if titled else said)
        return "" if meant is None else meant.word

    def says_elsewhere(self, said: str, within: Filters, wider: Filters) -> Elsewhere:
        """How much better the best product that passes `wider` fits the words than the best one
        within `within`: what is sought may be another thing than before. Words that are not wanted
        are not looked at.
        """
        said = " ".join(single_words(said))
        if not said or "words" not in self.weights.get("words", ()):
            return Elsewhere()
        asked = said, within, wider
        return self._elsewhere.get(self.vocabulary, asked, lambda: self._says_elsewhere(*asked))

    def _says_elsewhere(self, said: str, within: Filters, wider: Filters) -> Elsewhere:
        vector = self._embedder.embed([Item(said, None)], "words")[0]
        stored = [self._as_stored(filters) for filters in (wider, within)]
        saying = [self._pool.submit(self._index.full_text, said, f, _SAYING) for f in stored]
        near = [self._pool.submit(self._index.nearest, "words", vector, f, 1) for f in stored]
        share, share_within = (max((h.share for h in s.result()), default=0.0) for s in saying)
        score, score_within = (max((h.score for h in n.result()), default=0.0) for n in near)
        return Elsewhere(share - share_within, score - score_within)

    def beyond_kind(self, query: Query, /) -> float:
        """How much likelier the likeliest product outside the categories of a query is than the
        likeliest within, by `learned_rank`; minus infinity where that cannot be told.
        """
        reads = "words" in self.weights.get("words", ())
        if not (query.filters.categories and reads and self.likeliest.judges(self.vocabulary)):
            return -math.inf
        if not _in_words(query):  # what is meant stands in the picture
            return -math.inf
        if codes_in(query.text):
            found = self._search(query, _FORESEEN)
        else:  # the search itself comes next, where the category holds
            found = self._found.get(self.vocabulary, query, lambda: self._search(query, _FORESEEN))
        alone = Filters(categories=query.filters.categories)
        if not found.matches and query.filters != alone:
            # The other limits leave nothing of the category, so it is compared without them.
            return self.beyond_kind(replace(query, filters=alone))
        return self.likeliest.beyond(query, self.vocabulary)

    def acts_in(self, text: str, /) -> MessageActs | None:
        """What a message does, see `Embedder.acts_in`."""
        return self._embedder.acts_in(text)

    def answering(self, asked: str, texts: Sequence[str], /) -> Sequence[float]:
        """How surely each of some short texts answers a question, see `Embedder.answering`."""
        return self._embedder.answering(asked, texts)

    def seen_in(self, photo: Image) -> str:
        """What a photo shows, "sneaker, gray"; "" where the embedder is not sure."""
        return self._embedder.photo_words(photo)

    def search(self, query: Query, limit: int = 9) -> SearchResult:
        """The products that fit best, best first, every one within the filters.

        Fewer than `limit` when fewer pass the filters. Raises RequestError for a query of
        nothing, bounds the wrong way round, or a limit outside 1 to MAX_LIMIT.
        """
        found = self._found.taken(query) if _in_words(query) and 1 <= limit <= _FORESEEN else None
        if found is None:
            return self._search(query, limit)
        matches = found.matches[:limit]
        return replace(found, matches=matches, unstated=_unstated(query.text, matches))

    def _search(self, query: Query, limit: int) -> SearchResult:
        query = _readable(query)
        check(query, limit)
        timings: dict[str, float] = {}
        with _timed(timings, "total"):
            start = self._query_picture(query)
            if start.photo is None and start.product is not None:
                # What the shop calls a thing stands for the picture that it does not have.
                query = replace(query, text=with_newer(query.text.strip(), start.product.title))
            filters = query.filters
            words = self.vocabulary
            hard = self._as_stored(
                replace(filters, exclude_ids=filters.exclude_ids + start.exclude)
            )
            ranked = RankedProducts(self._index, hard, words)
            if query.sort and start.photo is None:
                rows = self._priced(query.text.strip(), hard)
                if rows or not query.text.strip():  # the nearest are not asked for
                    return self._sorted_alone(query, query.sort, rows, ranked, limit, timings)
            kind = self._kind(query, start)
            coded = self._coded(query.text, hard)
            weights = self._counting(kind)
            begun = None
            with _timed(timings, "embed"):
                # Where no text is looked at ("words"), none is to be compared.
                if kind == "words" and not query.sort and "words" in weights:
                    begun = self.likeliest.begin(query, hard, words)
                vectors = self._vectors(query, start, weights)
            depth = max(_DEPTH, limit)
            while True:
                with _timed(timings, "retrieve"):
                    lists = self._lists(weights, query.text.strip(), start, vectors, hard, depth)
                with _timed(timings, "fuse"):
                    scores = fuse(lists, weights)
                    best = list(scores)
                if kind == "words" and not query.sort:
                    with _timed(timings, "wish"):
                        found = ranked.products(best[:DEEP])
                        wish = " ".join((query.text, *filters.colors[:1]))
                        near = {hit.id: hit.score for hit in lists.get("words", ())}
                        color = filters.colors[0] if filters.colors else ""
                        best = by_wish(
                            wish,
                            best,
                            found,
                            scores,
                            words.kinds,
                            near,
                            color,
                            filters.exclude_words,
                        )
                        best = self.likeliest.ordered(query, best, begun, words, ranked.products)
                best = list(dict.fromkeys((*coded, *best)))
                if query.sort:
                    with _timed(timings, "sort"):
                        best = self._sorted(query, query.sort, hard, best, picture=kind != "words")
                with _timed(timings, "fetch"):
                    shown = ranked.first(best, limit, query.text)
                if len(shown) >= limit or query.sort or not _cut_off(lists, depth):
                    break
                # Milvus let through more than passes, and what passes may stand further down.
                depth *= _DEEPER
        matches = tuple(
            Match(each.product, scores.get(each.product.id, 0.0), variant=each.variant)
            for each in shown
        )
        bare = filters == Filters() and kind != "photo" and not coded
        # Where no product has words of its own, that none holds these says nothing.
        bare = bare and words.worded
        unmentioned = bare and "bm25" in lists and not lists["bm25"]
        unstated = _unstated(query.text, matches) if kind == "words" and not coded else ()
        return SearchResult(matches, filters, timings, unmentioned, unstated)

    def _coded(self, text: str, filters: Filters) -> list[str]:
        """Ids of the products whose id or code (GTIN, MPN or SKU) the words hold."""
        codes = codes_in(text)
        if not codes:
            return []
        forms = [form for code in codes for form in (code, code.upper(), code.lower())]
        named = self._index.with_ids(list(dict.fromkeys(forms)), filters)
        coded = self._index.with_codes(codes, filters) if self.vocabulary.coded else []
        return list(dict.fromkeys((*named, *coded)))

    def _kind(self, query: Query, start: _QueryPicture) -> str:
        """What the query has, as `Weights` names it."""
        if start.product is not None and start.photo is not None and "like" in self._weights:
            return "like"
        return "words" if start.photo is None else "both" if query.text.strip() else "photo"

    def _counting(self, kind: str) -> Mapping[str, float]:
        """The lists of such a query with their weights.

        Of a catalogue of pictures alone, words are looked for in the pictures.
        """
        weights = self._weights[kind]
        if self.vocabulary.worded:
            return weights
        spaces = {space.name: space for space in self._embedder.spaces}
        texts = {"alike", *(name for name, space in spaces.items() if space.holds == "text")}
        kept = {name: weight for name, weight in weights.items() if name not in texts}
        if kind != "words" or spaces["picture"].words_alone:
            kept["picture"] = weights.get("picture") or 1.0
        return kept

    def _vectors(
        self, query: Query, start: _QueryPicture, weights: Iterable[str]
    ) -> dict[str, FloatArray]:
        """The query's vector for each list of vectors that counts."""
        return {name: self._vector(query, start, name) for name in weights if name in VECTORS}

    def _vector(self, query: Query, start: _QueryPicture, space: str) -> FloatArray:
        """(dim,), L2-normalised: the query, halfway to `second` and away from `unlike`."""
        items = [Item(query.text.strip(), start.photo, misread=query.misread)]
        items += [Item("", photo) for photo in (query.second, *query.unlike) if photo is not None]
        first, *others = self._embedder.embed(items, space)
        vector: FloatArray = first
        if query.second is not None:
            vector = vector + others.pop(0)
        for unwanted in others:
            vector = vector - _UNWANTED_SHARE * unwanted
        length = float((vector**2).sum() ** 0.5)
        return vector / length if length else first

    def _sorted_alone(
        self,
        query: Query,
        sort: SortOrder,
        rows: list[Priced],
        ranked: RankedProducts,
        limit: int,
        timings: dict[str, float],
    ) -> SearchResult:
        """All that hold every word of a query without a picture, sorted."""
        best = _in_order(rows, sort, self.vocabulary.currency)
        shown = ranked.first(best, limit, query.text)
        matches = tuple(Match(each.product, 0.0, variant=each.variant) for each in shown)
        unstated = () if codes_in(query.text) else _unstated(query.text, matches)
        return SearchResult(matches, query.filters, timings, unstated=unstated)

    def _priced(self, text: str, filters: Filters) -> list[Priced]:
        """Everything that passes the filters and says every word, in no order, by the price of the
        variant that it is shown as."""
        if not filters.varied and not narrows(filters):
            return self._index.priced(text, filters)
        shown = (shown_as(product, filters) for product in self._index.passing(text, filters))
        return [priced(each.product) for each in shown if each is not None]

    def _sorted(
        self,
        query: Query,
        sort: SortOrder,
        filters: Filters,
        nearest: list[str],
        *,
        picture: bool,
    ) -> list[str]:
        """Ids in the order of a sort.

        With a picture, or with words that no product says, the nearest alone are sorted.
        """
        near = set(nearest[:_SORTED_DEPTH])
        if not picture:
            near = self._fittest(query.text, nearest[:_SORTED_DEPTH])
        rows = [row for row in self._priced("", filters) if row.id in near]
        return _in_order(rows, sort, self.vocabulary.currency)

    def _fittest(self, text: str, ids: Sequence[str]) -> set[str]:
        """Of the nearest products those that are of the kind and the amounts that words name, as
        far as any is."""
        found = self._index.products(ids)
        kind, _ = kind_wanted(text, self.vocabulary.kinds)
        called = {each: how_much_kind(found[each], kind) for each in found} if kind else {}
        surest = max(called.values(), default=0.0)
        kept = [each for each in found if called.get(each, 0.0) >= surest]
        lacking = {each: len(unmet(quantities_in(text), found[each])) for each in kept}
        least = min(lacking.values(), default=0)
        return {each for each in kept if lacking[each] == least}

    def _as_stored(self, filters: Filters) -> Filters:
        """The filters with what this catalogue's index needs to know besides."""
        words = self.vocabulary
        return replace(
            filters,
            currency=self._currency_of_bounds(filters),
            varied=words.varied or words.on_sale,
            uncolored=words.uncolored,
        )

    def _currency_of_bounds(self, filters: Filters) -> str:
        if filters.currency or (filters.min_price is None and filters.max_price is None):
            return filters.currency
        return self.vocabulary.currency

    def _query_picture(self, query: Query) -> _QueryPicture:
        if query.like is None:
            return _QueryPicture(query.photo)
        product = self.product(query.like)
        if product is None:
            raise RequestError("This product is no longer in the shop. Please pick another one.")
        if query.photo is not None or not product.image:
            return _QueryPicture(query.photo, product)
        try:
            return _QueryPicture(open_product_picture(Path(product.image)), product)
        except (PhotoError, OSError) as error:
            raise RequestError(
                "The picture of this product cannot be read. Please pick another one, or say in "
                "words what you look for."
            ) from error

    def _lists(
        self,
        names: Iterable[str],
        text: str,
        start: _QueryPicture,
        vectors: Mapping[str, FloatArray],
        filters: Filters,
        depth: int,
    ) -> dict[str, list[Hit]]:
        calls: dict[str, Callable[[], list[Hit]]] = {
            "picture": lambda: self._index.nearest("picture", vectors["picture"], filters, depth),
            "words": lambda: self._index.nearest("words", vectors["words"], filters, depth),
            "bm25": lambda: self._said(text, filters, depth),
            "alike": lambda: self._alike(start.product, filters, depth),
        }
        running = {name: self._pool.submit(calls[name]) for name in names}
        return {name: future.result() for name, future in running.items()}

    def _said(self, text: str, filters: Filters, depth: int) -> list[Hit]:
        """Full text. A product that says a part of the words counts less than that part: one word
        of several is often said of another thing."""
        found = self._index.full_text(text, filters, depth) if text else []
        return [replace(hit, share=hit.share**PARTIAL) for hit in found]

    def _alike(self, product: Product | None, filters: Filters, depth: int) -> list[Hit]:
        """Full text of what the shop says about a product, which no other says whole."""
        found = self._index.full_text(self._text_of(product), filters, depth)
        return [replace(hit, share=1.0) for hit in found]

    def _text_of(self, product: Product | None) -> str:
        """The shop's text about a product without color words: another color may be wanted."""
        if product is None:
            return ""
        colors = {word for name in self.vocabulary.colors for word in name.lower().split()}
        words = searched_text(product).split()
        return " ".join(word for word in words if word.lower().strip(".,;:()") not in colors)


def _in_words(query: Query) -> bool:
    """Whether no picture counts; one with pictures cannot be remembered either, see Pillow."""
    return query.photo is None and query.second is None and not query.unlike


def _readable(query: Query) -> Query:
    """The query without half characters, which come from a terminal's broken bytes: no model can
    read them."""

    def whole(text: str) -> str:
        return text.encode("utf-8", "ignore").decode()

    spoken = replace(query.spoken, said=whole(query.spoken.said), before=whole(query.spoken.before))
    return replace(query, text=whole(query.text), spoken=spoken)


def _unstated(text: str, matches: Sequence[Match]) -> tuple[str, ...]:
    """The numbers and amounts of a text that no match states."""
    wanted = quantities_in(text)
    missing = [set(unmet(wanted, match.product)) for match in matches]
    unstated = [each.said for each in wanted if missing and all(each in m for m in missing)]
    return tuple(dict.fromkeys(unstated))


def _usable(weights: Weights, embedder: Embedder) -> Weights:
    """The weights without lists of vectors where words alone have no place."""
    closed = {space.name for space in embedder.spaces if not space.words_alone}
    words = {
        name: weight for name, weight in weights.get("words", {}).items() if name not in closed
    }
    others = {kind: lists for kind, lists in weights.items() if kind != "words"}
    return {"words": words, **others} if words else others


def _cut_off(lists: Mapping[str, list[Hit]], depth: int) -> bool:
    """Whether a list may go on below `depth`."""
    return depth < _DEEPEST and any(len(hits) >= depth for hits in lists.values())


def _in_order(rows: list[Priced], sort: SortOrder, currency: str) -> list[str]:
    """Ids in the order of a sort; ties in the order of ids. What has no such fact is left out."""
    keyed = [(_sort_key(row, sort, currency), row.id) for row in rows]
    return [each[-1] for each in sorted((key, id_) for key, id_ in keyed if key is not None)]


def _sort_key(row: Priced, sort: SortOrder, currency: str) -> tuple[float, ...] | None:
    """Lower comes first; None for a product without the fact that is sorted by.

    Prices in another currency than the shop's do not compare.
    """
    price = row.price_minor if row.currency == currency else None
    match sort:
        case "cheapest":
            return None if price is None else (price,)
        case "dearest":
            return None if price is None else (-price,)
        case "best rated":
            return None if row.rating is None else (-row.rating, -(row.rating_count or 0))
        case _:
            assert_never(sort)


def check(query: Query, limit: int) -> None:
    """Raises RequestError if a query cannot be run as it is asked."""
    low, high = query.filters.min_price, query.filters.max_price
    if not (query.text.strip() or query.sort or query.photo is not None or query.like is not None):
        raise RequestError("Nothing to search for. Please send a photo or say what you look for.")
    if low is not None and high is not None and low > high:
        raise RequestError("The lowest price is above the highest. Please swap the two.")
    if any(price is not None and price < 0 for price in (low, high)):
        raise RequestError("A price limit cannot be below zero. Please give a positive one.")
    if not 1 <= limit <= MAX_LIMIT:
        raise RequestError(f"Between 1 and {MAX_LIMIT} results can be shown, not {limit}.")


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[stage] = timings.get(stage, 0.0) + (time.perf_counter() - start) * 1000
