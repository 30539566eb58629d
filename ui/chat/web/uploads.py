"""The photos that a shopper attaches: looked at when they arrive, and kept as we wrote them.

This takes the place of Chainlit's own upload, which believes the type that the browser claims,
keeps the file as it came, and serves it back from our host. What is no picture is refused here,
while the shopper is still choosing, with the sentence that says why; what is kept has lost its
metadata.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, BinaryIO
from weakref import WeakKeyDictionary

from fastapi import Depends, FastAPI, HTTPException, UploadFile

from assistant.events import Photo
from tools.errors import ShopperError

if TYPE_CHECKING:
    from chainlit.session import WebsocketSession

    from ui.chat.state import Photos

PATH = "/project/file"
"""Where Chainlit's page sends files."""


_AT_ONCE = 2
"""Photos that are decoded at a time."""
_MOST_PENDING = 24
"""Photos of one user that wait for that: as many as a page sends at once, and some more."""

UploadLimit = Callable[[str], Awaitable[bool]]
"""Counts a photo of a user; whether it is within the limits."""


class TooManyUploadsError(ShopperError):
    """A user sends more photos than they may."""


class Uploads:
    """The photos of each session, by the file id that its messages name them with."""

    def __init__(self, photos: Photos, limit: UploadLimit | None = None) -> None:
        self._photos = photos
        self._limit = limit
        self._pending: Counter[str] = Counter()
        # Threads of their own: photos that wait for their turn hold up nothing else.
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="photos")
        self._of: WeakKeyDictionary[WebsocketSession, dict[str, Photo]] = WeakKeyDictionary()

    async def take(self, session: WebsocketSession, file: BinaryIO, name: str) -> str:
        """Keep a photo for a session; the file id.

        Few are decoded at a time, the others wait. Raises PhotoError for what is no picture,
        TooManyUploadsError where this user has sent too many.
        """
        user = _identifier(session.user) or ""
        if self._pending[user] >= _MOST_PENDING:
            raise TooManyUploadsError("Please wait until your other photos have arrived.")
        self._pending[user] += 1
        try:
            if self._limit is not None and not await self._limit(user):
                raise TooManyUploadsError(
                    "That was a lot of photos. Please wait a while and attach it again."
                )
            photo = await asyncio.get_running_loop().run_in_executor(
                self._threads, lambda: self._photos.add(file.read(), name)
            )
        finally:
            self._pending[user] -= 1
            if not self._pending[user]:
                del self._pending[user]
        path = await asyncio.to_thread(self._photos.path, photo.ref)
        file = await session.persist_file(name=photo.name, mime="image/jpeg", path=str(path))
        self._of.setdefault(session, {})[file["id"]] = photo
        return file["id"]

    def of(self, session: WebsocketSession, files: Sequence[str]) -> tuple[Photo, ...]:
        """The photos that a session attached, in order; ids that are not its own are left out."""
        known = self._of.get(session, {})
        return tuple(known[file] for file in files if file in known)

    def holds(self, ref: str, besides: str) -> bool:
        """Whether a session of any thread but `besides` has attached a photo, sent or not."""
        return any(
            photo.ref == ref
            for session, files in self._of.items()
            if session.thread_id != besides
            for photo in files.values()
        )


def add_upload_route(app: FastAPI, uploads: Callable[[], Uploads]) -> None:
    """Declare the route. `uploads` is asked at each request."""

    from chainlit.auth import get_current_user
    from chainlit.session import WebsocketSession

    @app.post(PATH)
    async def upload(
        session_id: str,
        file: UploadFile,
        user: Any = Depends(get_current_user),  # noqa: B008 - FastAPI's way
    ) -> dict[str, str]:
        """The id of a file taken in, as Chainlit's page expects it."""
        session = WebsocketSession.get_by_id(session_id)
        # Another user's session is none, as far as anybody is told.
        if session is None or _identifier(session.user) != _identifier(user):
            raise HTTPException(404, "The chat has been away. Please reload the page.")
        try:
            taken = await uploads().take(session, file.file, file.filename or "photo")
        except TooManyUploadsError as error:
            raise HTTPException(429, str(error)) from error
        except ShopperError as error:
            raise HTTPException(400, str(error)) from error
        return {"id": taken}


def _identifier(user: Any) -> str | None:
    return None if user is None else str(user.identifier)
