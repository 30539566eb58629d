"""Labelled queries over a small real shop whose embedder a person can check by eye."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.color_shop import ColorEmbedder, photo_of, write_color_catalogue
from tests.support.shop_files import write_jsonl
from tools.catalogue.registry import Registry, collection_alias
from tools.errors import RequestError
from tools.evaluate.inputs.constraints import resolve_constraints, violates
from tools.evaluate.inputs.labels import Answer
from tools.evaluate.inputs.query_file import read_queries
from tools.evaluate.runs.open_shop import NAME, HiddenFields, OpenedShop, keep_lists, open_copy
from tools.evaluate.runs.shop_queries import ShopMeasurement, measure_open_shop, sample_per_kind
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex
from tools.product import Filters, Query
from tools.search.list_weights import BALANCED
from tools.search.shop import Shop


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("measured")
    write_color_catalogue(path)
    return path


@pytest.fixture(scope="module")
def opened(folder: Path) -> Iterator[OpenedShop]:
    with open_copy(
        folder / "whole", folder / "colors.csv", ColorEmbedder(), weights=BALANCED
    ) as copy:
        yield copy


@pytest.fixture(scope="module")
def untitled(folder: Path) -> Iterator[OpenedShop]:
    hidden = HiddenFields(titles=True, colors=True)
    with open_copy(
        folder / "untitled", folder / "colors.csv", ColorEmbedder(), weights=BALANCED, hidden=hidden
    ) as copy:
        yield copy


def searched_by(opened: OpenedShop, home: Path, *lists: str) -> OpenedShop:
    """The same products, in the same running Milvus, with these lists alone."""
    registry, address = Registry(home), Address(ensure_server(home / "milvus"))
    index = ProductIndex(lambda: address, collection_alias(NAME))
    weights = keep_lists(BALANCED, lists)
    shop = Shop(registry.get(NAME), registry, index, ColorEmbedder(), weights)
    return replace(opened, shop=shop)


def measure(
    opened: OpenedShop, folder: Path, *rows: Mapping[str, object], filters: bool = True
) -> ShopMeasurement:
    queries, unusable = read_queries(write_jsonl(folder / "queries.jsonl", rows))
    assert not unusable
    return measure_open_shop(opened, queries, "queries", filters=filters)


def only(done: ShopMeasurement) -> Answer:
    assert len(done.run.answers) == 1, done.run.unusable
    return done.run.answers[0]


def _words(text: str, filters: Filters = Filters()) -> Query:  # noqa: B008 - frozen
    return Query(text, filters=filters)


RED_MUGS: Mapping[str, object] = {
    "text": "red mugs",
    "filters": {"category": "mugs", "color": "red"},
    "relevant_ids": ["red-mug-basic", "red-mug-plus"],
}


def test_figures_of_a_query_that_finds_all(opened: OpenedShop, folder: Path) -> None:
    done = measure(opened, folder, RED_MUGS)
    figures = done.measurement.figures
    assert figures["n"] == figures["recall@1"] == figures["ndcg@9"] == figures["map@9"] == 1
    assert figures["violations"] == 0
    assert figures["hard_negatives@1"] is None
    assert all((figures[f"latency.{stage}.p95"] or 0) > 0 for stage in ("embed", "retrieve"))
    assert set(only(done).ids) == {"red-mug-basic", "red-mug-plus"}


def test_filters_can_be_kept_from_the_search_and_then_break(
    opened: OpenedShop, folder: Path
) -> None:
    row = {**RED_MUGS, "filters": {"category": "mugs", "max_price": 10}}
    done = measure(opened, folder, row, filters=False)
    broken = {
        identity
        for identity in only(done).ids
        if "mug" not in identity or identity.endswith("plus")
    }
    assert only(done).broken == broken
    assert done.measurement.figures["violations"] == pytest.approx(len(broken) / 9)


def test_product_named_as_a_violation_counts_as_one(opened: OpenedShop, folder: Path) -> None:
    row = {"text": "red mug", "relevant_ids": ["red-mug-plus"], "violations": ["red-mug-basic"]}
    done = measure(opened, folder, row, {"text": "blue mug", "relevant_ids": ["blue-mug-basic"]})
    # Nine results of the query that states a constraint; the other one states none.
    assert done.measurement.figures["violations"] == pytest.approx(1 / 9)


def test_reference_and_what_is_excluded_are_not_among_the_results(
    opened: OpenedShop, folder: Path
) -> None:
    done = measure(
        opened,
        folder,
        {
            "reference_id": "red-mug-basic",
            "text": "mug like this",
            "exclude_ids": ["red-mug-basic", "blue-mug-plus"],
            "target_ids": ["red-mug-plus"],
            "hard_negative_ids": ["blue-mug-basic"],
        },
    )
    assert only(done).ids[0] == "red-mug-plus"
    assert not {"red-mug-basic", "blue-mug-plus"} & set(only(done).ids)
    assert done.measurement.figures["hard_negatives@1"] == 0
    assert list(done.measurement.kinds) == ["reference+words"]


def test_photo_beside_the_file_is_searched_from(opened: OpenedShop, folder: Path) -> None:
    photo_of("blue").save(folder / "mine.png")
    row = {"photo": "mine.png", "text": "backpack", "relevant_ids": ["blue-backpack-basic"]}
    assert only(measure(opened, folder, row)).ids[0].startswith("blue-backpack")


def test_name_that_the_catalogue_does_not_know_goes_into_the_words(
    opened: OpenedShop, folder: Path
) -> None:
    row = {"text": "mug", "filters": {"color": "Plus"}, "relevant_ids": ["red-mug-plus"]}
    done = measure(opened, folder, row)
    assert done.run.unknown_names == {"color Plus": 1}
    assert only(done).ids[0].endswith("mug-plus")


def test_query_that_cannot_be_run_is_set_aside_with_its_sentence(
    opened: OpenedShop, folder: Path
) -> None:
    row = {"qid": "gone", "reference_id": "green-hat", "text": "x", "target_ids": ["red-mug-plus"]}
    done = measure(opened, folder, row, RED_MUGS)
    assert [each.where for each in done.run.unusable] == ["gone"]
    assert "no longer in the shop" in done.run.unusable[0].reason
    assert done.measurement.figures["n"] == 1


def test_relevant_product_that_is_not_in_the_catalogue_counts_as_not_found(
    opened: OpenedShop, folder: Path
) -> None:
    done = measure(opened, folder, {"text": "hat", "relevant_ids": ["green-hat"]})
    assert done.run.unknown_ids == ("green-hat",)
    assert done.measurement.figures["recall@9"] == 0


def test_title_that_is_hidden_finds_nothing_any_more(
    opened: OpenedShop, untitled: OpenedShop, folder: Path
) -> None:
    """The word "plus" stands in titles alone; the kinds stand in categories as well."""
    plus = {"text": "plus", "relevant_ids": ["red-mug-plus"]}
    assert only(measure(opened, folder, plus)).ids[0].endswith("plus")
    found = untitled.shop.search(query := _words("plus"))
    assert {match.product.title for match in found.matches} == {""}
    assert found.unmentioned
    assert {match.product.id.split("-")[-1] for match in found.matches[:4]} != {"plus"}
    assert not opened.shop.search(query).unmentioned
    mugs = only(measure(untitled, folder, {"text": "mugs", "relevant_ids": ["red-mug-plus"]}))
    assert all("mug" in identity for identity in mugs.ids[:6])


def test_color_field_that_is_hidden_is_no_filter_and_constraints_are_still_checked(
    untitled: OpenedShop, folder: Path
) -> None:
    done = measure(untitled, folder, RED_MUGS)
    assert done.run.unknown_names == {"color red": 1}
    shown = only(done)
    assert shown.broken == {identity for identity in shown.ids if not identity.startswith("red-")}
    assert shown.broken


def test_hidden_title_is_not_behind_the_picture_either(
    opened: OpenedShop, untitled: OpenedShop, folder: Path
) -> None:
    """A picture's vector carries the title: with it the nine of that word come first."""
    firsts = []
    for name, copy in (("whole", opened), ("untitled", untitled)):
        shop = searched_by(copy, folder / name, "picture").shop
        found = shop.search(_words("plus")).matches
        firsts.append({match.product.id.split("-")[-1] for match in found})
    assert firsts == [{"plus"}, {"plus", "basic"}]


