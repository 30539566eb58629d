"""Reads the folder of a record: the turn, its thumb and the links that were followed from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from assistant.records.record import TurnRecord, from_json
from tools.errors import SetupError

RECORD = "record.json"
FEEDBACK = "feedback.json"
CLICKS = "clicks.json"


@dataclass(frozen=True, slots=True)
class Thumb:
    """A shopper's feedback: `value` is 1 for up and 0 for down."""

    value: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class FollowedLink:
    """A link to the shop that was followed from a card."""

    list_id: str
    number: int
    """Of the card, from 1."""
    cart: bool = False


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn with what the shopper did after it."""

    record: TurnRecord
    clicks: tuple[FollowedLink, ...]
    thumb: Thumb | None


@dataclass(frozen=True, slots=True)
class UnreadableTurn:
    """A folder whose record, clicks or thumb cannot be read."""

    sentence: str
    """Names the folder, and what to do about it."""


def read_record(folder: Path) -> TurnRecord:
    """The record of a folder. Raises SetupError when it cannot be read."""
    try:
        return from_json((folder / RECORD).read_bytes())
    except (OSError, ValueError) as error:
        raise _unreadable(folder, error) from error


def read_turn(folder: Path) -> StoredTurn:
    """All that a folder holds besides pictures. Raises SetupError when a part cannot be read."""
    record = read_record(folder)
    try:
        clicks = _read_if_there(folder / CLICKS)
        thumb = _read_if_there(folder / FEEDBACK)
        return StoredTurn(
            record,
            _clicks_adapter().validate_json(clicks) if clicks is not None else (),
            _thumb_adapter().validate_json(thumb) if thumb is not None else None,
        )
    except (OSError, ValueError) as error:
        raise _unreadable(folder, error) from error


def _read_if_there(path: Path) -> bytes | None:
    """The bytes of a file; None where no such file was written."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _unreadable(folder: Path, error: OSError | ValueError) -> SetupError:
    why = error.strerror if isinstance(error, OSError) else str(error).split("\n")[0]
    return SetupError(f"The record {folder} cannot be read ({why}). Remove that folder.")


@cache
def _clicks_adapter() -> TypeAdapter[tuple[FollowedLink, ...]]:
    return TypeAdapter(tuple[FollowedLink, ...])


@cache
def _thumb_adapter() -> TypeAdapter[Thumb]:
    return TypeAdapter(Thumb)
