"""What an embedder may know beside places of pictures and words: which of some words is meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Meant:
    """One of the words that were to choose from."""

    word: str
    nearness: float
    """Cosine, -1 to 1."""


class WordFinder(Protocol):
    """Chooses among the words that it was made for."""

    def meant(self, said: str) -> Meant | None:
        """The word that means what was said; None where none is near enough."""
