"""A shop under the embedder on pretrained towers: ingested, searched in each kind of way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from PIL import Image

from tests.support.drawn_goods import GOODS, open_drawn_goods
from tools.demo.drawing import draw_product
from tools.embedding.base import Embedder, FloatArray, Item, Space
from tools.index.local_server import stop_server
from tools.product import Filters, Query, Spoken
from tools.search.learned_rank import BEYOND, Compared
from tools.search.likeliest import Likeliest
from tools.search.searchable_shop import Elsewhere
from tools.search.shop import Shop
from tools.workspace import Workspace


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("towers")
    yield open_drawn_goods(folder)
    stop_server(folder / "home" / "milvus")


def first(shop: Shop, query: Query) -> str:
    return shop.search(query, 2).matches[0].product.id


def photo(seed: int = 9) -> Image.Image:
    return draw_product(GOODS["backpack"][0], size=240, seed=seed)


def test_words_that_no_product_says_find_by_meaning(shop: Shop) -> None:
    assert first(shop, Query("something to read by at night")) == "lamp"
    assert first(shop, Query("rucksack for school")) == "backpack"


def test_kind_is_meant_by_words_that_no_product_says(shop: Shop) -> None:
    assert shop.kind_meant("rucksack") == "Backpacks"
    assert shop.kind_meant("coffee cups") == "Mugs"
    assert shop.kind_meant("canvas backpack") == "", "a product says it"
    assert shop.kind_meant("a rocket ship") == ""
    assert shop.kind_meant(" ") == ""


def test_of_a_photo_that_shows_nothing_known_nothing_is_said(shop: Shop) -> None:
    assert shop.seen_in(Image.new("RGB", (64, 64), "red")) == ""


def test_words_are_looked_for_in_pictures_where_products_have_none(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "shop").mkdir()
    for seed, (look, _) in enumerate(GOODS.values()):
        draw_product(look, size=200, seed=seed).save(folder / "shop" / f"5{seed}Gj1WQ.png")
    workspace = Workspace(folder / "home")
    workspace.ingest(folder / "shop", name="bare")
    bare = workspace.open_shop("bare")
    found = bare.search(Query("a green backpack"), 4).matches
    assert found[0].product.title == "Picture 53Gj1WQ"
    stop_server(folder / "home" / "milvus")


def test_bare_photo_finds_the_same_thing(shop: Shop) -> None:
    assert first(shop, Query(photo=photo())) == "backpack"


def test_product_pointed_at_in_another_color_is_found(shop: Shop) -> None:
    assert first(shop, Query("same but in blue", like="red-mug")) == "blue-mug"


def test_photo_with_words_leans_on_both(shop: Shop) -> None:
    red_mug = draw_product(GOODS["red-mug"][0], size=240, seed=11)
    assert first(shop, Query("same but in blue", photo=red_mug)) == "blue-mug"


def test_words_may_fit_other_categories_far_better(shop: Shop) -> None:
    mugs, backpacks = (Filters(categories=(name,)) for name in ("Mugs", "Backpacks"))
    better = shop.says_elsewhere("backpack with straps", mugs, Filters())
    assert better.share > 0
    assert better.nearness > 0.1
    same = shop.says_elsewhere("backpack", backpacks, Filters())
    assert same.nearness == pytest.approx(0, abs=1e-6)
    assert shop.says_elsewhere("", mugs, Filters()) == Elsewhere()


def test_what_is_meant_comes_first_whatever_the_words_were_read_as(shop: Shop) -> None:
    spoken = Spoken("my old bag broke on the way to school, so a new one to wear on my back")
    assert first(shop, Query("old way school new", spoken=spoken)) == "backpack"


def test_kind_that_is_not_meant_is_told_from_the_one_that_is(shop: Shop) -> None:
    spoken = Spoken("something to carry my books to school on my back")
    mugs, backpacks = (Filters(categories=(name,)) for name in ("Mugs", "Backpacks"))
    assert shop.beyond_kind(Query("books school", filters=mugs, spoken=spoken)) > BEYOND
    assert shop.beyond_kind(Query("books school", filters=backpacks, spoken=spoken)) < 0
    assert shop.beyond_kind(Query("books school", spoken=spoken)) == -math.inf


def test_other_embedders_know_nothing_beyond_a_kind_and_rank_as_before(shop: Shop) -> None:
    embedder = Counted(shop._embedder)  # it compares no tokens
    counted = Shop(shop._entry, shop._registry, shop._index, embedder, shop.weights)
    query = Query("mug", filters=Filters(categories=("Backpacks",)))
    assert counted.beyond_kind(query) == -math.inf
    assert counted.search(Query("red mug")).matches[0].product.id == "red-mug"


def test_photo_of_a_shop_that_shows_nine_is_searched_with(shop: Shop) -> None:
    """Pillow's images cannot be hashed, and answers are remembered by their questions."""
    red_mug = draw_product(GOODS["red-mug"][0], size=240, seed=11)
    for query in (
        Query(photo=red_mug),
        Query("in blue", photo=red_mug, filters=Filters(categories=("Mugs",))),
        Query("mug", like="red-mug", second=red_mug),
        Query("mug", unlike=(red_mug,)),
    ):
        assert shop.search(query).matches
        assert shop.beyond_kind(query) == -math.inf


