"""What the agent's tools say, as types, and the compact JSON that a chat model reads of them.

Every key is spelled here once: `json()` writes it and `of_json` reads it. A reply holds facts of
the catalogue and nothing that a model said, except the reasons of `RankReply`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from tools.catalogue.facts import table_of
from tools.filter_codec import arguments_of_filters, filters_of_arguments
from tools.money import format_price
from tools.product import Filters, Product, Sort, Variant
from tools.search.comparison import Comparison, Fact
from tools.search.relaxation import Relaxation
from tools.search.rows import KeptRow, ShownRow
from tools.search.statements import NearStatement

UNMENTIONED = "mentioned_by_no_product"
RELAXED = "would_be_found_without"
_UNFILTERED = "not_filtered_on"
_UNLISTED = "not_listed_by_this_shop"
_TAKEN_FOR = "words_taken_for_category"
_UNSTATED = "stated_by_none_of_these"
_SHOWN_AGAIN = "shown_again"
_SHOWN_BEFORE = "shown_before"
_KEPT_IN_ALL = "kept_in_all"
_GONE = "no_longer_in_the_shop"

_VARIANTS = "variants"
_NEAREST = "nearest_to_question"
_MOST_VARIANTS = 100
_LONGEST_VALUE = 1200
"""Characters of a description that a model reads."""


@dataclass(frozen=True, slots=True)
class SearchReply:
    """What a search found. A product's number is its place in `products`, from 1."""

    products: tuple[ShownRow, ...]
    searched: int
    """Products in the catalogue; of an earlier list, the products that it had."""
    filters: Filters = field(default_factory=Filters)
    currency: str = "USD"
    """Of the filters' prices; not in the JSON, whose prices are in major units."""
    sorted_by: Sort = ""
    unmentioned: str = ""
    """The words that no product says, so that the products are only the nearest."""
    unstated: tuple[str, ...] = ()
    """Numbers and amounts of the words that no product found states, so that they are only near."""
    unfiltered: tuple[str, ...] = ()
    """Names that the catalogue does not know and that went into the words: "color purple"."""
    unlisted: tuple[str, ...] = ()
    """What no product of the shop states, so that it was not filtered on: "prices", "ratings"."""
    taken_for: str = ""
    """The category that the words were taken for: no product says them, it means the same."""
    shown_before: int = 0
    """How many products were left out of a search that found nothing."""
    relaxed: tuple[Relaxation, ...] = ()
    """What a search that found nothing would find without one of its constraints."""
    shown_again: bool = False
    """Whether it is an earlier list, under the numbers that it had."""

    def json(self) -> str:
        """As a chat model reads it."""
        content: dict[str, Any] = {"found": len(self.products), "searched": self.searched}
        if self.shown_again:
            content[_SHOWN_AGAIN] = True
        content["filters"] = arguments_of_filters(self.filters, self.currency)
        content["products"] = _numbered(self.products)
        if self.sorted_by:
            content["sorted"] = self.sorted_by
        if self.unmentioned:
            content[UNMENTIONED] = self.unmentioned
        if self.unstated:
            content[_UNSTATED] = list(self.unstated)
        if self.unfiltered:
            content[_UNFILTERED] = list(self.unfiltered)
        if self.unlisted:
            content[_UNLISTED] = list(self.unlisted)
        if self.taken_for:
            content[_TAKEN_FOR] = self.taken_for
        if self.shown_before:
            content[_SHOWN_BEFORE] = self.shown_before
        if not self.products and not self.shown_again:
            content[RELAXED] = [asdict(relaxation) for relaxation in self.relaxed]
        return _compact(content)

    @classmethod
    def of_json(cls, text: str, currency: str) -> SearchReply:
        """The reply of `json()`, with the currency of the catalogue."""
        content = json.loads(text)
        return cls(
            products=_unnumbered(content["products"]),
            searched=content.get("searched", 0),
            filters=filters_of_arguments(content["filters"], currency),
            currency=currency,
            sorted_by=content.get("sorted", ""),
            unmentioned=content.get(UNMENTIONED, ""),
            unstated=tuple(content.get(_UNSTATED, ())),
            unfiltered=tuple(content.get(_UNFILTERED, ())),
            unlisted=tuple(content.get(_UNLISTED, ())),
            taken_for=content.get(_TAKEN_FOR, ""),
            shown_before=content.get(_SHOWN_BEFORE, 0),
            relaxed=tuple(Relaxation(**each) for each in content.get(RELAXED, ())),
            shown_again=content.get(_SHOWN_AGAIN, False),
        )


