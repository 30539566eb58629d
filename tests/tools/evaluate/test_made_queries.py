"""Queries that are made from a catalogue, and what needs no model beside the search."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.drawn_goods import open_drawn_goods
from tools.evaluate.inputs.catalogue_queries import (
    COLOR,
    KIND,
    PARAPHRASE,
    PHOTO,
    catalogue_queries,
)
from tools.evaluate.inputs.paraphrases import PARAPHRASES
from tools.evaluate.runs.open_shop import OpenedShop
from tools.evaluate.runs.peers import FULL_TEXT, HISTOGRAM, PICTURES, run_with_peers
from tools.index.local_server import stop_server
from tools.product import Product


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedShop]:
    folder = tmp_path_factory.mktemp("made")
    shop = open_drawn_goods(folder)
    ids = ["red-mug", "blue-mug", "lamp", "backpack"]
    yield OpenedShop(shop, shop.products(ids), shop.vocabulary)
    stop_server(folder / "home" / "milvus")


def test_products_give_queries_of_every_kind() -> None:
    products = {
        f"m{n}": Product(f"m{n}", f"Mug {n}", ("Kitchen", "Mugs"), color=color, image="/m.png")
        for n, color in enumerate(("red", "red", "blue"))
    }
    products["k"] = Product("k", "Kettle", ("Kitchen", "Kettles"), image="/k.png")
    by_kind: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for query in catalogue_queries(products, 10):
        by_kind.setdefault(query.kind, []).append((query.text, query.relevant))
    assert len(by_kind[PHOTO]) == 4
    assert by_kind[KIND] == [("mugs", frozenset({"m0", "m1", "m2"}))]
    assert sorted(by_kind[COLOR]) == [
        ("blue mugs", frozenset({"m2"})), ("red mugs", frozenset({"m0", "m1"})),
    ]  # fmt: skip
    assert {text for text, _ in by_kind[PARAPHRASE]} == {
        *PARAPHRASES["mug"], *PARAPHRASES["kettle"],
    }  # fmt: skip


def test_photo_is_graded_by_product_and_kind() -> None:
    products = {f"m{n}": Product(f"m{n}", f"Mug {n}", ("Mugs",), image="/m.png") for n in range(2)}
    (query, *_) = catalogue_queries(products, 1, seed=3)
    own = next(iter(query.relevant))
    assert query.grades[own] == 3
    assert sorted(query.grades.values()) == [1, 3]


def test_same_seed_makes_the_same_queries() -> None:
    products = {f"m{n}": Product(f"m{n}", f"M {n}", ("Mugs",), image="/m.png") for n in range(9)}
    first, again = (
        [query.qid for query in catalogue_queries(products, 3, seed=seed)] for seed in (5, 5)
    )
    assert first == again
    assert len([qid for qid in first if qid.startswith(PHOTO)]) == 3


def test_no_paraphrase_names_its_kind() -> None:
    for kind, said in PARAPHRASES.items():
        assert not any(kind in text.lower().split() for text in said)


def test_peers_stand_beside_the_search(opened: OpenedShop) -> None:
    queries = catalogue_queries(opened.facts, 4)
    done = run_with_peers(opened, queries, lambda _: lambda *_: None)
    by_kind: dict[str, list[bool]] = {}
    for answer in done.answers:
        right = answer.ids[:1] and answer.ids[0] in answer.query.relevant
        by_kind.setdefault(answer.query.kind, []).append(bool(right))
    assert {PHOTO, f"{PHOTO}, {HISTOGRAM}", KIND, f"{KIND}, {FULL_TEXT}"} <= by_kind.keys()
    assert f"{KIND}, {PICTURES}" in by_kind
    assert len(by_kind[f"{PHOTO}, {HISTOGRAM}"]) == len(by_kind[PHOTO]) == 4
    assert all(by_kind[KIND])
    assert sum(by_kind[PARAPHRASE]) > sum(by_kind[f"{PARAPHRASE}, {FULL_TEXT}"])
