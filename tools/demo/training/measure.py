"""What the built-in embedder finds among combinations that it never saw; titles are hidden."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

from tools.demo.drawing import COLORS, Look, draw_pattern, draw_product
from tools.demo.training import phrases
from tools.demo.training.pictures import SIDE, held_out, plan
from tools.embedding.base import Embedder, FloatArray, Item
from tools.embedding.visualized_bge import load_visualized_bge

SEED = 77


def measure(folder: Path) -> dict[str, float]:
    """Recall@1 and recall@9 by kind of query, over one picture of each held-out combination.

    A product counts as found when it has the kind, pattern and color that were asked for.
    """
    embedder = load_visualized_bge(folder / "model.safetensors", folder, dtype="float32")
    rng = Random(SEED)
    looks = [drawing.look for drawing in plan(SEED, pictures=1) if held_out(drawing.look)]
    shown = [draw_product(look, size=SIDE, seed=i) for i, look in enumerate(looks)]
    gallery = embedder.embed([Item("", picture) for picture in shown])
    queries: dict[str, Callable[[Look], Item]] = {
        "words": lambda look: Item(f"{look.color} {_pattern(look)} {look.kind}"),
        "other picture": lambda look: Item("", draw_product(look, size=SIDE, seed=90_000)),
        "pattern and words": _with_this,
        "recolor": lambda look: _recolor(look, rng),
    }
    figures: dict[str, float] = {}
    for name, make in queries.items():
        wanted = [i for i, look in enumerate(looks) if look.pattern != "plain"]
        vectors = _embed(embedder, [make(looks[i]) for i in wanted])
        ranks = _ranks(vectors @ gallery.T, wanted)
        figures[f"{name} recall@1"] = round(float((ranks < 1).mean()), 3)
        figures[f"{name} recall@9"] = round(float((ranks < 9).mean()), 3)
    return figures


def _embed(embedder: Embedder, items: Sequence[Item]) -> FloatArray:
    return embedder.embed(items)


def _ranks(scores: FloatArray, wanted: Sequence[int]) -> FloatArray:
    """How many products come before the wanted one, row by row."""
    own = scores[np.arange(len(wanted)), wanted]
    return np.asarray((scores > own[:, None]).sum(axis=1), dtype=np.float32)


def _pattern(look: Look) -> str:
    return phrases.PATTERN_WORDS[look.pattern][0]


def _with_this(look: Look) -> Item:
    swatch: Image.Image = draw_pattern(look.pattern, look.color, look.accent, SIDE, 4_321)
    return Item(f"a {look.kind} with this", swatch)


def _recolor(look: Look, rng: Random) -> Item:
    other = rng.choice([color for color in COLORS if color != look.color])
    source = Look(look.kind, look.pattern, other, look.accent, look.material)
    return Item(f"same but in {look.color}", draw_product(source, size=SIDE, seed=5))
