"""The assistant's answer on the screen while it is written."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import chainlit as cl

from ui.chat.cards.markdown import PlainWords

PACE_S = 0.1
"""Between two pieces. The page redraws the whole conversation for each piece, so that in a long one
single words would delay the cards."""


class MessageStream:
    """One message that grows; `finish` sends the rest and ends it."""

    def __init__(self) -> None:
        self._message = cl.Message(content="")
        self._plain = PlainWords()
        self._waiting = ""
        self._sending: asyncio.Task[None] | None = None

    def add(self, words: str) -> None:
        """Append words; they are shown together with all others of the same PACE_S."""
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
            # A piece that is being sent is part of the message already.
            self._sending.cancel()
            with suppress(asyncio.CancelledError):
                await self._sending
        self._message.content += self._waiting
        self._waiting = ""
        # send, not update: after an update the message has no createdAt, and is not resumed.
        await self._message.send()
