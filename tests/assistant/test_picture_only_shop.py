"""A shop of pictures alone: found by photo and by words, and plain about what it does not list."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from PIL import Image

from assistant.conversation import Assistant
from assistant.events import Found, Message, Words
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from tests.support.color_shop import COLORS, ColorEmbedder, photo_of
from tools.catalogue.registry import Registry, collection_alias
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex
from tools.ingest import ingest
from tools.product import Query
from tools.search.shop import Shop

PICTURES = 50


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Fifty pictures named as an image server names them, packed as they are handed on."""
    folder = tmp_path_factory.mktemp("pictures")
    with tarfile.open(folder / "subset.tar.gz", "w:gz") as packed:
        for number in range(PICTURES):
            color = list(COLORS.values())[number % len(COLORS)]
            buffer = io.BytesIO()
            shade = tuple(max(0, channel - number) for channel in color)
            Image.new("RGB", (64, 48), shade).save(buffer, "JPEG")
            info = tarfile.TarInfo(f"images_folder/images/5{number:02d}Gj1WQ-RL._AC_.jpg")
            info.size = len(buffer.getvalue())
            packed.addfile(info, io.BytesIO(buffer.getvalue()))
    home = folder / "home"
    address = Address(ensure_server(home / "milvus", idle_s=5))
    registry, embedder = Registry(home), ColorEmbedder()
    index = ProductIndex(lambda: address, collection_alias("pictures"))
    report = ingest(
        folder / "subset.tar.gz",
        name="pictures",
        home=home,
        registry=registry,
        index=index,
        embedder=embedder,
    )
    assert (report.new, report.set_aside, report.worded) == (PICTURES, 0, 0)
    return Shop(registry.get("pictures"), registry, index, embedder)


@pytest.fixture
def store(tmp_path: Path) -> PhotoStore:
    return PhotoStore(tmp_path / "photos")


async def told(shop: Shop, store: PhotoStore, *texts: str, photo: str = "") -> tuple[str, int]:
    """The words of the answer to the last text, and how many products stand beside it."""
    model = OfflineChatModel(vocabulary=lambda: shop.vocabulary)
    assistant = Assistant(shop=shop, chat_model=model, photos=store, checkpointer=InMemorySaver())
    photos = []
    if photo:
        buffer = io.BytesIO()
        photo_of(photo).save(buffer, "PNG")
        photos = [store.add(buffer.getvalue(), f"{photo}.png")]
    for text in texts:
        events = [e async for e in assistant.turn("t", Message(text, tuple(photos)))]
        photos = []
    words = "".join(event.delta for event in events if isinstance(event, Words))
    return words, sum(len(event.matches) for event in events if isinstance(event, Found))


def test_pictures_are_found_by_photo_by_words_and_by_both(shop: Shop) -> None:
    for query in (
        Query(photo=photo_of("blue")),
        Query(text="phone case", photo=photo_of("blue")),
        Query(text="phone case"),
    ):
        result = shop.search(query, 9)
        assert len(result.matches) == 9
        assert not result.unmentioned
    best = shop.search(Query(photo=photo_of("blue")), 1).matches[0].product
    assert best.title == "Picture 501Gj1WQ-RL"
    assert Path(best.image).is_file()


async def test_price_limit_alone_is_answered_by_saying_that_there_are_no_prices(
    shop: Shop, store: PhotoStore
) -> None:
    words, found = await told(shop, store, "under 20 dollars")
    assert (found, "This shop lists no prices" in words) == (0, True)


async def test_what_is_asked_besides_a_price_limit_is_found(shop: Shop, store: PhotoStore) -> None:
    for texts in (["a phone case with this", "under 20 dollars"], ["like this under $20"]):
        words, found = await told(shop, store, *texts, photo="red")
        assert (found, "This shop lists no prices" in words) == (9, True)


async def test_rating_limit_is_answered_alike(shop: Shop, store: PhotoStore) -> None:
    words, _ = await told(shop, store, "rated 4 stars and up")
    assert "This shop lists no ratings" in words
