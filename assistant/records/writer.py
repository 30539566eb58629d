"""Writes records in the background: no turn waits for a record, or fails because of one."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from assistant.events import LinkClick
from assistant.records.recorder import UnsavedRecord
from assistant.records.turn_records import TurnRecords
from tools.errors import SetupError

if TYPE_CHECKING:
    from PIL.Image import Image

logger = logging.getLogger("pounce.records")


class RecordWriter:
    """Writes records in a thread. Lives on one event loop."""

    def __init__(self, store: TurnRecords) -> None:
        self._store = store
        self._writing: set[asyncio.Future[None]] = set()

    def write(self, make: Callable[[], UnsavedRecord]) -> None:
        """Start making and writing a record. Does not wait; errors are logged."""
        writing = asyncio.get_running_loop().run_in_executor(None, self._write_now, make)
        self._writing.add(writing)
        writing.add_done_callback(self._ended)

    async def flush(self) -> None:
        """Wait until every started record is on disk, or has failed."""
        if self._writing:
            await asyncio.wait(self._writing)

    async def delete_thread(self, thread: str) -> None:
        """Remove the records of a conversation, including those that are being written."""
        await self.flush()
        await asyncio.to_thread(self._store.delete_thread, thread)

    async def write_feedback(self, turn_id: str, feedback: Mapping[str, Any] | None) -> None:
        """Store a shopper's feedback with the record of its turn, if there still is one."""
        await self.flush()
        await asyncio.to_thread(self._store.write_feedback, turn_id, feedback)

    async def add_click(self, thread: str, turn_id: str, click: LinkClick) -> None:
        """Count a followed link with the record of its turn, if there still is one."""
        await self.flush()
        await asyncio.to_thread(self._store.add_click, thread, turn_id, click)

    def _write_now(self, make: Callable[[], UnsavedRecord]) -> None:
        recorded = make()
        try:
            pictures = {name: _png(picture) for name, picture in recorded.pictures.items()}
            self._store.write(recorded.record, pictures)
        except (OSError, SetupError) as error:
            logger.warning("the record of turn %s is not kept: %s", recorded.record.id, error)

    def _ended(self, writing: asyncio.Future[None]) -> None:
        self._writing.discard(writing)
        if not writing.cancelled() and (error := writing.exception()) is not None:
            logger.error("a record could not be made", exc_info=error)


def _png(picture: Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
