"""Batches of what belongs together: a product, a request that leans on a picture, its words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np

from tools.demo.drawing import COLORS, KINDS, PATTERNS, Look
from tools.demo.held_out import Drawing
from tools.demo.training import phrases
from tools.demo.training.captions import Wish
from tools.demo.training.pictures import Pixels


@dataclass(frozen=True)
class Batch:
    """n products and, row by row, what should find them. Pictures are (n, side, side, 3) uint8."""

    products: Pixels
    titles: list[str]
    """ "" where the picture alone must do."""
    queries: Pixels
    leaning: list[str]
    """Words that lean on the row's query picture."""
    labels: np.ndarray
    """(n, 3): kind, pattern and color of the product, as places in the names' lists; or UNKNOWN."""
    requests: list[str] = field(default_factory=list)
    """Words alone; none where no words would name one of the products."""
    texts: list[str] = field(default_factory=list)
    askew: bool = False
    """Whether the query pictures are to be varied as another person's photo would be."""


UNKNOWN = -100
"""A label that nobody knows; torch's cross entropy leaves it out."""


def unknown_labels(count: int) -> np.ndarray:
    """(count, 3) labels that nobody knows."""
    return np.full((count, 3), UNKNOWN)


class Sampler:
    """Draws batches, from a seed; knows which pictures share a kind, a pattern, a color."""

    def __init__(
        self,
        drawings: Sequence[Drawing],
        pixels: Pixels,
        prints: Sequence[Drawing],
        print_pixels: Pixels,
        rows: Sequence[int],
        seed: int,
    ) -> None:
        self._looks = [drawing.look for drawing in drawings]
        self._pixels, self._print_pixels = pixels, print_pixels
        self._rng = Random(seed)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            self._by_name[_name(self._looks[row])].append(row)
        self._names = list(self._by_name)
        self._recolored: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._patterned: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._prints: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row in rows:
            look = self._looks[row]
            self._recolored[look.kind, look.pattern].append(row)
            self._patterned[look.pattern, look.color].append(row)
        for row, drawing in enumerate(prints):
            self._prints[drawing.look.pattern, drawing.look.color].append(row)

    def batch(self, size: int) -> Batch:
        """`size` products of different names, each with a request of a random sort."""
        rng = self._rng
        rows = [rng.choice(self._by_name[name]) for name in rng.sample(self._names, size)]
        looks = [self._looks[row] for row in rows]
        leaning = [self._leaning(row) for row in rows]
        return Batch(
            products=np.stack([self._pixels[row] for row in rows]),
            titles=[phrases.title(look, rng) if rng.random() < 0.4 else "" for look in looks],
            queries=np.stack([picture for picture, _ in leaning]),
            leaning=[words for _, words in leaning],
            requests=[phrases.request(look, rng) for look in looks],
            texts=[phrases.text(look, rng) for look in looks],
            labels=np.array([label(look) for look in looks]),
            askew=rng.random() < 0.5,
        )

    def _leaning(self, row: int) -> tuple[Pixels, str]:
        """A picture and words for it that together ask for this product."""
        rng, look = self._rng, self._looks[row]
        sort = rng.random()
        if sort < 0.45 and look.pattern != "plain":
            words = phrases.pattern_request(look.kind, rng)
            if rng.random() < 0.6:
                # A scene shows its pattern in one color; it may ask for it in any.
                color = look.color if rng.random() < 0.5 else ""
                return self._print_pixels[rng.choice(self._prints[look.pattern, color])], words
            return self._pixels[rng.choice(self._patterned[look.pattern, look.color])], words
        if sort < 0.75:
            others = self._recolored[look.kind, look.pattern]
            return self._pixels[rng.choice(others)], phrases.recolor_request(
                look.color, rng, look.kind
            )
        return self._pixels[rng.choice(self._by_name[_name(look)])], phrases.like_request(rng)


def _name(look: Look) -> str:
    return f"{look.kind}|{look.pattern}|{look.color}"


def label(look: Look | Wish) -> tuple[int, int, int]:
    """Places of kind, pattern and color in KINDS, PATTERNS and COLORS; UNKNOWN for ""."""
    return (
        KINDS.index(look.kind) if look.kind else UNKNOWN,
        PATTERNS.index(look.pattern) if look.pattern else UNKNOWN,
        list(COLORS).index(look.color) if look.color else UNKNOWN,
    )
