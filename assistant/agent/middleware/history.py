"""Repairs the history before a turn, and drops turns that no model is sent any more."""

from __future__ import annotations

from typing import Any

from langchain.agents.middleware import AgentMiddleware
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, RemoveMessage, ToolMessage
from langgraph.graph.message import REMOVE_ALL_MESSAGES
from langgraph.runtime import Runtime

from assistant.agent.state import ShopState
from assistant.agent.turn import Turn
from assistant.prompt.history import TURNS_KEPT, newest_turns

_STOPPED = "This call was stopped before it had a result."


class HistoryRepair(AgentMiddleware[ShopState, Turn]):
    """Gives every tool call of an interrupted turn an answer, and removes old turns.

    Symptom: providers refuse the next message of a thread whose last turn was stopped. Cause: they
    require an answer to each tool call, and the stopped tool gave none.
    """

    state_schema = ShopState

    async def abefore_agent(
        self,
        state: ShopState,
        runtime: Runtime[Turn],  # noqa: ARG002 - LangGraph passes it by this name
    ) -> dict[str, Any] | None:
        """The repaired history, or None when nothing is missing."""
        messages = state["messages"]
        # Every step writes the whole history, so that turns of a long thread would grow slower.
        repaired = repair(newest_turns(messages, TURNS_KEPT))
        if repaired == messages:
            return None
        return {"messages": [RemoveMessage(REMOVE_ALL_MESSAGES), *repaired]}


def repair(messages: list[AnyMessage]) -> list[BaseMessage]:
    """The messages, each tool call followed by an answer to it."""
    answered = {m.tool_call_id for m in messages if isinstance(m, ToolMessage)}
    repaired: list[BaseMessage] = []
    for message in messages:
        repaired.append(message)
        if isinstance(message, AIMessage):
            repaired += [
                ToolMessage(_STOPPED, name=call["name"], tool_call_id=call["id"], status="error")
                for call in message.tool_calls
                if call["id"] not in answered
            ]
    return repaired
