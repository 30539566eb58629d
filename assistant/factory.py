"""From settings to the parts that they name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import Context
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tools.embedding.registry import EmbedderChoice, EmbedderName
from tools.workspace import DEMO, Workspace

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from assistant.conversation import Assistant
    from assistant.records.turn_records import TurnRecords
    from assistant.settings import Settings
    from tools.catalogue.vocabulary import Vocabulary
    from tools.models.hub import Device
    from tools.phi3_vision.inference import Dtype
    from tools.rerank.vision_model import VisionModel
    from tools.search.searchable_shop import CatalogueMeaning
    from tools.search.shop import Shop


_SERVED_AT_ONCE = 4
"""Concurrent calls of a served vision model."""


def open_workspace(settings: Settings) -> Workspace:
    """The home of these settings; nothing is loaded or started yet."""
    return Workspace(
        path=settings.home_path,
        milvus_uri=settings.milvus_uri,
        milvus_token=settings.milvus_token,
        milvus_timeout_s=settings.milvus_timeout_s,
        milvus_index=settings.milvus_index,
        embedder_choice=_embedder_choice(settings),
        currency=settings.currency,
        shop_url=settings.shop_url,
        link_template=settings.link_template,
        picture_hosts=settings.picture_hosts,
    )


def _embedder_choice(settings: Settings) -> EmbedderChoice:
    return EmbedderChoice(
        name=cast(EmbedderName, settings.embedder),
        weights=settings.embedder_weights,
        text_model=settings.text_model,
        device=cast("Device", settings.device),
        dtype=settings.dtype,
    )


def open_vision_model(settings: Settings) -> VisionModel | None:
    """The vision model of these settings, loaded; None where there is none to ask.

    One on a server is asked nothing yet. Raises ModelError for one that cannot be loaded.
    """
    if not settings.reranks:
        return None
    if settings.vision_url:
        from tools.served_vision.backend import ServedVision

        return ServedVision(
            settings.vision_url,
            settings.vision_model,
            key=settings.vision_key.get_secret_value(),
            kind=settings.vision_server,
            structure=settings.vision_structure,
        )
    from tools.phi3_vision.builtin import BUILTIN

    if settings.vision_model == BUILTIN:
        return _open_builtin_vision(settings)
    from tools.phi3_vision.backend import InProcessVision
    from tools.phi3_vision.instances import shared_phi3_vision

    device = cast("Device", settings.device)
    return InProcessVision(
        shared_phi3_vision(settings.vision_model, device=device, dtype=settings.float_dtype)
    )


def _open_builtin_vision(settings: Settings) -> VisionModel:
    from tools.phi3_vision.backend import InProcessVision
    from tools.phi3_vision.builtin import BUILTIN, FOLDER
    from tools.phi3_vision.instances import shared_phi3_vision

    device, dtype = cast("Device", settings.device), _builtin_dtype(settings)
    return InProcessVision(
        shared_phi3_vision(str(FOLDER), device=device, dtype=dtype), name=BUILTIN
    )


def _builtin_dtype(settings: Settings) -> Dtype:
    # As small as it is, float32 costs nothing and gives the same order everywhere.
    return "float32" if settings.float_dtype == "auto" else settings.float_dtype


def _trusted_vision(settings: Settings, catalogue: str) -> tuple[VisionModel | None, float]:
    """The vision model and its trust; None where it is not trusted on this catalogue.

    One that is not trusted is neither opened nor asked, and nothing is said of looking.
    The built-in model is opened later, by `DeferredVision.start`: transformers takes longer to
    import than all that a turn needs before its cards are shown.
    """
    from tools.phi3_vision.builtin import BUILTIN, builtin_crop_side, builtin_fingerprint
    from tools.rerank.deferred_vision import DeferredVision

    if not reranks_on(settings, catalogue):
        return None, 0.0
    vision: VisionModel | None
    if settings.vision_model == BUILTIN and not settings.vision_url:
        vision = DeferredVision(
            partial(_open_builtin_vision, settings),
            name=BUILTIN,
            fingerprint=builtin_fingerprint(_builtin_dtype(settings)),
            crop_side=builtin_crop_side(),
        )
    else:
        vision = open_vision_model(settings)
    return vision, vision_trust(settings, _vision_name(settings), catalogue)


def open_chat(
    settings: Settings,
    vocabulary: Callable[[], Vocabulary],
    meaning: CatalogueMeaning | None = None,
) -> BaseChatModel:
    """The chat model of these settings; Phi-3 Vision is loaded once for it and the reranker.

    Raises what `open_chat_model` raises.
    """
    from assistant.models.registry import PUBLISHED_PHI3, InProcess, open_chat_model

    named = settings.vision_model
    in_process = not settings.vision_url and ("/" in named or Path(named or "-").is_dir())
    return open_chat_model(
        settings.chat_model,
        vocabulary=vocabulary,
        meaning=meaning,
        **chat_options(settings),
        in_process=InProcess(
            weights=named if in_process else PUBLISHED_PHI3,
            device=cast("Device", settings.device),
            dtype=settings.float_dtype,
            timeout_s=min(settings.turn_seconds, settings.chat_timeout_s),
        ),
    )


def chat_options(settings: Settings) -> dict[str, str]:
    """The options of the chat model's class besides its name."""
    key = settings.chat_key.get_secret_value()
    if settings.chat_url:
        # The clients want a key where the server wants none.
        return {"base_url": settings.chat_url, "api_key": key or "none"}
    return {"api_key": key} if key else {}


