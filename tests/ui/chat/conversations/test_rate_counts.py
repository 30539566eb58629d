"""Requests of agents, counted in a database: an SQLite file, or one that two replicas share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ui.chat.conversations.store import ThreadStore, open_threads

NOON = 1_800_000_000.0


@pytest.fixture(params=["sqlite", "postgres"])
async def replicas(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[ThreadStore, ThreadStore]]:
    """Two stores of one database."""
    server = request.getfixturevalue("postgres") if request.param == "postgres" else None
    where = tmp_path / "conversations.sqlite", server.new_database() if server else ""
    async with open_threads(*where) as one, open_threads(*where) as other:
        yield one, other


async def test_requests_of_a_minute_are_counted_over_all_replicas(
    replicas: tuple[ThreadStore, ThreadStore],
) -> None:
    one, other = (store.rates for store in replicas)
    times = [(one, 0.0), (other, 10.0), (one, 20.0), (other, 30.0), (one, 30.0), (one, 60.0)]
    waited = [await each.take_request("key:bot", at=NOON + at, per_minute=3) for each, at in times]
    assert waited == [0, 0, 0, 30, 30, 0]
    assert await other.take_request("key:other", at=NOON, per_minute=3) == 0


async def test_requests_at_once_are_no_more_than_the_limit(
    replicas: tuple[ThreadStore, ThreadStore],
) -> None:
    waited = await asyncio.gather(
        *(
            each.rates.take_request("key:bot", at=NOON, per_minute=5)
            for _ in range(6)
            for each in replicas
        )
    )
    assert sorted(waited) == [0] * 5 + [60] * 7


async def test_requests_of_agents_count_for_no_shopper_and_are_forgotten_after_a_minute(
    replicas: tuple[ThreadStore, ThreadStore],
) -> None:
    one, other = replicas
    for store in replicas:
        await store.rates.take_request("user:anna", at=1.0, per_minute=9)
        assert await store.take_turn("user:anna", at=1.0, per_minute=2, per_day=2) == ""
    await one.rates.forget()
    rows = await other._db.rows('SELECT "user" FROM asked')
    assert [user for (user,) in rows] == ["user:anna"] * 2
