"""From ids of products and variants to products, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.product import Product
from tools.search.searchable_shop import SearchableShop


@dataclass(slots=True)
class Found:
    """A product and by which ids it was named."""

    product: Product
    whole: bool = False
    """Whether its own id was given."""
    exact: list[str] = field(default_factory=list)
    """The ids of its variants that were given."""

    @property
    def inputs(self) -> list[str]:
        """The ids that were given."""
        return [*([self.product.id] if self.whole else []), *self.exact]


def found_products(shop: SearchableShop, ids: Sequence[str]) -> tuple[list[Found], list[str]]:
    """The products that these ids name, and the ids that name none. Blocking.

    An id of a product goes before the same id of a variant.
    """
    named = shop.products(ids)
    found: dict[str, Found] = {}
    missing = []
    for given in ids:
        product = named.get(given)
        if product is not None:
            found.setdefault(product.id, Found(product)).whole = True
        elif (product := shop.product_with_variant(given)) is not None:
            found.setdefault(product.id, Found(product)).exact.append(given)
        else:
            missing.append(given)
    return list(found.values()), missing