@dataclass(frozen=True, slots=True)
class RankedProduct:
    """A product of a list in its new order; its number is its place, from 1."""

    title: str
    was: int | None
    """Its number before; None for a candidate that was not shown before."""
    reason: str = ""
    row: ShownRow | None = None
    """Of a candidate that was not shown before: no other reply has its facts."""


@dataclass(frozen=True, slots=True)
class RankReply:
    """The newest list in the order after its pictures were looked at."""

    products: tuple[RankedProduct, ...]
    outcome: str
    """As in `tools.rerank.rerank.Reranked`."""
    why: str = ""
    """What went wrong, as a sentence for the shopper."""

    def json(self) -> str:
        """As a chat model reads it."""
        content: dict[str, Any] = {"outcome": self.outcome}
        if self.why:
            content["why"] = self.why
        content["products"] = [
            {"number": number, "was": each.was, "title": each.title}
            | ({"reason": each.reason} if each.reason else {})
            | ({**each.row} if each.row else {})
            for number, each in enumerate(self.products, start=1)
        ]
        return _compact(content)

    @classmethod
    def of_json(cls, text: str) -> RankReply:
        """The reply of `json()`."""
        content = json.loads(text)
        products = tuple(
            RankedProduct(
                each["title"],
                each["was"],
                each.get("reason", ""),
                _row(each, but=("number", "was", "reason")) if each["was"] is None else None,
            )
            for each in content["products"]
        )
        return cls(products, content["outcome"], content.get("why", ""))


@dataclass(frozen=True, slots=True)
class VariantRow:
    """A variant as a chat model reads it."""

    options: Mapping[str, str]
    """In the shop's own names."""
    price: str
    """For a person; "" where the shop does not say."""
    availability: str

    @classmethod
    def of(cls, variant: Variant, currency: str) -> VariantRow:
        """Of a variant of a product with that currency."""
        price = "" if variant.price is None else format_price(variant.price, currency)
        return cls(dict(variant.options), price, variant.availability)


@dataclass(frozen=True, slots=True)
class DetailsReply:
    """What the catalogue says of one shown product."""

    number: int
    facts: Mapping[str, str | None]
    """By lower-case name, ready to read; None for what the catalogue does not say."""
    variants: tuple[VariantRow, ...] = ()
    nearest: tuple[NearStatement, ...] = ()
    """What its description says nearest to the question, the nearest first."""

    @classmethod
    def of(
        cls, number: int, product: Product, nearest: tuple[NearStatement, ...] = ()
    ) -> DetailsReply:
        """Of the product that is shown under a number."""
        facts = table_of(product).items()
        variants = product.variants[:_MOST_VARIANTS]
        return cls(
            number,
            {_free(name.lower()): value[:_LONGEST_VALUE] or None for name, value in facts},
            tuple(VariantRow.of(variant, product.currency) for variant in variants),
            nearest,
        )

    def json(self) -> str:
        """As a chat model reads it: None is said, so that a model can say so."""
        variants = {_VARIANTS: [asdict(each) for each in self.variants]} if self.variants else {}
        nearest = {_NEAREST: [asdict(each) for each in self.nearest]} if self.nearest else {}
        return _compact({"number": self.number, **self.facts, **variants, **nearest})

    @classmethod
    def of_json(cls, text: str) -> DetailsReply:
        """The reply of `json()`."""
        content = json.loads(text)
        variants = content.pop(_VARIANTS, ())
        nearest = tuple(NearStatement(**each) for each in content.pop(_NEAREST, ()))
        return cls(
            content.pop("number"),
            content,
            tuple(VariantRow(**each) for each in variants if isinstance(each, dict)),
            nearest,
        )


