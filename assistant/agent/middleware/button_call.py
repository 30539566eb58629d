"""Makes the tool call that a button stands for."""

from __future__ import annotations

import uuid
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, ToolCall

from assistant.agent.middleware.handlers import ModelHandler
from assistant.agent.state import ShopState
from assistant.agent.turn import Turn


class ButtonCall(AgentMiddleware[ShopState, Turn]):
    """Makes the call that a button stands for, in place of the model's first answer."""

    state_schema = ShopState

    async def awrap_model_call(
        self, request: ModelRequest[Turn], handler: ModelHandler
    ) -> ModelResponse[Any]:
        """That call, once; from then on what the model answers."""
        turn = request.runtime.context
        call, turn.button_call = turn.button_call, None
        if call is None:
            return await handler(request)
        turn.button_call_id = f"call_{uuid.uuid4().hex[:16]}"
        asked: ToolCall = {
            "name": call.tool,
            "args": call.arguments,
            "id": turn.button_call_id,
            "type": "tool_call",
        }
        return ModelResponse(result=[AIMessage("", tool_calls=[asked])])
