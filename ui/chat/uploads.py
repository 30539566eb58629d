"""The photos that shoppers attach: decoded on arrival, and kept as JPEGs without metadata."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO
from weakref import WeakKeyDictionary

from assistant.events import Photo
from tools.errors import ShopperError
from ui.chat.ports import Photos, UploadSession

_AT_ONCE = 2
"""Photos that are decoded at a time."""
_MOST_PENDING = 24
"""Photos of one user that wait to be decoded: as many as a page sends at once, and some more."""

_MOST_UNSENT = 60
"""Photos of one user in a day that were attached and never sent."""
_UNSENT_S = 86_400

UploadLimit = Callable[[str, str], Awaitable[bool]]
"""Counts a photo of a user at an IP address; whether it is within the limits."""
Attach = Callable[[str, bytes], Awaitable[str]]
"""Stores a JPEG that a page of a thread attached; its ref. See `PhotoReferences.attach`."""


class TooManyUploadsError(ShopperError):
    """A user sends more photos than they may."""


class Uploads:
    """The photos of each session, by the file id that its messages name them with."""

    def __init__(
        self,
        photos: Photos,
        attach: Attach,
        limit: UploadLimit | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._photos = photos
        self._attach = attach
        self._limit = limit
        self._clock = clock
        self._unsent: dict[str, dict[str, float]] = {}
        self._pending: Counter[str] = Counter()
        # Threads of their own: photos that wait to be decoded hold up nothing else.
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="photos")
        self._of: WeakKeyDictionary[UploadSession, dict[str, Photo]] = WeakKeyDictionary()

    async def add(
        self,
        session: UploadSession,
        file: BinaryIO,
        name: str,
        user: str = "",
        address: str = "",
    ) -> str:
        """Keep a photo for a session of a user, who asks from an IP address; its file id.

        Few are decoded at a time, the others wait. Raises PhotoError for what is no picture, and
        TooManyUploadsError where this user has sent too many.
        """
        if self._pending[user] >= _MOST_PENDING:
            raise TooManyUploadsError("Please wait until your other photos have arrived.")
        if len(self._unsent_of(user)) >= _MOST_UNSENT:
            raise TooManyUploadsError(
                "You have attached many photos without sending them. "
                "Please send a message with some of them first."
            )
        self._pending[user] += 1
        try:
            if self._limit is not None and not await self._limit(user, address):
                raise TooManyUploadsError(
                    "That was a lot of photos. Please wait a while and attach it again."
                )
            jpeg, plain = await asyncio.get_running_loop().run_in_executor(
                self._threads, lambda: self._photos.jpeg_of(file.read(), name)
            )
        finally:
            self._pending[user] -= 1
            if not self._pending[user]:
                del self._pending[user]
        photo = Photo(await self._attach(session.thread_id, jpeg), plain)
        stored = await session.persist_file(name=photo.name, mime="image/jpeg", content=jpeg)
        file_id = str(stored["id"])
        self._of.setdefault(session, {})[file_id] = photo
        self._unsent.setdefault(user, {})[file_id] = self._clock()
        return file_id

    def of(self, session: UploadSession, files: Sequence[str], user: str = "") -> tuple[Photo, ...]:
        """The photos that a session of a user sends, in order.

        Ids that are not its own are left out.
        """
        known = self._of.get(session, {})
        for file in known.keys() & set(files):
            self._unsent.get(user, {}).pop(file, None)
        return tuple(known[file] for file in files if file in known)

    def _unsent_of(self, user: str) -> dict[str, float]:
        """When each photo of a user came that was not sent, by file id; those of a day."""
        since = self._clock() - _UNSENT_S
        for each, files in list(self._unsent.items()):
            for file in [file for file, at in files.items() if at <= since]:
                del files[file]
            if not files:
                del self._unsent[each]
        return self._unsent.get(user, {})

    def holds(self, ref: str, besides: str) -> bool:
        """Whether a session of any thread but `besides` has attached a photo, sent or not."""
        return any(
            photo.ref == ref
            for session, files in self._of.items()
            if session.thread_id != besides
            for photo in files.values()
        )
