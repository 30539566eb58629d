"""Conversations, their steps and cards, and shoppers' thumbs: an SQLite file, or PostgreSQL.

Steps and elements are stored as the JSON that the page is sent, so that a new field of Chainlit's
needs no new column. Every write is one statement, in the order of the calls. Several processes may
have the database open. Not covered: photos and the assistant's memory, which have their own stores.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ui.chat.conversations.database import Database, Row, open_database
from ui.chat.conversations.rate_counts import RateCounts

Json = dict[str, Any]

_OF_A_THREAD = ("steps", "elements", "pictures", "attached", "feedback", "turns", "threads")
_ATTACHED_S = 86_400.0
"""How long a photo counts as attached that no message has sent."""
MAX_NAME = 80
"""Letters of a thread's name."""
_MAX_COMMENT = 2000


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may have conversations. `identifier` says who they are; `id` is random."""

    id: str
    identifier: str
    created: str
    doc: Json


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation without its content."""

    id: str
    user: str
    """Identifier of its owner."""
    user_id: str
    name: str
    created: str
    doc: Json
    """The metadata that one session of Chainlit's stores for the next."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A thumb, up or down, and the answer that it is about."""

    at: str
    """ISO 8601, UTC."""
    value: int
    """1 for up, 0 for down."""
    comment: str
    thread: str
    thread_name: str
    step: str
    asked: str
    """The shopper's words; "" for a photo alone and for an unknown message."""
    answered: str
    """The answer that got the thumb."""
    turn: str
    """Id of the turn's record; "" where none was kept."""


@asynccontextmanager
async def open_threads(path: Path, database_url: str = "") -> AsyncIterator[ThreadStore]:
    """The store in a PostgreSQL database, or without an address in this file, readable by its owner
    alone; made where there is none.

    Raises SetupError when it cannot be opened.
    """
    async with open_database(path, database_url) as database:
        yield ThreadStore(database)