def check_chat(settings: Settings) -> None:
    """Raises SetupError for a chat model that cannot be opened, before anything is loaded."""
    from assistant.models.registry import check_chat_model

    check_chat_model(settings.chat_model, **chat_options(settings))


def vision_trust(settings: Settings, vision: str, catalogue: str) -> float:
    """The weight of the order of the vision model of this name against the search's, 0 to 1.

    The setting, else what was learned in this home on this catalogue, else the default for unknown
    models. The built-in one counts on the built-in shop as it was learned with the weights, and 0
    on other catalogues.
    """
    from tools.phi3_vision.builtin import BUILTIN, builtin_trust
    from tools.rerank.rerank import DEFAULT_TRUST
    from tools.rerank.trust import stored_trust

    if settings.rerank_trust is not None:
        return settings.rerank_trust
    learned = stored_trust(settings.home_path, vision, catalogue)
    if learned is not None:
        return learned
    if vision != BUILTIN:
        return DEFAULT_TRUST
    return builtin_trust() if catalogue == DEMO else 0.0


def reranks_on(settings: Settings, catalogue: str) -> bool:
    """Whether a vision model reranks what is found in this catalogue; no model is opened.

    Raises SetupError for learned trusts that cannot be read.
    """
    return settings.reranks and vision_trust(settings, _vision_name(settings), catalogue) > 0


def _vision_name(settings: Settings) -> str:
    """The name of the vision model, as the opened model has it."""
    named = settings.vision_model
    return Path(named).name or (named if settings.vision_url else Path(named).resolve().name)


def open_records(settings: Settings) -> TurnRecords:
    """The records of turns in the database, or in the home; nothing is written yet."""
    from assistant.records.postgres_store import PostgresRecords
    from assistant.records.store import RecordStore

    most, most_mb = settings.turn_records, settings.turn_records_mb
    if url := settings.database_url.get_secret_value():
        return PostgresRecords(url, most=most, most_mb=most_mb)
    return RecordStore(settings.home_path / "turns", most=most, most_mb=most_mb)


def has_small_models_alone(settings: Settings) -> bool:
    """Whether every model in this process is one that ships with Pounce."""
    from assistant.models.registry import PHI3
    from tools.phi3_vision.builtin import BUILTIN

    looks = settings.reranks and not settings.vision_url and settings.vision_model != BUILTIN
    reads = settings.chat_model.partition(":")[0] == PHI3
    return _embedder_choice(settings).name == "builtin" and not looks and not reads


def _prepare(shop: Shop, model: BaseChatModel) -> None:
    from assistant.models.registry import prepare_chat_model

    shop.prepare()
    prepare_chat_model(model)


