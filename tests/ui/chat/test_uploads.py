"""Photos that are attached: few that were never sent, of each user."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest

from tests.support.clock import Clock
from ui.chat.uploads import TooManyUploadsError, Uploads


class OnePhoto:
    """Fills `ui.chat.ports.Photos`: every file is the same photo."""

    def jpeg_of(self, data: bytes, name: str) -> tuple[bytes, str]:
        return b"img", name

    def ref_of(self, jpeg: bytes) -> str:
        return "img"

    def add_jpeg(self, jpeg: bytes) -> str:
        return "img"

    def remove(self, ref: str) -> None:
        raise NotImplementedError

    def read(self, ref: str) -> bytes:
        return b"img"

    def older_than(self, seconds: float) -> list[str]:
        return []


class Session:
    """Fills `ui.chat.ports.UploadSession`."""

    thread_id = "t"

    def __init__(self) -> None:
        self.files = 0

    async def persist_file(self, name: str, mime: str, *, content: bytes) -> Mapping[str, object]:
        self.files += 1
        return {"id": f"{id(self)}-{self.files}"}


async def attach(thread: str, jpeg: bytes) -> str:
    return "img"


async def test_photos_that_are_never_sent_are_limited_a_user() -> None:
    clock = Clock()
    uploads = Uploads(OnePhoto(), attach, clock=clock)
    session, other = Session(), Session()

    async def attached(where: Session, user: str) -> str:
        return await uploads.add(where, io.BytesIO(b"x"), "a.jpg", user)

    files = [await attached(where, "anna") for where in (session, other) * 30]
    with pytest.raises(TooManyUploadsError, match="without sending"):
        await attached(Session(), "anna")
    await attached(Session(), "ben")
    assert len(uploads.of(session, files[:4], "anna")) == 2  # two are the other session's
    await attached(session, "anna")
    await attached(session, "anna")
    with pytest.raises(TooManyUploadsError):
        await attached(session, "anna")
    clock.now += 90_000
    await attached(session, "anna")
