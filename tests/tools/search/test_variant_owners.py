"""From a variant's id to its product."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.product import Product, Variant
from tools.search import variant_owners
from tools.search.variant_owners import VariantOwners


class Catalogue:
    def __init__(self) -> None:
        self.products = [Product("a", "A", variants=(Variant("a1"), Variant("x")))]
        self.read = 0
        self.now = 0.0

    def all(self) -> Iterator[Product]:
        self.read += 1
        return iter(self.products)

    def owners(self) -> VariantOwners:
        return VariantOwners(lambda: len(self.products), self.all, lambda: self.now)


def test_catalogue_is_read_once_and_again_for_an_unknown_id_after_minutes() -> None:
    catalogue = Catalogue()
    owners = catalogue.owners()
    assert catalogue.read == 0
    assert owners.owner("a1") == "a"
    catalogue.products.append(Product("b", "B", variants=(Variant("b1"), Variant("x"))))
    assert owners.owner("b1") == ""
    assert catalogue.read == 1
    catalogue.now = 601
    assert owners.owner("a1") == "a"
    assert catalogue.read == 1
    assert owners.owner("b1") == "b"
    assert owners.owner("x") == "a"


def test_catalogue_that_is_too_large_is_not_read(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(variant_owners, "MOST_PRODUCTS", 0)
    catalogue = Catalogue()
    assert catalogue.owners().owner("a1") == ""
    assert catalogue.read == 0
    assert "not found by their ids" in caplog.text
