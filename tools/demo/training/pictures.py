"""Drawn pictures to train on, drawn once into memory-mapped arrays and then only varied."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from tools.demo.drawing import COLORS, PATTERNS, Look, draw_pattern, draw_product, draw_scene
from tools.demo.held_out import SCENE_PATTERNS, Drawing
from tools.files import atomic_file

SIDE = 128
"""Pixels of a stored picture; the model sees crops of it, resized."""

Pixels = NDArray[np.uint8]


def plan_swatches(seed: int, each: int = 4) -> list[Drawing]:
    """Flat swatches of every pattern but plain, in every color."""
    rng = Random(seed)
    return [
        Drawing(
            Look("", pattern, color, rng.choice([c for c in COLORS if c != color]), ""),
            rng.randrange(1 << 30),
            swatch=True,
        )
        for pattern in PATTERNS
        if pattern != "plain"
        for color in COLORS
        for _ in range(each)
    ]


def plan_scenes(seed: int, each: int = 24) -> list[Drawing]:
    """Every scene that shows a pattern, `each` times over; its look names the pattern alone."""
    rng = Random(seed)
    return [
        Drawing(Look("", pattern, "", "", ""), rng.randrange(1, 1 << 30), scene=scene)
        for scene, pattern in SCENE_PATTERNS.items()
        for _ in range(each)
    ]


def draw_all(drawings: Sequence[Drawing], path: Path, *, workers: int, label: str) -> Pixels:
    """(n, SIDE, SIDE, 3) uint8, memory-mapped; kept beside `path` under the plan's hash."""
    key = hashlib.sha256(repr(drawings).encode()).hexdigest()[:16]
    done = path.with_name(f"{path.stem}-{key}.npy")
    if not done.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shape = (len(drawings), SIDE, SIDE, 3)
        # Forked children would hang on torch's threads.
        with (
            atomic_file(done) as unfinished,
            ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool,
        ):
            array = np.lib.format.open_memmap(unfinished, mode="w+", dtype=np.uint8, shape=shape)
            for place, picture in enumerate(pool.map(_draw, drawings, chunksize=64)):
                array[place] = picture
                if place % 500 == 499:
                    print(f"{label}: {place + 1} of {len(drawings)}", flush=True)  # noqa: T201
            array.flush()
    pixels: Pixels = np.load(done, mmap_mode="r")
    return pixels


def _draw(drawing: Drawing) -> Pixels:
    look = drawing.look
    if drawing.scene:
        picture = draw_scene(drawing.scene, size=SIDE, seed=drawing.seed)
    elif drawing.swatch:
        picture = draw_pattern(look.pattern, look.color, look.accent, SIDE, drawing.seed)
    else:
        picture = draw_product(look, size=SIDE, seed=drawing.seed)
    return np.asarray(picture, dtype=np.uint8)
