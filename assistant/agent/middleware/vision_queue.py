"""Gives searches priority over the vision model."""

from __future__ import annotations

from contextlib import nullcontext

from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ToolCallRequest

from assistant.agent.middleware.handlers import ToolHandler, ToolResult
from assistant.agent.state import ShopState
from assistant.agent.turn import Turn
from tools.agent_tools.multimodal_search import NAME as SEARCH
from tools.rerank.queue import VisionQueue


class SearchPriority(AgentMiddleware[ShopState, Turn]):
    """Holds back new calls of the vision model while a search runs."""

    state_schema = ShopState

    def __init__(self, looks: VisionQueue) -> None:
        super().__init__()
        self._looks = looks

    async def awrap_tool_call(self, request: ToolCallRequest, handler: ToolHandler) -> ToolResult:
        """The tool's result."""
        searches = request.tool_call["name"] == SEARCH
        with self._looks.searching() if searches else nullcontext():
            return await handler(request)
