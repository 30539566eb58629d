"""Stores where each limit of a search came from."""

from __future__ import annotations

from typing import Any, cast

from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ToolCallRequest
from langgraph.types import Command

from assistant.agent.constraints import constraints_of
from assistant.agent.middleware.handlers import ToolHandler, ToolResult
from assistant.agent.state import ShopState
from assistant.agent.turn import Turn


class ConstraintOrigins(AgentMiddleware[ShopState, Turn]):
    """Adds the origins of a search's limits to the state."""

    state_schema = ShopState

    async def awrap_tool_call(self, request: ToolCallRequest, handler: ToolHandler) -> ToolResult:
        """The tool's result, with `constraints` behind `search`."""
        result = await handler(request)
        turn = cast(Turn, request.runtime.context)
        update = result.update if isinstance(result, Command) else None
        if isinstance(update, dict) and update.get("search"):
            state = cast(dict[str, Any], request.state)
            update["constraints"] = constraints_of(
                update["search"],
                state.get("constraints") or (),
                turn=turn.number,
                said=turn.said,
                pick=turn.pick,
                shown=state.get("shown") or (),
                currency=str(turn.catalogue.get("currency", "USD")),
            )
        return result
