"""The shop's own words for what a shopper says, by meaning: "runners" are its Sneakers.

MiniLM knows sentences better than bare words, so words are read as "a product: ..." and a small
table says in plainer words what everyday ones mean. Not covered: languages besides English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from tools.embedding.towers.glosses import GLOSSES

NEAR = 0.62
"""Cosine from which a word of the shop is meant; measured, see README.md beside this package."""
_FRAME = "a product: {}"
_BEFORE = re.compile(r"^(?:(?:a|an|the|some|my|any|pair of|pairs of)\s+)+")


@dataclass(frozen=True, slots=True)
class Meant:
    """A word of the shop."""

    word: str
    nearness: float
    """Cosine, -1 to 1."""


class ShopVocabulary:
    """Finds the nearest of a shop's words; each is read once."""

    def __init__(self, read: Callable[[Sequence[str]], Tensor], words: Sequence[str]) -> None:
        """`read` turns texts into (n, dim) unit vectors; `words` as the shop writes them."""
        self._read, self._words = read, tuple(dict.fromkeys(words))
        self._vectors = read([_framed(word) for word in self._words])

    def meant(self, said: str, at_least: float = NEAR) -> Meant | None:
        """The nearest word to what was said, or None where none is near enough."""
        if not self._words or not said.strip():
            return None
        plain = _BEFORE.sub("", said.casefold().strip())
        asked = self._read([_framed(each) for each in (plain, *glosses_of(plain))])
        near, place = (asked @ self._vectors.T).amax(0).max(0)
        found = Meant(self._words[int(place)], round(float(near), 4))
        return found if found.nearness >= at_least else None


def glosses_of(said: str) -> tuple[str, ...]:
    """What the words mean in plainer ones: "running shoes" for "runners"; () if none is known."""
    singular = said.removesuffix("s")
    return GLOSSES.get(said) or GLOSSES.get(singular) or GLOSSES.get(f"{singular}s") or ()


def _framed(word: str) -> str:
    return _FRAME.format(word.casefold())
