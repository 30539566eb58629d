"""The first products of a ranking that pass the exact check, what is sold out at their end."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from tools.catalogue.vocabulary import Vocabulary
from tools.index.milvus import ProductIndex
from tools.index.stemming import search_terms
from tools.product import Filters, Product
from tools.search.exclusions import has_besides
from tools.search.fitting import Shown, in_stock_first, is_sold_out, narrows, shown_as
from tools.search.wish_rank import how_much_kind, kind_wanted

_LOOKED_THROUGH = 3
"""Times as many products are looked through as are shown: what is sold out goes behind these."""
_CODE = re.compile(r"(?=[\w:-]{0,39}\d)(?!\d{1,4}(?![\w:-]))[^\W_][\w:-]{2,39}")
_MOST_CODES = 20


class RankedProducts:
    """Reads products in the order of a ranking, a page at a time, each once."""

    def __init__(self, index: ProductIndex, filters: Filters, vocabulary: Vocabulary) -> None:
        self._index = index
        self._filters = filters
        self._checks = narrows(filters)
        self._reorders = vocabulary.sold_out
        self._kinds = vocabulary.kinds
        self._products: dict[str, Product] = {}
        """By id; those that are gone are absent."""
        self._asked: set[str] = set()

    def products(self, ids: Sequence[str]) -> dict[str, Product]:
        """The products of these ids that are there, whether they pass or not."""
        missing = [each for each in ids if each not in self._asked]
        self._products |= self._index.products(missing)
        self._asked.update(missing)
        return {each: self._products[each] for each in ids if each in self._products}

    def first(self, ids: Sequence[str], most: int, text: str) -> list[Shown]:
        """The first products that pass; `text` is what was asked for.

        What is sold out goes behind what is not, among the first 3 × `most`, unless it is what the
        text asks for, see `asked_for`.
        """
        wanted = most * _LOOKED_THROUGH if self._reorders else most
        page = most * _LOOKED_THROUGH if self._reorders or self._checks else most
        found: list[Shown] = []
        for start in range(0, len(ids), page):
            found += self._passing(ids[start : start + page])
            if len(found) >= wanted:
                break
        found = self._surest_first(found[:wanted])
        if self._reorders:
            found = in_stock_first(found, asked_for(found, text, self._kinds))
        return found[:most]

    def _surest_first(self, found: list[Shown]) -> list[Shown]:
        """The same with those last that may have a color that is not wanted."""
        unwanted = self._filters.exclude_words
        return sorted(found, key=lambda each: any(has_besides(each.product, w) for w in unwanted))

    def _passing(self, ids: Sequence[str]) -> list[Shown]:
        shown = map(self._shown, self.products(ids).values())
        return [each for each in shown if each is not None]

    def _shown(self, product: Product) -> Shown | None:
        return shown_as(product, self._filters) if self._checks else Shown(product)


def asked_for(found: Sequence[Shown], text: str, kinds: Collection[str] = ()) -> frozenset[str]:
    """Ids of the products that are sold out and are asked for all the same: the text says the whole
    title or one of the codes, or names a kind of which there is nothing else. `kinds` are what the
    shop calls products."""
    said, codes = set(search_terms(text).split()), set(map(_plain, codes_in(text)))
    kind = kind_wanted(text, kinds)[0].rpartition(" ")[2]
    called = [each for each in found if kind and how_much_kind(each.product, kind) == 1]
    alone = called if all(each.sold_out for each in called) else []
    return frozenset(
        each.product.id
        for each in found
        if is_sold_out(each.product)
        and (
            each in alone
            or set(search_terms(each.product.title).split()) <= said
            or codes & {_plain(code) for code in each.product.codes}
        )
    )


def _plain(code: str) -> str:
    return code.casefold()


def codes_in(text: str) -> list[str]:
    """The words that may be codes: three letters and digits or more, five where all are digits."""
    return list(dict.fromkeys(_CODE.findall(text)))[:_MOST_CODES]
