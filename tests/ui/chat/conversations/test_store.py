"""The store of conversations: the same over an SQLite file and a PostgreSQL server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.postgres import PostgresServer
from ui.chat.conversations.store import ThreadStore, User, open_threads

DAY_S = 86_400.0
NOON = 1_800_000_000.0


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """The file and the address of a new store."""
    server = request.param == "postgres"
    postgres: PostgresServer | None = request.getfixturevalue("postgres") if server else None
    return tmp_path / "conversations.sqlite", postgres.new_database() if postgres else ""


@pytest.fixture
async def store(where: tuple[Path, str]) -> AsyncIterator[ThreadStore]:
    async with open_threads(*where) as opened:
        yield opened


async def begun(store: ThreadStore, *threads: str, identifier: str = "user:anna") -> User:
    user = await store.keep_user(identifier, {})
    for thread in threads:
        await store.begin(thread, user.id, f"about {thread}")
    return user


def message(step: str, words: str, **more: Any) -> dict[str, Any]:
    return {"id": step, "type": "user_message", "output": words, **more}


async def test_user_is_the_same_again_and_has_the_newest_metadata(store: ThreadStore) -> None:
    assert await store.user("user:anna") is None
    first = await store.keep_user("user:anna", {"name": "Anna"})
    again = await store.keep_user("user:anna", {"name": "A."})
    assert (again.id, again.created, again.doc) == (first.id, first.created, {"name": "A."})
    assert await store.user("user:anna") == again


async def test_thread_has_its_owner_name_and_merged_metadata(store: ThreadStore) -> None:
    anna = await begun(store, "t")
    bert = await begun(store, "t", identifier="user:bert")  # the first owner stays
    await store.note("t", {"wishes": {"max": 20, "kind": "mug"}, "old": 1})
    await store.note("t", {"wishes": {"max": None}, "old": None, "list": [1, None]})
    thread = await store.thread("t")
    assert thread is not None
    assert (thread.user, thread.user_id, thread.name) == ("user:anna", anna.id, "about t")
    assert thread.doc == {"wishes": {"kind": "mug"}, "list": [1, None]}
    assert await store.list_threads(bert.id, first=9) == []
    assert await store.thread("unknown") is None


async def test_name_of_the_shopper_stays(store: ThreadStore) -> None:
    await begun(store, "t")
    assert await store.name("t", "mugs", by_shopper=False)
    assert not await store.name("t", "mugs", by_shopper=False)
    assert await store.name("t", "For\nmum", by_shopper=True)
    assert not await store.name("t", "cups", by_shopper=False)
    thread = await store.thread("t")
    assert thread is not None
    assert thread.name == "For mum"


async def test_threads_are_listed_newest_first_a_page_at_a_time(store: ThreadStore) -> None:
    anna = await begun(store, "t1", "t2", "t3")
    first = await store.list_threads(anna.id, first=2)
    rest = await store.list_threads(anna.id, first=2, after=first[-1].id)
    assert [each.id for each in (*first, *rest)] == ["t3", "t2", "t1"]


async def test_threads_are_found_by_words_of_names_and_messages(store: ThreadStore) -> None:
    anna = await begun(store, "t1", "t2")
    await store.keep_step("t1", "s", message("s", "A Backpack for 100% rain_proof walks"))
    await store.keep_step("t2", "s", {"id": "s", "type": "tool", "output": "backpack"})
    found = {
        words: [each.id for each in await store.list_threads(anna.id, first=9, search=words)]
        for words in ("backpack", "100% RAIN_", "100_ rain", "ABOUT T2", "\\")
    }
    assert found == {
        "backpack": ["t1"], "100% RAIN_": ["t1"], "100_ rain": [], "ABOUT T2": ["t2"], "\\": []
    }  # fmt: skip


async def test_steps_and_elements_keep_their_order_when_replaced(store: ThreadStore) -> None:
    await begun(store, "t")
    for number in range(5):
        await store.keep_step("t", f"s{number}", message(f"s{number}", "words"))
        await store.keep_element("t", f"e{number}", {"id": f"e{number}"})
    await store.keep_step("t", "s1", message("s1", "other words"))
    await store.keep_element("t", "e3", {"id": "e3", "new": True})
    await store.drop_step("t", "s0")
    await store.drop_element("t", "e0")
    assert [(s["id"], s["output"]) for s in await store.steps("t")] == [
        ("s1", "other words"), ("s2", "words"), ("s3", "words"), ("s4", "words")
    ]  # fmt: skip
    assert [e["id"] for e in await store.elements("t")] == ["e1", "e2", "e3", "e4"]
    assert await store.element("t", "e3") == {"id": "e3", "new": True}
    assert await store.element("t", "unknown") is None


async def test_writes_are_stored_in_the_order_of_the_calls(store: ThreadStore) -> None:
    await begun(store, "t")
    words = [f"version {number}" for number in range(50)]
    async with asyncio.TaskGroup() as group:
        for each in words:
            group.create_task(store.keep_step("t", "s", message("s", each)))
    assert [step["output"] for step in await store.steps("t")] == words[-1:]


@pytest.mark.parametrize("words", ["a\0b", "half a pair: \ud83d", "🐆 “quoted” \\u0000 \\ %"])
async def test_no_character_of_a_message_breaks_the_history(store: ThreadStore, words: str) -> None:
    anna = await begun(store, "t")
    await store.keep_step("t", "s", message("s", words))
    await store.judge("t", "s", 1, words)
    (step,) = await store.steps("t")
    assert step["output"][:1] == words[:1]
    assert await store.list_threads(anna.id, first=9, search=words[:1])
    (thumb,) = await store.judgements()
    assert thumb.asked == ""  # the step has no run
    if "\0" not in words and "\ud83d" not in words:
        assert (step["output"], thumb.comment) == (words, words)


@pytest.mark.parametrize("odd", ["a\0b", "\ud800", "x' OR 1=1 --", "$1 ?1 %s"])
async def test_odd_ids_find_nothing(store: ThreadStore, odd: str) -> None:
    anna = await begun(store, "t")
    assert await store.thread(odd) is None
    assert not await store.may_see("user:anna", odd)
    assert await store.list_threads(anna.id, first=9, search=odd) == []
    assert await store.take_back("user:anna", odd) == ""


async def test_photos_are_seen_by_their_owner_alone(store: ThreadStore) -> None:
    await begun(store, "t1", "t2")
    await begun(store, "t3", identifier="user:bert")
    await store.show("t1", ["red", "blue", "red"])
    await store.show("t3", ["blue"])
    assert await store.pictures("t1") == ["red", "blue"]
    assert await store.may_see("user:anna", "red")
    assert not await store.may_see("user:bert", "red")
    assert await store.delete("t1") == ["red"]  # the other thread shows the blue one
    assert not await store.refers("red")


async def test_deleted_thread_is_gone_and_takes_nothing_more(store: ThreadStore) -> None:
    anna = await begun(store, "t", "other")
    await store.keep_step("t", "s", message("s", "words"))
    await store.keep_step("other", "s", message("s", "words"))
    await store.delete("t")
    assert await store.is_deleted("t")
    await store.begin("t", anna.id, "again")
    await store.keep_step("t", "s", message("s", "words"))
    await store.keep_element("t", "e", {"id": "e"})
    await store.show("t", ["red"])
    await store.began_turn("t", "run", "turn")
    assert await store.thread("t") is None
    assert await store.steps("t") == await store.elements("t") == []
    assert await store.pictures("t") == []
    assert len(await store.steps("other")) == 1


async def test_nothing_survives_a_deletion_that_runs_beside_writes_of_another_process(
    store: ThreadStore, where: tuple[Path, str]
) -> None:
    async with AsyncExitStack() as stack:
        others = [await stack.enter_async_context(open_threads(*where)) for _ in range(2)]
        for thread in (f"t{number}" for number in range(5)):
            await begun(store, thread)
            writes = [
                other.keep_step(thread, f"{at}-{n}", message("s", "words"))
                for n in range(20)
                for at, other in enumerate(others)
            ]
            await asyncio.gather(*writes[:20], store.delete(thread), *writes[20:])
            assert await store.steps(thread) == []


async def test_thumb_is_stored_with_its_turn_and_replaced_and_taken_back(
    store: ThreadStore,
) -> None:
    await begun(store, "t")
    await store.keep_step("t", "asked", message("asked", "a mug"))
    await store.keep_step("t", "run", {"id": "run", "type": "run", "parentId": "asked"})
    answer = {"id": "answer", "type": "assistant_message", "output": "Mugs.", "parentId": "run"}
    await store.keep_step("t", "answer", answer)
    await store.began_turn("t", "run", "turn 1")
    await store.began_turn("t", "run", "turn 2")
    assert await store.thread_of("user:anna", "answer") == "t"
    assert await store.thread_of("user:bert", "answer") == ""
    await store.judge("t", "answer", 1, "good")
    identity = await store.judge("t", "answer", 0, "too\nbig")
    (thumb,) = await store.judgements()
    said = (thumb.value, thumb.comment, thumb.asked, thumb.answered, thumb.turn)
    assert said == (0, "too\nbig", "a mug", "Mugs.", "turn 2")
    (*_, step) = await store.steps("t")
    assert step["feedback"] == {
        "id": identity, "forId": "answer", "value": 0, "comment": "too\nbig"
    }  # fmt: skip
    assert await store.take_back("user:bert", identity) == ""
    assert await store.take_back("user:anna", identity) == "turn 2"
    assert await store.judgements() == []


async def test_limits_hold_among_processes(store: ThreadStore, where: tuple[Path, str]) -> None:
    async with open_threads(*where) as other:
        asked = [
            each.take_turn("user:anna", at=NOON + n / 100, per_minute=7, per_day=0)
            for n in range(10)
            for each in (store, other)
        ]
        assert sorted(await asyncio.gather(*asked)) == [""] * 7 + ["minute"] * 13
        later = NOON + 61
        over = [
            await other.take_turn("user:anna", at=later + n, per_minute=0, per_day=9)
            for n in range(3)
        ]
        assert over == ["", "", "day"]
        assert await store.take_turn("user:bert", at=later, per_minute=1, per_day=1) == ""
        tomorrow = later + DAY_S + 5
        assert await store.take_turn("user:anna", at=tomorrow, per_minute=1, per_day=1) == ""
        await store.forget_turns(at=tomorrow + 2 * DAY_S)
        assert await store.take_turn("user:bert", at=later, per_minute=1, per_day=1) == ""


async def test_ended_login_is_known_to_all_until_its_cookie_has_expired(
    store: ThreadStore, where: tuple[Path, str]
) -> None:
    await store.end_login("login", at=NOON, for_s=60)
    await store.end_login("login", at=NOON, for_s=90)
    async with open_threads(*where) as other:
        assert await other.is_ended("login")
        await other.end_login("another", at=NOON + 80, for_s=60)
        assert await store.is_ended("login")
        await other.end_login("another", at=NOON + 91, for_s=60)
        assert not await store.is_ended("login")


async def test_what_is_stored_is_there_when_opened_again(where: tuple[Path, str]) -> None:
    async with open_threads(*where) as first:
        anna = await begun(first, "t")
        await first.keep_step("t", "s", message("s", "words"))
    async with open_threads(*where) as second:
        assert [each.id for each in await second.list_threads(anna.id, first=9)] == ["t"]
        assert [step["output"] for step in await second.steps("t")] == ["words"]


async def test_store_survives_a_restart_of_the_server(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    async with open_threads(Path("unused"), url) as store:
        await begun(store, "t")
        postgres.end_sessions(url)
        assert await store.thread("t") is not None
