"""What happens around every turn: its limits, its name in the sidebar, metrics, a log line."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import chainlit as cl

from assistant.events import Done, Event, Failed, Found, Message, Ranked, Understood
from ui.chat.conversations.names import name_of
from ui.chat.conversations.store import ThreadStore
from ui.chat.deployment import Deployment
from ui.chat.metrics import Metrics
from ui.chat.web.uploads import UploadLimit

if TYPE_CHECKING:
    from ui.chat.state import Assistant

logger = logging.getLogger("pounce.chat.turns")

PREFIX = "chat-"
"""Before a thread's id in the assistant's memory; other front ends have other prefixes."""
_UPLOADS = "\0photos"
"""Behind an identifier where photos are counted, which no identifier holds."""
_DELETED = "This conversation was deleted. Please start a new one."
_TOO_FAST = "That was a lot of messages in a minute. Please wait a moment and send it again."
_TOO_MANY = "You have reached today's number of messages. Please come back tomorrow."


@dataclass(slots=True)
class _Told:
    """What is said of a turn in the log: no word of the shopper's."""

    outcome: str = "stopped"
    turn: str = ""
    incident: str = ""
    seconds: float = 0.0
    found: int = 0
    fell_back: list[str] = field(default_factory=list)
    stages_s: dict[str, float] = field(default_factory=dict)

    def spent(self, stage: str, seconds: float) -> None:
        self.stages_s[stage] = round(self.stages_s.get(stage, 0.0) + seconds, 4)


@dataclass(frozen=True, slots=True)
class TurnRunner:
    """Runs turns of an assistant for the sessions of the page."""

    assistant: Assistant
    threads: ThreadStore
    deployment: Deployment
    metrics: Metrics

    async def run(self, thread_id: str, message: Message) -> AsyncGenerator[Event, None]:
        """The events of `Assistant.turn`, or one `Failed` where this user may not ask now."""
        refusal = await self._refusal(thread_id)
        if refusal:
            self.metrics.turn("refused", 0.0)
            yield Failed(refusal)
            return
        thread = thread_id.removeprefix(PREFIX)
        await self.threads.show(thread, [photo.ref for photo in message.photos])
        told, start = _Told(), time.monotonic()
        newest: Understood | None = None
        try:
            async with aclosing(self.assistant.turn(thread_id, message)) as events:
                async for event in events:
                    self._note(told, event)
                    yield event
                    newest = event if isinstance(event, Understood) else newest
        finally:
            told.seconds = round(time.monotonic() - start, 3)
            self._tell(told, thread)
            run = cl.context.current_run
            if told.turn and run is not None:
                await self.threads.began_turn(thread, run.id, told.turn)
            if newest is not None:  # last: the page asks for all its conversations again
                await self._name(thread, newest)

    async def _refusal(self, thread_id: str) -> str:
        """Why this message is not answered; "" where it is."""
        if await self.threads.is_deleted(thread_id.removeprefix(PREFIX)):
            return _DELETED
        user = cl.context.session.user
        limits = self.deployment.per_minute, self.deployment.per_day
        if user is None or not any(limits):
            return ""
        over = await self.threads.take_turn(
            user.identifier, at=time.time(), per_minute=limits[0], per_day=limits[1]
        )
        return {"": "", "minute": _TOO_FAST, "day": _TOO_MANY}[over]

    def upload_limit(self, photos_each: int) -> UploadLimit:
        """The limits of messages for photos: as many as the messages may hold."""

        async def within(user: str) -> bool:
            limits = self.deployment.per_minute, self.deployment.per_day
            if not any(limits):
                return True
            minute, day = (limit * photos_each for limit in limits)
            over = await self.threads.take_turn(
                f"{user}{_UPLOADS}", at=time.time(), per_minute=minute, per_day=day
            )
            return not over

        return within

    async def _name(self, thread: str, understood: Understood) -> None:
        """Call the thread what its newest search is about, here and in the sidebar."""
        currency = await asyncio.to_thread(lambda: self.assistant.shop.vocabulary.currency)
        name = name_of(understood, currency)
        if await self.threads.name(thread, name, by_shopper=False):
            # The event that makes Chainlit's sidebar ask for the list again.
            told = {"interaction": name, "thread_id": cl.context.session.thread_id}
            await cl.context.emitter.emit("first_interaction", told)

    def _note(self, told: _Told, event: Event) -> None:
        match event:
            case Understood():
                told.turn = event.turn or told.turn
            case Found():
                told.found += len(event.matches)
                for stage, ms in event.timings_ms.items():
                    told.spent(f"search {stage}", ms / 1000)
            case Ranked():
                told.spent("rerank", event.seconds)
                for stage, seconds in event.timings_s.items():
                    told.spent(f"rerank {stage}", seconds)
                if event.outcome == "fell back":
                    told.fell_back.append("rerank")
            case Done() | Failed():
                told.turn = event.turn or told.turn
                told.outcome = "done" if isinstance(event, Done) else "failed"
                told.incident = "" if isinstance(event, Done) else event.incident
                if event.fell_back:
                    told.fell_back.append(f"chat model: {event.fell_back}")

    def _tell(self, told: _Told, thread: str) -> None:
        self.metrics.turn(told.outcome, told.seconds)
        for stage, seconds in told.stages_s.items():
            self.metrics.stage(stage, seconds)
        for what in told.fell_back:
            self.metrics.fell_back(what)
        logger.info(
            "a turn ended",
            extra={
                "fields": {
                    "outcome": told.outcome,
                    "seconds": told.seconds,
                    "thread": thread,
                    "turn": told.turn,
                    "incident": told.incident,
                    "found": told.found,
                    "fell_back": told.fell_back,
                    "stages_s": told.stages_s,
                }
            },
        )
