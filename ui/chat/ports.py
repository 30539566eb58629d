"""What the chat needs from others, as protocols: the assistant behind it, the page before it.

`assistant.conversation.Assistant` fills `Assistant`, and `ui.chat.bridge` fills what concerns the
page. Tests fill `Assistant` with a scripted one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from assistant.events import Event, LinkClick, Message
from assistant.shortlist import ShortlistItem
from tools.catalogue.vocabulary import Vocabulary
from tools.product import Product


class Shop(Protocol):
    """The part of `tools.search.shop.Shop` that the chat shows. All of it may block."""

    @property
    def name(self) -> str: ...

    @property
    def vocabulary(self) -> Vocabulary: ...

    def product(self, identity: str, /) -> Product | None: ...

    def named(self, names: Sequence[str], /) -> Product | None: ...

    def count(self) -> int: ...


class Photos(Protocol):
    """The part of the photo store that the chat needs. All of it blocks."""

    def jpeg_of(self, data: bytes, name: str, /) -> tuple[bytes, str]: ...

    def ref_of(self, jpeg: bytes, /) -> str: ...

    def add_jpeg(self, jpeg: bytes, /) -> str: ...

    def remove(self, ref: str, /) -> None: ...

    def read(self, ref: str, /) -> bytes: ...

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

    async def clicked(self, thread_id: str, turn_id: str, click: LinkClick, /) -> None: ...

    async def shortlist(self, thread_id: str, /) -> tuple[ShortlistItem, ...]: ...

    async def add_to_shortlist(self, thread_id: str, product_id: str, number: int, /) -> None: ...

    async def remove_from_shortlist(self, thread_id: str, product_id: str, /) -> None: ...


OpenAssistant = Callable[[], AbstractAsyncContextManager[Assistant]]


class TurnSession(Protocol):
    """The page that a turn runs for."""

    @property
    def user(self) -> str:
        """Identifier of whoever is logged in; "" for nobody."""
        ...

    @property
    def address(self) -> str:
        """The IP address of the page; "" for an unknown one."""
        ...

    @property
    def run_id(self) -> str:
        """What the steps and messages of the turn are stored under; "" outside of a turn."""
        ...

    async def show_thread_name(self, name: str, /) -> None:
        """Have the sidebar show another name of the conversation."""
        ...


class UploadSession(Protocol):
    """The page that photos are attached in. Compared by identity."""

    @property
    def thread_id(self) -> str: ...

    async def persist_file(self, name: str, mime: str, *, content: bytes) -> Mapping[str, object]:
        """Store a file for the page; its id is under "id"."""
        ...


class OpenSessions(Protocol):
    """The sessions of all open pages of this process."""

    def count(self) -> int: ...

    def of_thread(self, thread: str, /) -> list[str]:
        """Ids of the sessions that have a conversation open."""
        ...

    async def settle(self, within_s: float, /) -> None:
        """Wait until what the pages were shown is stored."""
        ...

    def remove_files(self, thread: str, /) -> None:
        """Remove the files of the sessions that have a conversation open. Blocks."""
        ...


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """Whoever sends a request, known from an earlier visit or login."""

    id: str
    """The random id in the conversation store."""
    identifier: str
    """Who they are, such as "user:anna"."""
