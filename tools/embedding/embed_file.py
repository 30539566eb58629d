"""Embedding the rows of a file: what `pounce embed` does."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.embedding.base import Embedder, FloatArray, Item
from tools.errors import PhotoError, SetupError
from tools.files import atomic_file
from tools.media.images import Transparency, open_photo

ROWS_AT_ONCE = 256
"""Rows that are sorted by length together."""
PHOTOS_AT_ONCE = 16
"""Decoded pictures in memory together: 36 MB each from a phone of 12 megapixels."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: words, the path of a picture, or both."""

    line: int
    text: str
    photo: Path | None


def embed_file(jsonl: Path, out: Path, embedder: Embedder) -> int:
    """Embed the rows of a JSONL file into the array `embeddings` of an .npz, in the rows' order.

    A row is an object with `text`, `photo` (a path, absolute or relative to the file), or both;
    blank lines are skipped. Returns the number of rows. Nothing is written unless all of them are
    embedded. Raises SetupError naming the line that cannot be read, or whose words alone have no
    place among the embedder's vectors.
    """
    rows = read_rows(jsonl)
    _check_placed(rows, jsonl, embedder)
    parts = (
        embedder.embed([_item(r, jsonl, embedder.transparency) for r in chunk])
        for chunk in _chunks(rows)
    )
    none = np.empty((0, embedder.dim), dtype=np.float32)
    vectors: FloatArray = np.concatenate([none, *parts])
    try:
        with (
            atomic_file(out) as unfinished,
            zipfile.ZipFile(unfinished, "w") as archive,
            archive.open("embeddings.npy", "w") as file,
        ):
            np.lib.format.write_array(file, vectors)
    except OSError as error:
        raise SetupError(f"{out} cannot be written ({error.strerror}). Check the path.") from error
    return len(vectors)


def read_rows(jsonl: Path) -> list[Row]:
    """All rows, checked, their pictures not yet opened. Raises SetupError naming the line."""
    try:
        lines = jsonl.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(
            f"{jsonl} cannot be read ({error}). Give a JSONL file in UTF-8."
        ) from error
    return list(_rows(lines, jsonl))


def _rows(lines: list[str], jsonl: Path) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{jsonl}, line {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise SetupError(
                f"{where}: not JSON ({error}). Put one object on each line."
            ) from error
        if not isinstance(row, dict):
            raise SetupError(f'{where}: not an object. Write {{"text": ..., "photo": ...}}.')
        text, photo = row.get("text") or "", row.get("photo") or ""
        if not isinstance(text, str) or not isinstance(photo, str):
            raise SetupError(f"{where}: `text` and `photo` are words. Put them in quotes.")
        if not text and not photo:
            raise SetupError(f"{where}: neither `text` nor `photo`. Give one of them, or both.")
        path = jsonl.parent / photo if photo else None
        if path is not None and not path.is_file():
            raise SetupError(f"{where}: there is no picture {path}. Check the path.")
        yield Row(number, text, path)


def _chunks(rows: list[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        photos = sum(kept.photo is not None for kept in chunk)
        if len(chunk) == ROWS_AT_ONCE or photos == PHOTOS_AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _check_placed(rows: Iterable[Row], jsonl: Path, embedder: Embedder) -> None:
    if embedder.spaces[0].words_alone:
        return
    for row in rows:
        if row.photo is None:
            raise SetupError(
                f"{jsonl}, line {row.line}: words alone have no place in the space of "
                f"{embedder.name}, which places pictures, with or without words. Give a `photo`."
            )


def _item(row: Row, jsonl: Path, transparency: Transparency) -> Item:
    try:
        photo = None if row.photo is None else open_photo(row.photo, transparency=transparency)
        return Item(row.text, photo)
    except PhotoError as error:
        raise SetupError(f"{jsonl}, line {row.line}: {row.photo}: {error}") from error
