"""A small proxy before several chats: each browser goes to one of them, by its login's cookie.

It looks at the first request of a connection and passes all bytes on, those of websockets too. A
browser whose chat is gone is passed on to the next one. It runs on a thread of its own.
"""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

_LOGIN = re.compile(rb"\b(pounce_[0-9a-f]+=[^;\s]+)")
_BLOCK = 65_536


class StickyProxy:
    """Listens on a free port of this machine until it is closed."""

    def __init__(self) -> None:
        self.backends: list[int] = []
        """The chats' ports; to be changed from any thread."""
        self.passed_over = 0
        """Connections whose own chat did not answer."""
        self._places: dict[str, int] = {}
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self._thread.start()

    @property
    def url(self) -> str:
        """Where browsers reach the chats."""
        return f"http://localhost:{self._listener.getsockname()[1]}"

    def send_to(self, login: str, place: int) -> None:
        """From now on pass a login's new connections on to a chat. `login` is "NAME=VALUE"."""
        self._places[login] = place

    def close(self) -> None:
        """Close all connections."""
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        self._loop.close()
        self._listener.close()

    async def _run(self) -> None:
        server = await asyncio.start_server(self._connected, sock=self._listener)
        async with server:
            await self._ended.wait()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            back = await self._reached(self._place(head))
            if back is not None:
                back[1].write(head)
                await _joined((reader, back[1]), (back[0], writer))
                back[1].close()
        writer.close()

    def _place(self, head: bytes) -> int:
        """The chat of a connection: that of its login, another one for each new login."""
        found = _LOGIN.search(head)
        if found is None:
            return len(self._places)
        return self._places.setdefault(found[1].decode(), len(self._places))

    async def _reached(self, place: int) -> tuple[StreamReader, StreamWriter] | None:
        ports = list(self.backends)
        for step in range(len(ports)):
            with suppress(OSError):
                opened = await asyncio.open_connection(
                    "127.0.0.1", ports[(place + step) % len(ports)]
                )
                self.passed_over += step
                return opened
        return None


async def _joined(*ways: tuple[StreamReader, StreamWriter]) -> None:
    """Passes bytes on, each way, until one of the two sides ends."""
    tasks = [asyncio.create_task(_pass_on(*way)) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass_on(reader: StreamReader, writer: StreamWriter) -> None:
    while data := await reader.read(_BLOCK):
        writer.write(data)
        await writer.drain()
