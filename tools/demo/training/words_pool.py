"""All texts that lessons choose from, so that each is read by MiniLM once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from torch import Tensor

from tools.demo.drawing import COLORS, KINDS
from tools.demo.held_out import Drawing
from tools.demo.training import phrases
from tools.demo.training.color_names import TONES, spelled
from tools.demo.training.things import ALONE, GOODS, SOLD, THINGS, WANTED
from tools.demo.training.words_cache import WordsCache

PRINTS_EACH, RECOLORED_EACH, GOODS_EACH, LABELS_EACH = 20, 20, 3, 6

Goods = tuple[str, str]
"""What is asked beside a photo, and what the shop calls it: "a mug with this", "fox mug"."""


def kept_name(name: str) -> bool:
    """Whether a name is kept out of the lessons, to measure on: one in eight, by its hash."""
    return hashlib.sha256(f"name {name}".encode()).digest()[0] % 8 == 0


@dataclass(frozen=True)
class WordsPool:
    """Texts by what they are of."""

    looks: list[str]
    """Words for each drawing."""
    prints: dict[str, list[str]]
    """By kind: "a mug with this pattern"."""
    recolored: dict[str, list[str]]
    """By tone: "same but in blue"."""
    labels: dict[str, list[str]]
    label_goods: dict[str, list[Goods]]
    names: list[str]
    """Classes and things that may stand on goods."""
    name_vectors: Tensor
    goods: list[list[Goods]]
    """By name."""
    alone: list[list[str]]

    def recolor(self, tone: str, rng: Random) -> str:
        """A request for this tone; "a|b" is a thing of both."""
        first, *second = tone.split("|")
        words = rng.choice(self.recolored[first])
        return f"{words} and {second[0]}" if second else words


def make_pool(
    drawings: Sequence[Drawing],
    labels: Sequence[str],
    class_names: Sequence[str],
    cache: WordsCache,
    seed: int,
) -> WordsPool:
    """Draws the texts and has them read."""
    rng = Random(seed)
    names = [name for name in dict.fromkeys((*class_names, *THINGS)) if not kept_name(name)]
    pool = WordsPool(
        looks=[
            phrases.request(d.look, rng) if n % 4 else phrases.title(d.look, rng)
            for n, d in enumerate(drawings)
        ],
        prints={
            kind: [phrases.pattern_request(kind, rng) for _ in range(PRINTS_EACH // 2)]
            + [rng.choice(WANTED).format(k=kind) for _ in range(PRINTS_EACH // 2)]
            for kind in KINDS
        },
        recolored={
            tone: [
                phrases.recolor_request(
                    tone if tone in COLORS and n % 2 else spelled(tone, rng), rng
                )
                for n in range(RECOLORED_EACH)
            ]
            for tone in TONES
        },
        labels={
            label: [phrases.label_request(label, rng) for _ in range(LABELS_EACH)]
            for label in labels
        },
        label_goods={label: _goods(label, rng) for label in labels},
        names=names,
        name_vectors=cache.vectors(names),
        goods=[_goods(name, rng) for name in names],
        alone=[[rng.choice(ALONE).format(n=name) for _ in range(2)] for name in names],
    )
    every = [*pool.looks]
    for group in (pool.prints, pool.recolored, pool.labels):
        every += [text for texts in group.values() for text in texts]
    every += [text for texts in pool.alone for text in texts]
    for pairs in (*pool.goods, *pool.label_goods.values()):
        every += [text for pair in pairs for text in pair]
    cache.add(every)
    cache.keep()
    return pool


def _goods(name: str, rng: Random) -> list[Goods]:
    return [
        (rng.choice(WANTED).format(k=kind), rng.choice(SOLD).format(n=name, k=kind))
        for kind in rng.sample(GOODS, GOODS_EACH)
    ]
