"""Runs a turn: checks the user's limits, names the conversation, counts and logs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from assistant.events import Done, Event, Failed, Found, Message, Ranked, Understood
from ui.chat.auth.access import GUEST
from ui.chat.auth.rate_limit import network_of
from ui.chat.conversations.names import name_of
from ui.chat.conversations.store import ThreadStore
from ui.chat.deployment import Deployment
from ui.chat.metrics import Metrics
from ui.chat.ports import Assistant, TurnSession
from ui.chat.uploads import UploadLimit

logger = logging.getLogger("pounce.chat.turns")

THREAD_PREFIX = "chat-"
"""Before a thread's id in the assistant's memory; other front ends have other prefixes."""
_UPLOADS = "\0photos"
"""Behind an identifier where photos are counted, which no identifier holds."""
_ADDRESS = "\0address:"
"""Before an IP address where the messages of its guests are counted; begins no identifier."""
_DELETED = "This conversation was deleted. Please start a new one."
_TOO_FAST = "That was a lot of messages in a minute. Please wait a moment and send it again."
_TOO_MANY = "You have reached today's number of messages. Please come back tomorrow."


@dataclass(slots=True)
class _Summary:
    """What the log says of a turn. It holds no word of the shopper."""

    outcome: str = "stopped"
    turn: str = ""
    incident: str = ""
    seconds: float = 0.0
    found: int = 0
    fell_back: list[str] = field(default_factory=list)
    stages_s: dict[str, float] = field(default_factory=dict)

    def add_time(self, stage: str, seconds: float) -> None:
        self.stages_s[stage] = round(self.stages_s.get(stage, 0.0) + seconds, 4)


@dataclass(frozen=True, slots=True)
class TurnRunner:
    """Runs the turns of an assistant for the sessions of the page."""

    assistant: Assistant
    threads: ThreadStore
    deployment: Deployment
    metrics: Metrics

    async def run(
        self, thread_id: str, message: Message, session: TurnSession
    ) -> AsyncGenerator[Event, None]:
        """The events of `Assistant.turn`, or one `Failed` where this user may not ask now."""
        refusal = await self._refusal(thread_id, session)
        if refusal:
            self.metrics.turn("refused", 0.0)
            yield Failed(refusal)
            return
        thread = thread_id.removeprefix(THREAD_PREFIX)
        await self.threads.show(thread, [photo.ref for photo in message.photos])
        summary, start = _Summary(), time.monotonic()
        newest: Understood | None = None
        try:
            async with aclosing(self.assistant.turn(thread_id, message)) as events:
                async for event in events:
                    self._note(summary, event)
                    yield event
                    newest = event if isinstance(event, Understood) else newest
        finally:
            summary.seconds = round(time.monotonic() - start, 3)
            self._report(summary, thread)
            if summary.turn and session.run_id:
                await self.threads.began_turn(thread, session.run_id, summary.turn)
            if await self.threads.is_deleted(thread):  # by another replica, while this one waited
                await self.assistant.delete_thread(thread_id)
            if newest is not None:  # last: the page asks for all its conversations again
                await self._name(thread, newest, session)

    async def _refusal(self, thread_id: str, session: TurnSession) -> str:
        """Why this message is not answered; "" where it is."""
        if await self.threads.is_deleted(thread_id.removeprefix(THREAD_PREFIX)):
            return _DELETED
        over = await self._over(session.user, session.address)
        return {"": "", "minute": _TOO_FAST, "day": _TOO_MANY}[over]

    def upload_limit(self, photos_each: int) -> UploadLimit:
        """The limits of messages for photos: as many as the messages may hold."""

        async def within(user: str, address: str) -> bool:
            return not await self._over(user, address, _UPLOADS, photos_each)

        return within

    async def _over(self, user: str, address: str, what: str = "", each: int = 1) -> str:
        """Count one more message, or a photo of a message of `each`.

        Returns "", or the limit that it would exceed, of the user or of a guest's address.
        """
        limits = self.deployment.per_minute, self.deployment.per_day
        if not user or not any(limits):
            return ""
        counted = {user: each}
        guests = self.deployment.guests_per_address
        if user.startswith(GUEST) and guests and address:
            counted[f"{_ADDRESS}{network_of(address)}"] = each * guests
        for payer, factor in counted.items():
            minute, day = (limit * factor for limit in limits)
            over = await self.threads.take_turn(
                f"{payer}{what}", at=time.time(), per_minute=minute, per_day=day
            )
            if over:
                return over
        return ""

    async def _name(self, thread: str, understood: Understood, session: TurnSession) -> None:
        """Call the thread what its newest search is about, here and in the sidebar."""
        currency = await asyncio.to_thread(lambda: self.assistant.shop.vocabulary.currency)
        name = name_of(understood, currency)
        if await self.threads.name(thread, name, by_shopper=False):
            await session.show_thread_name(name)

    def _note(self, summary: _Summary, event: Event) -> None:
        match event:
            case Understood():
                summary.turn = event.turn or summary.turn
            case Found():
                summary.found += len(event.matches)
                for stage, ms in event.timings_ms.items():
                    summary.add_time(f"search {stage}", ms / 1000)
            case Ranked():
                summary.add_time("rerank", event.seconds)
                for stage, seconds in event.timings_s.items():
                    summary.add_time(f"rerank {stage}", seconds)
                if event.outcome == "fell back":
                    summary.fell_back.append("rerank")
            case Done() | Failed():
                summary.turn = event.turn or summary.turn
                summary.outcome = "done" if isinstance(event, Done) else "failed"
                summary.incident = "" if isinstance(event, Done) else event.incident
                if event.fell_back:
                    summary.fell_back.append(f"chat model: {event.fell_back}")

    def _report(self, summary: _Summary, thread: str) -> None:
        self.metrics.turn(summary.outcome, summary.seconds)
        for stage, seconds in summary.stages_s.items():
            self.metrics.stage(stage, seconds)
        for what in summary.fell_back:
            self.metrics.fell_back(what)
        logger.info(
            "a turn ended",
            extra={
                "fields": {
                    "outcome": summary.outcome,
                    "seconds": summary.seconds,
                    "thread": thread,
                    "turn": summary.turn,
                    "incident": summary.incident,
                    "found": summary.found,
                    "fell_back": summary.fell_back,
                    "stages_s": summary.stages_s,
                }
            },
        )