async def _at_once(
    _default: object, context: Context, call: Callable[..., Any], *given: Any, **named: Any
) -> Any:
    """What LangSmith does around a traced call, here and not in a thread."""
    return context.run(call, *given, **named)


def _trace_at_once() -> None:
    """LangChain wraps each middleware for LangSmith, which goes to another thread before and after
    every call, some 45 times a turn, whether it traces or not. Where it does not, there is nothing
    to wait for."""
    import langsmith
    from langsmith.utils import tracing_is_enabled

    langsmith.set_runtime_overrides(aio_to_thread=None if tracing_is_enabled() else _at_once)


def _compute_in_one_thread() -> None:
    """Lets torch take one thread for a call, in every thread that computes from now on.

    A question of a few words gains nothing from several. Where another process has a core, such as
    the browser that draws the page, they wait for each other, up to thirty times as long. Several
    shoppers take several cores.
    """
    import torch

    torch.set_num_threads(1)


@asynccontextmanager
async def open_assistant(settings: Settings, shop: Shop | None = None) -> AsyncIterator[Assistant]:
    """The assistant over a shop, by default the active catalogue; its threads are stored where the
    settings say.
    """
    from assistant.checkpoints import open_checkpointer
    from assistant.conversation import Assistant
    from assistant.photo_files import open_photo_files
    from assistant.photo_store import PhotoStore
    from assistant.records.writer import RecordWriter
    from assistant.thread_locks import open_locks
    from tools.agent_tools.rerank import make_rerank
    from tools.rerank.captions import CaptionCache
    from tools.rerank.deferred_vision import DeferredVision
    from tools.rerank.queue import VisionQueue

    # Loading models and reaching Milvus take seconds; the event loop must stay free.
    _trace_at_once()
    if has_small_models_alone(settings):
        await asyncio.to_thread(_compute_in_one_thread)
    if shop is None:
        shop = await asyncio.to_thread(open_workspace(settings).open_shop)
    searched = shop
    model = await asyncio.to_thread(open_chat, settings, lambda: searched.vocabulary, searched)
    vision, trust = await asyncio.to_thread(_trusted_vision, settings, shop.name)
    captions, looks, more_tools = None, None, []
    if vision is not None:
        timeout_s = settings.rerank_timeout_s
        captions = CaptionCache(vision, timeout_s=timeout_s)
        # A server answers several at once; a model of our own would only be slower at each.
        looks = VisionQueue(at_once=_SERVED_AT_ONCE if settings.vision_url else 1)
        rerank = make_rerank(
            vision,
            captions,
            trust=trust,
            timeout_s=timeout_s,
            way=settings.rerank_way,
            both_orders=settings.rerank_both_orders,
            reasons=settings.rerank_reasons,
            queue=looks,
        )
        more_tools = [rerank]
    store = open_records(settings)
    records = RecordWriter(store) if store.enabled else None
    files = await asyncio.to_thread(open_photo_files, settings.photos, settings.home_path)
    url = settings.database_url.get_secret_value()
    async with (
        open_checkpointer(settings.threads, settings.home_path, url) as checkpointer,
        open_locks(url) as locks,
    ):
        assistant = Assistant(
            shop=shop,
            chat_model=model,
            checkpointer=checkpointer,
            photos=PhotoStore(files, max_mb=settings.max_photo_mb),
            limits=settings.turn_limits,
            results=settings.results,
            candidates=settings.rerank_candidates,
            more_tools=more_tools,
            captions=captions,
            looks=looks,
            records=records,
            model_name=settings.chat_model,
            locks=locks,
        )
        if isinstance(vision, DeferredVision):
            vision.start()
        # The first shopper finds it done, and the page does not wait for it.
        preparing = asyncio.create_task(asyncio.to_thread(_prepare, shop, model))
        try:
            yield assistant
        finally:
            shop.likeliest.end_preparing()
            await asyncio.wait([preparing])  # where it failed, asyncio logs it
            if records is not None:
                await records.flush()
