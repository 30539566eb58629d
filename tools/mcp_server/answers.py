"""What a call answers: the shop's own facts as structured content, and a short text beside it.

Nothing that only this machine has is among them: no path of a picture, no score. None is what the
shop does not state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from tools.catalogue.facts import major, table_of
from tools.filter_codec import arguments_of_filters
from tools.money import format_price
from tools.product import Match, Product, Variant
from tools.search.comparison import Comparison
from tools.search.planning import SearchPlan, missing_sentence
from tools.search.relaxation import Relaxation

_MOST_VARIANTS = 100
_LONGEST_VALUE = 1200
"""Characters of one fact, such as the description."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one call: for a model to read, and for a program."""

    text: str
    content: BaseModel


class VariantFacts(BaseModel):
    """One form that a product is sold in; its price is in the product's currency."""

    id: str
    options: dict[str, str]
    price: float | None
    availability: str | None
    link: str | None

    @classmethod
    def of(cls, variant: Variant, product: Product) -> VariantFacts:
        """Of a variant of that product."""
        return cls(
            id=variant.id,
            options=dict(variant.options),
            price=major(variant.price, product.currency),
            availability=variant.availability or None,
            link=variant.link or product.link or None,
        )


class ProductFacts(BaseModel):
    """A product; where a variant stands for it, with that one's price, availability and link."""

    id: str
    title: str
    price: float | None
    """Major units."""
    currency: str
    link: str | None
    availability: str | None
    category: list[str]
    brand: str | None
    color: str | None
    rating: float | None
    variant: VariantFacts | None

    @classmethod
    def of(cls, product: Product, variant: Variant | None = None) -> ProductFacts:
        """Of a product, and the variant that fits the filters of a search."""
        return cls(
            id=product.id,
            title=product.title,
            price=major(product.price_minor, product.currency),
            currency=product.currency,
            link=product.link or None,
            availability=product.availability or None,
            category=list(product.category),
            brand=product.brand or None,
            color=product.color or None,
            rating=product.rating,
            variant=None if variant is None else VariantFacts.of(variant, product),
        )


class FoundProducts(BaseModel):
    """Of `search_products`, best first."""

    products: list[ProductFacts]
    searched: int
    """Products in the catalogue."""
    filters: dict[str, Any]
    """Those in force, in the catalogue's own names, prices in major units."""
    notes: list[str]
    """What differs from what was asked, as sentences."""


class ProductDetails(BaseModel):
    """Of `get_product`."""

    product: ProductFacts
    facts: dict[str, str]
    """Everything that the shop states, by its label, ready to read."""
    variants: list[VariantFacts]


class ComparedFact(BaseModel):
    """One row: a value for each product, in the order of `ids`."""

    name: str
    values: list[str]
    differs: bool


class ComparedProducts(BaseModel):
    """Of `compare_products`."""

    ids: list[str]
    products: list[ProductFacts]
    facts: list[ComparedFact]


def found_answer(
    plan: SearchPlan,
    matches: Sequence[Match],
    relaxed: Sequence[Relaxation],
    *,
    unmentioned: bool,
) -> Answer:
    """Of a search that was run."""
    notes = _notes(plan, relaxed, unmentioned=unmentioned)
    if not matches:
        notes.insert(0, "No product passes all of this. Leave a filter out, or use other words.")
    content = FoundProducts(
        products=[ProductFacts.of(match.product, match.variant) for match in matches],
        searched=plan.searched,
        filters=arguments_of_filters(plan.query.filters, plan.currency),
        notes=notes,
    )
    lines = [f"{place}. {_line(match.product)}" for place, match in enumerate(matches, start=1)]
    heading = f"{len(matches)} of the shop's {plan.searched:,} products:" if matches else ""
    return Answer("\n".join(filter(None, (heading, *lines, *notes))), content)


def details_answer(product: Product) -> Answer:
    """Of one product."""
    stated = ((label, value[:_LONGEST_VALUE]) for label, value in table_of(product).items())
    facts = {label: value for label, value in stated if value}
    content = ProductDetails(
        product=ProductFacts.of(product),
        facts=facts,
        variants=[VariantFacts.of(each, product) for each in product.variants[:_MOST_VARIANTS]],
    )
    lines = [f"{label}: {value}" for label, value in facts.items()]
    return Answer("\n".join((_line(product), *lines)), content)


def compared_answer(table: Comparison) -> Answer:
    """Of products side by side."""
    facts = [
        ComparedFact(
            name=fact.name,
            values=[value[:_LONGEST_VALUE] for value in fact.values],
            differs=fact.differs,
        )
        for fact in table.facts
    ]
    content = ComparedProducts(
        ids=[product.id for product in table.products],
        products=[ProductFacts.of(product) for product in table.products],
        facts=facts,
    )
    lines = [f"{number}. {_line(p)}" for number, p in enumerate(table.products, start=1)]
    differing = [f"{fact.name}: {' | '.join(fact.values)}" for fact in facts if fact.differs]
    return Answer("\n".join((*lines, "What differs:", *differing)), content)


def _line(product: Product) -> str:
    """A product in one line: "Blue mug, $12.00, in stock, id blue-mug, https://…"."""
    price = product.price_minor
    cost = "price not given" if price is None else format_price(price, product.currency)
    parts = (product.title, cost, product.availability, f"id {product.id}", product.link)
    return ", ".join(filter(None, parts))


def _notes(plan: SearchPlan, relaxed: Sequence[Relaxation], *, unmentioned: bool) -> list[str]:
    notes = []
    if plan.missing:
        notes.append(missing_sentence(plan.missing))
    if unmentioned:
        notes.append("No product says these words: these are only the nearest.")
    if plan.taken_for:
        notes.append(f"No product says these words: they were taken for {plan.taken_for}.")
    for each in relaxed:
        cost = f", the cheapest at {each.cheapest} {each.currency}" if each.cheapest else ""
        notes.append(f"Without the {each.without} filter there are {each.found}{cost}.")
    return notes
