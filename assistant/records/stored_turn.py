"""Reads the folder of a record: the turn, its thumb and the links that were followed from it."""

from __future__ import annotations

import os
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
        # Cheaper than an attempt to open each.
        there = os.listdir(folder)  # noqa: PTH208 - names are enough
        clicks = _read_if_there(folder / CLICKS) if CLICKS in there else b""
        thumb = _read_if_there(folder / FEEDBACK) if FEEDBACK in there else b""
        return StoredTurn(
            record,
            clicks_of(clicks or b"[]"),
            thumb_of(thumb or b"null"),
        )
    except (OSError, ValueError) as error:
        raise _unreadable(folder, error) from error


def clicks_of(data: bytes | str) -> tuple[FollowedLink, ...]:
    """The followed links in JSON. Raises ValueError for anything else."""
    return _clicks_adapter().validate_json(data)


def thumb_of(data: bytes | str) -> Thumb | None:
    """The feedback in JSON; None for null. Raises ValueError for anything else."""
    return _thumb_adapter().validate_json(data)


def _read_if_there(path: Path) -> bytes:
    """The bytes of a file; b"" where another process has removed it."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _unreadable(folder: Path, error: OSError | ValueError) -> SetupError:
    why = error.strerror if isinstance(error, OSError) else str(error).split("\n")[0]
    return SetupError(f"The record {folder} cannot be read ({why}). Remove that folder.")


@cache
def _clicks_adapter() -> TypeAdapter[tuple[FollowedLink, ...]]:
    return TypeAdapter(tuple[FollowedLink, ...])


@cache
def _thumb_adapter() -> TypeAdapter[Thumb | None]:
    return TypeAdapter(Thumb | None)
