"""Talking with an assistant as a front end does: messages in, events out."""

from __future__ import annotations

import io
from typing import Any

from assistant.conversation import Assistant
from assistant.events import Event, Found, Message, Photo, Ranked, Words
from assistant.photo_store import PhotoStore
from tests.support.color_shop import photo_of


def send_photo(store: PhotoStore, color: str) -> Photo:
    buffer = io.BytesIO()
    photo_of(color).save(buffer, "PNG")
    return store.add(buffer.getvalue(), f"{color}.png")


async def hear(assistant: Assistant, text: str, *photos: Photo, thread: str = "t") -> list[Event]:
    return [event async for event in assistant.turn(thread, Message(text, photos))]


def found(events: list[Event]) -> Found:
    return [event for event in events if isinstance(event, Found)][-1]


def ranked(events: list[Event]) -> Ranked:
    return next(event for event in events if isinstance(event, Ranked))


def words(events: list[Event]) -> str:
    return "".join(event.delta for event in events if isinstance(event, Words))


async def history(assistant: Assistant, thread: str = "t") -> dict[str, Any]:
    """What a thread remembers. An assistant has no public way to it."""
    state = await assistant._agent.aget_state({"configurable": {"thread_id": thread}})
    return dict(state.values)
