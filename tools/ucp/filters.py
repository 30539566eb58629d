"""The protocol's filters as those of the shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tools.catalogue.vocabulary import LEVELS, Vocabulary, resolve
from tools.filter_codec import filters_of_arguments
from tools.product import Filters, Product
from tools.search.fitting import fitting
from tools.text import fold
from tools.ucp.errors import TransportError, info_message
from tools.ucp.prices import in_major
from tools.ucp.requests import Context, SearchFilters
from tools.ucp.versions import Document


@dataclass(frozen=True, slots=True)
class ShopFilters:
    """What a request filters by, in the catalogue's own names."""

    arguments: dict[str, Any]
    """Of the shop's search; prices in major units."""
    filters: Filters
    """The same, prices in minor units of the catalogue."""
    messages: tuple[Document, ...]
    """What is not filtered by, and why."""
    nothing: bool = False
    """Whether no category that was named is one of the shop's, so that no product passes."""

    def passes(self, product: Product) -> bool:
        """Whether a product stands in one of the categories, if any is named."""
        names = self.filters.categories
        return not names or any(_stands_in(product, name) for name in names)


def shop_filters(asked: SearchFilters, context: Context, vocabulary: Vocabulary) -> ShopFilters:
    """The filters of a request. Raises TransportError for bounds the wrong way round."""
    messages = [
        info_message("filter_ignored", f"This shop does not know the filter {name[:80]!r}.")
        for name in asked.ignored[:20]
    ]
    arguments: dict[str, Any] = {}
    known, unknown = resolve(Filters(categories=tuple(asked.categories)), vocabulary)
    if known.categories:
        arguments["categories"] = list(known.categories)
    messages += [info_message("category_unknown", each.sentence()) for each in unknown[:20]]
    arguments |= _bounds(asked, context, vocabulary, messages)
    if asked.available:
        if "availability" in vocabulary.lacking:
            messages.append(
                info_message("filter_ignored", "This shop does not state what is available.")
            )
        else:
            arguments["in_stock"] = True
    return ShopFilters(
        arguments,
        filters_of_arguments(arguments, vocabulary.currency),
        tuple(messages),
        nothing=bool(asked.categories) and not known.categories,
    )


def variants_within(product: Product, filters: Filters, currency: str) -> Sequence[str]:
    """The ids of the variants for which the filters hold together."""
    bounded = filters.min_price is not None or filters.max_price is not None
    if bounded and product.currency != currency:
        return ()
    return [each.id for each in fitting(product, filters)]


def _bounds(
    asked: SearchFilters, context: Context, vocabulary: Vocabulary, messages: list[Document]
) -> dict[str, Decimal]:
    low, high = asked.price.min, asked.price.max
    if low is None and high is None:
        return {}
    if low is not None and high is not None and low > high:
        raise TransportError(
            f"filters.price.min, {low}, is above filters.price.max, {high}. Swap the two."
        )
    own = vocabulary.currency
    if "prices" in vocabulary.lacking:
        messages.append(info_message("filter_ignored", "This shop states no prices."))
        return {}
    if context.currency and context.currency.upper() != own:
        messages.append(
            info_message(
                "price_filter_ignored",
                f"Prices are in {own} and are not converted: the price filter is not applied. "
                f"Give its bounds in {own} and set context.currency to it.",
            )
        )
        return {}
    if not context.currency:
        messages.append(
            info_message(
                "price_filter_currency",
                f"The price filter was read as minor units of {own}, since context.currency is "
                "missing.",
            )
        )
    bounds = {"min_price": low, "max_price": high}
    return {name: in_major(each, own) for name, each in bounds.items() if each is not None}


def _stands_in(product: Product, name: str) -> bool:
    levels = [fold(level) for level in (*product.category, *product.more_categories)]
    return all(fold(level) in levels for level in name.split(LEVELS))
