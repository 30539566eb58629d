"""The assistant: a message in, events out, one turn of a thread at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from langchain.agents import create_agent
from langchain.agents.middleware import (
    AgentMiddleware,
    ModelCallLimitMiddleware,
    ToolCallLimitMiddleware,
)
from langchain.agents.middleware.model_call_limit import ModelCallLimitExceededError
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.errors import GraphRecursionError

from assistant.events import (
    Compared,
    Done,
    Event,
    Failed,
    Found,
    Message,
    Shortlisted,
    Words,
)
from assistant.grounding import sentences
from assistant.limits import TurnLimits
from assistant.middleware import Grounded, OnceEach, Prompt, ToolErrors, WholeHistory
from assistant.photos import PhotoStore
from assistant.prompt import PROMPT_VERSION, shopper_message
from assistant.records.hooks import RecordCalls
from assistant.records.keeping import Keeper
from assistant.records.recorder import Recorder
from assistant.records.store import new_id
from assistant.situation import describe_catalogue
from assistant.state import ShopState
from assistant.turn import Turn, photos_of_turn
from tools.errors import ShopperError
from tools.multimodal_search import make_multimodal_search
from tools.product import Product
from tools.product_tools import make_compare_products, make_product_details
from tools.rerank.captions import Captions
from tools.shortlist import make_shortlist
from tools.turn import SearchableShop

logger = logging.getLogger("pounce.assistant")

LONGEST_TEXT = 4000
_TOO_LATE = "That took too long, so I stopped. Please try again, or ask for one thing at a time."
_IN_CIRCLES = "I went in circles over this and stopped. Please say it in other words."
_SEARCH_BROKE = "The search failed on our side. Please try again in a moment."
_ANSWER_BROKE = "I could not put an answer together just now. Please try again in a moment."
_NO_ANSWER = "I have no answer to that. Please say it in other words."
_NO_MESSAGE = "Please write what you are looking for, or attach a photo of it."
_TOO_LONG = f"That is a lot of text. Please say it in up to {LONGEST_TEXT:,} characters."


class Assistant:
    """A conversation over one shop. Lives on one event loop; blocking work runs beside it."""

    def __init__(
        self,
        *,
        shop: SearchableShop,
        chat_model: BaseChatModel,
        checkpointer: BaseCheckpointSaver[Any],
        photos: PhotoStore,
        limits: TurnLimits | None = None,
        results: int = 9,
        more_tools: Sequence[BaseTool] = (),
        captions: Captions | None = None,
        records: Keeper | None = None,
        model_name: str = "",
    ) -> None:
        """`results` is how many products a search shows when the model does not say.

        `more_tools` are offered to the model after the search. `captions`, of the vision model
        that one of them asks, are begun while a search runs. `records` keeps what each turn did,
        `model_name` is the chat model's in them.
        """
        self.photos = photos
        self.shop = shop
        self._limits = limits or TurnLimits()
        self._captions = captions
        self._records, self._model_name = records, model_name
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        middleware: list[AgentMiddleware[Any, Any, Any]] = [
            WholeHistory(),
            ModelCallLimitMiddleware(run_limit=self._limits.model_calls, exit_behavior="error"),
            ToolCallLimitMiddleware(run_limit=self._limits.tool_calls),
            ToolErrors(),
            OnceEach(),
            Prompt(),
            RecordCalls(),
        ]
        if not getattr(chat_model, "speaks_from_results", False):
            middleware.append(Grounded())
        self._agent = create_agent(
            chat_model,
            [
                make_multimodal_search(shop, results=results),
                make_product_details(shop),
                make_compare_products(shop),
                make_shortlist(shop),
                *more_tools,
            ],
            middleware=middleware,
            state_schema=ShopState,
            context_schema=Turn,
            checkpointer=checkpointer,
        )

    async def turn(self, thread_id: str, message: Message) -> AsyncGenerator[Event, None]:
        """What happens on a message, as it happens, `Done` or `Failed` last.

        A second turn of a thread waits for the first. Closing the generator stops the turn; the
        thread can be used again at once. Raises nothing of its own.
        """
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        work = asyncio.create_task(self._guarded(thread_id, message, events.put_nowait))
        work.add_done_callback(lambda _: events.put_nowait(None))
        event: Event | None = None
        try:
            while (heard := await events.get()) is not None:
                yield (event := heard)
            if not isinstance(event, Done | Failed):  # a library cancelled the work by itself
                incident = uuid.uuid4().hex[:12]
                logger.error("incident %s: the turn was cancelled from within", incident)
                yield Failed(_ANSWER_BROKE, incident)
        finally:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work

    async def _guarded(
        self, thread_id: str, message: Message, publish: Callable[[Event], None]
    ) -> None:
        """Runs the turn after the one before it, and keeps its record however it ends."""
        lock = self._locks.setdefault(thread_id, asyncio.Lock())
        async with lock:
            started = time.monotonic()
            record = Recorder(
                new_id() if self._records else "",
                thread_id,
                message,
                catalogue=self.shop.name,
                chat_model=self._model_name,
                prompt_version=PROMPT_VERSION,
            )
            end: Done | Failed | None = None  # stopped from outside
            try:
                failed = await self._outcome(thread_id, message, publish, record)
                end = failed or Done(time.monotonic() - started)
            finally:
                if self._records is not None:
                    seconds = time.monotonic() - started
                    self._records.keep(partial(record.ended, end, seconds))
        publish(end)

    async def _outcome(
        self,
        thread_id: str,
        message: Message,
        publish: Callable[[Event], None],
        record: Recorder,
    ) -> Failed | None:
        """Runs the turn and turns whatever goes wrong into one sentence and one log entry."""
        incident = uuid.uuid4().hex[:12]
        try:
            async with asyncio.timeout(self._limits.seconds) as budget:
                return await self._run(thread_id, message, publish, record)
        except ShopperError as error:
            logger.info("a turn was answered with a hint: %s", error)
            return Failed(str(error))
        except (ModelCallLimitExceededError, GraphRecursionError) as error:
            logger.warning("incident %s: %s", incident, error)
            return Failed(_IN_CIRCLES, incident)
        except Exception as error:
            late = isinstance(error, TimeoutError) and budget.expired()
            logger.exception("incident %s: the turn failed", incident)
            return Failed(_TOO_LATE if late else _ANSWER_BROKE, incident)

    async def _run(
        self,
        thread_id: str,
        message: Message,
        publish: Callable[[Event], None],
        record: Recorder,
    ) -> Failed | None:
        """The turn itself; a `Failed` when it ends without an answer but with nothing raised."""
        text = message.text.strip()
        if not text and not message.photos:
            raise ShopperError(_NO_MESSAGE)
        if len(text) > LONGEST_TEXT:
            raise ShopperError(_TOO_LONG)
        for photo in message.photos:
            self.photos.path(photo.ref)
        config = RunnableConfig(
            configurable={"thread_id": thread_id}, recursion_limit=self._limits.graph_steps()
        )
        answered = False

        def tell(event: Event) -> None:
            nonlocal answered
            answered = answered or isinstance(event, Words | Found | Compared | Shortlisted)
            if isinstance(event, Words):
                record.said(event.delta)
            publish(event)

        state = (await self._agent.aget_state(config)).values
        like, catalogue = await asyncio.to_thread(self._look_up, state)
        record.currency = catalogue["currency"]
        turn = Turn(
            photos=photos_of_turn(message.photos, state, like),
            new_photos=len(dict.fromkeys(photo.ref for photo in message.photos)),
            catalogue=catalogue,
            store=self.photos,
            publish=tell,
            record=record,
            captions=self._captions,
        )
        new: Any = {
            "messages": [shopper_message(text, len(message.photos))],
            "photos": [{"ref": photo.ref, "name": photo.name} for photo in message.photos],
        }
        speaker = Speaker(tell, turn)
        piece: Any
        async for piece in self._agent.astream(new, config, context=turn, stream_mode="messages"):
            speaker.hear(*piece)
        speaker.finish()
        if turn.incident:
            return Failed(_SEARCH_BROKE, turn.incident)
        if not answered:
            incident = uuid.uuid4().hex[:12]
            logger.warning("incident %s: the model gave no answer", incident)
            return Failed(_NO_ANSWER, incident)
        return None

    def _look_up(self, state: Mapping[str, Any]) -> tuple[Product | None, dict[str, Any]]:
        """The product that the newest search started from, and the shop in short. Blocking."""
        search = state.get("search")
        product = self.shop.product(search["product"]) if search and search["product"] else None
        return product, describe_catalogue(self.shop)


class Speaker:
    """Passes on the model's words, and none of what the tools and the hooks write.

    Words that need a check wait for the end of their sentence; others pass as they come.
    """

    def __init__(self, tell: Callable[[Event], None], turn: Turn) -> None:
        self._tell = tell
        self._turn = turn
        self._speaking = ""
        self._waiting = ""
        self._said: list[str] = []

    def hear(self, chunk: Any, metadata: Mapping[str, Any]) -> None:
        """One piece of LangGraph's "messages" stream."""
        if metadata.get("langgraph_node") != "model":
            return
        if not isinstance(chunk, AIMessage | AIMessageChunk) or not chunk.text:
            return
        new_message = bool(self._speaking) and chunk.id != self._speaking
        self._speaking = chunk.id or self._speaking
        if self._turn.grounds is None:
            self._tell(Words(f"\n\n{chunk.text}" if new_message else str(chunk.text)))
            return
        if new_message:
            self.finish()
            self._waiting = "\n\n"
        self._waiting += str(chunk.text)
        *whole, last = sentences(self._waiting)
        for sentence in whole:
            self._speak(sentence)
        self._waiting = last

    def finish(self) -> None:
        """The last sentence, which nothing follows."""
        waiting, self._waiting = self._waiting, ""
        if waiting:
            self._speak(waiting)

    def _speak(self, sentence: str) -> None:
        grounds = self._turn.grounds
        assert grounds is not None  # words wait for no other reason
        if not grounds.holds(sentence):
            logger.warning("a sentence of the model was replaced: %.200s", sentence)
            sentence = grounds.instead(sentence, self._said)
        self._said.append(sentence)
        if sentence:
            self._tell(Words(sentence))
