"""Whether the chat can answer: its index, and the database that several replicas share."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any

from tools.errors import PounceError

logger = logging.getLogger("pounce.chat")


async def unready(checks: Mapping[str, Coroutine[Any, Any, object]], within_s: float) -> str:
    """The names of what does not answer, as a sentence; "" where all of it answers in time.

    A check that is late is cancelled and not waited for: a query to a server that hangs does not
    end with its cancellation. The log says why a check failed.
    """
    tasks = {name: asyncio.create_task(check, name=name) for name, check in checks.items()}
    await asyncio.wait(tasks.values(), timeout=within_s)
    silent = [name for name, task in tasks.items() if not _passed(task)]
    return f"No answer from {' and '.join(silent)}." if silent else ""


def _passed(task: asyncio.Task[object]) -> bool:
    if not task.done():
        task.cancel()
        task.add_done_callback(_retrieve)
        logger.warning("not ready: %s takes too long", task.get_name())
        return False
    try:
        task.result()
    except (PounceError, ConnectionError) as error:
        logger.warning("not ready: %s", error)
        return False
    return True


def _retrieve(task: asyncio.Task[object]) -> None:
    """Takes the error of a late check, which nobody waits for."""
    if not task.cancelled():
        task.exception()
