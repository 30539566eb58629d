"""Records of turns in PostgreSQL: a row a turn with its JSON, its pictures in rows of their own.

A connection for each call: a turn has one or two, in the background, and nothing has to be closed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from assistant.events import LinkClick
from assistant.records.record import TurnRecord, from_json
from assistant.records.stored_turn import StoredTurn, UnreadableTurn, clicks_of, thumb_of
from assistant.records.turn_records import RecordListing, no_such_record, too_large, with_click
from tools.errors import SetupError
from tools.postgres import connect_blocking, running_errors, set_up

if TYPE_CHECKING:
    from psycopg import Connection

_SCHEMA = """
CREATE TABLE IF NOT EXISTS turn_records (
    id TEXT PRIMARY KEY, started TIMESTAMPTZ NOT NULL, thread TEXT NOT NULL, size BIGINT NOT NULL,
    record BYTEA NOT NULL, clicks TEXT NOT NULL DEFAULT '[]', feedback TEXT);
CREATE INDEX IF NOT EXISTS turn_records_by_start ON turn_records (started, id);
CREATE INDEX IF NOT EXISTS turn_records_of_thread ON turn_records (thread);
CREATE TABLE IF NOT EXISTS turn_pictures (
    turn TEXT REFERENCES turn_records ON DELETE CASCADE, name TEXT, data BYTEA NOT NULL,
    PRIMARY KEY (turn, name));
