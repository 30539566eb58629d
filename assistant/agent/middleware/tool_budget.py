"""Limits the tool calls of a turn."""

from __future__ import annotations

from typing import cast

from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ToolCallRequest

from assistant.agent.middleware.handlers import ToolHandler, ToolResult
from assistant.agent.state import ShopState
from assistant.agent.turn import Turn
from assistant.budget import TurnLimits
from tools.errors import RequestError

_ENOUGH = "The limit of look-ups for one message is reached. Please answer with what is known."


class ToolBudget(AgentMiddleware[ShopState, Turn]):
    """Refuses tool calls past the limit of the turn. Stands inside `ToolErrors`."""

    state_schema = ShopState

    def __init__(self, limits: TurnLimits, *, reserve: bool) -> None:
        """With `reserve` some calls are left to the built-in model until something was found."""
        super().__init__()
        self._limits, self._reserve = limits, reserve

    async def awrap_tool_call(self, request: ToolCallRequest, handler: ToolHandler) -> ToolResult:
        """The tool's result. Raises RequestError in place of one call too many."""
        turn = cast(Turn, request.runtime.context)
        reserve = self._reserve and not turn.fell_back and not turn.list_id
        if turn.tool_calls >= self._limits.tool_calls - reserve * self._limits.reserved_tool_calls:
            raise RequestError(_ENOUGH)
        turn.tool_calls += 1
        return await handler(request)
