"""Answers a repeated tool call without running the tool again."""

from __future__ import annotations

import json
from typing import cast

from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ToolCallRequest
from langchain_core.messages import ToolMessage

from assistant.agent.middleware.handlers import ToolHandler, ToolResult
from assistant.agent.state import ShopState
from assistant.agent.turn import Turn


class DeduplicateCalls(AgentMiddleware[ShopState, Turn]):
    """Answers the same call of a turn from the first one, without running the tool again.

    The same words mean something else once another list is the newest, so an answer is good for
    as long as its list is. A call that failed may be tried again. Stands inside `ToolErrors`, so
    that one call runs at a time.
    """

    state_schema = ShopState

    async def awrap_tool_call(self, request: ToolCallRequest, handler: ToolHandler) -> ToolResult:
        """The tool's result, or the first one's words under this call's id."""
        turn = cast(Turn, request.runtime.context)
        call = request.tool_call
        key = json.dumps([call["name"], call["args"]], sort_keys=True, default=str)
        list_id, said = turn.answered.get(key, ("", ""))
        if said and list_id == turn.list_id:
            return ToolMessage(said, name=call["name"], tool_call_id=call["id"] or "")
        result = await handler(request)
        message = _message(result)
        if message is not None and message.status != "error":
            turn.answered[key] = (turn.list_id, str(message.text))
        return result


def _message(result: ToolResult) -> ToolMessage | None:
    if isinstance(result, ToolMessage):
        return result
    update = result.update if isinstance(result.update, dict) else {}
    return next((m for m in update.get("messages", ()) if isinstance(m, ToolMessage)), None)
