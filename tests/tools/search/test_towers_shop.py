"""A shop under the embedder on pretrained towers: ingested, searched in each kind of way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PIL import Image

from tests.support.shop_files import write_csv
from tools.demo.drawing import Look, draw_product
from tools.embedding.registry import EmbedderChoice
from tools.index.local_server import stop_server
from tools.product import Query
from tools.search.shop import Shop
from tools.workspace import Workspace

GOODS = {
    "red-mug": (Look("mug", "plain", "red", "white", "ceramic"), "Drinking vessel, crimson"),
    "blue-mug": (Look("mug", "plain", "blue", "white", "ceramic"), "Drinking vessel, navy"),
    "lamp": (Look("lamp", "plain", "red", "white", "linen"), "Bedside lamp with linen shade"),
    "backpack": (Look("backpack", "plain", "green", "black", "canvas"), "Canvas backpack"),
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("towers")
    rows = []
    for seed, (name, (look, title)) in enumerate(GOODS.items()):
        draw_product(look, size=200, seed=seed).save(folder / f"{name}.png")
        rows.append({"id": name, "title": title, "image": f"{name}.png"})
    home = folder / "home"
    workspace = Workspace(home, embedder_choice=EmbedderChoice("towers"))
    workspace.ingest(write_csv(folder / "goods.csv", rows), name="goods")
    yield workspace.open_shop("goods")
    stop_server(home / "milvus")


def first(shop: Shop, query: Query) -> str:
    return shop.search(query, 2).matches[0].product.id


def photo(seed: int = 9) -> Image.Image:
    return draw_product(GOODS["backpack"][0], size=240, seed=seed)


def test_words_that_no_product_says_find_by_meaning(shop: Shop) -> None:
    assert first(shop, Query("something to read by at night")) == "lamp"
    assert first(shop, Query("rucksack for school")) == "backpack"


def test_bare_photo_finds_the_same_thing(shop: Shop) -> None:
    assert first(shop, Query(photo=photo())) == "backpack"


def test_product_pointed_at_in_another_color_is_found(shop: Shop) -> None:
    assert first(shop, Query("same but in blue", like="red-mug")) == "blue-mug"


def test_photo_with_words_leans_on_both(shop: Shop) -> None:
    red_mug = draw_product(GOODS["red-mug"][0], size=240, seed=11)
    assert first(shop, Query("same but in blue", photo=red_mug)) == "blue-mug"
