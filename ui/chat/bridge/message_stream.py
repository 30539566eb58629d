"""The assistant's words on the screen, as they come."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import chainlit as cl

from ui.chat.cards.markdown import PlainWords

PACE_S = 0.1
"""Between two pieces. The page draws the whole conversation anew for each, so that word by word
the words of a long one would hold back its cards."""


class MessageStream:
    """One message that grows; `finish` sends what is left and ends it."""

    def __init__(self) -> None:
        self._message = cl.Message(content="")
        self._plain = PlainWords()
        self._waiting = ""
        self._sending: asyncio.Task[None] | None = None

    def add(self, words: str) -> None:
        """Words that come next, shown with all that come within PACE_S."""
        self._waiting += self._plain.add(words)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._waiting:
            await asyncio.sleep(PACE_S)
            piece, self._waiting = self._waiting, ""
            await self._message.stream_token(piece)

    async def finish(self) -> None:
        """Shows the whole message. Raises what sending a piece raised."""
        if self._sending is not None:
            # A piece that is on its way stands in the message already.
            self._sending.cancel()
            with suppress(asyncio.CancelledError):
                await self._sending
        self._message.content += self._waiting
        self._waiting = ""
        # send, not update: an update leaves the message without a time of creation.
        await self._message.send()