@pytest.mark.parametrize(("name", "first"), [("picture", "blue"), ("bm25", "red")])
def test_list_that_is_alone_decides(
    name: str, first: str, opened: OpenedShop, folder: Path
) -> None:
    row = {"text": "red", "photo": "blue.png", "relevant_ids": ["red-mug-plus"]}
    photo_of("blue").save(folder / "blue.png")
    done = measure(searched_by(opened, folder / "whole", name), folder, row)
    assert only(done).ids[0].startswith(first)


def test_query_that_no_list_is_left_for_is_an_error(opened: OpenedShop, folder: Path) -> None:
    row = {"photo": "red.png", "relevant_ids": ["red-mug-plus"]}
    with pytest.raises(RequestError, match="none searches by a picture alone, as 'line 1'"):
        measure(searched_by(opened, folder / "whole", "bm25"), folder, row)


def test_copy_that_is_kept_is_not_embedded_again(folder: Path, tmp_path: Path) -> None:
    embedded: list[int] = []

    class Counting(ColorEmbedder):
        def _embed_batch(self, batch):  # type: ignore[no-untyped-def]  # as its parent
            embedded.append(len(batch))
            return super()._embed_batch(batch)

    counts = []
    for _ in range(2):
        with open_copy(tmp_path, folder / "colors.csv", Counting(), weights=BALANCED) as opened:
            assert len(opened.facts) == opened.shop.count() == 18
        counts.append(sum(embedded))
    assert counts[0] == counts[1] > 0


