"""The product that a page of the shop names, by its id or a code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.color_shop import ColorEmbedder, photo_of
from tools.catalogue.registry import Registry, collection_alias
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex
from tools.ingest import ingest
from tools.search.shop import Shop

ROWS = """id,title,price,image_link,mpn,gtin
mug,Red Mug,9.99 USD,red.png,KM-100,4006381333931
cup,Red Cup,7.99 USD,red.png,KM-200,
pot,Red Pot,19.99 USD,red.png,KM-200,
KM-100,Red Lid,2.99 USD,red.png,,
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    home: Path = tmp_path_factory.mktemp("coded")
    photo_of("red").save(home / "red.png")
    path = home / "coded.csv"
    path.write_text(ROWS)
    address = Address(ensure_server(home / "milvus", idle_s=5), "", 30)
    index = ProductIndex(lambda: address, collection_alias("coded"))
    registry, embedder = Registry(home), ColorEmbedder()
    ingest(path, name="coded", home=home, registry=registry, index=index, embedder=embedder)
    return Shop(registry.get("coded"), registry, index, embedder)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["mug"], "mug"),
        (["nothing", "cup"], "cup"),
        (["cup", "mug"], "cup"),
        (["4006381333931"], "mug"),
        (["nothing", "4006381333931"], "mug"),
        (["KM-100"], "KM-100"),  # an id, before the code of another
        (["KM-200"], ""),  # two have it
        (["nothing"], ""),
        (["' or 1 == 1", '"', "\\", "%", "x" * 500], ""),
        ([], ""),
    ],
    ids=str,
)
def test_page_names_a_product_by_id_or_by_a_code_of_its_own(
    shop: Shop, names: Sequence[str], found: str
) -> None:
    product = shop.named(names)
    assert (product.id if product else "") == found
