"""One turn of a thread at a time, in one process and among several."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from assistant.thread_locks import LocalLocks, LockLostError, ThreadLocks, open_locks
from tests.support.paths import ROOT
from tests.support.postgres import PostgresServer

_HOLDER = """
import asyncio, sys
from assistant.thread_locks import open_locks
async def main():
    async with open_locks(sys.argv[1]) as locks, locks.hold("t"):
        print("held", flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""


@pytest.fixture(scope="module")
def url(postgres: PostgresServer) -> str:
    return postgres.new_database()


@pytest.fixture(params=["here", "replicas"])
async def both(request: pytest.FixtureRequest) -> AsyncIterator[tuple[ThreadLocks, ThreadLocks]]:
    """Two users of the same locks: in one process, or as two replicas have them."""
    async with AsyncExitStack() as stack:
        if request.param == "here":
            locks = await stack.enter_async_context(open_locks(""))
            assert isinstance(locks, LocalLocks)
            yield locks, locks
        else:
            url = request.getfixturevalue("url")
            one, other = [await stack.enter_async_context(open_locks(url)) for _ in range(2)]
            yield one, other


async def test_one_holds_a_thread_at_a_time(both: tuple[ThreadLocks, ThreadLocks]) -> None:
    running, most, runs = 0, 0, 0

    async def turn(locks: ThreadLocks) -> None:
        nonlocal running, most, runs
        async with locks.hold("t"):
            running, runs = running + 1, runs + 1
            most = max(most, running)
            await asyncio.sleep(0.001)
            running -= 1

    await asyncio.gather(*(turn(locks) for _ in range(5) for locks in both))
    assert (most, runs) == (1, 10)


async def test_other_threads_are_not_waited_for(both: tuple[ThreadLocks, ThreadLocks]) -> None:
    async with both[0].hold("t"), both[0].hold("u"), both[1].hold("v"):
        pass


async def test_stopped_waiter_and_holder_leave_no_lock(
    both: tuple[ThreadLocks, ThreadLocks],
) -> None:
    async def held(locks: ThreadLocks, begun: asyncio.Event) -> None:
        async with locks.hold("t"):
            begun.set()
            await asyncio.sleep(600)

    for _ in range(5):
        begun, never = asyncio.Event(), asyncio.Event()
        holder = asyncio.create_task(held(both[0], begun))
        await begun.wait()
        waiter = asyncio.create_task(held(both[1], never))
        await asyncio.sleep(0.01)
        waiter.cancel()
        holder.cancel()
        await asyncio.gather(waiter, holder, return_exceptions=True)
        assert not never.is_set()
        async with asyncio.timeout(30), both[1].hold("t"):
            pass


async def test_lock_ends_with_the_process_that_is_killed(url: str) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _HOLDER, url, env=env, stdout=asyncio.subprocess.PIPE
    )
    assert other.stdout is not None
    assert await other.stdout.readline() == b"held\n"
    async with open_locks(url) as locks:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), locks.hold("t"):
                pass
        other.kill()
        async with asyncio.timeout(30), locks.hold("t"):
            pass
    await other.wait()


async def test_lost_session_ends_what_runs_under_its_locks(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    async with open_locks(url) as locks:
        with pytest.raises(LockLostError):  # noqa: PT012 - the block is what ends
            async with asyncio.timeout(30), locks.hold("t"):
                postgres.end_sessions(url)
                await asyncio.sleep(600)
        async with asyncio.timeout(30), locks.hold("t"):  # by a new session
            pass


async def test_session_that_ended_while_nothing_ran_costs_no_turn(
    postgres: PostgresServer,
) -> None:
    url = postgres.new_database()
    async with open_locks(url) as locks:
        async with locks.hold("t"):
            pass
        postgres.end_sessions(url)
        async with locks.hold("t"):
            pass


async def test_error_of_the_block_is_its_own(both: tuple[ThreadLocks, ThreadLocks]) -> None:
    with pytest.raises(TimeoutError, match="mine"):
        async with both[0].hold("t"):
            raise TimeoutError("mine")
    async with both[1].hold("t"):
        pass
