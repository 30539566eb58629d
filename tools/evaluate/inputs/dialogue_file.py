"""Dialogues from a JSONL file. One with a broken turn is left out as a whole and named.

A row has `did` and `turns`; a turn has `user`, `relevant_ids`, and perhaps `max_price` (in force
from that turn on, until another one is stated) and `photo` (path beside the file). Other fields
are ignored.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tools.errors import PhotoError
from tools.evaluate.inputs.jsonl import (
    Row,
    RowError,
    amount_field,
    ids_field,
    parse_row,
    picture_field,
    quote_value,
    read_lines,
    read_rows,
    text_field,
)
from tools.evaluate.inputs.labels import NO_LIMIT, Dialogue, DialogueTurn, SkippedRow
from tools.media.images import open_photo
from tools.money import to_minor
from tools.product import Filters

_MOST_TURNS = 100
_EXAMPLE = (
    '{"did": "a", "turns": [{"user": "red mugs", "relevant_ids": ["m4"]}, '
    '{"user": "under 10", "relevant_ids": ["m4"], "max_price": 10}]}'
)


def holds_dialogues(path: Path) -> bool:
    """Whether the rows of a file are dialogues, by the first one that is an object.

    Raises SetupError for a file that cannot be read.
    """
    for line in read_lines(path):
        try:
            return "turns" in parse_row(line)
        except RowError:
            continue
    return False


def read_dialogues(
    path: Path, currency: str, *, max_photo_mb: float = 10
) -> tuple[list[Dialogue], list[SkippedRow]]:
    """The dialogues in file order, and the rows that cannot be used; prices are in `currency`.

    Raises SetupError for a file that cannot be read, or has no row that can be used.
    """
    known: set[str] = set()

    def read(row: Row, number: int) -> Dialogue:
        dialogue = _dialogue(row, number, path.parent, currency, max_photo_mb)
        if dialogue.did in known:
            raise RowError(f"`did` {quote_value(dialogue.did)} is there twice. Name it anew.")
        known.add(dialogue.did)
        return dialogue

    return read_rows(path, read, "a dialogue", f"A row is like {_EXAMPLE}.")


def _dialogue(row: Row, number: int, folder: Path, currency: str, max_photo_mb: float) -> Dialogue:
    turns = row.get("turns")
    if not isinstance(turns, list) or not turns:
        raise RowError(f"`turns` is {quote_value(turns)}. Write a list of turns: {_EXAMPLE}.")
    if len(turns) > _MOST_TURNS:
        raise RowError(f"it has {len(turns)} turns. Part it into dialogues of {_MOST_TURNS}.")
    read: list[DialogueTurn] = []
    limit = NO_LIMIT
    for place, turn in enumerate(turns, start=1):
        try:
            read.append(_turn(turn, limit, folder, currency, max_photo_mb))
        except RowError as error:
            raise RowError(f"turn {place}: {error}") from error
        limit = read[-1].limit
    return Dialogue(text_field(row, "did") or f"line {number}", tuple(read))


def _turn(
    turn: object, limit: Filters, folder: Path, currency: str, max_photo_mb: float
) -> DialogueTurn:
    if not isinstance(turn, dict):
        raise RowError(f'it is {quote_value(turn)}. Write {{"user": "...", "relevant_ids": []}}.')
    user, photo = text_field(turn, "user"), picture_field(turn, "photo", folder)
    if not user and photo is None:
        raise RowError("it says nothing. Add `user`, `photo`, or both.")
    if turn.get("relevant_ids") is None:
        raise RowError("it does not say what fits. Add `relevant_ids`; an empty list is fine.")
    if photo is not None:
        try:
            open_photo(photo, max_mb=max_photo_mb)
        except PhotoError as error:
            raise RowError(f"`photo`: {error}") from error
    highest = amount_field(turn, "max_price")
    if highest is not None:
        limit = replace(limit, max_price=to_minor(highest, currency), currency=currency)
    return DialogueTurn(user, frozenset(ids_field(turn, "relevant_ids")), limit, photo=photo)
