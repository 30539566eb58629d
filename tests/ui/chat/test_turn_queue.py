"""Turns that wait: few of a user, dropped when the shopper leaves, ended with the chat."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from tests.support.chat_client import Shopper, scripted_chat, shopper
from ui.chat.turn_queue import MOST_WAITING, TurnQueue

FULL = "Please wait until your earlier messages are answered"


async def _hang() -> None:
    await asyncio.Event().wait()


def _add(queue: TurnQueue, session: str, user: str) -> asyncio.Task[None]:
    task = asyncio.create_task(_hang())
    queue.add(session, user, task)
    return task


async def test_queue_of_a_user_is_bounded_over_all_their_sessions() -> None:
    queue = TurnQueue()
    for session in ("one", "other"):
        _add(queue, session, "anna")
        for _ in range(MOST_WAITING // 2):
            assert not queue.is_full(session, "anna")
            _add(queue, session, "anna")
    assert queue.is_full("one", "anna")
    assert queue.is_full("other", "anna")
    assert not queue.is_full("fresh", "anna")  # it would not wait
    _add(queue, "hers", "ben")
    assert not queue.is_full("hers", "ben")
    await queue.close(1)


async def test_ended_turns_make_room() -> None:
    queue = TurnQueue()
    tasks = [_add(queue, "one", "anna") for _ in range(MOST_WAITING + 1)]
    assert queue.is_full("one", "anna")
    for place in (0, 4, 1):  # one that runs, and some that wait
        assert queue.tell("one")
        assert not queue.tell("one")
        tasks[place].cancel()
        await asyncio.wait([tasks[place]])
        await asyncio.sleep(0)
        assert not queue.is_full("one", "anna")
        tasks.append(_add(queue, "one", "anna"))
        assert queue.is_full("one", "anna")
    queue.stop("one")
    await asyncio.wait(tasks)
    await asyncio.sleep(0)
    assert not queue._turns
    assert not queue._waiting


async def test_who_leaves_takes_the_waiting_turns_along_and_not_the_one_that_runs() -> None:
    queue = TurnQueue()
    running, *waiting = [_add(queue, "one", "anna") for _ in range(4)]
    other = _add(queue, "other", "anna")
    queue.drop_waiting("one")
    await asyncio.wait(waiting)
    assert all(task.cancelled() for task in waiting)
    assert not running.done()
    assert not other.done()
    await queue.close(1)
    assert running.cancelled()
    assert other.cancelled()


async def test_shopper_with_many_messages_is_told_once_and_goes_on(tmp_path: Path) -> None:
    """A thousand turns of one user waited, each with memory of its own."""
    with scripted_chat(tmp_path) as chat:
        async with shopper(chat) as someone:
            await someone.say("wait")
            for number in range(60):
                await someone.say(f"case {number}")
            await someone.until(lambda: FULL in someone.said())
            await someone.stop()
            await someone.until(lambda: "Stopped." in someone.said())
            await someone.say("a case")
            await someone.until(lambda: "[a case|0|1]" in someone.said())
            assert someone.said().count(FULL) == 1
            assert "[case " not in someone.said()


async def test_turn_that_the_end_of_the_chat_stopped_is_said_when_it_is_opened_again(
    tmp_path: Path,
) -> None:
    with scripted_chat(tmp_path) as chat:
        async with shopper(chat) as someone:
            await someone.ask("a case")
            thread, cookies = someone.thread, someone.cookies
            await someone.say("wait")
            await someone.until(lambda: len(someone.named("task_start")) > 1)
            await someone.until(lambda: len(someone.named("new_message")) > 5)
            chat.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(chat.process.wait, 60) == 0
    assert "Traceback" not in chat.log_text()
    with scripted_chat(tmp_path) as again:
        someone = Shopper(again, cookies=cookies)
        await someone.connect(threadId=thread)
        (resumed,) = someone.named("resume_thread")
        said = [step["output"] for step in resumed["steps"] if "message" in step["type"]]
        assert said[-2:] == [
            "wait",
            "The shop was restarted while I answered this. Please send it again.",
        ]
        assert sum("restarted" in words for words in said) == 1
        await someone._socket.disconnect()
