"""The records of turns, wherever they are stored: what is asked of a store of them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from assistant.events import LinkClick
from assistant.records.record import TurnRecord
from assistant.records.stored_turn import StoredTurn, UnreadableTurn
from tools.errors import RequestError, SetupError

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that look alike."""
_MOST_CLICKS = 200
"""Of one turn."""


def new_id() -> str:
    """The id of a turn: twelve letters and digits that nobody can guess (59 bits)."""
    return "".join(secrets.choice(LETTERS) for _ in range(12))


@dataclass(frozen=True, slots=True)
class RecordListing:
    """The newest records, and a sentence for each that cannot be read."""

    records: tuple[TurnRecord, ...]
    unreadable: tuple[str, ...]
    """A sentence each."""


class TurnRecords(Protocol):
    """A store of records. All methods block; all may be called from several threads."""

    @property
    def enabled(self) -> bool:
        """Whether records are stored at all."""
        ...

    def write(self, record: TurnRecord, pictures: Mapping[str, bytes], /) -> None:
        """Keep a record, and remove the oldest where there would be too many.

        Raises OSError when it cannot be written, and SetupError when it alone is over the cap;
        nothing of it is there then.
        """
        ...

    def read(self, turn_id: str, /) -> TurnRecord:
        """The record of a turn.

        Raises RequestError when there is none, SetupError when it cannot be read.
        """
        ...

    def newest(self, most: int, /) -> RecordListing:
        """Up to `most` records, the newest first; unreadable ones are skipped and named."""
        ...

    def stream(self, since: datetime | None = None) -> Iterator[StoredTurn | UnreadableTurn]:
        """Every turn that began at `since` or later, the oldest first, few in memory at a time."""
        ...

    def picture(self, turn_id: str, name: str, /) -> bytes:
        """A picture of a record. Raises RequestError when there is none."""
        ...

    def place(self, turn_id: str, /) -> str:
        """The folder of a record and its pictures; "" where they are in no folder."""
        ...

    def delete_thread(self, thread: str, /) -> None:
        """Remove the records of a conversation, for good; those that cannot be read stay."""
        ...

    def write_feedback(self, turn_id: str, feedback: Mapping[str, Any] | None, /) -> None:
        """Store a shopper's feedback with a record, if it is still there; None removes it."""
        ...

    def feedback(self, turn_id: str, /) -> dict[str, Any] | None:
        """The shopper's feedback on a turn; None where there is none."""
        ...

    def add_click(self, thread: str, turn_id: str, click: LinkClick, /) -> None:
        """Count a followed link with a record, with what was searched for.

        Does nothing where the record was removed, is another thread's, or has no such list or
        card; nor past the most clicks of one turn.
        """
        ...

    def clicks(self, turn_id: str, /) -> list[dict[str, Any]]:
        """The links that were followed from a turn's cards, each with its query and position."""
        ...


def with_click(
    counted: Sequence[dict[str, Any]], record: TurnRecord, thread: str, click: LinkClick
) -> list[dict[str, Any]] | None:
    """The followed links of a turn with one more; None where it does not count."""
    search = next((each for each in record.searches if each.list_id == click.list_id), None)
    if record.thread != thread or search is None or len(counted) >= _MOST_CLICKS:
        return None
    return [*counted, {**asdict(click), "query": search.words}]


def no_such_record(turn_id: str) -> RequestError:
    """Says that a turn has no record, and what to do."""
    return RequestError(
        f"There is no record of a turn {turn_id!r}; it may be an old one that was removed. "
        "See the newest with: pounce explain."
    )


def too_large(size: int, most_bytes: int) -> SetupError:
    """Says that one record of `size` bytes does not fit."""
    return SetupError(
        f"A record of {size / 1e6:.1f} MB does not fit under the cap of "
        f"{most_bytes / 1e6:g} MB. Raise POUNCE_TURN_RECORDS_MB."
    )
