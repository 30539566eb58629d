"""Checks a chat model's prose against what the tools said."""

from __future__ import annotations

from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage

from assistant.agent.middleware.fallback import NoAnswerError
from assistant.agent.middleware.handlers import ModelHandler
from assistant.agent.model_habits import is_cut_off, uncut
from assistant.agent.prompt_context import situation_of
from assistant.agent.state import ShopState
from assistant.agent.turn import Turn
from assistant.grounding.check import corrected_message, is_usable
from assistant.grounding.facts import KnownFacts
from assistant.grounding.sentences import answer_of


class GroundingCheck(AgentMiddleware[ShopState, Turn]):
    """Keeps untrue sentences out of the history; `Speaker` keeps them off the screen."""

    state_schema = ShopState

    async def awrap_model_call(
        self, request: ModelRequest[Turn], handler: ModelHandler
    ) -> ModelResponse[Any]:
        """The model's answer with its untrue sentences replaced.

        Raises NoAnswerError for prose that `is_usable` refuses.
        """
        turn = request.runtime.context
        if turn.fell_back:  # the built-in model's sentences are made from what the tools said
            return await handler(request)
        facts = KnownFacts.from_turn(situation_of(turn, request.state), request.messages)
        turn.known_facts = facts
        response = await handler(request)
        for place, message in enumerate(response.result):
            if not isinstance(message, AIMessage):
                continue
            message = _uncut(message, turn)
            if not message.tool_calls and not is_usable(str(message.text), facts):
                raise NoAnswerError(
                    "no answer", "its answer is untrue", model_text=f"{message.text:.300}"
                )
            response.result[place] = corrected_message(message, facts)
        return response


def _uncut(message: AIMessage, turn: Turn) -> AIMessage:
    """The message without a sentence that its end cuts off.

    Raises NoAnswerError where nothing is left, and for a call whose arguments may be cut off: what
    is left of them can be another call than was meant.
    """
    if not is_cut_off(message.response_metadata):
        return message
    if message.tool_calls:
        raise NoAnswerError("no answer", "its tokens ended within a call")
    whole = uncut(answer_of(str(message.text)), turn.habits)
    if not whole.strip():
        raise NoAnswerError("no answer", "its tokens ended before a sentence did")
    return message.model_copy(update={"content": whole})
