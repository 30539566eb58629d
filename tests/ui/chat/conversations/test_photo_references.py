"""Photos that one replica removes while another one attaches the same."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from PIL import Image

from assistant.photo_store import PhotoStore
from assistant.thread_locks import open_locks
from tools.errors import PhotoError
from ui.chat.conversations.photo_references import PhotoReferences
from ui.chat.conversations.store import open_threads


class SlowlyRemoved(PhotoStore):
    """Removes a photo when it is told to."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.removing, self.go_on = threading.Event(), threading.Event()

    def remove(self, ref: str) -> None:
        self.removing.set()
        assert self.go_on.wait(60)
        super().remove(ref)


def jpeg(color: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), color).save(buffer, "JPEG")
    return buffer.getvalue()


def unheld() -> bool:
    return False


@pytest.fixture(params=["one process", "two replicas"])
async def replicas(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[PhotoReferences, PhotoReferences]]:
    """The photos of one folder at two replicas of a database, or twice those of one process."""
    shared = request.param == "two replicas"
    url = request.getfixturevalue("postgres").new_database() if shared else ""
    photos = SlowlyRemoved(tmp_path / "photos")
    async with AsyncExitStack() as opened:
        found = []
        for _ in range(2 if shared else 1):
            threads = await opened.enter_async_context(open_threads(tmp_path / "c.sqlite", url))
            locks = await opened.enter_async_context(open_locks(url))
            found.append(PhotoReferences(photos, threads, locks))
        yield found[0], found[-1]


async def shown(references: PhotoReferences, thread: str, picture: bytes) -> str:
    user = await references.threads.keep_user("user:anna", {})
    await references.threads.begin(thread, user.id, "a photo")
    return await references.show(thread, picture)


def photos_of(replica: PhotoReferences) -> SlowlyRemoved:
    """The store of a replica, whose removals wait."""
    photos = replica.photos
    assert isinstance(photos, SlowlyRemoved)
    return photos


async def test_photo_that_is_attached_while_it_is_removed_is_there_afterwards(
    replicas: tuple[PhotoReferences, PhotoReferences],
) -> None:
    one, other = replicas
    photos = photos_of(one)
    ref = await shown(one, "t", jpeg("red"))
    assert await one.threads.delete("t") == [ref]
    removing = asyncio.create_task(one.remove(ref, unheld))
    assert await asyncio.to_thread(photos.removing.wait, 60)
    attaching = asyncio.create_task(other.attach("u", jpeg("red")))
    done, _ = await asyncio.wait([attaching], timeout=0.2)
    photos.go_on.set()
    await asyncio.gather(removing, attaching)
    assert photos.read(ref) == jpeg("red")
    assert not done  # it waited until the other was removed


async def test_photo_that_another_replica_has_attached_stays(
    replicas: tuple[PhotoReferences, PhotoReferences],
) -> None:
    one, other = replicas
    photos = photos_of(one)
    photos.go_on.set()
    ref = await shown(one, "t", jpeg("red"))
    assert await other.attach("u", jpeg("red")) == ref
    assert await one.threads.delete("t") == []
    await one.remove(ref, unheld)
    assert photos.read(ref)
    await other.threads.delete("u")
    await one.remove(ref, lambda: True)
    assert photos.read(ref)
    await one.remove(ref, unheld)
    with pytest.raises(PhotoError):
        photos.read(ref)


async def test_photo_that_was_attached_a_day_ago_and_never_sent_is_removed(
    replicas: tuple[PhotoReferences, PhotoReferences],
) -> None:
    one, other = replicas
    ref = await one.attach("t", jpeg("red"))
    (row,) = await other.threads._db.rows("SELECT at FROM attached")
    for seconds, refers in ((86_000, True), (86_500, False)):
        await other.threads.forget_turns(at=row[0] + seconds)
        assert await one.threads.refers(ref) is refers


async def test_photo_is_there_for_whoever_attaches_it_however_often_it_is_removed(
    replicas: tuple[PhotoReferences, PhotoReferences],
) -> None:
    one, other = replicas
    photos = photos_of(one)
    photos.go_on.set()
    ref = await one.attach("t", jpeg("red"))
    for number in range(30):
        await one.threads.delete("t" if not number else f"t{number - 1}")
        _, again = await asyncio.gather(
            one.remove(ref, unheld), other.attach(f"t{number}", jpeg("red"))
        )
        assert again == ref
        assert photos.read(ref)
