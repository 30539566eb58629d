"""Records on disk: a folder a turn, written whole or not at all, the oldest removed past a cap.

    turns/20260101T120000000000Z-k3v9x2m4q7ap/record.json, 1.png, ..., feedback.json, clicks.json

A shopper's words and photos are in them, so that only the owner of the files can read them. Not
covered: two processes that write at once may be over the cap by one record until the next.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from assistant.events import LinkClick
from assistant.records.record import TurnRecord
from assistant.records.stored_turn import (
    CLICKS,
    FEEDBACK,
    RECORD,
    StoredTurn,
    UnreadableTurn,
    read_record,
    read_turn,
)
from assistant.records.turn_records import (
    LETTERS,
    RecordListing,
    no_such_record,
    too_large,
    with_click,
)
from tools.errors import RequestError, SetupError
from tools.files import PRIVATE, write_atomic

_ID = re.compile(f"[{LETTERS}]{{12}}")
_FOLDER = re.compile(rf"\d{{8}}T\d{{12}}Z-({_ID.pattern})")
_STARTED = "%Y%m%dT%H%M%S%fZ"
_PART = ".part-"
_ABANDONED_S = 3600


class RecordStore:
    """TurnRecords in a folder. All methods block; all may be called from several threads."""

    def __init__(self, folder: Path, *, most: int = 500, most_mb: float = 200) -> None:
        """`most` records and `most_mb` megabytes (millions of bytes) are kept; with 0, none."""
        self._folder = folder
        self._most = most
        self._most_bytes = int(most_mb * 1_000_000)
        self._sizes: dict[str, int] = {}
        self._counting = Lock()

    @property
    def enabled(self) -> bool:
        """Whether records are stored at all."""
        return self._most > 0 and self._most_bytes > 0

    def write(self, record: TurnRecord, pictures: Mapping[str, bytes]) -> None:
        """Keep a record, and remove the oldest where there would be too many.

        Raises OSError when it cannot be written, and SetupError when it alone is over the cap;
        nothing of it is there then.
        """
        files = {RECORD: record.to_json(), **pictures}
        size = sum(map(len, files.values()))
        if not self.enabled or size > self._most_bytes:
            raise too_large(size, self._most_bytes)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._remove_abandoned()
        part = Path(tempfile.mkdtemp(dir=self._folder, prefix=_PART))  # of mode 0700
        try:
            for name, data in files.items():
                descriptor = os.open(part / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
            started = datetime.fromisoformat(record.started_at).astimezone(UTC)
            with self._counting:  # several turns may end at once
                self._remove_oldest(size)
                part.rename(self._folder / f"{started:{_STARTED}}-{record.id}")
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise

    def read(self, turn_id: str) -> TurnRecord:
        """The record of a turn.

        Raises RequestError when there is none, SetupError when it cannot be read.
        """
        return read_record(self.folder(turn_id))

    def newest(self, most: int) -> RecordListing:
        """Up to `most` records, the newest first; unreadable ones are skipped and named."""
        records: list[TurnRecord] = []
        unreadable: list[str] = []
        for folder in reversed(self._folders()):
            if len(records) == most:
                break
            try:
                records.append(read_record(folder))
            except SetupError as error:
                unreadable.append(str(error))
        return RecordListing(tuple(records), tuple(unreadable))

    def stream(self, since: datetime | None = None) -> Iterator[StoredTurn | UnreadableTurn]:
        """Every turn that began at `since` or later, the oldest first, one in memory at a time.

        A record that another process removes meanwhile is left out.
        """
        first = f"{since.astimezone(UTC):{_STARTED}}" if since else ""
        for folder in self._folders():
            if folder.name < first:
                continue
            try:
                yield read_turn(folder)
            except SetupError as error:
                if folder.exists():
                    yield UnreadableTurn(str(error))

    def delete_thread(self, thread: str) -> None:
        """Remove the records of a conversation, for good; those that cannot be read stay."""
        for folder in self._folders():
            try:
                theirs = read_record(folder).thread == thread
            except SetupError:
                continue
            if theirs:
                shutil.rmtree(folder, ignore_errors=True)

    def write_feedback(self, turn_id: str, feedback: Mapping[str, Any] | None) -> None:
        """Write a shopper's feedback into the record's folder; None removes it.

        Does nothing when the record was removed already.
        """
        try:
            folder = self.folder(turn_id)
        except RequestError:
            return
        if feedback is None:
            (folder / FEEDBACK).unlink(missing_ok=True)
            return
        data = json.dumps(feedback, indent=1).encode()
        write_atomic(folder / FEEDBACK, data, mode=PRIVATE)

    def feedback(self, turn_id: str) -> dict[str, Any] | None:
        """The shopper's feedback on a turn; None where there is none."""
        try:
            return dict(json.loads((self.folder(turn_id) / FEEDBACK).read_bytes()))
        except (FileNotFoundError, RequestError):
            return None

    def add_click(self, thread: str, turn_id: str, click: LinkClick) -> None:
        """Count a followed link in the record's folder, with what was searched for.

        Does nothing where the record was removed, is another thread's, or has no such list or
        card; nor past the most clicks of one turn.
        """
        try:
            folder = self.folder(turn_id)
            record = read_record(folder)
        except (RequestError, SetupError):
            return
        if (more := with_click(self.clicks(turn_id), record, thread, click)) is not None:
            data = json.dumps(more, ensure_ascii=False, indent=1).encode()
            write_atomic(folder / CLICKS, data, mode=PRIVATE)

    def clicks(self, turn_id: str) -> list[dict[str, Any]]:
        """The links that were followed from a turn's cards, each with its query and position."""
        try:
            return list(json.loads((self.folder(turn_id) / CLICKS).read_bytes()))
        except (FileNotFoundError, RequestError):
            return []

    def folder(self, turn_id: str) -> Path:
        """Where the record of a turn and its pictures lie. Raises RequestError when nowhere."""
        if _ID.fullmatch(turn_id):
            for folder in self._folders():
                if folder.name.endswith(f"-{turn_id}"):
                    return folder
        raise no_such_record(turn_id)

    def picture(self, turn_id: str, name: str) -> bytes:
        """A picture of a record. Raises RequestError when there is none."""
        try:
            return (self.folder(turn_id) / name).read_bytes()
        except FileNotFoundError as error:
            raise no_such_record(turn_id) from error

    def place(self, turn_id: str) -> str:
        """The folder of a record and its pictures."""
        return str(self.folder(turn_id))

    def _folders(self) -> list[Path]:
        """Of all records, the oldest first."""
        try:
            with os.scandir(self._folder) as entries:
                names = sorted(each.name for each in entries if _FOLDER.fullmatch(each.name))
        except FileNotFoundError:
            return []
        return [self._folder / name for name in names]

    def _remove_oldest(self, size: int) -> None:
        """Remove the oldest records until one more of that size fits."""
        folders = {folder.name: folder for folder in self._folders()}
        # A record does not change, so each is measured once.
        known = self._sizes
        self._sizes = sizes = {n: known.get(n) or _bytes_in(f) for n, f in folders.items()}
        count, total = len(sizes) + 1, sum(sizes.values()) + size
        for name, folder in folders.items():
            if count <= self._most and total <= self._most_bytes:
                return
            shutil.rmtree(folder, ignore_errors=True)
            count, total = count - 1, total - sizes.pop(name)

    def _remove_abandoned(self) -> None:
        """Remove the unfinished folders of processes that died."""
        for part in self._folder.glob(f"{_PART}*"):
            try:
                if time.time() - part.stat().st_mtime > _ABANDONED_S:
                    shutil.rmtree(part, ignore_errors=True)
            except FileNotFoundError:
                continue


def _bytes_in(folder: Path) -> int:
    try:
        return sum(file.stat().st_size for file in folder.iterdir())
    except OSError:  # another process removed it
        return 0
