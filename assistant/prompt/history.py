"""The messages of a thread: how a shopper's message is stored, and how many a model is sent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage

_NOTE = re.compile(r"\s*\[\d+ photos? attached\]\s*\Z")
_TURNS_SENT = 8
CHARACTERS_SENT = 24_000
"""Of the history, besides the system message: some 6,000 tokens."""
TURNS_KEPT = 16
"""Of a thread's messages; what a reference may mean is kept beside them, in rows of its own."""


def shopper_message(text: str, photos: int) -> HumanMessage:
    """The shopper's message as the history stores it, with the number of photos alone."""
    if not photos:
        return HumanMessage(text)
    noun = "photo" if photos == 1 else "photos"
    return HumanMessage(f"{text}\n[{photos} {noun} attached]".strip())


def shopper_words(message: BaseMessage) -> str:
    """What the shopper typed, without the note about photos."""
    return _NOTE.sub("", str(message.text))


def newest_turns(
    messages: Sequence[AnyMessage], most: int = _TURNS_SENT, characters: int | None = None
) -> list[AnyMessage]:
    """The last `most` turns, so that a prompt stays small in a long thread.

    With `characters`, only as many turns as fit; the newest turn is always whole.
    """
    starts = [place for place, message in enumerate(messages) if message.type == "human"]
    first = starts[-most] if len(starts) > most else 0
    if characters is not None:
        sizes = [_size(message) for message in messages]
        fitting = (place for place in starts if sum(sizes[place:]) <= characters)
        first = max(first, next(fitting, starts[-1] if starts else 0))
    return list(messages[first:])


def _size(message: AnyMessage) -> int:
    """In characters, calls of tools included."""
    calls = message.tool_calls if isinstance(message, AIMessage) else ()
    return len(str(message.text)) + sum(
        len(str(call["args"])) + len(call["name"]) for call in calls
    )
