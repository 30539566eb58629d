"""An assistant whose vision model goes by color."""

from __future__ import annotations

from typing import Any

from langgraph.checkpoint.memory import InMemorySaver

from assistant.conversation import Assistant
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from tests.support.color_vision import ColorVision
from tests.support.scripted_model import ScriptedModel
from tests.support.shops import Backwards
from tools.agent_tools.rerank import make_rerank
from tools.product import Match
from tools.rerank.captions import CaptionCache

LOOK = {"name": "rerank", "args": {"instruction": "like this"}}


def looking(
    shop: Backwards, store: PhotoStore, vision: ColorVision, *script: Any, **options: Any
) -> Assistant:
    """An assistant with a vision model; the built-in chat model where there is no script."""
    captions = CaptionCache(vision)
    options = {"trust": 1.0, "timeout_s": 10, **options}
    queue = options.get("queue")
    model = (
        ScriptedModel(script=list(script))
        if script
        else OfflineChatModel(vocabulary=lambda: shop.vocabulary)
    )
    return Assistant(
        shop=shop,
        chat_model=model,
        checkpointer=InMemorySaver(),
        photos=store,
        more_tools=[make_rerank(vision, captions, **options)],
        captions=captions if options["trust"] else None,  # as it is composed
        looks=queue,
    )


def ids(matches: tuple[Match, ...]) -> list[str]:
    return [match.product.id for match in matches]
