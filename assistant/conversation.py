"""The assistant: a message in, events out, one turn of a thread at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelCallLimitMiddleware
from langchain.agents.middleware.model_call_limit import ModelCallLimitExceededError
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.errors import GraphRecursionError

from assistant.agent.buttons import call_of, search_of, shown_rows
from assistant.agent.fallback import BUILT_IN, Fallback, fallback_notice
from assistant.agent.middleware import (
    ButtonCall,
    ConstraintOrigins,
    DeduplicateCalls,
    GroundingCheck,
    HistoryRepair,
    SearchPriority,
    SystemPrompt,
    ToolBudget,
    ToolErrors,
)
from assistant.agent.prompt_context import arguments_of, describe_catalogue
from assistant.agent.state import ShopState
from assistant.agent.turn import Turn, photos_of_turn
from assistant.budget import FALLBACK_MODEL_CALLS, TurnLimits
from assistant.events import (
    Compared,
    Done,
    Event,
    Failed,
    FallbackReason,
    Found,
    Message,
    Pick,
    Shortlisted,
    Words,
)
from assistant.grounding import THINKING, sentences, without_thoughts
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_store import PhotoStore
from assistant.prompt.history import shopper_message
from assistant.prompt.system_prompt import PROMPT_VERSION
from assistant.records.hooks import RecordCalls
from assistant.records.recorder import Recorder
from assistant.records.store import new_id
from assistant.records.writer import RecordWriter
from assistant.shortlist import ShortlistItem, shortlist_items, with_added
from tools.agent_tools.compare_products import make_compare_products
from tools.agent_tools.multimodal_search import make_multimodal_search
from tools.agent_tools.product_details import make_product_details
from tools.agent_tools.shortlist import make_shortlist
from tools.errors import ShopperError
from tools.product import Product
from tools.rerank.captions import CaptionCache
from tools.rerank.queue import VisionQueue
from tools.search.rows import KeptRow
from tools.search.searchable_shop import SearchableShop

logger = logging.getLogger("pounce.assistant")

LONGEST_TEXT = 4000
_LONGEST_ANSWER = 4000
"""Characters. A chat model is asked for a sentence or two."""
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
        candidates: int = 0,
        more_tools: Sequence[BaseTool] = (),
        captions: CaptionCache | None = None,
        looks: VisionQueue | None = None,
        records: RecordWriter | None = None,
        model_name: str = "",
    ) -> None:
        """`results` is how many products a search shows when the model does not say, `candidates`
        how many it finds for `rerank` to look at; those that it shows where that is less.

        `more_tools` are offered to the model after the search. `captions`, of the vision model
        that one of them asks, are begun while a search runs. `records` keeps what each turn did,
        `model_name` is the chat model's in them. Where the chat model is not the built-in one,
        that one finishes the turns that it cannot.
        """
        self.photos = photos
        self.shop = shop
        self._limits = limits or TurnLimits()
        self._checkpointer = checkpointer
        self._captions = captions
        self._checkpointer = checkpointer
        self._records, self._model_name = records, model_name
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.fallbacks: Counter[FallbackReason] = Counter()
        """Turns that the built-in chat model finished for the one that is set, by why."""
        foreign = not getattr(chat_model, "speaks_from_results", False)
        calls = self._limits.model_calls + FALLBACK_MODEL_CALLS * foreign
        built_in = OfflineChatModel(vocabulary=lambda: shop.vocabulary, tags=[BUILT_IN])
        middleware: list[AgentMiddleware[Any, Any, Any]] = [
            HistoryRepair(),
            ModelCallLimitMiddleware(run_limit=calls, exit_behavior="error"),
            ToolErrors(),
            *([SearchPriority(looks)] if looks else []),
            ToolBudget(self._limits, keeps=foreign),
            DeduplicateCalls(),
            ConstraintOrigins(),
            ButtonCall(),
            *([Fallback(built_in, self._limits)] if foreign else []),
            SystemPrompt(),
            RecordCalls(),
            *([GroundingCheck()] if foreign else []),
        ]
        self._agent = create_agent(
            chat_model,
            [
                make_multimodal_search(shop, results=results, candidates=candidates),
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

    async def shortlist(self, thread_id: str) -> tuple[ShortlistItem, ...]:
        """What the shopper keeps in a thread, in the order of keeping."""
        rows = await self._shortlist_rows(thread_id)
        return await asyncio.to_thread(shortlist_items, rows, self.shop)

    async def add_to_shortlist(self, thread_id: str, product_id: str, number: int) -> None:
        """Put a product, shown under a number, on the thread's shortlist; once is enough.

        Waits for the turn that runs. Raises ShopperError when it is gone, or the list is full.
        """
        async with self._lock(thread_id):
            rows = await self._shortlist_rows(thread_id)
            more = await asyncio.to_thread(with_added, rows, product_id, number, self.shop)
            await self._update(thread_id, {"shortlist": more})

    async def remove_from_shortlist(self, thread_id: str, product_id: str) -> None:
        """Take a product off the thread's shortlist; nothing happens when it is not on it."""
        async with self._lock(thread_id):
            rows = await self._shortlist_rows(thread_id)
            fewer = [row for row in rows if row["id"] != product_id]
            await self._update(thread_id, {"shortlist": fewer})

    def _lock(self, thread_id: str) -> asyncio.Lock:
        return self._locks.setdefault(thread_id, asyncio.Lock())

    async def _shortlist_rows(self, thread_id: str) -> list[KeptRow]:
        config = RunnableConfig(configurable={"thread_id": thread_id})
        values = (await self._agent.aget_state(config)).values
        return list(values.get("shortlist") or ())

    async def _update(self, thread_id: str, values: dict[str, Any]) -> None:
        config = RunnableConfig(configurable={"thread_id": thread_id})
        await self._agent.aupdate_state(config, values, as_node="__start__")

    async def delete_thread(self, thread_id: str) -> None:
        """Remove what is remembered and recorded of a thread, for good. Waits for its turn."""
        async with self._lock(thread_id):
            await self._checkpointer.adelete_thread(thread_id)
        if self._records is not None:
            await self._records.delete_thread(thread_id)

    async def rate(self, turn_id: str, feedback: Mapping[str, Any] | None) -> None:
        """Keep what the shopper thinks of a turn with its record, if there is one; None removes."""
        if self._records is not None and turn_id:
            await self._records.write_feedback(turn_id, feedback)

    async def _guarded(
        self, thread_id: str, message: Message, publish: Callable[[Event], None]
    ) -> None:
        """Runs the turn after the one before it, and keeps its record however it ends."""
        async with self._lock(thread_id):
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
                end = replace(end, fell_back=record.fell_back, turn=record.turn_id)
            finally:
                if record.fell_back:
                    self.fallbacks[record.fell_back] += 1
                if self._records is not None:
                    seconds = time.monotonic() - started
                    self._records.write(partial(record.finish, end, seconds))
            await self._prune_checkpoints(thread_id)
        publish(end)

    async def _prune_checkpoints(self, thread_id: str) -> None:
        """Each step keeps the whole state, and nobody goes back to one."""
        try:
            await self._checkpointer.aprune([thread_id])
        except NotImplementedError:  # not every saver can
            return
        except Exception:
            logger.exception("the old steps of a thread are not removed")

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
                record.add_words(event.delta)
            publish(event)

        state = (await self._agent.aget_state(config)).values
        pointed: dict[str, Any] = {}
        if message.pick is not None:
            pointed = await asyncio.to_thread(self._pointed, message.pick, state)
            state = {**state, **pointed}
        like, catalogue = await asyncio.to_thread(self._look_up, state)
        record.currency = catalogue["currency"]
        turn = Turn(
            photos=photos_of_turn(message.photos, state, like),
            new_photos=len(dict.fromkeys(photo.ref for photo in message.photos)),
            catalogue=catalogue,
            store=self.photos,
            publish=tell,
            record=record,
            captions=self._captions if message.wishes.rerank else None,
            wishes=message.wishes,
            number=state.get("turns", 0) + 1,
            said=text,
            pick=message.pick,
        )
        if message.pick is not None:
            row = search_of(message.pick.list_id, state)
            last = arguments_of(row, turn.photos, catalogue["currency"]) if row else None
            turn.button_call = call_of(message.pick, last, catalogue["currency"])
        new: Any = {
            **pointed,
            "messages": [shopper_message(text, len(message.photos))],
            "turns": turn.number,
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

    def _pointed(self, pick: Pick, state: Mapping[str, Any]) -> dict[str, Any]:
        """The list that a button stands on, as the newest one of the thread. Blocking."""
        pointed: dict[str, Any] = {}
        if pick.ids:
            pointed["shown"] = shown_rows(pick.ids, self.shop)
        if (search := search_of(pick.list_id, state)) is not None:
            pointed["search"] = search
        return pointed

    def _look_up(self, state: Mapping[str, Any]) -> tuple[Product | None, dict[str, Any]]:
        """The product that the newest search started from, and the shop in short. Blocking."""
        search = state.get("search")
        product = self.shop.product(search["product"]) if search and search["product"] else None
        return product, describe_catalogue(self.shop)


class Speaker:
    """Passes on the model's words, and none of what the tools and the hooks write.

    A chat model's words wait for the end of their sentence and are checked; from the first one on
    that is not so they wait for the end of the message, which may come to nothing. The built-in
    model's pass as they come.
    """

    def __init__(self, tell: Callable[[Event], None], turn: Turn) -> None:
        self._tell = tell
        self._turn = turn
        self._speaking = ""
        self._waiting = ""
        self._length = 0
        self._held: list[str] = []
        self._said: list[str] = []
        self._taken_over = self._spoke = False

    def hear(self, chunk: Any, metadata: Mapping[str, Any]) -> None:
        """One piece of LangGraph's "messages" stream."""
        if metadata.get("langgraph_node") != "model":
            return
        if not isinstance(chunk, AIMessage | AIMessageChunk):
            return
        built_in = BUILT_IN in (metadata.get("tags") or ())
        if built_in and not self._taken_over:
            self._taken_over, self._waiting, self._held = True, "", []
            self._waiting = (
                f"{fallback_notice(self._turn.fell_back)} " if self._turn.fell_back else ""
            )
        if not chunk.text or (self._taken_over and not built_in):
            return
        new_message = bool(self._speaking) and chunk.id != self._speaking
        self._speaking = chunk.id or self._speaking
        if self._taken_over or self._turn.known_facts is None:
            self._pass_on(str(chunk.text), new_message)
            return
        if new_message:
            self.finish()
            self._waiting = "\n\n" if self._spoke else ""
        self._waiting = without_thoughts(self._waiting + str(chunk.text))
        self._length += len(str(chunk.text))
        if self._length > _LONGEST_ANSWER:
            self._turn.stop_model_call()
        if THINKING.search(self._waiting):
            return
        whole = sentences(self._waiting)
        ended = self._waiting.endswith(" ") and self._waiting.rstrip().endswith((".", "!", "?"))
        last = "" if ended or not whole else whole.pop()
        for sentence in whole:
            self._speak(sentence)
        self._waiting = last

    def finish(self) -> None:
        """The last sentence, which nothing follows, and what was held back."""
        waiting, self._waiting = self._waiting, ""
        if self._taken_over or self._turn.fell_back:
            return
        grounds = self._turn.known_facts
        if grounds is None:
            return
        if waiting:
            self._speak(THINKING.split(waiting)[0])
        held, self._held = "".join(self._held), []
        if mended := grounds.mend(held, self._said):
            logger.warning("what the model said was mended: %.300s", held)
            self._hand_on(mended)

    def _pass_on(self, text: str, new_message: bool) -> None:
        note, self._waiting = self._waiting, ""
        gap = "\n\n" if new_message and self._spoke else ""
        self._hand_on(f"{gap}{note}{text}")

    def _hand_on(self, words: str) -> None:
        self._spoke = True
        self._tell(Words(words))

    def _speak(self, sentence: str) -> None:
        grounds = self._turn.known_facts
        assert grounds is not None  # words wait for no other reason
        if self._held or not grounds.holds(sentence):
            self._held.append(sentence)
            return
        self._said.append(sentence)
        self._hand_on(sentence)
