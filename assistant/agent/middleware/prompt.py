"""Puts the situation of the moment into the system message of every model call."""

from __future__ import annotations

from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.messages import SystemMessage

from assistant.agent.middleware.handlers import ModelHandler
from assistant.agent.prompt_context import situation_of
from assistant.agent.state import ShopState
from assistant.agent.turn import Turn
from assistant.prompt.history import CHARACTERS_SENT, newest_turns
from assistant.prompt.system_prompt import system_prompt
from tools.agent_tools.rerank import NAME as RERANK


class SystemPrompt(AgentMiddleware[ShopState, Turn]):
    """Adds the system message of the moment to a model call; the history does not store it."""

    state_schema = ShopState

    async def awrap_model_call(
        self, request: ModelRequest[Turn], handler: ModelHandler
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
