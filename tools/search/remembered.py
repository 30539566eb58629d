"""Answers about a catalogue that a turn asks for several times."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from tools.catalogue.vocabulary import Vocabulary

A = TypeVar("A")
_MOST_REMEMBERED = 500


class Remembered(Generic[A]):
    """Forgotten when an ingest changed the catalogue. May be used from several threads."""

    def __init__(self) -> None:
        self._vocabulary: Vocabulary | None = None
        self._answers: dict[Hashable, A] = {}
        self._lock = Lock()

    def get(self, vocabulary: Vocabulary, asked: Hashable, answer: Callable[[], A]) -> A:
        with self._lock:
            if self._vocabulary is not vocabulary or len(self._answers) > _MOST_REMEMBERED:
                self._vocabulary, self._answers = vocabulary, {}
            answers = self._answers
        if asked not in answers:
            answers[asked] = answer()
        return answers[asked]

    def forget(self) -> None:
        """All of them."""
        with self._lock:
            self._answers = {}

    def taken(self, asked: Hashable) -> A | None:
        """The answer to a question that was asked before, which is forgotten; None for none."""
        with self._lock:
            return self._answers.pop(asked, None)
