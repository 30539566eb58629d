"""Falls back to the built-in chat model where the chat model fails.

The built-in model goes on in the same run over the same messages, so the shopper's message stands
there once and a finished search is not repeated. Failed calls are hidden from it: their error texts
were written for the other model.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, ToolMessage
from langchain_core.messages.utils import count_tokens_approximately
from langgraph.errors import GraphBubbleUp

from assistant.agent.middleware.handlers import ModelHandler
from assistant.agent.middleware.retries import BusyError, with_retries
from assistant.agent.state import ShopState
from assistant.agent.turn import Turn
from assistant.budget import TurnLimits
from assistant.events import FallbackReason
from assistant.grounding.sentences import answer_of
from tools.agent_tools.multimodal_search import NAME as SEARCH
from tools.agent_tools.rerank import NAME as RERANK
from tools.circuit_breaker import CircuitBreaker
from tools.errors import ModelError

logger = logging.getLogger("pounce.assistant")

BUILT_IN = "built-in"
"""Tag of the built-in model, on each chunk of its words."""
_SAME_CALL = 4
"""The same call this often in one turn counts as going in circles."""
_WHAT = {
    "failed": "did not answer",
    "late": "took too long",
    "in circles": "went in circles",
    "no answer": "had no answer",
    "spent": "used up what one turn may cost",
}


class NoAnswerError(Exception):
    """The chat model has given no answer that a shopper could be shown.

    The message holds none of the model's words; those are in `model_text`.
    """

    def __init__(self, why: FallbackReason, message: str, *, model_text: str = "") -> None:
        super().__init__(message)
        self.why: FallbackReason = why
        self.model_text = model_text


def fallback_notice(why: FallbackReason) -> str:
    """The sentence for the shopper."""
    return f"My chat model {_WHAT[why]}, so this is from my built-in one."


class Fallback(AgentMiddleware[ShopState, Turn]):
    """Calls the chat model within its limits, and the built-in one from its first failure on.

    After three late calls in a row the chat model is not called for half a minute, so that shoppers
    do not wait for a server that hangs. Where its server asks for a longer pause than a turn can
    wait, it is not called for as long.
    """

    state_schema = ShopState

    def __init__(self, built_in: BaseChatModel, limits: TurnLimits) -> None:
        """`built_in` carries the tag `BUILT_IN`."""
        super().__init__()
        self._built_in, self._limits = built_in, limits
        self._breaker = CircuitBreaker()
        self._paused_for: FallbackReason = "late"
        """Why the chat model is not called for a while, when it is not."""

    async def awrap_model_call(
        self, request: ModelRequest[Turn], handler: ModelHandler
    ) -> ModelResponse[Any]:
        """The chat model's answer, or the built-in one's."""
        turn = request.runtime.context
        if not turn.fell_back:
            try:
                return await self._call_chat_model(request, handler)
            except GraphBubbleUp:  # LangGraph's own way to pause a run, not a fault
                raise
            except NoAnswerError as error:
                why = error.why
                logger.warning(
                    "the built-in chat model finishes the turn: %s",
                    str(error),
                    extra={"model_text": error.model_text},
                )
            except Exception as error:
                why = "late" if isinstance(error, TimeoutError) else "failed"
                logger.exception("the built-in chat model finishes the turn")
            turn.fall_back(why)
            turn.hidden_calls |= _calls_to_hide(request.messages) - {turn.button_call_id}
        tools = request.tools
        if turn.fell_back == "late":  # reranking would take long, too
            tools = [tool for tool in tools if getattr(tool, "name", "") != RERANK]
        messages = _without_calls(request.messages, turn.hidden_calls)
        return await handler(request.override(model=self._built_in, messages=messages, tools=tools))

    async def _call_chat_model(
        self, request: ModelRequest[Turn], handler: ModelHandler
    ) -> ModelResponse[Any]:
        """The chat model's answer. Raises NoAnswerError for one that cannot be used."""
        turn = request.runtime.context
        self._check_budget(turn)
        turn.model_calls += 1
        response = await self._within_time(turn, lambda: handler(request))
        message = response.result[-1]
        if not isinstance(message, AIMessage):
            return response
        turn.tokens += _tokens(request.messages, message)
        if not message.tool_calls and not answer_of(str(message.text)).strip():
            wrong = len(message.invalid_tool_calls)
            raise NoAnswerError("no answer", f"it said nothing ({wrong} calls were no JSON)")
        before = Counter(map(_key, _calls(_newest(request.messages))))
        if any(before[_key(call)] >= _SAME_CALL - 1 for call in message.tool_calls):
            raise NoAnswerError("in circles", "it asks for the same again and again")
        response.result[-1] = _with_ids(message, request.messages)
        return response

    def _check_budget(self, turn: Turn) -> None:
        if turn.model_calls >= self._limits.model_calls:
            raise NoAnswerError("in circles", f"it was asked {turn.model_calls} times")
        if turn.tokens >= self._limits.tokens:
            raise NoAnswerError("spent", f"it read and wrote {turn.tokens} tokens")
        left = self._limits.tool_calls - self._limits.reserved_tool_calls - turn.tool_calls
        if left <= 0 and not turn.answered and turn.tool_calls:
            raise NoAnswerError("in circles", f"{turn.tool_calls} tool calls found nothing")

    async def _within_time(
        self, turn: Turn, ask: Callable[[], Awaitable[ModelResponse[Any]]]
    ) -> ModelResponse[Any]:
        """The answer within its time. Raises TimeoutError for a late one."""
        until = min(
            asyncio.get_running_loop().time() + self._limits.model_seconds,
            turn.began + self._limits.model_deadline_s,
        )
        raised: BaseException
        turn.model_timeout = patience = asyncio.timeout_at(until)
        try:
            with self._breaker.call("The chat model"):
                try:
                    async with patience:
                        return await with_retries(ask, until)
                # The breaker counts late calls alone: a call that fails at once costs no time, and
                # a cancelled one says nothing about the server.
                except (Exception, asyncio.CancelledError) as error:
                    if patience.expired() and not turn.answer_too_long:
                        self._paused_for = "late"
                        raise
                    raised = error
        except ModelError as error:
            raise NoAnswerError(self._paused_for, str(error)) from error
        if turn.answer_too_long:
            raise NoAnswerError("in circles", "it did not stop talking") from raised
        if isinstance(raised, BusyError):
            self._paused_for = "failed"
            self._breaker.pause(raised.seconds, str(raised))
            raise NoAnswerError("failed", str(raised)) from raised
        raise raised


