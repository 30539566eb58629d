"""Asks a provider again that is busy for a moment, and tells how long a busy one wants to be left.

The providers' own clients sleep as long as a server says, up to minutes, whatever the turn's
budget; so they are opened without retries of their own (`assistant.models.registry`).
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TypeVar

T = TypeVar("T")

_TRIES = 3
_PAUSES_S = (0.5, 1.0)
"""Before the second try and the third, where the server names no time."""
_BUSY = (408, 409, 425, 429)
_SHARE = 0.5
"""Of the time that is left, that a wait may take; the answer needs some of it."""
_LONGEST_PAUSE_S = 3600.0


class BusyError(Exception):
    """The server wants to be left alone for longer than the answer can wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"it asks to be left alone for {seconds:.0f} s")
        self.seconds = min(seconds, _LONGEST_PAUSE_S)


async def with_retries(ask: Callable[[], Awaitable[T]], until: float) -> T:
    """The answer of `ask`, which is called up to three times.

    `until` is when the answer must be there, on the clock of the event loop. Raises BusyError for a
    wait that does not fit before it, and what `ask` raised last.
    """
    loop = asyncio.get_running_loop()
    for pause_s in (*_PAUSES_S, None):
        try:
            return await ask()
        except Exception as error:
            if not is_transient(error):
                raise
            asked = retry_after_s(error)
            wait_s = pause_s if asked is None else asked
            if wait_s is not None and wait_s > (until - loop.time()) * _SHARE:
                if asked is None:
                    raise
                raise BusyError(asked) from error
            if pause_s is None or wait_s is None:
                raise
        await asyncio.sleep(wait_s)
    raise AssertionError("the last try returns or raises")


def is_transient(error: Exception) -> bool:
    """Whether the same request may well be answered a moment later.

    By what the clients of OpenAI, Anthropic and others have in common: a `status_code`, or a
    connection that was refused. An answer that broke off is not asked for again: its first words
    may be on the screen.
    """
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return status in _BUSY or status >= 500
    return type(error.__cause__).__name__ == "ConnectError"


def retry_after_s(error: Exception) -> float | None:
    """Seconds until the server wants to be asked again; None where it does not say."""
    headers = getattr(getattr(error, "response", None), "headers", None)
    if not isinstance(headers, Mapping):
        return None
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        seconds = _number(headers.get(name)) * unit
        if seconds >= 0:
            return seconds
    try:
        at = parsedate_to_datetime(headers.get("retry-after") or "").timestamp()
    except ValueError:
        return None
    return max(at - time.time(), 0.0)


def _number(text: object) -> float:
    """A header's number; -1 where it is none."""
    try:
        number = float(str(text))
    except ValueError:
        return -1.0
    return number if math.isfinite(number) else -1.0
