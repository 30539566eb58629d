"""From settings to the parts that they name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from tools.embedding.choose import EmbedderChoice, EmbedderName
from tools.home import Home

if TYPE_CHECKING:
    from assistant.agent import Assistant
    from assistant.settings import Settings
    from tools.embedding.sources import Device
    from tools.rerank.vision_model import VisionModel


def open_home(settings: Settings) -> Home:
    """The home of these settings; nothing is loaded or started yet."""
    return Home(
        path=settings.home_path,
        milvus_uri=settings.milvus_uri,
        milvus_token=settings.milvus_token,
        milvus_timeout_s=settings.milvus_timeout_s,
        embedder_choice=EmbedderChoice(
            name=cast(EmbedderName, settings.embedder),
            weights=settings.embedder_weights,
            text_model=settings.text_model,
            device=cast("Device", settings.device),
            dtype=settings.dtype,
        ),
        currency=settings.currency,
    )


def open_vision_model(settings: Settings) -> VisionModel | None:
    """The vision model of these settings, loaded; None where there is none to ask.

    Raises ModelError for one that cannot be loaded.
    """
    if not settings.reranks:
        return None
    from tools.phi3_vision.looking import InProcessVision
    from tools.phi3_vision.phi3_vision import load_phi3_vision

    return InProcessVision(
        load_phi3_vision(
            settings.vision_model,
            device=cast("Device", settings.device),
            dtype=settings.dtype,
        )
    )


@asynccontextmanager
async def open_assistant(settings: Settings) -> AsyncIterator[Assistant]:
    """The assistant over the active catalogue, its threads kept in the home's SQLite file."""
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    from assistant.agent import Assistant
    from assistant.limits import TurnLimits
    from assistant.models import open_chat_model
    from assistant.photos import PhotoStore
    from tools.rerank.captions import Captions
    from tools.rerank_tool import make_rerank

    # Loading models and reaching Milvus take seconds; the event loop must stay free.
    shop = await asyncio.to_thread(open_home(settings).open_shop)
    model = await asyncio.to_thread(
        open_chat_model, settings.chat_model, vocabulary=lambda: shop.vocabulary
    )
    vision = await asyncio.to_thread(open_vision_model, settings)
    captions, more_tools = None, []
    if vision is not None:
        trust, timeout_s = settings.rerank_trust, settings.rerank_timeout_s
        captions = Captions(vision, timeout_s=timeout_s)
        more_tools = [make_rerank(vision, captions, trust=trust, timeout_s=timeout_s)]
    async with AsyncSqliteSaver.from_conn_string(
        str(settings.home_path / "threads.sqlite")
    ) as checkpointer:
        yield Assistant(
            shop=shop,
            chat_model=model,
            checkpointer=checkpointer,
            photos=PhotoStore(settings.home_path / "photos", max_mb=settings.max_photo_mb),
            limits=TurnLimits(
                model_calls=settings.turn_model_calls,
                tool_calls=settings.turn_tool_calls,
                seconds=settings.turn_seconds,
            ),
            results=settings.results,
            more_tools=more_tools,
            captions=captions,
        )
