"""The photos that shoppers attach: decoded on arrival, and kept as JPEGs without metadata."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from assistant.events import Photo
from ui.chat.ports import Photos, UploadSession


class Uploads:
    """The photos of each session, by the file id that its messages name them with."""

    def __init__(self, photos: Photos) -> None:
        self._photos = photos
        self._of: WeakKeyDictionary[UploadSession, dict[str, Photo]] = WeakKeyDictionary()

    async def add(self, session: UploadSession, data: bytes, name: str) -> str:
        """Keep a photo for a session; its file id. Raises PhotoError for what is no picture."""
        photo = await asyncio.to_thread(self._photos.add, data, name)
        path = await asyncio.to_thread(self._photos.path, photo.ref)
        file = await session.persist_file(name=photo.name, mime="image/jpeg", path=str(path))
        file_id = str(file["id"])
        self._of.setdefault(session, {})[file_id] = photo
        return file_id

    def of(self, session: UploadSession, files: Sequence[str]) -> tuple[Photo, ...]:
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
