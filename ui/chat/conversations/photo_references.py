"""Photos, stored while a conversation shows them or a page has just attached them.

A photo is stored and its reference noted under a lock of the photo among all replicas of a
database, and removed under the same lock where nothing refers to it: a replica that removes a photo
with its last conversation leaves alone what another one attaches. Not covered: several processes on
one home without a database, whose locks are their own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from assistant.thread_locks import ThreadLocks
from ui.chat.conversations.store import ThreadStore
from ui.chat.ports import Photos

_LOCK = "photo-"
"""Before a photo's ref; no thread's id begins so."""


@dataclass(frozen=True, slots=True)
class PhotoReferences:
    """The photo store, and who refers to what of it. Lives on one event loop."""

    photos: Photos
    threads: ThreadStore
    locks: ThreadLocks

    async def attach(self, thread: str, jpeg: bytes) -> str:
        """Store a photo that a page of a thread attached, and may send within a day; its ref."""
        ref = self.photos.ref_of(jpeg)
        async with self.locks.hold(f"{_LOCK}{ref}"):
            await self.threads.attach(thread, ref, at=time.time())
            return await asyncio.to_thread(self.photos.add_jpeg, jpeg)

    async def show(self, thread: str, jpeg: bytes) -> str:
        """Store a picture that a thread shows; its ref."""
        ref = self.photos.ref_of(jpeg)
        async with self.locks.hold(f"{_LOCK}{ref}"):
            await self.threads.show(thread, [ref])
            return await asyncio.to_thread(self.photos.add_jpeg, jpeg)

    async def remove(self, ref: str, held: Callable[[], bool]) -> None:
        """Remove a photo, unless anything refers to it or this process holds it."""
        async with self.locks.hold(f"{_LOCK}{ref}"):
            if not held() and not await self.threads.refers(ref):
                await asyncio.to_thread(self.photos.remove, ref)