def test_search_behind_the_question_for_its_kind_is_the_same(shop: Shop) -> None:
    query = Query("mug", filters=Filters(categories=("Mugs",)), spoken=Spoken("a red mug"))
    plain = [match.product.id for match in shop.search(query).matches]
    shop.beyond_kind(query)
    assert [match.product.id for match in shop.search(query).matches] == plain
    assert [match.product.id for match in shop.search(query, 1).matches] == plain[:1]


def test_kind_of_which_the_limits_leave_nothing_is_told_apart_too(shop: Shop) -> None:
    dear = Filters(categories=("Mugs",), max_price=1)
    spoken = Spoken("something to carry my books to school on my back")
    assert shop.beyond_kind(Query("something books school back", filters=dear, spoken=spoken)) > 0
    mug = Query("mug tea", filters=dear, spoken=Spoken("a mug for my tea"))
    assert shop.beyond_kind(mug) < 0


def test_message_that_filters_say_whole_is_not_judged(shop: Shop) -> None:
    compared: list[Compared] = []
    shop.likeliest.on_compared = compared.append
    mugs = Filters(categories=("Mugs",))
    try:
        shop.search(Query("mug", filters=mugs, spoken=Spoken("a mug, please")))
        shop.search(Query("mug"))  # nobody said anything
        assert not compared
        shop.search(Query("mug tea", filters=mugs, spoken=Spoken("a mug for tea")))
        assert len(compared) == 1
    finally:
        shop.likeliest.on_compared = None


def test_texts_are_read_ahead_until_the_shop_closes(shop: Shop) -> None:
    closing, open_ = (
        Likeliest(shop._index, shop._embedder, ThreadPoolExecutor(1)) for _ in range(2)
    )
    closing.end_preparing()
    for each in (closing, open_):
        each.prepare(shop.vocabulary)
    assert not closing._tokens._remembered
    assert len(open_._tokens._remembered) == shop.count()


def test_lists_that_are_measured_alone_are_not_judged_by_texts(shop: Shop) -> None:
    said = Query("cup", spoken=Spoken("something to carry my books to school on my back"))
    assert first(shop, said) == "backpack"
    alone = shop.weighted({"words": {"bm25": 1.0}})
    assert first(alone, replace(said, text="mug")) in ("red-mug", "blue-mug")
    assert alone.beyond_kind(replace(said, filters=Filters(categories=("Mugs",)))) == -math.inf


class Counted(Embedder):
    """Another embedder, and how many items it was given."""

    def __init__(self, inner: Embedder) -> None:
        self.name, self.dim, self.fingerprint = inner.name, inner.dim, inner.fingerprint
        self.inner, self.given = inner, 0

    @property
    def spaces(self) -> tuple[Space, ...]:
        return self.inner.spaces

    def _embed_in(self, batch: Sequence[Item], space: str) -> FloatArray:
        self.given += len(batch)
        return self.inner._embed_in(batch, space)

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        return self.inner._embed_batch(batch)


def test_whether_words_fit_elsewhere_is_found_out_once(shop: Shop) -> None:
    """Each call of the model in a turn asks again; it used to embed and search each time."""
    embedder = Counted(shop._embedder)
    counted = Shop(shop._entry, shop._registry, shop._index, embedder, shop.weights)
    mugs, backpacks = (Filters(categories=(name,)) for name in ("Mugs", "Backpacks"))
    first = counted.says_elsewhere("backpack with straps", mugs, Filters())
    assert counted.says_elsewhere("backpack with  straps", mugs, Filters()) == first
    assert embedder.given == 1
    assert counted.says_elsewhere("backpack with straps", backpacks, Filters()) != first
    assert embedder.given == 2
