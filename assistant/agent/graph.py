"""The LangChain agent over one shop: its tools, its hooks and their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelCallLimitMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.tools import BaseTool
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph.state import CompiledStateGraph

from assistant.agent.middleware.button_call import ButtonCall
from assistant.agent.middleware.call_repair import CallRepair
from assistant.agent.middleware.constraint_origins import ConstraintOrigins
from assistant.agent.middleware.deduplication import DeduplicateCalls
from assistant.agent.middleware.fallback import BUILT_IN, Fallback
from assistant.agent.middleware.grounding import GroundingCheck
from assistant.agent.middleware.history import HistoryRepair
from assistant.agent.middleware.prompt import SystemPrompt
from assistant.agent.middleware.recording import RecordCalls
from assistant.agent.middleware.tool_budget import ToolBudget
from assistant.agent.middleware.tool_errors import ToolErrors
from assistant.agent.middleware.vision_queue import SearchPriority
from assistant.agent.state import ShopState
from assistant.agent.turn import Turn
from assistant.budget import FALLBACK_MODEL_CALLS, TurnLimits
from assistant.models.rules.chat_model import OfflineChatModel
from tools.agent_tools.compare_products import make_compare_products
from tools.agent_tools.multimodal_search import make_multimodal_search
from tools.agent_tools.product_details import make_product_details
from tools.agent_tools.shortlist import make_shortlist
from tools.rerank.queue import VisionQueue
from tools.search.searchable_shop import SearchableShop

Agent = CompiledStateGraph[Any, Turn, Any, Any]


def build_agent(
    shop: SearchableShop,
    chat_model: BaseChatModel,
    checkpointer: BaseCheckpointSaver[Any],
    *,
    limits: TurnLimits,
    results: int,
    candidates: int = 0,
    more_tools: Sequence[BaseTool] = (),
    looks: VisionQueue | None = None,
) -> Agent:
    """The agent, which stores its threads in `checkpointer`.

    `results` is how many products a search shows when the model does not say, `candidates` how many
    it finds for `rerank` to look at; those that it shows where that is less. `more_tools` are
    offered to the model after the shop's own. `looks` is the queue of the vision model that one of
    them asks.
    """
    return create_agent(
        chat_model,
        [
            make_multimodal_search(shop, results=results, candidates=candidates),
            make_product_details(shop),
            make_compare_products(shop),
            make_shortlist(shop),
            *more_tools,
        ],
        middleware=_middleware(shop, chat_model, limits, looks),
        state_schema=ShopState,
        context_schema=Turn,
        checkpointer=checkpointer,
    )


def _middleware(
    shop: SearchableShop,
    chat_model: BaseChatModel,
    limits: TurnLimits,
    looks: VisionQueue | None,
) -> list[AgentMiddleware[Any, Any, Any]]:
    """The hooks, the outermost first.

    Around a tool call: errors, the lock of one tool at a time, then budget and repeats. Around a
    model call: a button's call replaces the first answer, the fallback catches what the model does
    wrong, and the check of its prose stands inside, so that the fallback hears of it; innermost its
    calls are read as they are meant. The
    built-in model needs neither fallback nor check: its sentences are made from tool results.
    """
    needs_fallback = not getattr(chat_model, "speaks_from_results", False)
    calls = limits.model_calls + FALLBACK_MODEL_CALLS * needs_fallback
    built_in = OfflineChatModel(vocabulary=lambda: shop.vocabulary, meaning=shop, tags=[BUILT_IN])
    return [
        HistoryRepair(),
        ModelCallLimitMiddleware(run_limit=calls, exit_behavior="error"),
        ToolErrors(),
        *([SearchPriority(looks)] if looks else []),
        ToolBudget(limits, reserve=needs_fallback),
        DeduplicateCalls(),
        ConstraintOrigins(),
        ButtonCall(),
        *([Fallback(built_in, limits)] if needs_fallback else []),
        SystemPrompt(),
        RecordCalls(),
        *([GroundingCheck(), CallRepair()] if needs_fallback else []),
    ]
