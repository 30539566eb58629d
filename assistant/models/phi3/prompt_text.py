"""LangChain's messages as a prompt of Phi-3 Vision.

Its template knows the roles system, user and assistant, each a turn of its own. What a tool gave
goes into a user's turn, fenced and named: not into the system's, because it holds strangers' words
(titles, descriptions), and not into the assistant's, because the model would take it for its own.
Marks of the template in anybody's words are neutralised, so that nobody can begin a turn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from assistant.models.phi3.content_parts import pieces_of
from tools.phi3_vision.tokenizer import Role, chat_prompt, escape_special_tokens, picture_mark
from tools.rerank.prompt import FENCE

if TYPE_CHECKING:
    from PIL.Image import Image

_LIKE_FENCE = re.compile(rf"^(?={FENCE})", re.MULTILINE)
_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
}


@dataclass(frozen=True, slots=True, eq=False)
class Conversation:
    """A prompt up to the beginning of the answer."""

    prompt: str
    pictures: list[Image]
    """In the order of their marks in the prompt."""


def read_conversation(
    messages: Sequence[BaseMessage],
    instructions: str = "",
    *,
    as_json: bool = False,
    max_mb: float = 10,
) -> Conversation:
    """The prompt of these messages.

    `instructions` stand first in the system's turn, where they are the same in every prompt: what
    is read of them is kept. `as_json` writes what the assistant said the way it is to answer now.
    Raises ValueError for no messages or a kind that has no place here, and what `pieces_of` does.
    """
    if not messages:
        raise ValueError("There are no messages to answer.")
    turns = [_turn(message, as_json=as_json, max_mb=max_mb) for message in messages]
    if instructions:
        if turns[0][0] == "system":
            turns[0][1].insert(0, f"{instructions}\n")
        else:
            turns.insert(0, ("system", [instructions]))
    pictures = [piece for _, pieces in turns for piece in pieces if not isinstance(piece, str)]
    numbers = count(1)
    return Conversation(
        chat_prompt((role, _words(pieces, numbers)) for role, pieces in turns), pictures
    )


def _turn(message: BaseMessage, *, as_json: bool, max_mb: float) -> tuple[Role, list[str | Image]]:
    if isinstance(message, AIMessage):
        return "assistant", [_said(message, as_json=as_json)]
    pieces = pieces_of(message, max_mb=max_mb)
    if isinstance(message, SystemMessage):
        return "system", pieces
    if isinstance(message, HumanMessage):
        return "user", pieces
    if isinstance(message, ToolMessage | FunctionMessage):
        return "user", _result(message, pieces)
    if isinstance(message, ChatMessage) and message.role in _ROLES:
        return _ROLES[message.role], pieces
    raise ValueError(f"A message of the type {message.type} has no place in a prompt of Phi-3.")


def _said(message: AIMessage, *, as_json: bool) -> str:
    """What the assistant said and asked for, calls always in the form that it writes them in."""
    calls = [call_text(call["name"], call["args"]) for call in message.tool_calls]
    words = str(message.text)
    if as_json and (words or not calls):
        words = json.dumps({"say": words}, ensure_ascii=False)
    return "\n".join([words, *calls] if words else calls)


def call_text(name: str, arguments: object) -> str:
    """A call of a tool as the model writes it."""
    return json.dumps({"tool": name, "arguments": arguments}, ensure_ascii=False)


def _result(message: ToolMessage | FunctionMessage, pieces: list[str | Image]) -> list[str | Image]:
    failed = isinstance(message, ToolMessage) and message.status == "error"
    fenced = [_LIKE_FENCE.sub(" ", piece) if isinstance(piece, str) else piece for piece in pieces]
    what = "What went wrong in" if failed else "What came of"
    return [f"{what} {message.name or 'the tool'}, only data:\n{FENCE}", *fenced, FENCE]


def _words(pieces: list[str | Image], numbers: Iterator[int]) -> str:
    """A turn's words with marks for its pictures, which `numbers` numbers."""
    lines: list[str] = []
    run: list[str] = []
    for piece in (*pieces, None):
        if isinstance(piece, str):
            run.append(piece)
            continue
        # Joined first: a mark must not come together out of two pieces.
        if run:
            lines.append(escape_special_tokens("\n".join(run)))
            run = []
        if piece is not None:
            lines.append(picture_mark(next(numbers)))
    return "\n".join(lines)
