"""The hooks around the agent: a usable history, the prompt, tools that break or repeat."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any, cast

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse, hook_config
from langchain.agents.middleware.types import ToolCallRequest
from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    BaseMessage,
    RemoveMessage,
    SystemMessage,
    ToolCall,
    ToolMessage,
)
from langgraph.errors import GraphBubbleUp
from langgraph.graph.message import REMOVE_ALL_MESSAGES
from langgraph.runtime import Runtime
from langgraph.types import Command

from assistant.agent.constraints import constraints_of
from assistant.agent.fallback import NoAnswerError
from assistant.agent.prompt_context import situation_of
from assistant.agent.state import ShopState
from assistant.agent.turn import Turn
from assistant.budget import TurnLimits
from assistant.grounding import KnownFacts, grounded
from assistant.prompt.history import CHARACTERS_SENT, TURNS_KEPT, newest_turns
from assistant.prompt.system_prompt import system_prompt
from tools.agent_tools.multimodal_search import NAME as SEARCH
from tools.agent_tools.rerank import NAME as RERANK
from tools.errors import RequestError, ShopperError
from tools.rerank.queue import VisionQueue

logger = logging.getLogger("pounce.assistant")
_STOPPED = "This call was stopped before it had a result."
_BROKEN = "The call failed. There is nothing to answer with."
_ENOUGH = "The limit of look-ups for one message is reached. Please answer with what is known."

Handler = Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]]


class HistoryRepair(AgentMiddleware[ShopState, Turn]):
    """Gives every tool call of an interrupted turn an answer, since providers refuse it otherwise,
    and lets go of turns so old that no model is told of them."""

    state_schema = ShopState

    async def abefore_agent(
        self,
        state: ShopState,
        runtime: Runtime[Turn],  # noqa: ARG002 - LangGraph passes it by this name
    ) -> dict[str, Any] | None:
        """The repaired history, or None when it is whole."""
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


class SystemPrompt(AgentMiddleware[ShopState, Turn]):
    """Tells the model the moment it answers in; none of it is kept in the history."""

    state_schema = ShopState

    async def awrap_model_call(
        self,
        request: ModelRequest[Turn],
        handler: Callable[[ModelRequest[Turn]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """The model's answer to the newest turns under the prompt of this moment."""
        turn = request.runtime.context
        situation = situation_of(turn, request.state)
        wanted = [t for t in request.tools if turn.wishes.rerank or _name(t) != RERANK]
        ranks = any(_name(tool) == RERANK for tool in wanted)
        return await handler(
            request.override(
                tools=wanted,
                system_message=SystemMessage(system_prompt(situation, ranks=ranks)),
                messages=newest_turns(request.messages, characters=CHARACTERS_SENT),
            )
        )


def _name(tool: Any) -> str:
    return str(getattr(tool, "name", ""))


class ButtonCall(AgentMiddleware[ShopState, Turn]):
    """Makes the call that a button stands for, in place of the model's first answer."""

    state_schema = ShopState

    async def awrap_model_call(
        self,
        request: ModelRequest[Turn],
        handler: Callable[[ModelRequest[Turn]], Awaitable[ModelResponse[Any]]],
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


class GroundingCheck(AgentMiddleware[ShopState, Turn]):
    """Keeps what a model invents out of the history; `Speaker` keeps it off the screen."""

    state_schema = ShopState

    async def awrap_model_call(
        self,
        request: ModelRequest[Turn],
        handler: Callable[[ModelRequest[Turn]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """The model's answer with its prose held against what it was told.

        Raises NoAnswerError for prose of which nothing is left, or that was made up without a look.
        """
        turn = request.runtime.context
        if turn.fell_back:  # the built-in model's sentences are made from what the tools said
            return await handler(request)
        turn.known_facts = KnownFacts.of(situation_of(turn, request.state), request.messages)
        response = await handler(request)
        for place, message in enumerate(response.result):
            if not isinstance(message, AIMessage):
                continue
            if not message.tool_calls and not turn.known_facts.bears(str(message.text)):
                raise NoAnswerError("no answer", f"nothing of this is so: {message.text:.300}")
            response.result[place] = grounded(message, turn.known_facts)
        return response


class ToolBudget(AgentMiddleware[ShopState, Turn]):
    """Lets as many tool calls run as a turn may have. Stands inside `ToolErrors`."""

    state_schema = ShopState

    def __init__(self, limits: TurnLimits, *, keeps: bool) -> None:
        """`keeps` some for the built-in model that finishes, until something was found."""
        super().__init__()
        self._limits, self._keeps = limits, keeps

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Handler
    ) -> ToolMessage | Command[Any]:
        """The tool's result. Raises RequestError in place of one call too many."""
        turn = cast(Turn, request.runtime.context)
        keeps = self._keeps and not turn.fell_back and not turn.list_id
        if turn.tool_calls >= self._limits.tool_calls - keeps * self._limits.reserved_tool_calls:
            raise RequestError(_ENOUGH)
        turn.tool_calls += 1
        return await handler(request)


class ConstraintOrigins(AgentMiddleware[ShopState, Turn]):
    """Writes beside each search where its limits came from."""

    state_schema = ShopState

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Handler
    ) -> ToolMessage | Command[Any]:
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


class ToolErrors(AgentMiddleware[ShopState, Turn]):
    """One tool at a time; what the model can mend goes to it, what it cannot ends the turn."""

    state_schema = ShopState

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Handler
    ) -> ToolMessage | Command[Any]:
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
        """End the run after an incident: a model would only paper over it."""
        return {"jump_to": "end"} if runtime.context.incident else None


class SearchPriority(AgentMiddleware[ShopState, Turn]):
    """Tells the queue of looks while a search runs, so that none begins."""

    state_schema = ShopState

    def __init__(self, looks: VisionQueue) -> None:
        super().__init__()
        self._looks = looks

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Handler
    ) -> ToolMessage | Command[Any]:
        """The tool's result."""
        searches = request.tool_call["name"] == SEARCH
        with self._looks.searching() if searches else nullcontext():
            return await handler(request)


class DeduplicateCalls(AgentMiddleware[ShopState, Turn]):
    """Answers the same call of a turn from the first one, without running the tool again.

    The same words mean something else once another list is the newest, so an answer is good for
    as long as its list is. A call that failed may be tried again. Stands inside `ToolErrors`, so
    that one call runs at a time.
    """

    state_schema = ShopState

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Handler
    ) -> ToolMessage | Command[Any]:
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


def _message(result: ToolMessage | Command[Any]) -> ToolMessage | None:
    if isinstance(result, ToolMessage):
        return result
    update = result.update if isinstance(result.update, dict) else {}
    return next((m for m in update.get("messages", ()) if isinstance(m, ToolMessage)), None)