@dataclass(frozen=True, slots=True)
class SeveralDetailsReply:
    """What the catalogue says of several shown products, for a question about all of them."""

    products: tuple[DetailsReply, ...]

    @classmethod
    def of(
        cls,
        numbers: Sequence[int],
        products: Sequence[Product],
        nearest: Sequence[tuple[NearStatement, ...]],
    ) -> SeveralDetailsReply:
        """Of the products that are shown under these numbers."""
        return cls(tuple(map(DetailsReply.of, numbers, products, nearest)))

    def json(self) -> str:
        """As a chat model reads it."""
        return _compact({"products": [json.loads(each.json()) for each in self.products]})

    @classmethod
    def of_json(cls, text: str) -> SeveralDetailsReply:
        """The reply of `json()`; of one product where it is a `DetailsReply`."""
        content = json.loads(text)
        several = content["products"] if isinstance(content.get("products"), list) else [content]
        return cls(tuple(DetailsReply.of_json(json.dumps(each)) for each in several))


@dataclass(frozen=True, slots=True)
class ComparisonReply:
    """Shown products side by side: a value for each number in every fact."""

    numbers: tuple[int, ...]
    facts: tuple[Fact, ...]
    """Names in lower case."""

    @classmethod
    def of(cls, table: Comparison) -> ComparisonReply:
        """Of a table of products."""
        facts = (
            Fact(fact.name.lower(), tuple(v[:_LONGEST_VALUE] for v in fact.values), fact.differs)
            for fact in table.facts
        )
        return cls(table.numbers, tuple(facts))

    def json(self) -> str:
        """As a chat model reads it."""
        return _compact({"numbers": self.numbers, "facts": [asdict(fact) for fact in self.facts]})

    @classmethod
    def of_json(cls, text: str) -> ComparisonReply:
        """The reply of `json()`."""
        content = json.loads(text)
        facts = (Fact(f["name"], tuple(f["values"]), f["differs"]) for f in content["facts"])
        return cls(tuple(content["numbers"]), tuple(facts))


@dataclass(frozen=True, slots=True)
class ShortlistReply:
    """What was done with the shortlist; exactly one of the first three is not None."""

    shown: tuple[ShownRow, ...] | None = None
    """What is kept, as the newest list: numbered by place, from 1."""
    added: tuple[KeptRow, ...] | None = None
    """Empty where all of it was kept already."""
    removed: tuple[KeptRow, ...] | None = None
    kept_in_all: int = 0
    gone: int = 0
    """Kept products that the shop no longer has, where it is shown."""

    def json(self) -> str:
        """As a chat model reads it."""
        if self.shown is not None:
            gone = {_GONE: self.gone} if self.gone else {}
            return _compact({"kept": _numbered(self.shown), **gone})
        changed = {"removed": self.removed} if self.added is None else {"added": self.added}
        return _compact({**changed, _KEPT_IN_ALL: self.kept_in_all})

    @classmethod
    def of_json(cls, text: str) -> ShortlistReply:
        """The reply of `json()`."""
        content = json.loads(text)
        if "kept" in content:
            return cls(shown=_unnumbered(content["kept"]), gone=content.get(_GONE, 0))
        total = content[_KEPT_IN_ALL]
        if "added" in content:
            return cls(added=tuple(content["added"]), kept_in_all=total)
        return cls(removed=tuple(content["removed"]), kept_in_all=total)


def _free(name: str) -> str:
    """The name of a shop's own fact, beside the names that a reply has for itself."""
    return f"{name} (of the shop)" if name in ("number", _VARIANTS, _NEAREST) else name


def _numbered(rows: Iterable[ShownRow]) -> list[dict[str, Any]]:
    return [{"number": number, **row} for number, row in enumerate(rows, start=1)]


def _unnumbered(rows: Iterable[Mapping[str, Any]]) -> tuple[ShownRow, ...]:
    return tuple(_row(row, but=("number",)) for row in rows)


def _row(row: Mapping[str, Any], *, but: Sequence[str]) -> ShownRow:
    return cast(ShownRow, {name: value for name, value in row.items() if name not in but})


def _compact(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
