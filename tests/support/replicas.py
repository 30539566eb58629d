"""Shoppers over several chats of one database behind a proxy, one of them killed: nothing may be
lost or mixed.

A turn has ended once the page was told so. From then on its message, its answer and its cards are
in the history, and the agent remembers it. A turn that its replica was killed in is asked again.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from langchain_core.messages import BaseMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from socketio.exceptions import SocketIOError

from assistant.checkpoints import open_checkpointer
from tests.support.chat_client import RunningChat, Shopper, color_chat, connected
from tests.support.color_shop import COLORS
from tests.support.sticky_proxy import StickyProxy
from ui.chat.conversations.store import ThreadStore, open_threads
from ui.chat.turn_runner import THREAD_PREFIX

_KINDS = {"mugs": "Mug", "phone cases": "Phone Case"}
_LOOK_S = 0.05
"""Between two looks whether the replica of a turn still runs."""
_LOST = (OSError, httpx.HTTPError, SocketIOError, TimeoutError)
"""What a shopper sees of a replica that is killed."""


class Replicas:
    """Chats of one database and one shop, each with a home of its own."""

    def __init__(
        self, folder: Path, shop: Path, url: str, settings: Mapping[str, str] | None = None
    ) -> None:
        """`settings` are more POUNCE_ variables, by their names in small letters."""
        self._folder, self._shop = folder, shop
        self._settings = {
            "database_url": url,
            "photos": str(folder / "photos"),
            "guests": "true",
            **(settings or {}),
        }
        self._homes = itertools.count()
        self._stack = ExitStack()
        self.killed = 0
        self.proxy = StickyProxy()
        self._stack.callback(self.proxy.close)
        self.chats = [self._started() for _ in range(2)]
        self._tell_proxy()

    def _started(self) -> RunningChat:
        home = self._folder / f"home-{next(self._homes)}"
        home.mkdir()
        opened = color_chat(home, self._shop, **self._settings)
        return self._stack.enter_context(opened)

    def kill(self, place: int) -> None:
        """Kill a chat as a machine that loses its power, and start another one. Blocks."""
        self.chats[place].process.kill()
        self.chats[place].process.wait()
        self.chats[place] = self._started()
        self._tell_proxy()
        self.killed += 1

    @property
    def front(self) -> RunningChat:
        """All of them, as shoppers reach them: through the proxy."""
        return replace(self.chats[0], url=self.proxy.url)

    def _tell_proxy(self) -> None:
        self.proxy.backends = [int(chat.url.rpartition(":")[2]) for chat in self.chats]

    def close(self) -> None:
        """Stop all of them."""
        self._stack.close()


@dataclass
class Conversation:
    """A shopper's conversation: what they said, and was told the end of, in order."""

    number: int
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    thread: str = ""
    ended: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    """Messages whose turn was lost with a replica."""

    def asked(self, turn: int) -> tuple[str, str]:
        """What a turn asks, in words that nobody else uses, and how its cards' titles begin."""
        color = sorted(COLORS)[(self.number + turn) % len(COLORS)]
        kind, title = sorted(_KINDS.items())[self.number % len(_KINDS)]
        words = f"{color} {kind} under ${1000 + 10 * self.number + turn}"
        return words, f"{color.title()} {title}"

    async def ask(self, replicas: Replicas, place: int, turns: Sequence[int]) -> None:
        """Ask in these turns, on this replica while it lives; again what is cut meanwhile."""
        waiting = list(turns)
        while waiting:
            someone = Shopper(replicas.front, cookies=self.cookies)
            asking = asyncio.create_task(self._ask(replicas, place, someone, waiting))
            while not asking.done() and not someone.lost:
                await asyncio.wait([asking], timeout=_LOOK_S)
            asking.cancel()
            with suppress(asyncio.CancelledError, *_LOST):
                await asking

    async def _enter(self, replicas: Replicas, place: int, someone: Shopper) -> None:
        """Become a guest, whom the proxy sends to this replica."""
        if not self.cookies:
            async with someone.http() as http:
                await http.get("/")
                self.cookies = someone.cookies = http.cookies
        for name, value in self.cookies.items():
            replicas.proxy.send_to(f"{name}={value}", place)

    async def _ask(
        self, replicas: Replicas, place: int, someone: Shopper, waiting: list[int]
    ) -> None:
        """Ask until nothing waits."""
        opened = {"threadId": self.thread} if self.thread else {}
        await self._enter(replicas, place, someone)
        async with connected(someone, **opened):
            if someone.named("resume_thread_error"):
                assert not self.ended, f"conversation {self.number} is lost"
                self.thread = ""
            while waiting:
                words, _ = self.asked(waiting[0])
                self.cut.append(words)  # until its end is heard
                try:
                    await someone.ask(words)
                finally:
                    if not self.thread and someone.named("first_interaction"):
                        self.thread = someone.thread
                self.ended.append(self.cut.pop())
                waiting.pop(0)


async def faults(conversations: Sequence[Conversation], url: str, turns: int) -> list[str]:
    """What is lost, doubled or mixed in the database: a sentence each."""
    found: list[str] = []
    async with (
        open_threads(Path("unused"), url) as store,
        open_checkpointer("", Path("unused"), url) as saver,
    ):
        for each in conversations:
            history = await _history_faults(each, store, turns)
            messages = await remembered(each.thread, saver)
            said = [str(message.text) for message in messages if message.type == "human"]
            memory = _counted(each, said, "in the agent's memory")
            found += [f"conversation {each.number}: {fault}" for fault in (*history, *memory)]
    return found


async def remembered(thread: str, saver: BaseCheckpointSaver[Any]) -> list[BaseMessage]:
    """The messages of a conversation in the agent's memory."""
    config: Any = {"configurable": {"thread_id": f"{THREAD_PREFIX}{thread}"}}
    state = await saver.aget_tuple(config)
    return list(state.checkpoint["channel_values"]["messages"]) if state else []


async def _history_faults(each: Conversation, store: ThreadStore, turns: int) -> list[str]:
    if await store.thread(each.thread) is None:
        return ["it is lost"]
    steps, elements = await store.steps(each.thread), await store.elements(each.thread)
    said = [step["output"] for step in steps if step["type"] == "user_message"]
    found = _counted(each, said, "in the history")
    titles = dict(map(each.asked, range(turns)))
    # The steps of each message, by the words of the newest one.
    parts: dict[str, list[str]] = {}
    for step in steps:
        if step["type"] == "user_message":
            words = step["output"]
            parts[words] = []
        parts[words].append(step["id"])
    for words in each.ended:
        cards = [
            card["title"]
            for element in elements
            if element["name"] == "ProductGallery" and element["forId"] in parts.get(words, ())
            for card in element["props"]["cards"]
        ]
        if not cards or not all(title.startswith(titles[words]) for title in cards):
            found.append(f"{words!r} has the cards {cards}")
    return found


def _counted(each: Conversation, said: list[str], where: str) -> list[str]:
    """Messages that are missing, too often there, out of order, or of somebody else."""
    found = [f"{words!r} of another conversation is {where}" for words in said
             if words not in {*each.ended, *each.cut}]  # fmt: skip
    found += [
        f"{words!r} is {said.count(words)} times {where}"
        for words in each.ended
        if not 1 <= said.count(words) <= 1 + each.cut.count(words)
    ]
    if [words for words in dict.fromkeys(said) if words in each.ended] != each.ended:
        found.append(f"the order is another one {where}")
    return found
