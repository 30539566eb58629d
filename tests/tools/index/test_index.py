"""On a real Milvus Lite, in its own process, as the program uses it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.paths import ROOT
from tests.support.shop_files import mug, write_jsonl
from tools.catalogue.reader import Numbered, read_products
from tools.embedding.base import FloatArray
from tools.errors import SearchIndexError
from tools.index.filters import expression
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex, connect
from tools.index.schema import VECTORS, Hashes, VectorIndex, make_schema, to_row
from tools.index.stemming import search_terms
from tools.product import Filters, Product

DIM = 8
H = Hashes("h", "h")
NASTY = [
    'q"uote',
    "apo'strophe",
    "back\\slash",
    'end\\"',
    "new\nline",
    "100%_{x}",
    "漢字 é",
    "a] or 1==1",
]


def unit(seed: int) -> FloatArray:
    vector = np.random.default_rng(seed).normal(size=DIM).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def product(number: int, **more: object) -> Product:
    facts: dict[str, object] = {
        "category": ("Kitchen", "Mugs" if number % 2 else "Bowls"),
        "price_minor": None if number % 5 == 0 else number * 100,
        "color": ("Red", "Matte Black", "")[number % 3],
        "brand": "Legend" if number % 4 else "Daybird",
        "rating": None if number % 7 == 0 else 3 + number % 3,
        "image": "/x.png",
    }
    return Product(f"p{number}", f"Item {number} mug", **{**facts, **more})  # type: ignore[arg-type]  # facts of a product


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Address:
    return Address(ensure_server(tmp_path_factory.mktemp("milvus"), idle_s=2))


@pytest.fixture(scope="module")
def filled(address: Address) -> ProductIndex:
    index = ProductIndex(lambda: address, "pounce_test")
    collection = index.collection_for("test:1", dict.fromkeys(VECTORS, DIM))
    everything = [product(n) for n in range(60)]
    everything += [
        Product(f"id {name}", f"Odd {n}", (name,), color=name, brand=name, image="/x.png")
        for n, name in enumerate(NASTY)
    ]
    index.upsert(collection, [(p, unit(i), unit(i), H) for i, p in enumerate(everything)])
    index.publish(collection)
    return index


def test_every_product_comes_back_as_it_went_in(filled: ProductIndex) -> None:
    there = {p.id: p for p in filled.all_products()}
    assert len(there) == filled.count() == 60 + len(NASTY)
    assert there["p7"] == product(7)
    assert there["p5"] == product(5)


def test_pages_go_on_behind_an_id_with_any_character(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A quote in the last id of a page ended the scan with an error of Milvus.
    monkeypatch.setattr("tools.index.milvus._PAGE", 2)
    index = ProductIndex(lambda: address, "pounce_pages")
    collection = index.collection_for("color-1", dict.fromkeys(VECTORS, DIM))
    ids = [*NASTY, *(f"{name} more" for name in NASTY), '"', "\\", "z"]
    rows = [(Product(i, "Mug", image="/x.png"), unit(n), unit(n), H) for n, i in enumerate(ids)]
    index.upsert(collection, rows)
    assert sorted(p.id for p in index.all_products(collection)) == sorted(ids)
    assert index.content_hashes(collection) == dict.fromkeys(ids, H)


def test_writing_twice_is_writing_once(filled: ProductIndex) -> None:
    before = filled.count()
    collection = filled.collection_for("test:1", dict.fromkeys(VECTORS, DIM))
    filled.upsert(collection, [(product(3), unit(3), unit(3), H)] * 2)
    assert filled.count() == before


@given(
    low=st.none() | st.integers(0, 6000),
    high=st.none() | st.integers(0, 6000),
    categories=st.sets(st.sampled_from(["kitchen", "MUGS", "bowls", "none", *NASTY])),
    colors=st.sets(st.sampled_from(["red", "matte  black", "blue", *NASTY])),
    brands=st.sets(st.sampled_from(["legend", "Daybird", *NASTY])),
    rating=st.none() | st.floats(0, 5),
    left_out=st.sets(st.sampled_from(["p1", "p2", *[f"id {name}" for name in NASTY]])),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_filters_give_exactly_what_python_gives(
    filled: ProductIndex,
    low: int | None,
    high: int | None,
    categories: set[str],
    colors: set[str],
    brands: set[str],
    rating: float | None,
    left_out: set[str],
) -> None:
    filters = Filters(
        low, high, tuple(categories), tuple(colors), tuple(brands), rating, tuple(left_out)
    )

    def fold(names: set[str]) -> set[str]:
        return {" ".join(name.casefold().split()) for name in names}

    def passes(p: Product) -> bool:
        price = p.price_minor
        return (
            (low is None or (price is not None and price >= low))
            and (high is None or (price is not None and price <= high))
            and (not categories or bool(fold(set(p.category)) & fold(categories)))
            and (not colors or bool(fold({p.color}) & fold(colors)))
            and (not brands or bool(fold({p.brand}) & fold(brands)))
            and (rating is None or (p.rating is not None and p.rating >= rating))
            and p.id not in left_out
        )

    expected = {p.id for p in filled.all_products() if passes(p)}
    assert {hit.id for hit in filled.nearest("picture", unit(1), filters, 100)} == expected
    found = {hit.id for hit in filled.full_text("mug", filters, 100)}
    assert found == {i for i in expected if i.startswith("p")}


def test_price_bounds_hold_in_their_currency_alone(address: Address) -> None:
    index = ProductIndex(lambda: address, "pounce_currencies")
    collection = index.collection_for("test:1", dict.fromkeys(VECTORS, DIM))
    there = [product(1), product(2, currency="JPY"), product(3, currency="KWD")]
    index.upsert(collection, [(p, unit(i), unit(i), H) for i, p in enumerate(there)])
    index.publish(collection)

    def found(filters: Filters) -> set[str]:
        return {hit.id for hit in index.nearest("picture", unit(1), filters, 9)}

    assert found(Filters(max_price=10**6, currency="JPY")) == {"p2"}
    assert found(Filters(min_price=0, currency="USD")) == {"p1"}
    assert found(Filters(currency="USD")) == {"p1", "p2", "p3"}


def test_home_that_is_a_file_or_closed_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SearchIndexError, match="Set POUNCE_HOME"):
        ensure_server(tmp_path / "file")
    # A file in the place of the folder of locks cannot be opened, not even by root.
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "clients").write_text("")
    with pytest.raises(SearchIndexError, match="cannot be used"):
        ensure_server(tmp_path / "home")


def test_words_of_a_shopper_never_become_an_expression() -> None:
    wanted = 'x"] or id != "'
    assert expression(Filters(colors=(wanted,))) == 'color_key in ["x\\"] or id != \\""]'


def test_deep_categories_match_by_their_leaf(address: Address) -> None:
    index = ProductIndex(lambda: address, "pounce_deep")
    collection = index.collection_for("test:1", dict.fromkeys(VECTORS, DIM))
    path = tuple("abcdefgh")
    index.upsert(collection, [(Product("deep", "x", path, image="/x"), unit(1), unit(1), H)])
    index.publish(collection)
    for level in ("a", "e", "h"):
        assert index.nearest("words", unit(1), Filters(categories=(level,)), 5)


def test_nearest_comes_first(filled: ProductIndex) -> None:
    hits = filled.nearest("words", unit(9), Filters(), 5)
    assert hits[0].id == "p9"
    assert hits[0].score == pytest.approx(1, abs=1e-5)
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)


def test_full_text_matches_whatever_the_word_s_ending(filled: ProductIndex) -> None:
    assert filled.full_text("MUGS", Filters(), 100)
    assert not filled.full_text("", Filters(), 5)
    assert search_terms("Running-Shoes' laces") == search_terms("run shoe lace")
    assert search_terms("the") == "the"


def test_full_text_says_how_much_of_the_words_a_product_says(filled: ProductIndex) -> None:
    shares = {hit.share for hit in filled.full_text("mug item rocket", Filters(), 100)}
    assert shares <= {1 / 3, 2 / 3}
    assert max(shares) == 2 / 3
    assert all(hit.share == 1 for hit in filled.full_text("items", Filters(), 100))


def test_full_text_scores_do_not_tell_what_was_written_when(address: Address) -> None:
    """Milvus Lite scores each segment by its own words: 50 lamps, then the only two mugs."""
    rows = [Product(f"l{n}", f"Lamp {n} with a shade", image="/x.png") for n in range(50)]
    rows += [Product("m1", "Red mug", image="/x.png"), Product("m2", "Lamp mug", image="/x.png")]

    def scores(alias: str, parts: list[list[Product]]) -> dict[str, float]:
        index = ProductIndex(lambda: address, alias)
        collection = index.collection_for("test:1", dict.fromkeys(VECTORS, DIM))
        for part in parts:
            index.upsert(collection, [(each, unit(0), unit(0), H) for each in part])
            index.settle(collection)
        index.publish(collection)
        return {hit.id: hit.score for hit in index.full_text("lamp mug", Filters(), 60)}

    assert scores("pounce_parts", [rows[:50], rows[50:]]) == scores("pounce_whole", [rows])


def test_rows_that_settled_are_searched_as_before(address: Address) -> None:
    index = ProductIndex(lambda: address, "pounce_settled")
    collection = index.collection_for("test:1", dict.fromkeys(VECTORS, DIM))
    index.upsert(collection, [(product(n), unit(n), unit(n), H) for n in range(600)])
    index.publish(collection)

    before = index.full_text("mug item", Filters(), 100)
    index.settle(collection)
    assert index.full_text("mug item", Filters(), 100) == before
    index.upsert(collection, [(replace(product(1), title="Item 1 lamp"), unit(1), unit(1), H)])
    index.delete(collection, ["p2"])
    index.settle(collection)
    assert index.count(collection) == 599
    assert {p.id: p.title for p in index.all_products()}["p1"] == "Item 1 lamp"
    cheap = Filters(max_price=product(9).price_minor, currency="USD")
    by_one = [index.nearest("words", unit(n), cheap, 5) for n in (9, 40)]
    by_each = index.nearest_of_each("words", np.stack([unit(9), unit(40)]), cheap, 5)
    assert [[h.id for h in hits] for hits in by_each] == [[h.id for h in hits] for hits in by_one]
    assert by_one[0]
    assert np.allclose(index.stored(collection, ["p9"])["p9"].words, unit(9), atol=1e-6)


def test_another_embedder_gets_a_clear_error(filled: ProductIndex) -> None:
    filled.check("test:1")
    with pytest.raises(SearchIndexError, match=r"another model.*Ingest the catalogue again"):
        filled.check("test:2")
    missing = ProductIndex(filled._reach, "pounce_none")
    with pytest.raises(SearchIndexError, match="pounce ingest"):
        missing.check("test:1")


def test_new_collection_is_filled_beside_the_old_one_and_switched(address: Address) -> None:
    client = connect(address)
    index = ProductIndex(lambda: address, "pounce_switch")
    for fingerprint, title in (("a", "Old"), ("b", "New"), ("c", "Newest")):
        collection = index.collection_for(fingerprint, dict.fromkeys(VECTORS, DIM))
        index.upsert(collection, [(Product("x", title, image="/x"), unit(1), unit(1), H)])
        if fingerprint == "b":
            assert index.products(["x"])["x"].title == "Old"  # until it is whole
            assert index.unfinished() == {collection: 1}
        index.publish(collection)
    assert index.products(["x"])["x"].title == "Newest"
    # The one before stays, for those who still read it.
    assert sum(name.startswith("pounce_switch") for name in client.list_collections()) == 2
    assert index.unfinished() == {}


def test_one_that_reads_goes_on_with_its_collection_until_that_is_gone(address: Address) -> None:
    writer = ProductIndex(lambda: address, "pounce_reading")

    def fill(fingerprint: str, dim: int) -> None:
        collection = writer.collection_for(fingerprint, dict.fromkeys(VECTORS, dim))
        vector = unit(1)[:dim]
        writer.upsert(collection, [(Product("x", fingerprint, image="/x"), vector, vector, H)])
        writer.publish(collection)

    fill("first", DIM)
    reader = ProductIndex(lambda: address, "pounce_reading")
    reader.check("first")
    fill("second", DIM // 2)  # another model, whose vectors have another length
    assert [hit.id for hit in reader.nearest("picture", unit(1), Filters(), 5)] == ["x"]
    assert reader.products(["x"])["x"].title == "first"
    with pytest.raises(SearchIndexError, match="another model"):
        reader.check("first")
    fill("third", DIM)
    with pytest.raises(SearchIndexError, match="Start this program again"):
        reader.nearest("picture", unit(1), Filters(), 5)
    with pytest.raises(SearchIndexError, match="Start this program again"):
        reader.products(["x"])


def test_no_server_at_the_address_says_what_to_do() -> None:
    with pytest.raises(SearchIndexError, match="POUNCE_MILVUS_URI"):
        connect(Address("http://127.0.0.1:9", timeout_s=2))


def test_collection_serves_langchain_as_a_retriever(filled: ProductIndex) -> None:
    from langchain_core.embeddings import Embeddings

    class Fixed(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [unit(9).tolist() for _ in texts]

        def embed_query(self, text: str) -> list[float]:
            return unit(9).tolist()  # type: ignore[no-any-return]  # numpy gives Any

    store = filled.as_vector_store(Fixed())
    keywords = {"k": 3, "expr": expression(Filters(max_price=1000))}
    documents = store.as_retriever(search_kwargs=keywords).invoke("anything")
    assert documents[0].metadata["id"] == "p9"
    assert all(d.metadata["price_minor"] <= 1000 for d in documents)


_USE = """
import sys
from pathlib import Path
from typing import get_args
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, connect
uri = ensure_server(Path(sys.argv[1]), idle_s=1)
connect(Address(uri))
print(uri, flush=True)
sys.stdin.readline()
"""


def test_processes_share_one_server_which_ends_after_the_last(tmp_path: Path) -> None:
    root = str(ROOT)
    users = [
        subprocess.Popen(
            [sys.executable, "-c", _USE, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": root},
        )
        for _ in range(3)
    ]
    uris = {user.stdout.readline() for user in users if user.stdout}
    assert len(uris) == 1
    assert uris.pop().startswith("http://127.0.0.1:")
    pid = json.loads((tmp_path / "server.json").read_text())["pid"]
    users[0].kill()  # however a client ends, its place is free
    for user in users[1:]:
        user.communicate("\n", timeout=60)
    deadline = time.monotonic() + 60  # guards against a hang
    while Path(f"/proc/{pid}").exists() or (tmp_path / "server.json").exists():
        assert time.monotonic() < deadline, "the server outlived its last client"
        time.sleep(0.2)


def test_killed_server_is_replaced_and_nothing_written_is_lost(tmp_path: Path) -> None:
    index = ProductIndex(lambda: Address(ensure_server(tmp_path, idle_s=2)), "pounce_kill")
    collection = index.collection_for("test:1", dict.fromkeys(VECTORS, DIM))
    index.upsert(collection, [(product(1), unit(1), unit(1), H)])
    index.publish(collection)

    def kill() -> None:
        os.kill(json.loads((tmp_path / "server.json").read_text())["pid"], 9)

    kill()
    assert index.count() == 1
    kill()
    assert len(index.nearest("picture", unit(1), Filters(), 5)) == 1


@pytest.mark.parametrize("kind", get_args(VectorIndex))
def test_collection_is_made_and_searched_under_each_kind_of_index(
    address: Address, kind: VectorIndex
) -> None:
    index = ProductIndex(lambda: address, f"pounce_{kind}", kind)
    collection = index.collection_for("test:1", dict.fromkeys(VECTORS, DIM))
    there = [product(n) for n in range(12)]
    index.upsert(collection, [(p, unit(i), unit(i), H) for i, p in enumerate(there)])
    index.publish(collection)
    index.check("test:1")
    assert index.nearest("picture", unit(5), Filters(), 3)[0].id == "p5"
    if kind != "FLAT":
        with pytest.raises(SearchIndexError, match="POUNCE_MILVUS_INDEX"):
            ProductIndex(lambda: address, f"pounce_{kind}").check("test:1")


@pytest.mark.parametrize("letter", ["漢字かな ", "🧣🧤 ", "é ", '\\" '])
def test_longest_texts_in_any_script_fit_into_their_columns(letter: str, tmp_path: Path) -> None:
    # Columns hold bytes, and the reader counted letters: a batch with such a row was refused.
    long = letter * 20_000
    row = mug(1, title=long, description=long, category=[long] * 20, brand=long, color=long)
    path = write_jsonl(tmp_path / "s.jsonl", [{**row, "image": ["red.png"] * 30}])
    (item,) = [item for item in read_products(path) if isinstance(item, Numbered)]
    written = to_row(item.product, unit(1), unit(1), H)
    schema = {
        field.name: field.params for field in make_schema(dict.fromkeys(VECTORS, DIM), "").fields
    }
    sizes = {name: len(value.encode()) for name, value in written.items() if type(value) is str}
    assert {name for name, size in sizes.items() if size > schema[name]["max_length"]} == set()
    assert len(item.product.description) > 14_000


def test_several_writers_at_once_lose_nothing(address: Address) -> None:
    index = ProductIndex(lambda: address, "pounce_writers")
    collection = index.collection_for("test:1", dict.fromkeys(VECTORS, DIM))

    def write(first: int) -> None:
        for n in range(first, first + 40, 4):
            rows = [(product(m), unit(m), unit(m), H) for m in range(n, n + 4)]
            index.upsert(collection, rows)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, (0, 40, 80, 20)))  # the last one writes what others write too
    there = list(index.all_products(collection))
    assert sorted(p.id for p in there) == sorted(f"p{n}" for n in range(120))
