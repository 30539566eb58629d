"""The turns that run and wait: one after the other in a session, few waiting for a user."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from weakref import WeakValueDictionary

MOST_WAITING = 8
"""Turns of one user that wait for an earlier one of their session."""


@dataclass(frozen=True, slots=True)
class _Turn:
    task: asyncio.Task[None]
    user: str


class TurnQueue:
    """The tasks of turns, by session. Lives on one event loop."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._turns: dict[str, list[_Turn]] = {}
        """By session, in the order in which they came; the first one runs."""
        self._waiting: Counter[str] = Counter()
        self._told: set[str] = set()
        self.closing = False
        """Whether the chat stops, and its turns with it."""

    def lock(self, session_id: str) -> asyncio.Lock:
        """The lock under which a session's turns run one after the other."""
        return self._locks.setdefault(session_id, asyncio.Lock())

    def is_full(self, session_id: str, user: str) -> bool:
        """Whether a further turn of this session would be one too many for its user."""
        return bool(self._turns.get(session_id)) and self._waiting[user] >= MOST_WAITING

    def tell(self, session_id: str) -> bool:
        """Whether a session is to be told that its user's queue is full: once, until it shrinks."""
        if session_id in self._told:
            return False
        self._told.add(session_id)
        return True

    def add(self, session_id: str, user: str, task: asyncio.Task[None]) -> None:
        """Note a turn, until its task ends."""
        turns = self._turns.setdefault(session_id, [])
        if turns:
            self._waiting[user] += 1
        turn = _Turn(task, user)
        turns.append(turn)
        task.add_done_callback(lambda _: self._ended(session_id, turn))

    def stop(self, session_id: str) -> None:
        """Cancel the session's turns: the one that runs and those that wait for it."""
        for turn in self._turns.get(session_id, ()):
            turn.task.cancel()

    def drop_waiting(self, session_id: str) -> None:
        """Cancel the session's turns but for the one that runs."""
        for turn in self._turns.get(session_id, [])[1:]:
            turn.task.cancel()

    async def close(self, within_s: float) -> None:
        """Cancel all turns, and wait for them to end."""
        self.closing = True
        tasks = [turn.task for turns in self._turns.values() for turn in turns]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=within_s)

    def _ended(self, session_id: str, turn: _Turn) -> None:
        turns = self._turns[session_id]
        # All but the first have been counted; another one takes its place.
        counted = turn.user if turns[0] is not turn else turns[1].user if len(turns) > 1 else ""
        turns.remove(turn)
        if counted:
            self._waiting[counted] -= 1
            if not self._waiting[counted]:
                del self._waiting[counted]
        self._told.discard(session_id)
        if not turns:
            del self._turns[session_id]
