"""What routes and handlers share while the chat is open."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial

from assistant.thread_locks import ThreadLocks
from tools.media.fetch import FetchPolicy, open_fetcher
from ui.chat.auth.rate_limit import FailureStore, LocalFailures
from ui.chat.cards.thumbnails import Pictures
from ui.chat.conversations.photo_references import PhotoReferences
from ui.chat.conversations.store import ThreadStore
from ui.chat.deployment import Deployment
from ui.chat.metrics import Metrics
from ui.chat.page_config import PageConfig
from ui.chat.ports import Assistant, OpenSessions
from ui.chat.starters import Starters
from ui.chat.turn_queue import TurnQueue
from ui.chat.turn_runner import THREAD_PREFIX, TurnRunner
from ui.chat.uploads import Uploads

_UNSENT_S = 86_400
"""How long a photo that no conversation shows is kept."""


@dataclass(frozen=True, slots=True)
class ChatState:
    """The open assistant and all that the chat keeps beside it; one for a process."""

    assistant: Assistant
    page_config: PageConfig
    pictures: Pictures
    starters: Starters
    uploads: Uploads
    threads: ThreadStore
    references: PhotoReferences
    turns: TurnRunner
    sessions: OpenSessions
    failures: FailureStore
    """Of logins: of all replicas where they share a database, else of this process."""
    queue: TurnQueue = field(default_factory=TurnQueue)

    @classmethod
    def create(
        cls,
        assistant: Assistant,
        page_config: PageConfig,
        threads: ThreadStore,
        deployment: Deployment,
        sessions: OpenSessions,
        locks: ThreadLocks,
    ) -> ChatState:
        """The state for an assistant that is open. `locks` are those of all replicas."""
        home = page_config.home
        policy = FetchPolicy(attempts=1, picture_s=15)
        fetcher = open_fetcher(home, page_config.picture_hosts, policy)
        turns = TurnRunner(assistant, threads, deployment, Metrics())
        references = PhotoReferences(assistant.photos, threads, locks)
        limit = turns.upload_limit(page_config.max_photos)
        return cls(
            assistant,
            page_config,
            Pictures(assistant.shop, home / "chat" / "thumbnails", fetcher.fetch),
            Starters(home),
            Uploads(assistant.photos, references.attach, limit),
            threads,
            references,
            turns,
            sessions,
            threads.rates if page_config.database_url else LocalFailures(),
        )

    async def forget(self, thread: str) -> None:
        """Stop what runs in a conversation and remove all that is kept of it, for good."""
        for session_id in self.sessions.of_thread(thread):
            self.queue.stop(session_id)
        await asyncio.to_thread(self.sessions.remove_files, thread)
        refs = await self.threads.delete(thread)
        await self.assistant.delete_thread(f"{THREAD_PREFIX}{thread}")
        for ref in refs:
            # Somebody may just have attached the same photo.
            await self.references.remove(ref, partial(self.uploads.holds, ref, thread))

    async def remove_unsent_photos(self) -> None:
        """Remove photos that were attached a day ago and never sent."""
        for ref in await asyncio.to_thread(self.assistant.photos.older_than, _UNSENT_S):
            await self.references.remove(ref, partial(self.uploads.holds, ref, ""))
