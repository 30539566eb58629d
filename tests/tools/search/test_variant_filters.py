"""Filters hold for one variant at a time: compared with a plain loop over all variants."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.support.generated_variants import (
    by_plain_loop,
    generated_products,
    open_generated_shop,
    random_filters,
)
from tests.support.repeats import repeats
from tests.support.variant_shop import PRODUCTS
from tools.catalogue.vocabulary import resolve
from tools.product import Filters, Product, Query, SearchResult
from tools.search.arguments import SearchArguments
from tools.search.fitting import Shown, in_stock_first
from tools.search.planning import plan_search
from tools.search.ranked_products import asked_for
from tools.search.search_context import SearchContext
from tools.search.shop import Shop

GENERATED = generated_products(300)
LIMIT = 9


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_generated_shop(tmp_path_factory.mktemp("generated"), GENERATED)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_generated_shop(tmp_path_factory.mktemp("variants"), PRODUCTS)


def found(result: SearchResult) -> list[tuple[str, str]]:
    return [(m.product.id, m.variant.id if m.variant else "") for m in result.matches]


def asked(shop: Shop, text: str, filters: Filters) -> SearchResult:
    known, unknown = resolve(filters, shop.vocabulary)
    assert not unknown
    return shop.search(Query(text, filters=known), LIMIT)


def test_cells_that_list_several_are_filtered_by_each_of_them(tmp_path: Path) -> None:
    def shirt(identity: str, colors: str, sizes: str) -> Product:
        attributes = (("Size", sizes),)
        return Product(identity, f"Shirt {identity}", color=colors, attributes=attributes)

    # As many combinations as no option has values.
    more = [shirt(f"x{n}", f"tone {n}, tone {n + 1}", f"{n}, {n + 1}") for n in range(40, 120)]
    listing = open_generated_shop(
        tmp_path,
        [shirt("a", "navy, rust", "S, M, L"), shirt("b", "black | white", "S/M; L/XL"), *more],
    )
    assert {"navy", "rust", "black", "white"} <= listing.vocabulary.colors.keys()
    assert {"S", "M", "L", "S/M", "L/XL"} <= listing.vocabulary.options["size"].keys()
    for filters, wanted in (
        (Filters(colors=("rust",)), {"a"}),
        (Filters(colors=("White",)), {"b"}),
        (Filters(options=("size=M",)), {"a", "b"}),
        (Filters(options=("size=S",), colors=("rust",)), {"a"}),
        (Filters(options=("size=40",), colors=("rust",)), set()),
    ):
        assert {identity for identity, _ in found(asked(listing, "shirt", filters))} == wanted
    (first, *_) = asked(listing, "shirt", Filters(colors=("rust",))).matches
    assert first.product.color == "navy, rust"


def test_results_are_those_of_a_plain_loop_over_all_variants(generated: Shop) -> None:
    random = Random(1)
    for number in range(repeats(40)):
        filters, _ = resolve(random_filters(random), generated.vocabulary)
        truth = by_plain_loop(GENERATED, filters)
        results = found(generated.search(Query("item", filters=filters), LIMIT))
        assert len(results) == min(LIMIT, len(truth)), f"{number}: {filters}"
        assert set(results) <= set(truth), f"{number}: {filters}"


def test_the_cheapest_are_ordered_by_the_price_of_the_variant_that_fits(generated: Shop) -> None:
    random = Random(2)
    for number in range(repeats(20)):
        filters, _ = resolve(random_filters(random), generated.vocabulary)
        truth = by_plain_loop(GENERATED, filters, "cheapest")
        query = Query("item", filters=filters, sort="cheapest")
        results = found(generated.search(query, LIMIT))
        # What is sold out goes behind what is not, within the first three lists.
        head = truth[: 3 * LIMIT]
        gone = {
            (p.id, v.id if v else "")
            for p in GENERATED
            for v in (p.variants or (None,))
            if (v.availability if v else p.availability) in ("out of stock", "discontinued")
        }
        ordered = [each for each in head if each not in gone] + [e for e in head if e in gone]
        assert results == ordered[:LIMIT], f"{number}: {filters}"


def test_a_red_medium_and_a_blue_small_are_no_blue_medium(shop: Shop) -> None:
    both = Filters(colors=("blue",), options=("size=9",), in_stock=True)
    assert "r1" not in {each for each, _ in found(asked(shop, "runner", both))}
    in_any_stock = Filters(colors=("blue",), options=("size=9",))
    assert ("r1", "r1-blue-9") in found(asked(shop, "runner", in_any_stock))


def test_price_limit_does_not_pass_by_another_variants_price(shop: Shop) -> None:
    blue = Filters(colors=("blue",), max_price=9000, categories=("Running Shoes",))
    assert "r1" not in {each for each, _ in found(asked(shop, "runner", blue))}
    black = Filters(colors=("black",), max_price=9000, categories=("Running Shoes",))
    assert "r1" in {each for each, _ in found(asked(shop, "runner", black))}


def test_product_is_shown_as_the_variant_that_fits(shop: Shop) -> None:
    filters = Filters(colors=("blue",), options=("size=US 10",))
    match = next(m for m in asked(shop, "strider", filters).matches if m.product.id == "r1")
    assert match.variant is not None
    assert dict(match.variant.options) == {"Color": "blue", "Size": "10"}
    assert match.product.price_minor == 9500
    assert match.product.color == "blue"
    assert match.product.link == "https://shop.example/r1?v=blue-10"


def test_without_a_filter_on_variants_none_is_picked(shop: Shop) -> None:
    assert all(m.variant is None for m in asked(shop, "runner", Filters()).matches)


def test_sizes_match_as_they_are_written(shop: Shop) -> None:
    for said in ("9", "9.0", "US 9"):
        ids = {each for each, _ in found(asked(shop, "shoe", Filters(options=(f"size={said}",))))}
        assert ids == {"r1", "r2"}
    ids = {each for each, _ in found(asked(shop, "jacket", Filters(options=("size=medium",))))}
    assert ids == {"j1", "t1", "t2", "t3"}


def test_what_is_sold_out_goes_last_unless_it_is_asked_for_by_its_title(shop: Shop) -> None:
    jackets = Filters(categories=("Jackets",))
    assert [e for e, _ in found(asked(shop, "a wool jacket", jackets))] == ["j1", "j2"]
    by_id = {product.id: Shown(product) for product in PRODUCTS}
    ranked = [by_id["j2"], by_id["j1"]]
    assert in_stock_first(ranked, asked_for(ranked, "a wool jacket")) == [*reversed(ranked)]
    assert in_stock_first(ranked, asked_for(ranked, "the Moor wool jackets")) == ranked


def test_in_stock_leaves_out_what_is_sold_out_and_what_is_not_said(shop: Shop) -> None:
    ids = {each for each, _ in found(asked(shop, "rug", Filters(in_stock=True)))}
    assert not ids & {"j2", "g2", "m2", "c3"}
    assert "g1" in ids


def test_what_is_on_sale_is_a_search_of_its_own(shop: Shop) -> None:
    asked_for = SearchArguments(on_sale=True)
    plan = plan_search(asked_for, shop, SearchContext())
    assert {each for each, _ in found(shop.search(plan.query, LIMIT))} == {"r3", "t3", "d2", "h1"}


def test_options_that_no_product_states_are_left_out_and_said(shop: Shop) -> None:
    asked_for = SearchArguments(words="shoe", options=["size=9", "voltage=230"])
    plan = plan_search(asked_for, shop, SearchContext())
    assert plan.query.filters.options == ("size=9",)
    assert plan.missing == ("voltages",)


def test_sold_out_is_asked_for_where_there_is_nothing_else_of_its_kind() -> None:
    bracelet = Product("b", "Charm Bracelet", availability="out of stock")
    hoops = Product("h", "Silver Hoops", availability="in stock")
    ranked = [Shown(bracelet), Shown(hoops)]
    kinds = {"bracelet", "hoop"}
    assert in_stock_first(ranked, asked_for(ranked, "silver bracelet", kinds)) == ranked
    cuff = Shown(Product("c", "Bracelet", availability="in stock"))
    assert (
        in_stock_first([ranked[0], cuff], asked_for([*ranked, cuff], "bracelet", kinds))[0] == cuff
    )


def test_product_without_a_picture_is_pointed_at_by_what_it_is_called(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    like = shop.product("j1")
    assert like is not None
    monkeypatch.setattr(shop, "product", lambda _: replace(like, image=""))
    found = shop.search(Query(like="j1", filters=Filters(categories=("Jackets",))), LIMIT).matches
    assert [match.product.id for match in found] == ["j2"]
