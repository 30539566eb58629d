"""Two chats over one PostgreSQL: a conversation moves, a replica that dies costs a turn."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from assistant.checkpoints import open_checkpointer
from assistant.records.postgres_store import PostgresRecords
from tests.support.agent_server import KEY, OTHER_KEY
from tests.support.chat_client import Shopper, attached, color_chat, shopper, titles
from tests.support.command_line import run
from tests.support.postgres import PostgresServer
from tests.support.quick_hash import quick_hash
from tests.support.replicas import Conversation, Replicas, faults, remembered
from ui.chat.agent_api.keys import hash_key
from ui.chat.conversations.store import open_threads
from ui.chat.turn_runner import THREAD_PREFIX


@pytest.fixture(scope="module")
def url(postgres: PostgresServer) -> str:
    return postgres.new_database()


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory, url: str) -> Iterator[Replicas]:
    shop = tmp_path_factory.mktemp("shop")
    keys = f"bot={hash_key(KEY)},other={hash_key(OTHER_KEY)}"
    agents = {"mcp": "true", "agent_keys": keys, "agent_requests_per_minute": "4"}
    running = Replicas(tmp_path_factory.mktemp("homes"), shop, url, agents)
    yield running
    running.close()


async def test_conversation_opens_on_another_replica_where_it_was_left(replicas: Replicas) -> None:
    one, other = replicas.chats
    async with shopper(one) as someone:
        await someone.ask("a red mug")
        await someone.ask("keep the first")
        shown = titles(someone)
    async with shopper(other, cookies=someone.cookies, threadId=someone.thread) as again:
        (resumed,) = again.named("resume_thread")
        said = [step["output"] for step in resumed["steps"] if step["type"] == "user_message"]
        assert said == ["a red mug", "keep the first"]
        await again.ask("show what I kept")
        assert titles(again) == shown[:1]
        assert [each["id"] for each in await again.threads()] == [someone.thread]


async def test_photo_is_shown_and_searched_by_on_another_replica(replicas: Replicas) -> None:
    one, other = replicas.chats
    async with shopper(one) as someone:
        await someone.ask("a phone case with this", (await attached(someone, "red"),))
        assert titles(someone)[0].startswith("Red Phone Case")
        assert "went wrong" not in json.dumps(someone.heard)
        assert [each for each in someone.named("element") if each["name"] == "red.png"]
    async with (
        shopper(other, cookies=someone.cookies, threadId=someone.thread) as again,
        again.http() as http,
    ):
        (resumed,) = again.named("resume_thread")
        (url, *_) = [each["url"] for each in resumed["elements"] if each["name"] == "red.png"]
        photo = await http.get(url)
        assert (photo.status_code, photo.headers["content-type"]) == (200, "image/jpeg")
        await again.ask("a mug with this photo")
        assert titles(again)[0].startswith("Red Mug")


async def test_login_and_logout_hold_on_all_replicas(replicas: Replicas) -> None:
    one, other = replicas.chats
    async with shopper(one) as someone:
        await someone.ask("a red mug")
    async with shopper(other, cookies=someone.cookies) as again:
        assert [each["id"] for each in await again.threads()] == [someone.thread]


async def test_thumb_and_deletion_reach_what_another_replica_wrote(
    replicas: Replicas, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POUNCE_DATABASE_URL", url)

    async def printed(*words: str) -> str:
        """What a command of `pounce` prints, with a home of nothing."""
        done = await asyncio.to_thread(run, *words, home=tmp_path)
        return done.stdout + done.stderr

    one, other = replicas.chats
    async with shopper(one) as someone:
        await someone.ask("a green mug of zebrawood")
        answer = someone.named("new_message")[-1]["id"]
    async with shopper(other, cookies=someone.cookies) as again, again.http() as http:
        thumb = {"feedback": {"forId": answer, "value": 1, "comment": "zebrawood"}}
        assert (await http.put("/feedback", json=thumb)).status_code == 200
        row = json.loads(await printed("feedback", "--json"))
        assert (row["asked"], row["thumb"]) == ("a green mug of zebrawood", "up")
        counts = json.loads(await printed("insights", "--json"))
        assert counts["turns"] >= 1
        assert counts["thumbs_up"] == 1
        assert "zebrawood" in await printed("explain", row["turn"])
        await http.post("/your-data/delete")
        assert await printed("feedback", "--json") == ""
        assert "There is no record" in await printed("explain", row["turn"])
        assert await again.threads() == []


async def test_turns_of_one_conversation_run_one_at_a_time_among_replicas(
    replicas: Replicas, url: str
) -> None:
    """Two pages of one conversation at two replicas: both ask at once, and the agent knows both."""
    one, other = replicas.chats
    talk = Conversation(500)
    await talk.ask(replicas, 0, [0])
    async with (
        shopper(one, cookies=talk.cookies, threadId=talk.thread) as left,
        shopper(other, cookies=talk.cookies, threadId=talk.thread) as right,
    ):
        words = [talk.asked(turn)[0] for turn in (1, 2)]
        await asyncio.gather(left.ask(words[0]), right.ask(words[1]))
    async with open_checkpointer("", Path("unused"), url) as saver:
        messages = await remembered(talk.thread, saver)
    starts = [place for place, each in enumerate(messages) if each.type == "human"]
    assert {messages[place].text for place in starts[1:]} == set(words)
    for start, end in pairwise([*starts, len(messages)]):
        # No message of another turn stands in between.
        assert [each.type for each in messages[start:end]] == ["human", "ai", "tool", "ai"]


async def test_conversation_deleted_at_one_replica_while_another_answers_leaves_nothing(
    replicas: Replicas, url: str
) -> None:
    one, other = replicas.chats
    talk = Conversation(600)
    await talk.ask(replicas, 0, [0])
    async with (
        shopper(one, cookies=talk.cookies, threadId=talk.thread) as left,
        shopper(other, cookies=talk.cookies, threadId=talk.thread) as right,
        left.http() as http,
    ):
        asked = asyncio.create_task(right.ask(talk.asked(1)[0]))
        await asyncio.sleep(0)  # it is sent
        gone = await http.request("DELETE", "/project/thread", json={"threadId": talk.thread})
        assert gone.status_code == 200
        await asked
    async with (
        open_checkpointer("", Path("unused"), url) as saver,
        open_threads(Path("unused"), url) as store,
    ):
        assert await remembered(talk.thread, saver) == []
        assert await store.thread(talk.thread) is None
        assert await store.steps(talk.thread) == await store.elements(talk.thread) == []
    turns = await asyncio.to_thread(PostgresRecords(url).newest, 1000)
    assert not [each for each in turns.records if each.thread == f"{THREAD_PREFIX}{talk.thread}"]


async def test_requests_of_an_agent_are_counted_over_all_replicas(replicas: Replicas) -> None:
    async def asked(place: int, key: str) -> httpx.Response:
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        headers = {"authorization": f"Bearer {key}", "accept": "application/json"}
        async with httpx.AsyncClient(base_url=replicas.chats[place].url, timeout=60) as http:
            return await http.post("/mcp", json=call, headers=headers)

    answers = [await asked(number % 2, KEY) for number in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 3
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert (await asked(0, OTHER_KEY)).status_code == 200


async def test_wrong_passwords_are_counted_in_the_database(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    url = postgres.new_database()
    users = f"anna={quick_hash('correct horse')}"
    (tmp_path / "home").mkdir()
    (tmp_path / "shop").mkdir()
    settings = {"database_url": url, "users": users}
    with color_chat(tmp_path / "home", tmp_path / "shop", **settings) as chat:
        for password in ("wrong", "wrong again"):
            assert await Shopper(chat).log_in("anna", password) == 401
        async with (
            open_threads(Path("unused"), url) as store,
            store.rates.changing("anna", "127.0.0.1") as known,
        ):
            assert known.failures["pair"].count == 2
        assert await Shopper(chat).log_in("anna", "correct horse") == 200


async def test_no_conversation_is_lost_or_mixed_when_replicas_are_killed(
    replicas: Replicas, url: str
) -> None:
    talks = [Conversation(number) for number in range(8)]
    await asyncio.gather(*(talk.ask(replicas, talk.number % 2, [0]) for talk in talks))
    moved = [(talk, talk.number % 2 ^ (talk.number // 2 % 2)) for talk in talks]
    asking = [asyncio.create_task(talk.ask(replicas, at, [1, 2])) for talk, at in moved]
    while sum(len(talk.ended) for talk in talks) < 10:  # noqa: ASYNC110 - in full swing
        await asyncio.sleep(0.01)
    await asyncio.to_thread(replicas.kill, 1)
    await asyncio.gather(*asking)
    assert await faults(talks, url, 3) == []
    assert all(len(talk.ended) == 3 for talk in talks)
    assert sum(len(talk.cut) for talk in talks) <= len(talks)


async def test_replica_is_not_ready_while_its_database_does_not_answer(
    replicas: Replicas, postgres: PostgresServer, url: str
) -> None:
    async with httpx.AsyncClient(base_url=replicas.chats[0].url, timeout=60) as http:
        assert (await http.get("/readyz")).json() == {"ok": True}
        with postgres.refusing(url):
            refused = await http.get("/readyz")
            assert (await http.get("/healthz")).status_code == 200
        assert refused.status_code == 503
        reason = "No answer from the database of POUNCE_DATABASE_URL."
        assert refused.json() == {"ok": False, "reason": reason}
        while (await http.get("/readyz")).status_code != 200:
            pass
