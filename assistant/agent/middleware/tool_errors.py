"""Runs one tool at a time, and turns errors of tools into messages."""

from __future__ import annotations

import logging
import uuid
from typing import Any, cast

from langchain.agents.middleware import AgentMiddleware, hook_config
from langchain.agents.middleware.types import ToolCallRequest
from langchain_core.messages import ToolMessage
from langgraph.errors import GraphBubbleUp
from langgraph.runtime import Runtime

from assistant.agent.middleware.handlers import ToolHandler, ToolResult
from assistant.agent.state import ShopState
from assistant.agent.turn import Turn
from tools.errors import ShopperError

logger = logging.getLogger("pounce.assistant")
_BROKEN = "The call failed. There is nothing to answer with."


class ToolErrors(AgentMiddleware[ShopState, Turn]):
    """Runs one tool at a time. Errors that the model can correct go to it; others end the turn."""

    state_schema = ShopState

    async def awrap_tool_call(self, request: ToolCallRequest, handler: ToolHandler) -> ToolResult:
        """The tool's result, or a message in its place."""
        turn = cast(Turn, request.runtime.context)
        try:
            async with turn.tool_lock:
                return await handler(request)
        except GraphBubbleUp:  # LangGraph's own way to pause a run, not a fault
            raise
        except ShopperError as error:
            content = str(error)
        except Exception:
            turn.incident = uuid.uuid4().hex[:12]
            logger.exception("incident %s: %s failed", turn.incident, request.tool_call["name"])
            content = _BROKEN
        return ToolMessage(
            content,
            name=request.tool_call["name"],
            tool_call_id=request.tool_call["id"] or "",
            status="error",
        )

    @hook_config(can_jump_to=["end"])
    async def abefore_model(
        self,
        state: ShopState,  # noqa: ARG002 - LangGraph passes it by this name
        runtime: Runtime[Turn],
    ) -> dict[str, Any] | None:
        """End the run after an incident: a model could only make up an answer."""
        return {"jump_to": "end"} if runtime.context.incident else None
