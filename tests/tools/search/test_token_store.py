"""Vectors of products' texts, read once and kept in a file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from tools.embedding.base import Embedder, FloatArray
from tools.product import Product
from tools.search.token_store import SCALE, TokenStore

MUG, LAMP = Product("m", "Red Mug"), Product("l", "Lamp", (), "Gives light.")


class Counting:
    """A vector of two numbers for each word, longer for longer words; counts what it reads."""

    tokens_fingerprint = "counting"

    def __init__(self) -> None:
        self.read: list[str] = []

    def token_vectors(self, texts: Sequence[str]) -> list[FloatArray]:
        self.read += texts
        return [
            np.array([[3.0, 4.0], *([len(word), 0.0] for word in text.split())], np.float32)
            for text in texts
        ]


def store_of(embedder: Counting, path: Path | None = None) -> TokenStore:
    return TokenStore(cast(Embedder, embedder), path)


def test_text_is_read_once_and_its_vectors_have_the_length_of_the_scale() -> None:
    embedder = Counting()
    store = store_of(embedder)
    assert store.known([MUG]) == {}
    codes = store.read([MUG, LAMP])["m"]
    assert codes.dtype == np.int8
    assert codes.tolist() == [[round(0.6 * SCALE), round(0.8 * SCALE)], [SCALE, 0], [SCALE, 0]]
    assert store.read([LAMP, MUG]).keys() == {"l", "m"}
    assert embedder.read == ["Red Mug", "Lamp\nGives light."]


def test_another_process_finds_what_was_read_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "tokens.sqlite"
    codes = store_of(Counting(), path).read([MUG])
    later = Counting()
    again = store_of(later, path).known([MUG, LAMP])
    assert again.keys() == {"m"}
    np.testing.assert_array_equal(again["m"], codes["m"])
    assert later.read == []
    assert path.stat().st_mode & 0o077 == 0, "only its owner may read it"


def test_text_that_changed_or_another_model_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "tokens.sqlite"
    store_of(Counting(), path).read([MUG])
    other = Counting()
    other.tokens_fingerprint = "other"
    assert store_of(other, path).known([MUG]) == {}
    assert store_of(Counting(), path).known([Product("m", "Blue Mug")]) == {}


def test_no_more_than_the_first_texts_are_read_before_they_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tools.search.token_store.MOST_PREPARED", 3)
    embedder = Counting()
    store = store_of(embedder)
    for number in range(3):
        store.prepare([Product(f"{number}{n}", f"Mug {number}{n}") for n in range(2)])
    assert embedder.read == ["Mug 00", "Mug 01", "Mug 10"]


def test_damaged_file_costs_the_reading_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "tokens.sqlite"
    path.write_bytes(b"no database at all, but long enough to be looked at" * 20)
    embedder = Counting()
    assert store_of(embedder, path).read([MUG]).keys() == {"m"}
    assert embedder.read == ["Red Mug"]
    assert "could not be" in caplog.text


def test_file_that_is_locked_is_not_waited_for_for_long(tmp_path: Path) -> None:
    path = tmp_path / "tokens.sqlite"
    store_of(Counting(), path).read([LAMP])
    holder = sqlite3.connect(path)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        assert store_of(Counting(), path).read([MUG]).keys() == {"m"}
    finally:
        holder.close()
