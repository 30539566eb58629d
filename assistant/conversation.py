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

from langchain.agents.middleware.model_call_limit import ModelCallLimitExceededError
from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.errors import GraphRecursionError

from assistant.agent.buttons import call_of, search_of, shown_rows
from assistant.agent.graph import build_agent
from assistant.agent.model_habits import ModelHabits
from assistant.agent.page_product import page_list
from assistant.agent.prompt_context import arguments_of, describe_catalogue
from assistant.agent.speaker import Speaker
from assistant.agent.turn import Turn, photos_of_turn
from assistant.budget import TurnLimits
from assistant.events import (
    Compared,
    Done,
    Event,
    Failed,
    FallbackReason,
    Found,
    LinkClick,
    Message,
    Pick,
    Shortlisted,
    Words,
)
from assistant.photo_store import PhotoStore
from assistant.prompt.history import shopper_message
from assistant.prompt.system_prompt import PROMPT_VERSION
from assistant.records.recorder import Recorder
from assistant.records.turn_records import new_id
from assistant.records.writer import RecordWriter
from assistant.shortlist import ShortlistItem, shortlist_items, with_added
from assistant.thread_locks import LocalLocks, ThreadLocks
from tools.errors import ShopperError
from tools.product import Product
from tools.rerank.captions import CaptionCache
from tools.rerank.queue import VisionQueue
from tools.search.rows import KeptRow
from tools.search.searchable_shop import SearchableShop

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
        candidates: int = 0,
        more_tools: Sequence[BaseTool] = (),
        captions: CaptionCache | None = None,
        looks: VisionQueue | None = None,
        records: RecordWriter | None = None,
        model_name: str = "",
        locks: ThreadLocks | None = None,
    ) -> None:
        """`results` is how many products a search shows when the model does not say, `candidates`
        how many it finds for `rerank` to look at; those that it shows where that is less.

        `more_tools` are offered to the model after the shop's own. `captions`, of the vision model
        that one of them calls, are started while a search runs. `records` writes what each turn
        did, with `model_name` as the chat model's. The built-in model finishes the turns that
        another chat model cannot. `locks` are those of other processes that share the threads too.
        """
        self.photos = photos
        self.shop = shop
        self._limits = limits or TurnLimits()
        self._checkpointer = checkpointer
        self._captions = captions
        self._records, self._model_name = records, model_name
        self._locks: ThreadLocks = locks or LocalLocks()
        self._habits = ModelHabits()
        self._searches_anew = bool(getattr(chat_model, "speaks_from_results", False))
        self.fallbacks: Counter[FallbackReason] = Counter()
        """How many turns the built-in chat model finished for the configured one, by reason."""
        self._agent = build_agent(
            shop,
            chat_model,
            checkpointer,
            limits=self._limits,
            results=results,
            candidates=candidates,
            more_tools=more_tools,
            looks=looks,
        )

    async def turn(self, thread_id: str, message: Message) -> AsyncGenerator[Event, None]:
        """The events of a turn as they happen, `Done` or `Failed` last.

        A second turn of a thread waits for the first. Closing the generator stops the turn; the
        thread can be used again at once. Errors become `Failed`.
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
        """The shortlist of a thread, in the order in which it was filled."""
        rows = await self._shortlist_rows(thread_id)
        return await asyncio.to_thread(shortlist_items, rows, self.shop)

    async def add_to_shortlist(self, thread_id: str, product_id: str, number: int) -> None:
        """Put a product, shown under `number`, on the thread's shortlist, at most once.

        Waits for the turn that runs. Raises ShopperError when it is gone, or the list is full.
        """
        async with self._locks.hold(thread_id):
            rows = await self._shortlist_rows(thread_id)
            more = await asyncio.to_thread(with_added, rows, product_id, number, self.shop)
            await self._update(thread_id, {"shortlist": more})

    async def remove_from_shortlist(self, thread_id: str, product_id: str) -> None:
        """Take a product off the thread's shortlist; does nothing when it is not on it."""
        async with self._locks.hold(thread_id):
            rows = await self._shortlist_rows(thread_id)
            fewer = [row for row in rows if row["id"] != product_id]
            await self._update(thread_id, {"shortlist": fewer})

    async def _shortlist_rows(self, thread_id: str) -> list[KeptRow]:
        values = (await self._agent.aget_state(_config(thread_id))).values
        return list(values.get("shortlist") or ())

    async def _update(self, thread_id: str, values: dict[str, Any]) -> None:
        await self._agent.aupdate_state(_config(thread_id), values, as_node="__start__")

    async def delete_thread(self, thread_id: str) -> None:
        """Delete the memory and the records of a thread. Waits for its turn."""
        async with self._locks.hold(thread_id):
            await self._checkpointer.adelete_thread(thread_id)
        if self._records is not None:
            await self._records.delete_thread(thread_id)

    async def rate(self, turn_id: str, feedback: Mapping[str, Any] | None) -> None:
        """Store the shopper's feedback with the record of a turn, if any; None removes it."""
        if self._records is not None and turn_id:
            await self._records.write_feedback(turn_id, feedback)

    async def clicked(self, thread_id: str, turn_id: str, click: LinkClick) -> None:
        """Count a followed link to the shop with the record of its turn in this thread."""
        if self._records is not None and turn_id:
            await self._records.add_click(thread_id, turn_id, click)

    async def _guarded(
        self, thread_id: str, message: Message, publish: Callable[[Event], None]
    ) -> None:
        """Run the turn after the one before it, on whichever replica that runs."""
        try:
            async with self._locks.hold(thread_id):
                end = await self._recorded(thread_id, message, publish)
                await self._prune_checkpoints(thread_id)
        except ConnectionError:
            incident = uuid.uuid4().hex[:12]
            logger.exception("incident %s: the database of the threads was lost", incident)
            end = Failed(_ANSWER_BROKE, incident)
        publish(end)

    async def _recorded(
        self, thread_id: str, message: Message, publish: Callable[[Event], None]
    ) -> Done | Failed:
        """Run the turn, and write its record however it ends."""
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
        return end

    async def _prune_checkpoints(self, thread_id: str) -> None:
        """Remove older checkpoints: each holds the whole state, and none is read again."""
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
        """Run the turn; any error becomes one sentence for the shopper and one log entry."""
        incident = uuid.uuid4().hex[:12]
        try:
            async with asyncio.timeout(self._limits.seconds) as budget:
                return await self._run(thread_id, message, publish, record)
        except ShopperError as error:
            logger.info("a turn was answered with a hint", extra={"shopper_text": str(error)})
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
        """The turn itself; a `Failed` when it ends without an answer and without an exception."""
        await asyncio.to_thread(self._check, message)
        state = (await self._agent.aget_state(_config(thread_id))).values
        newest_list: dict[str, Any] = {}
        if message.pick is not None:
            newest_list = await asyncio.to_thread(self._list_of_button, message.pick, state)
        elif product := message.like or message.page:
            newest_list = await asyncio.to_thread(page_list, product, self.shop)
        state = {**state, **newest_list}
        answered = False

        def on_event(event: Event) -> None:
            nonlocal answered
            answered = answered or isinstance(event, Words | Found | Compared | Shortlisted)
            if isinstance(event, Words):
                record.add_words(event.delta)
            publish(event)

        turn = await self._new_turn(message, state, on_event, record)
        update: Any = {
            **newest_list,
            "messages": [shopper_message(turn.said, len(message.photos))],
            "turns": turn.number,
            "photos": [{"ref": photo.ref, "name": photo.name} for photo in message.photos],
        }
        config = _config(thread_id)
        config["recursion_limit"] = self._limits.graph_steps()
        speaker = Speaker(on_event, turn)
        chunk: Any
        try:
            # The state is stored once, when the turn ends or is stopped, and not after each step.
            async for chunk in self._agent.astream(
                update, config, context=turn, stream_mode="messages", durability="exit"
            ):
                speaker.on_chunk(*chunk)
            speaker.finish()
        finally:
            speaker.close()
        if turn.incident:
            return Failed(_SEARCH_BROKE, turn.incident)
        if not answered:
            incident = uuid.uuid4().hex[:12]
            logger.warning("incident %s: the model gave no answer", incident)
            return Failed(_NO_ANSWER, incident)
        return None

    def _check(self, message: Message) -> None:
        """Raises ShopperError for a message that cannot be answered."""
        text = message.text.strip()
        if not text and not message.photos:
            raise ShopperError(_NO_MESSAGE)
        if len(text) > LONGEST_TEXT:
            raise ShopperError(_TOO_LONG)
        for photo in message.photos:
            self.photos.check(photo.ref)

    async def _new_turn(
        self,
        message: Message,
        state: Mapping[str, Any],
        publish: Callable[[Event], None],
        record: Recorder,
    ) -> Turn:
        """The turn of a message, with the tool call that its button stands for."""
        like, catalogue = await asyncio.to_thread(self._look_up, state)
        record.currency = currency = catalogue["currency"]
        turn = Turn(
            photos=photos_of_turn(message.photos, state, like),
            # The product's picture stands behind the message's own photos.
            new_photos=len({photo.ref for photo in message.photos})
            + (message.like != "" and like is not None),
            catalogue=catalogue,
            store=self.photos,
            publish=publish,
            habits=self._habits,
            searches_anew=self._searches_anew,
            record=record,
            captions=self._captions if message.wishes.rerank else None,
            wishes=message.wishes,
            number=state.get("turns", 0) + 1,
            said=message.text.strip(),
            pick=message.pick,
        )
        if message.pick is not None:
            row = search_of(message.pick.list_id, state)
            last = arguments_of(row, turn.photos, currency) if row else None
            turn.button_call = call_of(message.pick, last, currency)
        return turn

    def _list_of_button(self, pick: Pick, state: Mapping[str, Any]) -> dict[str, Any]:
        """The state with the list under a button as the newest list. Blocking."""
        update: dict[str, Any] = {}
        if pick.ids:
            update["shown"] = shown_rows(pick.ids, self.shop)
        if (search := search_of(pick.list_id, state)) is not None:
            update["search"] = search
        return update

    def _look_up(self, state: Mapping[str, Any]) -> tuple[Product | None, dict[str, Any]]:
        """The product that the newest search started from, and the shop in short. Blocking."""
        search = state.get("search")
        product = self.shop.product(search["product"]) if search and search["product"] else None
        return product, describe_catalogue(self.shop)


def _config(thread_id: str) -> RunnableConfig:
    return RunnableConfig(configurable={"thread_id": thread_id})
