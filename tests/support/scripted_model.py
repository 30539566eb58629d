"""The fake at the seam of the chat model: says what it is told to, streamed as providers do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import Field

Call = dict[str, Any]
Line = str | Call | list[Call] | Exception | Callable[[], Any]


def search(**arguments: Any) -> Call:
    """A call of the search tool."""
    return {"name": "multimodal_search", "args": arguments}


class ScriptedModel(BaseChatModel):
    """One line of the script a call; the last line again when the script is over.

    A line is text, a tool call or several, an exception to raise, or something to call first.
    """

    script: list[Any]
    heard: list[list[BaseMessage]] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        return self.bind()

    def _line(self, messages: list[BaseMessage]) -> tuple[str, list[Call]]:
        line = self.script[min(len(self.heard), len(self.script) - 1)]
        self.heard.append(list(messages))
        while callable(line):
            line = line()
        if isinstance(line, Exception):
            raise line
        if isinstance(line, str):
            return line, []
        calls = line if isinstance(line, list) else [line]
        number = len(self.heard)
        return "", [{**call, "id": f"s{number}-{i}"} for i, call in enumerate(calls)]

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        text, calls = self._line(messages)
        return ChatResult(
            generations=[ChatGeneration(message=AIMessage(content=text, tool_calls=calls))]
        )

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        text, calls = self._line(messages)
        pieces = [AIMessageChunk(content=word + " ") for word in text.split()]
        for index, call in enumerate(calls):
            arguments = json.dumps(call["args"])
            half = len(arguments) // 2
            first = tool_call_chunk(
                name=call["name"], args=arguments[:half], id=call["id"], index=index
            )
            second = tool_call_chunk(args=arguments[half:], index=index)
            pieces += [
                AIMessageChunk(content="", tool_call_chunks=[chunk]) for chunk in (first, second)
            ]
        for piece in pieces or [AIMessageChunk(content="")]:
            yield ChatGenerationChunk(message=piece)
