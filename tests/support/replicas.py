"""Shoppers over several chats of one database, of which some are killed: what must not be lost.

Each shopper asks for colors of their own. A turn has ended once the page was told so; from then on
its message, its answer and its cards are in the history once, and the agent remembers it.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import socketio

from tests.support.chat_client import RunningChat, color_chat, shopper

COLORS = ("red", "blue", "green", "black", "white")
KINDS = ("mugs", "phone cases")


class Replicas:
    """Chats of one database and one shop, each with a home of its own."""

    def __init__(self, folder: Path, shop: Path, url: str, count: int = 2) -> None:
        self._folder, self._shop, self._url = folder, shop, url
        self._homes = itertools.count()
        self._stack = ExitStack()
        self.chats = [self._started() for _ in range(count)]
        self.killed = 0

    def _started(self) -> RunningChat:
        home = self._folder / f"home-{next(self._homes)}"
        home.mkdir()
        opened = color_chat(home, self._shop, database_url=self._url, guests="true")
        return self._stack.enter_context(opened)

    def kill(self, place: int) -> None:
        """Kill a chat as a machine that loses its power, and start another in its place. Blocks."""
        self.chats[place].process.kill()
        self.chats[place].process.wait()
        self.chats[place] = self._started()
        self.killed += 1

    def close(self) -> None:
        """Stop all."""
        self._stack.close()


@dataclass
class Conversation:
    """What a shopper said and was told the end of, in order."""

    number: int
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    thread: str = ""
    ended: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    """Messages whose turn was lost with a replica."""

    def words(self, turn: int) -> str:
        """What is asked in a turn: nobody else asks it in these words."""
        color = COLORS[(self.number + turn) % len(COLORS)]
        return f"{color} {KINDS[self.number % len(KINDS)]} for number {self.number * 1000 + turn}"

    async def ask(self, replicas: Replicas, place: int, turns: Sequence[int]) -> None:
        """Open the conversation on a replica and ask so many times; again where it is killed."""
        waiting = list(turns)
        while waiting:
            chat = replicas.chats[place]
            with suppress(OSError, httpx.HTTPError, socketio.exceptions.SocketIOError, TimeoutError):
                opened = {"threadId": self.thread} if self.thread else {}
                async with shopper(chat, cookies=self.cookies, **opened) as someone:
                    self.cookies = someone.cookies
                    assert not someone.named("resume_thread_error"), self.thread
                    while waiting:
                        words = self.words(waiting[0])
                        asking = asyncio.create_task(someone.ask(words))
                        while not asking.done():
                            await asyncio.wait([asking], timeout=0.1)
                            if chat.process.poll() is not None:
                                break
                        if self.thread == "" and someone.named("first_interaction"):
                            self.thread = someone.thread
                        if not asking.done():
                            asking.cancel()
                            self.cut.append(words)
                            break
                        await asking
                        self.ended.append(words)
                        waiting.pop(0)
            if waiting:
                await asyncio.sleep(0.2)
