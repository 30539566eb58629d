"""Whether the chat can answer, by checks that pass, fail and hang."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from tools.errors import SearchIndexError
from ui.chat.web.readiness import unready


async def passes() -> None:
    """Passes."""


async def fails(error: Exception) -> None:
    raise error


async def test_what_does_not_answer_is_named(caplog: pytest.LogCaptureFixture) -> None:
    assert await unready({"the index": passes(), "the database": passes()}, 60) == ""
    broken = fails(SearchIndexError("Milvus is gone"))
    lost = fails(ConnectionError("no database"))
    said = await unready({"the index": broken, "the database": lost}, 60)
    assert said == "No answer from the index and the database."
    assert [text for text in ("Milvus is gone", "no database") if text in caplog.text]


async def test_check_that_hangs_and_cannot_be_cancelled_is_not_waited_for() -> None:
    """As a query to a server that takes the connection and says nothing."""
    answered = asyncio.Event()

    async def hangs() -> None:
        while not answered.is_set():
            with suppress(asyncio.CancelledError):
                await answered.wait()
        raise ConnectionError("at last")

    said = await unready({"the index": passes(), "the database": hangs()}, 0.01)
    assert said == "No answer from the database."
    answered.set()


async def test_error_that_nobody_expects_is_not_hidden() -> None:
    with pytest.raises(KeyError):
        await unready({"the index": fails(KeyError("x"))}, 60)