CREATE TABLE IF NOT EXISTS turn_records_deleted (thread TEXT PRIMARY KEY);
"""
_INSERT = """
INSERT INTO turn_records (id, started, thread, size, record) SELECT %s, %s, %s, %s, %s
WHERE NOT EXISTS (SELECT 1 FROM turn_records_deleted WHERE thread = %s)
"""
_REMOVE_OLDEST = """
DELETE FROM turn_records USING (
    SELECT id, row_number() OVER newest AS number, sum(size) OVER newest AS total
    FROM turn_records WINDOW newest AS (ORDER BY id = %s DESC, started DESC, id DESC)
) AS counted
WHERE turn_records.id = counted.id AND (counted.number > %s OR counted.total > %s)
"""
_AT_A_TIME = 100
"""Records that are read ahead."""


class PostgresRecords:
    """TurnRecords in a database. Another replica may write to it at the same time."""

    def __init__(self, url: str, *, most: int = 500, most_mb: float = 200) -> None:
        """`most` records and `most_mb` megabytes (millions of bytes) are kept; with 0, none."""
        self._url = url
        self._most = most
        self._most_bytes = int(most_mb * 1_000_000)
        self._is_set_up = False
        self._setting_up = Lock()

    @property
    def enabled(self) -> bool:
        """Whether records are stored at all."""
        return self._most > 0 and self._most_bytes > 0

    def write(self, record: TurnRecord, pictures: Mapping[str, bytes]) -> None:
        """Keep a record, and remove the oldest where there would be too many.

        A deleted thread's is dropped. Raises ConnectionError when the server is gone, and
        SetupError when the record alone is over the cap.
        """
        data = record.to_json()
        size = len(data) + sum(map(len, pictures.values()))
        if not self.enabled or size > self._most_bytes:
            raise too_large(size, self._most_bytes)
        started = datetime.fromisoformat(record.started_at).astimezone(UTC)
        row = (record.id, started, record.thread, size, data, record.thread)
        with self._transaction() as connection:
            # Against a deletion of the thread that has begun: see `delete_thread`.
            connection.execute("LOCK TABLE turn_records IN ROW EXCLUSIVE MODE")
            if not connection.execute(_INSERT, row).rowcount:
                return
            for name, picture in pictures.items():
                connection.execute(
                    "INSERT INTO turn_pictures VALUES (%s, %s, %s)", (record.id, name, picture)
                )
            connection.execute(_REMOVE_OLDEST, (record.id, self._most, self._most_bytes))

    def read(self, turn_id: str) -> TurnRecord:
        """The record of a turn.

        Raises RequestError when there is none, SetupError when it cannot be read.
        """
        with self._transaction() as connection:
            query = "SELECT record FROM turn_records WHERE id = %s"
            row = connection.execute(query, (turn_id,)).fetchone()
        if row is None:
            raise no_such_record(turn_id)
        return _read(turn_id, row[0])

    def newest(self, most: int) -> RecordListing:
        """Up to `most` records, the newest first; unreadable ones are skipped and named."""
        records: list[TurnRecord] = []
        unreadable: list[str] = []
        query = "SELECT id, record FROM turn_records ORDER BY started DESC, id DESC"
        with self._rows(query) as rows:
            for turn_id, data in rows:
                if len(records) == most:
                    break
                try:
                    records.append(_read(turn_id, data))
                except SetupError as error:
                    unreadable.append(str(error))
        return RecordListing(tuple(records), tuple(unreadable))

    def stream(self, since: datetime | None = None) -> Iterator[StoredTurn | UnreadableTurn]:
        """Every turn that began at `since` or later, the oldest first, few in memory at a time."""
        query = (
            "SELECT id, record, clicks, feedback FROM turn_records "
            "WHERE started >= coalesce(%s::timestamptz, '-infinity') ORDER BY started, id"
        )
        with self._rows(query, since) as rows:
            for turn_id, data, clicks, feedback in rows:
                try:
                    record = _read(turn_id, data)
                except SetupError as error:
                    yield UnreadableTurn(str(error))
                    continue
                yield StoredTurn(record, clicks_of(clicks), thumb_of(feedback or "null"))

    def picture(self, turn_id: str, name: str) -> bytes:
        """A picture of a record. Raises RequestError when there is none."""
        with self._transaction() as connection:
            query = "SELECT data FROM turn_pictures WHERE turn = %s AND name = %s"
            row = connection.execute(query, (turn_id, name)).fetchone()
        if row is None:
            raise no_such_record(turn_id)
        return bytes(row[0])

    def place(self, turn_id: str) -> str:  # noqa: ARG002 - of no turn
        """A record is in no folder."""
        return ""

    def delete_thread(self, thread: str) -> None:
        """Remove the records of a conversation, for good; later ones of it are dropped."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO turn_records_deleted VALUES (%s) ON CONFLICT DO NOTHING", (thread,)
            )
        with self._transaction() as connection:
            # Other replicas may be writing: once it is locked, they are done or see the mark.
            connection.execute("LOCK TABLE turn_records IN SHARE ROW EXCLUSIVE MODE")
            connection.execute("DELETE FROM turn_records WHERE thread = %s", (thread,))

    def write_feedback(self, turn_id: str, feedback: Mapping[str, Any] | None) -> None:
        """Store a shopper's feedback with a record, if it is still there; None removes it."""
        data = None if feedback is None else json.dumps(dict(feedback))
        with self._transaction() as connection:
            connection.execute(
                "UPDATE turn_records SET feedback = %s WHERE id = %s", (data, turn_id)
            )

    def feedback(self, turn_id: str) -> dict[str, Any] | None:
        """The shopper's feedback on a turn; None where there is none."""
        kept = self._json(turn_id, "feedback")
        return None if kept is None else dict(kept)

    def add_click(self, thread: str, turn_id: str, click: LinkClick) -> None:
        """Count a followed link with a record, with what was searched for.

        Does nothing where the record was removed, is another thread's, or has no such list or
        card; nor past the most clicks of one turn.
        """
        with self._transaction() as connection:
            query = "SELECT record, clicks FROM turn_records WHERE id = %s FOR UPDATE"
            row = connection.execute(query, (turn_id,)).fetchone()
            if row is None:
                return
            try:
                more = with_click(json.loads(row[1]), _read(turn_id, row[0]), thread, click)
            except SetupError:
                return
            if more is not None:
                changed = "UPDATE turn_records SET clicks = %s WHERE id = %s"
                connection.execute(changed, (json.dumps(more), turn_id))

    def clicks(self, turn_id: str) -> list[dict[str, Any]]:
        """The links that were followed from a turn's cards, each with its query and position."""
        return list(self._json(turn_id, "clicks") or ())

    def _json(self, turn_id: str, name: str) -> Any:
        with self._transaction() as connection:
            query = f"SELECT {name} FROM turn_records WHERE id = %s"
            row = connection.execute(query.encode(), (turn_id,)).fetchone()
        return json.loads(row[0]) if row and row[0] else None

    @contextmanager
    def _transaction(self) -> Iterator[Connection[Any]]:
        """A transaction on a connection of its own; the tables are made before the first."""
        with self._setting_up:
            if not self._is_set_up:
                set_up(self._url, lambda each: each.execute(_SCHEMA))
                self._is_set_up = True
        with running_errors(), connect_blocking(self._url) as connection, connection.transaction():
            yield connection

    @contextmanager
    def _rows(self, query: str, *values: object) -> Iterator[Iterator[tuple[Any, ...]]]:
        """The rows of a query, some at a time."""
        with self._transaction() as connection, connection.cursor(name="rows") as cursor:
            cursor.itersize = _AT_A_TIME
            yield iter(cursor.execute(query.encode(), values))


def _read(turn_id: str, data: bytes) -> TurnRecord:
    try:
        return from_json(bytes(data))
    except ValueError as error:
        why = str(error).split("\n")[0]
        raise SetupError(
            f"The record {turn_id} in the database cannot be read ({why}). Remove that row of "
            "turn_records."
        ) from error