def _newest(messages: Sequence[AnyMessage]) -> Sequence[AnyMessage]:
    """The messages of the newest turn."""
    start = max((i for i, message in enumerate(messages) if message.type == "human"), default=0)
    return messages[start:]


def _calls(messages: Sequence[AnyMessage]) -> list[Any]:
    return [c for m in messages if isinstance(m, AIMessage) for c in m.tool_calls]


def _key(call: Any) -> str:
    return json.dumps([call["name"], call["args"]], sort_keys=True, default=str)


def _tokens(messages: Sequence[AnyMessage], answer: AIMessage) -> int:
    """As the provider counted them, or about as many."""
    usage = answer.usage_metadata
    return usage["total_tokens"] if usage else count_tokens_approximately([*messages, answer])


def _calls_to_hide(messages: Sequence[AnyMessage]) -> set[str]:
    """Ids of this turn's calls that the built-in model does not see.

    Finished searches and rerankings stay visible. Any other tool is cheap to call again, and
    `DeduplicateCalls` answers it where the arguments are the same.
    """
    turn = _newest(messages)
    kept = {
        message.tool_call_id
        for message in turn
        if isinstance(message, ToolMessage)
        and message.status != "error"
        and message.name in (SEARCH, RERANK)
    }
    return {str(call["id"]) for call in _calls(turn)} - kept


def _without_calls(messages: Sequence[AnyMessage], hidden: set[str]) -> list[AnyMessage]:
    """The messages without these calls and their results."""
    kept: list[AnyMessage] = []
    for message in messages:
        if isinstance(message, ToolMessage) and message.tool_call_id in hidden:
            continue
        if isinstance(message, AIMessage) and message.tool_calls:
            calls = [call for call in message.tool_calls if call["id"] not in hidden]
            if not calls:
                continue
            message = message.model_copy(update={"tool_calls": calls})
        kept.append(message)
    return kept


def _with_ids(message: AIMessage, messages: Sequence[AnyMessage]) -> AIMessage:
    """The message with an id for each call that no other call of the thread has."""
    taken = {call["id"] for call in _calls(messages)}
    calls = []
    for call in message.tool_calls:
        fresh = call["id"] if call["id"] and call["id"] not in taken else f"call_{uuid.uuid4().hex}"
        taken.add(fresh)
        calls.append({**call, "id": fresh})
    return (
        message if calls == message.tool_calls else message.model_copy(update={"tool_calls": calls})
    )