def test_what_the_search_lets_through_breaks_nothing(opened: OpenedShop) -> None:
    """Two ways to say the same: Milvus' filters and the check on a product's own facts."""
    for filters in (
        Filters(max_price=1099, currency="USD"),
        Filters(min_price=900, max_price=1500, currency="USD"),
        Filters(categories=("Mugs", "Bags")),
        Filters(colors=("RED",), min_rating=4.5),
        Filters(brands=("daybird",)),
    ):
        passed = {
            match.product.id for match in opened.shop.search(_words("red mug", filters), 18).matches
        }
        assert passed == {i for i, p in opened.facts.items() if not violates(p, filters)}
        assert 0 < len(passed) < 18


def test_prices_are_in_major_units(opened: OpenedShop, folder: Path) -> None:
    row = {"text": "mug", "filters": {"min_price": "9.99"}, "relevant_ids": ["a"]}
    stated = read_queries(write_jsonl(folder / "q.jsonl", [row]))[0][0].stated
    assert resolve_constraints(stated, opened.vocabulary).filters.min_price == 999


def test_sample_takes_some_of_each_kind_and_always_the_same(folder: Path) -> None:
    rows = [
        {"qid": f"{kind}{n}", "text": "x", "relevant_ids": ["a"], **more}
        for n in range(20)
        for kind, more in (("words", {}), ("like", {"reference_id": "r"}))
    ]
    queries, _ = read_queries(write_jsonl(folder / "many.jsonl", rows))
    some = sample_per_kind(queries, 5)
    assert sample_per_kind(list(reversed(queries)), 5) == list(reversed(some))
    assert [query.kind for query in some].count("words") == len(some) - 5 == 5
    assert sample_per_kind(queries, 0) == queries
