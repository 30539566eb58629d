"""Searching a small real shop whose embedder a person can check by eye."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.color_shop import ColorEmbedder, open_color_shop, photo_of
from tools.catalogue.registry import Registry, collection_alias
from tools.catalogue.vocabulary import Vocabulary, resolve
from tools.errors import RequestError
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex
from tools.ingest import ingest
from tools.product import Filters, Query, SearchResult
from tools.search.shop import Shop


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Shop:
    return color_shop


def ids(result: SearchResult) -> list[str]:
    return [match.product.id for match in result.matches]


def test_red_photo_and_a_word_find_the_red_mugs(shop: Shop) -> None:
    found = ids(shop.search(Query("a mug with this", photo_of("red")), limit=2))
    assert set(found) == {"red-mug-basic", "red-mug-plus"}


def test_photo_alone_finds_its_color(shop: Shop) -> None:
    result = shop.search(Query(photo=photo_of("blue")), limit=6)
    assert {match.product.color for match in result.matches} == {"blue"}


def test_words_alone_find_by_their_text(shop: Shop) -> None:
    assert ids(shop.search(Query("green backpacks plus"), limit=1)) == ["green-backpack-plus"]


def test_product_that_a_search_starts_from_is_not_among_its_results(shop: Shop) -> None:
    found = ids(shop.search(Query(like="red-mug-basic"), limit=18))
    assert "red-mug-basic" not in found
    assert found[0] == "red-mug-plus"


def test_same_thing_in_another_color_is_found_by_what_the_shop_says_of_it(shop: Shop) -> None:
    """The picture alone leads to other red things; only the words know that it is a mug."""
    found = ids(shop.search(Query("the same in blue", like="red-mug-basic"), limit=2))
    assert "blue-mug-basic" in found


def test_no_result_breaks_a_filter(shop: Shop) -> None:
    filters = Filters(max_price=1099, categories=("mugs", "phone cases"))
    result = shop.search(Query("red", photo_of("red"), filters=filters), limit=18)
    assert result.matches
    for match in result.matches:
        assert match.product.price_minor is not None
        assert match.product.price_minor <= 1099
    assert result.filters == filters


def test_product_without_a_price_passes_no_price_limit(shop: Shop) -> None:
    filters = Filters(max_price=10**9)
    found = shop.search(Query("backpack", filters=filters), limit=18).matches
    assert all("backpack" not in match.product.id for match in found)


def test_price_limit_holds_in_the_catalogue_s_currency(tmp_path: Path) -> None:
    # 1,500 yen passed as "under $20".
    shop = open_color_shop(tmp_path)
    path = tmp_path / "colors.csv"
    path.write_text(path.read_text() + "yen,Yen Mug,Kitchen > Mugs,¥1500,red,,,red.png\n")
    address = Address(ensure_server(tmp_path / "milvus", idle_s=5))
    ingest(
        path,
        name="colors",
        home=tmp_path,
        registry=Registry(tmp_path),
        index=ProductIndex(lambda: address, collection_alias("colors")),
        embedder=ColorEmbedder(),
    )
    found = ids(shop.search(Query("mug", filters=Filters(max_price=2000)), limit=50))
    assert found
    assert "yen" not in found
    assert "yen" in ids(shop.search(Query("mug"), limit=50))


def test_half_characters_of_a_terminal_are_left_out(shop: Shop) -> None:
    assert ids(shop.search(Query("red mug\udcff"), 3)) == ids(shop.search(Query("red mug"), 3))
    with pytest.raises(RequestError, match="Nothing to search for"):
        shop.search(Query("\udcff"))
    with pytest.raises(RequestError, match="no longer in the shop"):
        shop.search(Query(like="red-mug-basic\udcff"))


def test_words_that_no_product_mentions_are_marked(shop: Shop) -> None:
    assert shop.search(Query("submarine")).unmentioned
    assert shop.search(Query("submarine", photo_of("red"))).unmentioned
    assert not shop.search(Query("red mug")).unmentioned
    assert not shop.search(Query(photo=photo_of("red"))).unmentioned


def test_best_comes_first_and_the_limit_holds(shop: Shop) -> None:
    result = shop.search(Query("red mug"), limit=5)
    scores = [match.score for match in result.matches]
    assert len(scores) == 5
    assert scores == sorted(scores, reverse=True)
    assert {"embed", "retrieve", "fetch", "total"} <= result.timings_ms.keys()


@pytest.mark.parametrize(
    ("query", "limit", "sentence"),
    [
        (Query(), 9, "Nothing to search for"),
        (Query("  "), 9, "Nothing to search for"),
        (Query("x", filters=Filters(min_price=5, max_price=4)), 9, "swap the two"),
        (Query("x", filters=Filters(max_price=-1)), 9, "below zero"),
        (Query("x"), 0, "Between 1 and 100"),
        (Query("x"), 101, "Between 1 and 100"),
        (Query(like="gone"), 9, "no longer in the shop"),
    ],
)
def test_what_cannot_be_run_gets_a_sentence(
    shop: Shop, query: Query, limit: int, sentence: str
) -> None:
    with pytest.raises(RequestError, match=sentence):
        shop.search(query, limit)


@pytest.mark.parametrize("text", ['"', "\\", "%", "red'; drop", "漢字", "x" * 20_000, "\x00red"])
def test_no_words_break_the_search(shop: Shop, text: str) -> None:
    assert shop.search(Query(text), limit=3).matches


def test_threads_get_what_one_gets(shop: Shop) -> None:
    queries = [
        Query(word, photo_of(color)) for word in ("mug", "") for color in ("red", "blue")
    ] * 4
    alone = [ids(shop.search(query)) for query in queries]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda query: ids(shop.search(query)), queries))
    assert together == alone


VOCABULARY = Vocabulary(
    categories={"Kitchen": 3, "Air Fryers": 2, "Dresses": 1},
    colors={"matte black": 2, "black": 1, "Blue": 1, "light blue": 1},
    brands={"Legend": 3},
)


@pytest.mark.parametrize(
    ("asked", "field", "expected"),
    [
        (Filters(colors=("black",)), "colors", ("black", "matte black")),
        (Filters(colors=("MATTE  black",)), "colors", ("matte black",)),
        (Filters(categories=("air fryer",)), "categories", ("Air Fryers",)),
        (Filters(categories=("dress",)), "categories", ("Dresses",)),
        (Filters(brands=("legend",)), "brands", ("Legend",)),
    ],
)
def test_names_are_resolved_to_the_catalogue_s_own(
    asked: Filters, field: str, expected: tuple[str, ...]
) -> None:
    resolved, unknown = resolve(asked, VOCABULARY)
    assert getattr(resolved, field) == expected
    assert not unknown


def test_unknown_name_is_said_with_the_nearest(shop: Shop) -> None:
    resolved, (unknown,) = resolve(Filters(colors=("blak",)), VOCABULARY)
    assert resolved.colors == ()
    assert unknown.nearest[0] == "black"
    assert "'blak'" in unknown.sentence()
