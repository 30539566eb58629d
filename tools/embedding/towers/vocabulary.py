"""The shop's own words for what a shopper says, by meaning: "runners" are its Sneakers.

MiniLM knows sentences better than bare words, so words are read as "a product: ..." and a small
table says in plainer words what everyday ones mean. Not covered: languages besides English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from torch import Tensor

from tools.embedding.meaning import Meant
from tools.embedding.towers.glosses import GLOSSES

SURE, NEAR, APART = 0.72, 0.62, 0.12
"""A word of the shop is meant from the cosine SURE on, and from NEAR on where the second is APART.

Of 72 everyday names of 40 kinds of goods .83 are taken for the right kind and .03 for a wrong one;
of 90 things and properties that are none of these kinds .02 are taken for one. Without APART: .92,
.03, .09.
"""
_FRAME = "a product: {}"
_BEFORE = re.compile(r"^(?:(?:a|an|the|some|my|any|pair of|pairs of)\s+)+")


class ShopVocabulary:
    """Finds the nearest of a shop's words; each is read once."""

    def __init__(self, read: Callable[[Sequence[str]], Tensor], words: Sequence[str]) -> None:
        """`read` turns texts into (n, dim) unit vectors; `words` as the shop writes them."""
        self._read, self._words = read, tuple(dict.fromkeys(words))
        self._vectors = read([_framed(word) for word in self._words])

    def meant(self, said: str) -> Meant | None:
        """The nearest word to what was said, or None where none is near enough."""
        found, apart = self.nearest(said)
        if found is None:
            return None
        sure = found.nearness >= SURE or (found.nearness >= NEAR and apart >= APART)
        return found if sure else None

    def nearest(self, said: str) -> tuple[Meant | None, float]:
        """The nearest word however far it is, and how much nearer it is than the second."""
        if not self._words or not said.strip():
            return None, 0.0
        plain = _BEFORE.sub("", said.casefold().strip())
        asked = self._read([_framed(each) for each in (plain, *glosses_of(plain))])
        nearness = (asked @ self._vectors.T).amax(0)
        near, places = nearness.topk(min(2, len(self._words)))
        apart = float(near[0] - near[1]) if len(near) > 1 else 1.0
        return Meant(self._words[int(places[0])], round(float(near[0]), 4)), apart


def glosses_of(said: str) -> tuple[str, ...]:
    """What the words mean in plainer ones: "running shoes" for "runners"; () if none is known."""
    singular = said.removesuffix("s")
    return GLOSSES.get(said) or GLOSSES.get(singular) or GLOSSES.get(f"{singular}s") or ()


def _framed(word: str) -> str:
    return _FRAME.format(word.casefold())
