"""Looks of many shoppers: after the searches, in their order, and none that would be late."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from assistant.photo_store import PhotoStore
from tests.support.color_vision import ColorVision
from tests.support.conversation import hear, ranked, send_photo
from tests.support.reranking import looking
from tests.support.shops import Backwards
from tools.rerank.queue import VisionQueue
from tools.search.shop import Shop


async def test_look_waits_for_every_search() -> None:
    queue = VisionQueue()
    with queue.searching():
        look = asyncio.create_task(queue.acquire(10))
        await asyncio.sleep(0)
        with queue.searching():
            assert not look.done()
        await asyncio.sleep(0)
        assert not look.done()
    assert await look


async def test_looks_go_one_after_another_in_their_order() -> None:
    queue, order = VisionQueue(), []

    async def look(name: str) -> None:
        assert await queue.acquire(10)
        order.append(name)
        await asyncio.sleep(0)
        order.append(name)
        queue.release(0.1)

    await asyncio.gather(*(look(name) for name in "abc"))
    assert "".join(order) == "aabbcc"


async def test_look_that_would_come_too_late_is_left_out_at_once() -> None:
    queue = VisionQueue()
    assert await queue.acquire(60)
    queue.release(20)  # so long does a look take here
    assert await queue.acquire(30)
    assert not await queue.acquire(30)  # 20 to wait and 20 to look
    assert await asyncio.wait_for(_third(queue), 60)  # guards against a hang


async def _third(queue: VisionQueue) -> bool:
    waiting = asyncio.create_task(queue.acquire(50))
    await asyncio.sleep(0)
    queue.release(20)
    return await waiting


async def test_look_that_is_stopped_while_it_waits_keeps_nobody_out() -> None:
    queue = VisionQueue()
    assert await queue.acquire(10)
    stopped = asyncio.create_task(queue.acquire(10))
    await asyncio.sleep(0)
    stopped.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopped
    queue.release(0.1)
    assert await queue.acquire(10)


async def test_look_is_left_out_and_marked_where_others_search_until_it_is_late(
    tmp_path: Path, color_shop: Shop
) -> None:
    shop, store = Backwards(color_shop), PhotoStore(tmp_path / "photos")
    vision, queue = ColorVision(), VisionQueue()
    assistant = looking(shop, store, vision, timeout_s=0.2, queue=queue)
    with queue.searching():
        events = await hear(assistant, "a mug with this", send_photo(store, "red"))
    left_out = ranked(events)
    assert left_out.kept
    assert left_out.why == "Many shoppers are asking at once, so the vision model was left out."
    assert not [asked for asked in vision.asked if asked.answer_start]
    events = await hear(assistant, "a blue mug with this", thread="later")
    assert not [e for e in events if getattr(e, "why", "").startswith("Many")]
