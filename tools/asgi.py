"""ASGI receives that hold a body which was read already.

Not covered: reading it within limits, which is the chat's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Receive


def replayed(body: bytes, receive: Receive) -> Receive:
    """A receive that gives a body that was read already, then what comes behind it."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