class ThreadStore:
    """See `open_threads`. Lives on one event loop; nothing blocks it."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.rates = RateCounts(database)

    async def check(self) -> None:
        """Ask the database for nothing. Raises ConnectionError where it does not answer."""
        await self._all("SELECT 1")

    # Users

    async def user(self, identifier: str) -> User | None:
        """The user with this identifier; None for an unknown one."""
        row = await self._one(
            "SELECT id, created, doc FROM users WHERE identifier = ?1", identifier
        )
        return User(row[0], identifier, row[1], json.loads(row[2])) if row else None

    async def keep_user(self, identifier: str, doc: Json) -> User:
        """Add a user, or replace their metadata."""
        await self._do(
            "INSERT INTO users VALUES (?1, ?2, ?3, ?4) "
            "ON CONFLICT (identifier) DO UPDATE SET doc = excluded.doc",
            str(uuid.uuid4()), identifier, _now(), self._db.document(doc),
        )  # fmt: skip
        user = await self.user(identifier)
        assert user is not None  # written above, and users are never removed here
        return user

    async def take_turn(self, user: str, *, at: float, per_minute: int, per_day: int) -> str:
        """Count one more message of a user, if it is within the limits; 0 is no limit.

        `at` is the time in seconds. Returns "", or the limit that it would
        exceed: "minute" or "day".
        """
        async with self._db.locked("asked") as database:
            await database.run(
                'DELETE FROM asked WHERE "user" = ?1 AND at <= ?2', user, at - 86_400
            )
            added = await database.run(
                "INSERT INTO asked SELECT ?1, ?2 WHERE (?3 = 0 OR "
                '(SELECT count(*) FROM asked WHERE "user" = ?1 AND at > ?2 - 60) < ?3) AND '
                '(?4 = 0 OR (SELECT count(*) FROM asked WHERE "user" = ?1) < ?4)',
                user, at, per_minute, per_day,
            )  # fmt: skip
            if added:
                return ""
            ((count,),) = await database.rows('SELECT count(*) FROM asked WHERE "user" = ?1', user)
        return "day" if per_day and count >= per_day else "minute"

    async def forget_turns(self, *, at: float) -> None:
        """Remove what was counted or attached more than a day before `at`, of everybody."""
        await self._do("DELETE FROM asked WHERE at <= ?1", at - 86_400)
        await self._do("DELETE FROM attached WHERE at <= ?1", at - _ATTACHED_S)
        await self.rates.forget()

    async def is_ended(self, login: str) -> bool:
        """Whether a login has ended by a logout."""
        return await self._one("SELECT 1 FROM ended_logins WHERE login = ?1", login) is not None

    async def end_login(self, login: str, *, at: float, for_s: float) -> None:
        """Note that a login ended at a time, until its cookie has expired in `for_s` seconds."""
        await self._do("DELETE FROM ended_logins WHERE until <= ?1", at)
        await self._do(
            "INSERT INTO ended_logins VALUES (?1, ?2) "
            "ON CONFLICT (login) DO UPDATE SET until = excluded.until",
            login, at + for_s,
        )  # fmt: skip

    # Threads

    async def begin(self, thread: str, user_id: str, name: str) -> None:
        """Add a thread of a user; an existing one keeps its owner and name."""
        await self._do(
            "INSERT INTO threads SELECT ?1, ?2, ?3, 0, ?4, '{}' "
            "WHERE NOT EXISTS (SELECT 1 FROM deleted WHERE thread = ?1) ON CONFLICT DO NOTHING",
            thread, user_id, plain_name(name), _now(),
        )  # fmt: skip

    async def name(self, thread: str, name: str, *, by_shopper: bool) -> bool:
        """Name a thread, unless the shopper has named it. True when its name changed."""
        changed = await self._do(
            "UPDATE threads SET name = ?1, named = CASE WHEN ?2 = 1 THEN 1 ELSE named END "
            "WHERE id = ?3 AND name != ?1 AND (?2 = 1 OR named = 0)",
            plain_name(name), int(by_shopper), thread,
        )  # fmt: skip
        return bool(changed)

    async def note(self, thread: str, doc: Json) -> None:
        """Merge a session's metadata into the thread's; None removes a key."""
        await self._do(
            "UPDATE threads SET doc = json_patch(doc, ?1) WHERE id = ?2",
            self._db.document(doc),
            thread,
        )

    async def thread(self, thread: str) -> Thread | None:
        """A thread; None for an unknown one."""
        row = await self._one(
            "SELECT t.id, u.identifier, u.id, t.name, t.created, t.doc "
            "FROM threads t JOIN users u ON u.id = t.user WHERE t.id = ?1",
            thread,
        )
        return _thread(row) if row else None

    async def is_deleted(self, thread: str) -> bool:
        """Whether a thread was deleted: writes to it are dropped."""
        return await self._one("SELECT 1 FROM deleted WHERE thread = ?1", thread) is not None

    async def list_threads(
        self, user_id: str, *, first: int, after: str = "", search: str = ""
    ) -> list[Thread]:
        """A user's threads, the newest first, starting after the thread `after`.

        `search` is text in a thread's name or in one of its messages.
        """
        like = f"%{_escaped(search)}%"
        rows = await self._all(
            "SELECT t.id, u.identifier, u.id, t.name, t.created, t.doc "
            "FROM threads t JOIN users u ON u.id = t.user WHERE t.user = ?1 "
            "AND (?2 = '' OR (t.created, t.id) < (SELECT created, id FROM threads WHERE id = ?2)) "
            "AND (?3 = '' OR lower(t.name) LIKE lower(?4) ESCAPE '\\' "
            "OR EXISTS (SELECT 1 FROM steps s WHERE s.thread = t.id "
            "AND json_extract(s.doc, '$.type') LIKE '%message' "
            "AND lower(json_extract(s.doc, '$.output')) LIKE lower(?4) ESCAPE '\\')) "
            "ORDER BY t.created DESC, t.id DESC LIMIT ?5",
            user_id, after, search, like, first,
        )  # fmt: skip
        return [_thread(row) for row in rows]

    async def delete(self, thread: str) -> list[str]:
        """Delete all that is kept of a thread, for good; later writes to it are dropped.

        Returns the photos that no other thread refers to.
        """
        await self._do("INSERT INTO deleted VALUES (?1) ON CONFLICT DO NOTHING", thread)
        # Writes that began before the mark have ended once the tables are locked.
        async with self._db.locked(*_OF_A_THREAD) as database:
            rows = await database.rows("SELECT ref FROM pictures WHERE thread = ?1", thread)
            for table in _OF_A_THREAD:
                column = "id" if table == "threads" else "thread"
                await database.run(f"DELETE FROM {table} WHERE {column} = ?1", thread)
        await self._db.purge()
        return [ref for (ref,) in rows if not await self.refers(ref)]

    # Steps and elements

    async def keep_step(self, thread: str, step: str, doc: Mapping[str, Any]) -> None:
        """Add or replace a step."""
        await self._keep("steps", thread, step, doc)

    async def keep_element(self, thread: str, element: str, doc: Mapping[str, Any]) -> None:
        """Add or replace an element."""
        await self._keep("elements", thread, element, doc)

    async def drop_step(self, thread: str, step: str) -> None:
        """Remove a step."""
        await self._do("DELETE FROM steps WHERE thread = ?1 AND id = ?2", thread, step)

    async def drop_element(self, thread: str, element: str) -> None:
        """Remove an element."""
        await self._do("DELETE FROM elements WHERE thread = ?1 AND id = ?2", thread, element)

    async def steps(self, thread: str) -> list[Json]:
        """The steps of a thread in the order of their start, each with its feedback."""
        rows = await self._all(
            "SELECT s.doc, f.id, f.value, f.comment FROM steps s LEFT JOIN feedback f "
            "ON f.thread = s.thread AND f.step = s.id WHERE s.thread = ?1 ORDER BY s.rowid",
            thread,
        )
        return [_step(*row) for row in rows]

    async def elements(self, thread: str) -> list[Json]:
        """The elements of a thread in the order of their appearance."""
        rows = await self._all("SELECT doc FROM elements WHERE thread = ?1 ORDER BY rowid", thread)
        return [json.loads(doc) for (doc,) in rows]

    async def element(self, thread: str, element: str) -> Json | None:
        """One element of a thread."""
        row = await self._one(
            "SELECT doc FROM elements WHERE thread = ?1 AND id = ?2", thread, element
        )
        return dict(json.loads(row[0])) if row else None

    # Photos

    async def show(self, thread: str, refs: Iterable[str]) -> None:
        """Note that a thread refers to photos of the photo store."""
        for ref in refs:
            await self._do(
                "INSERT INTO pictures SELECT ?1, ?2 "
                "WHERE NOT EXISTS (SELECT 1 FROM deleted WHERE thread = ?1) "
                "ON CONFLICT DO NOTHING",
                thread, ref,
            )  # fmt: skip

    async def attach(self, thread: str, ref: str, *, at: float) -> None:
        """Note that a page of a thread attached a photo; `forget_turns` forgets it after a day."""
        await self._do(
            "INSERT INTO attached SELECT ?1, ?2, ?3 "
            "WHERE NOT EXISTS (SELECT 1 FROM deleted WHERE thread = ?1) "
            "ON CONFLICT (thread, ref) DO UPDATE SET at = excluded.at",
            thread, ref, at,
        )  # fmt: skip

    async def refers(self, ref: str) -> bool:
        """Whether any thread shows a photo, or a page of one has attached it."""
        row = await self._one(
            "SELECT 1 FROM pictures WHERE ref = ?1 "
            "UNION ALL SELECT 1 FROM attached WHERE ref = ?1 LIMIT 1",
            ref,
        )
        return row is not None

    async def may_see(self, identifier: str, ref: str) -> bool:
        """Whether a thread of this user refers to a photo."""
        row = await self._one(
            "SELECT 1 FROM pictures p JOIN threads t ON t.id = p.thread "
            "JOIN users u ON u.id = t.user WHERE p.ref = ?1 AND u.identifier = ?2 LIMIT 1",
            ref, identifier,
        )  # fmt: skip
        return row is not None

    async def pictures(self, thread: str) -> list[str]:
        """The photos that a thread refers to."""
        rows = await self._all("SELECT ref FROM pictures WHERE thread = ?1 ORDER BY rowid", thread)
        return [ref for (ref,) in rows]

    # Feedback

    async def began_turn(self, thread: str, run: str, turn: str) -> None:
        """Note the record of a turn, by the run of its steps."""
        await self._do(
            "INSERT INTO turns SELECT ?1, ?2, ?3 "
            "WHERE NOT EXISTS (SELECT 1 FROM deleted WHERE thread = ?1) "
            "ON CONFLICT (thread, run) DO UPDATE SET turn = excluded.turn",
            thread, run, turn,
        )  # fmt: skip

    async def thread_of(self, identifier: str, step: str) -> str:
        """The thread of this user that contains a step; "" for none."""
        row = await self._one(
            "SELECT s.thread FROM steps s JOIN threads t ON t.id = s.thread "
            "JOIN users u ON u.id = t.user WHERE s.id = ?1 AND u.identifier = ?2",
            step, identifier,
        )  # fmt: skip
        return str(row[0]) if row else ""

    async def judge(self, thread: str, step: str, value: int, comment: str) -> str:
        """Store a thumb, replacing an earlier one on the same step. Returns its id."""
        identity = str(uuid.uuid4())
        await self._do(
            "INSERT INTO feedback VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
            "ON CONFLICT (thread, step) DO UPDATE SET id = excluded.id, value = excluded.value, "
            "comment = excluded.comment, at = excluded.at",
            thread, step, identity, value, _whole(comment[:_MAX_COMMENT]), _now(),
        )  # fmt: skip
        return identity

    async def take_back(self, identifier: str, feedback: str) -> str:
        """Remove one of the user's own thumbs. Returns the id of its turn's record, "" for none."""
        row = await self._one(
            "SELECT f.thread, f.step FROM feedback f JOIN threads t ON t.id = f.thread "
            "JOIN users u ON u.id = t.user WHERE f.id = ?1 AND u.identifier = ?2",
            feedback, identifier,
        )  # fmt: skip
        if row is None:
            return ""
        await self._do("DELETE FROM feedback WHERE id = ?1", feedback)
        return await self.turn_of(*row)

    async def turn_of(self, thread: str, step: str) -> str:
        """The id of the record of a step's turn; "" where none is known."""
        row = await self._one(
            "SELECT u.turn FROM steps s JOIN turns u ON u.thread = s.thread "
            "AND u.run IN (s.id, json_extract(s.doc, '$.parentId')) "
            "WHERE s.thread = ?1 AND s.id = ?2",
            thread, step,
        )  # fmt: skip
        return str(row[0]) if row else ""

    async def judgements(self) -> list[Judgement]:
        """All thumbs of all shoppers, the oldest first."""
        rows = await self._all(
            "SELECT f.at, f.value, f.comment, f.thread, t.name, f.step, "
            # The parent of a step is the run, and the parent of the run is the message.
            "coalesce(json_extract(message.doc, '$.output'), ''), "
            "coalesce(json_extract(step.doc, '$.output'), ''), coalesce(u.turn, '') "
            "FROM feedback f JOIN threads t ON t.id = f.thread "
            "LEFT JOIN steps step ON step.thread = f.thread AND step.id = f.step "
            "LEFT JOIN steps run ON run.thread = f.thread "
            "AND run.id = json_extract(step.doc, '$.parentId') "
            "LEFT JOIN steps message ON message.thread = f.thread "
            "AND message.id = json_extract(run.doc, '$.parentId') "
            "LEFT JOIN turns u ON u.thread = f.thread AND u.run = run.id ORDER BY f.at"
        )
        return [Judgement(*row) for row in rows]

    async def _keep(self, table: str, thread: str, key: str, doc: Mapping[str, Any]) -> None:
        await self._do(
            f"INSERT INTO {table} SELECT ?1, ?2, ?3 "
            "WHERE NOT EXISTS (SELECT 1 FROM deleted WHERE thread = ?1) "
            "ON CONFLICT (thread, id) DO UPDATE SET doc = excluded.doc",
            thread, key, self._db.document(doc),
        )  # fmt: skip

    async def _do(self, statement: str, *values: object) -> int:
        return await self._db.run(statement, *values)

    async def _one(self, query: str, *values: object) -> Row | None:
        return next(iter(await self._all(query, *values)), None)

    async def _all(self, query: str, *values: object) -> list[Row]:
        return await self._db.rows(query, *values)


def plain_name(name: str) -> str:
    """A thread's name on one line, without control characters, up to MAX_NAME letters."""
    words = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return words if len(words) <= MAX_NAME else f"{words[: MAX_NAME - 1].rstrip()}…"


def _thread(row: Sequence[Any]) -> Thread:
    return Thread(row[0], row[1], row[2], row[3], row[4], json.loads(row[5]))


def _step(doc: str, feedback: str | None, value: int | None, comment: str | None) -> Json:
    step: Json = json.loads(doc)
    if feedback is not None:
        step["feedback"] = {
            "id": feedback, "forId": step["id"], "value": value, "comment": comment or None
        }  # fmt: skip
    return step


def _whole(text: str) -> str:
    """The text with "?" for lone surrogates, which have no UTF-8."""
    return text.encode("utf-8", "replace").decode()


def _escaped(words: str) -> str:
    """Words for LIKE, in which % and _ mean themselves."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _now() -> str:
    """The time as Chainlit writes it, so that the page sorts ours among its own."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
