"""Reads the tool calls of a model whose server wraps or renames them.

Only what has a single meaning is changed: the name of an offered tool behind a prefix, and
arguments that are an object within another one or within a string.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage

from assistant.agent.middleware.handlers import ModelHandler
from assistant.agent.state import ShopState
from assistant.agent.turn import Turn

_WRAPPERS = ("arguments", "args", "parameters", "params", "input", "kwargs")
_MARKUP = re.compile(r"<\|.*", re.DOTALL)
"""Of chat templates, behind a name: "search<|channel|>commentary"."""


class CallRepair(AgentMiddleware[ShopState, Turn]):
    """Hands on a model's tool calls as they are meant."""

    state_schema = ShopState

    async def awrap_model_call(
        self, request: ModelRequest[Turn], handler: ModelHandler
    ) -> ModelResponse[Any]:
        """The model's answer, whose calls name tools that are offered where that is possible."""
        response = await handler(request)
        names = [getattr(tool, "name", "") for tool in request.tools]
        for place, message in enumerate(response.result):
            if isinstance(message, AIMessage):
                response.result[place] = repaired_calls(message, names)
        return response


def repaired_calls(message: AIMessage, names: Collection[str]) -> AIMessage:
    """The message with calls of the tools called `names` where these are meant."""
    if not message.tool_calls and not message.invalid_tool_calls:
        return message
    calls = [
        {**call, "name": tool_name(call["name"], names), "args": _unwrapped(call["args"])}
        for call in message.tool_calls
    ]
    invalid = []
    for broken in message.invalid_tool_calls:
        name, arguments = tool_name(broken["name"] or "", names), _object(broken["args"])
        if name in names and arguments is not None:
            calls.append({"name": name, "args": arguments, "id": broken["id"], "type": "tool_call"})
        else:
            invalid.append(broken)
    if calls == message.tool_calls:
        return message
    return message.model_copy(update={"tool_calls": calls, "invalid_tool_calls": invalid})


def tool_name(given: str, names: Collection[str]) -> str:
    """The name of the tool that is meant; what was given where it is none.

    Servers put "functions." and the like before a name.
    """
    bare = _MARKUP.sub("", given).strip().strip("\"'`")
    last = re.split(r"[.:/]", bare)[-1].strip()
    for candidate in (given, bare, last, last.lower()):
        if candidate in names:
            return candidate
    return given


def _unwrapped(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments, which may stand in one field of an object."""
    if len(arguments) == 1:
        ((name, value),) = arguments.items()
        inner = _object(value) if name in _WRAPPERS else None
        if inner is not None:
            return inner
    return arguments


def _object(value: Any) -> dict[str, Any] | None:
    """The JSON object that a value is or spells, up to twice; None for anything else."""
    for _ in range(2):
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                return None
    return value if isinstance(value, dict) else None
