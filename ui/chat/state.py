"""What the handlers work with: the assistant, its shop's pictures, and the locks of sessions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

from chainlit.session import ws_sessions_id

from assistant.events import Event, Message, Photo
from assistant.shortlist import ShortlistItem
from tools.catalogue.vocabulary import Vocabulary
from tools.media.fetch import FetchPolicy, open_fetcher
from tools.product import Product
from ui.chat.cards.thumbnails import Pictures
from ui.chat.conversations.store import ThreadStore
from ui.chat.deployment import Deployment
from ui.chat.metrics import Metrics
from ui.chat.page_config import PageConfig
from ui.chat.starters import Starters
from ui.chat.turn_runner import PREFIX, TurnRunner
from ui.chat.web.uploads import Uploads

_UNSENT_S = 86_400
"""How long a photo that no conversation shows is kept."""


class Shop(Protocol):
    """The part of `tools.search.shop.Shop` that the chat shows. All of it may block."""

    @property
    def name(self) -> str: ...

    @property
    def vocabulary(self) -> Vocabulary: ...

    def product(self, identity: str, /) -> Product | None: ...

    def count(self) -> int: ...


class Photos(Protocol):
    """The part of the photo store that the chat needs. All of it blocks."""

    def add(self, data: bytes, name: str, /) -> Photo: ...

    def add_jpeg(self, jpeg: bytes, /) -> str: ...

    def remove(self, ref: str, /) -> None: ...

    def path(self, ref: str, /) -> Path: ...

    def older_than(self, seconds: float, /) -> list[str]: ...


class Assistant(Protocol):
    """What answers. The chat knows no more of it than this."""

    @property
    def shop(self) -> Shop: ...

    @property
    def photos(self) -> Photos: ...

    def turn(self, thread_id: str, message: Message, /) -> AsyncGenerator[Event, None]: ...

    async def delete_thread(self, thread_id: str, /) -> None: ...

    async def rate(self, turn_id: str, feedback: Mapping[str, object] | None, /) -> None: ...
    async def shortlist(self, thread_id: str, /) -> tuple[ShortlistItem, ...]: ...

    async def add_to_shortlist(self, thread_id: str, product_id: str, number: int, /) -> None: ...

    async def remove_from_shortlist(self, thread_id: str, product_id: str, /) -> None: ...


OpenAssistant = Callable[[], AbstractAsyncContextManager[Assistant]]


@dataclass(frozen=True, slots=True)
class ChatState:
    """The open shop: made once the assistant stands, shared by all sessions."""

    assistant: Assistant
    page_config: PageConfig
    pictures: Pictures
    starters: Starters
    uploads: Uploads
    threads: ThreadStore
    turns: TurnRunner
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _tasks: dict[str, set[asyncio.Task[None]]] = field(default_factory=dict)

    @classmethod
    def around(
        cls,
        assistant: Assistant,
        page_config: PageConfig,
        threads: ThreadStore,
        deployment: Deployment,
    ) -> ChatState:
        """The state for an assistant that stands."""
        fetcher = open_fetcher(
            page_config.home, page_config.picture_hosts, FetchPolicy(attempts=1, picture_s=15)
        )
        thumbnails = page_config.home / "chat" / "thumbnails"
        pictures = Pictures(assistant.shop, thumbnails, fetcher.fetch)
        turns = TurnRunner(assistant, threads, deployment, Metrics())
        return cls(
            assistant,
            page_config,
            pictures,
            Starters(page_config.home),
            Uploads(assistant.photos, turns.upload_limit(page_config.max_photos)),
            threads,
            turns,
        )

    def lock(self, session_id: str) -> asyncio.Lock:
        """The lock that makes a session's turns follow one another; kept while it is held."""
        return self._locks.setdefault(session_id, asyncio.Lock())

    def started(self, session_id: str, task: asyncio.Task[None]) -> None:
        """Note a turn, so that the stop button finds it even when another one waits behind."""
        self._tasks.setdefault(session_id, set()).add(task)

    def ended(self, session_id: str, task: asyncio.Task[None]) -> None:
        """Forget a turn."""
        tasks = self._tasks.get(session_id, set())
        tasks.discard(task)
        if not tasks:
            self._tasks.pop(session_id, None)

    async def forget(self, thread: str) -> None:
        """Stop what runs in a conversation and remove all that is kept of it, for good."""
        for session in list(ws_sessions_id.values()):
            if session.thread_id == thread:
                self.stop(session.id)
        refs = await self.threads.delete(thread)
        await self.assistant.delete_thread(f"{PREFIX}{thread}")
        for ref in refs:
            # Somebody may just have attached the same photo.
            if not self.uploads.holds(ref, thread):
                await asyncio.to_thread(self.assistant.photos.remove, ref)

    async def tidy(self) -> None:
        """Remove photos that were attached a day ago and never sent."""
        photos = self.assistant.photos
        for ref in await asyncio.to_thread(photos.older_than, _UNSENT_S):
            if not await self.threads.refers(ref) and not self.uploads.holds(ref, ""):
                await asyncio.to_thread(photos.remove, ref)

    def stop(self, session_id: str) -> None:
        """Cancel the session's turns: the one that runs and those that wait for it."""
        for task in self._tasks.get(session_id, ()):
            task.cancel()
