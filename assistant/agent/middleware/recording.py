"""Records every model call and tool call of a turn, with its time.

The hook is the innermost one, so that a tool's time does not include the wait for the tool before.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, cast

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain.agents.middleware.types import ToolCallRequest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolCall, ToolMessage

from assistant.agent.middleware.handlers import ModelHandler, ToolHandler, ToolResult
from assistant.agent.state import ShopState
from assistant.agent.turn import Turn
from tools.errors import PounceError


class RecordCalls(AgentMiddleware[ShopState, Turn]):
    """Notes every call of the chat model and of a tool, whatever becomes of it."""

    state_schema = ShopState

    async def awrap_model_call(
        self, request: ModelRequest[Turn], handler: ModelHandler
    ) -> ModelResponse[Any]:
        """The model's answer."""
        record = request.runtime.context.record
        for call, said in _answered(request.messages):
            if call["id"] not in record.finished_calls:  # refused by a limit, before any tool ran
                record.tool_finished(call, 0.0, str(said.text))
        start = time.perf_counter()
        try:
            return await handler(request)
        finally:
            record.model_finished(time.perf_counter() - start)

    async def awrap_tool_call(self, request: ToolCallRequest, handler: ToolHandler) -> ToolResult:
        """The tool's result."""
        record, call = cast(Turn, request.runtime.context).record, request.tool_call
        start, error = time.perf_counter(), "It was stopped."
        try:
            result = await handler(request)
            failed = isinstance(result, ToolMessage) and result.status == "error"
            error = str(result.text) if failed and isinstance(result, ToolMessage) else ""
        except PounceError as raised:
            error = str(raised)
            raise
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
            raise
        finally:
            record.tool_finished(call, time.perf_counter() - start, error)
        return result


def _answered(messages: Sequence[AnyMessage]) -> list[tuple[ToolCall, ToolMessage]]:
    """The tool calls of the newest turn that have an answer, in their order."""
    calls: dict[str | None, ToolCall] = {}
    answered: list[tuple[ToolCall, ToolMessage]] = []
    for message in messages:
        if isinstance(message, HumanMessage):
            calls, answered = {}, []
        elif isinstance(message, AIMessage):
            calls |= {call["id"]: call for call in message.tool_calls}
        elif isinstance(message, ToolMessage) and message.tool_call_id in calls:
            answered.append((calls[message.tool_call_id], message))
    return answered
