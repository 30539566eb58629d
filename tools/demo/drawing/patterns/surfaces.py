"""Surfaces of nature and camouflage: marble, wood grain, camouflage."""

from __future__ import annotations

from random import Random

import numpy as np

from tools.demo.drawing.noise import Field, clouds, plane, stretch, to_mask
from tools.demo.drawing.patterns.fur import Layers


def marble(rng: Random, size: int, scale: float) -> Layers:
    """Thin wandering veins that fade in and out, over soft clouds."""
    side = max(160, size // 2)
    x, y = plane(side)
    drift = clouds(rng, side, 3 / scale) * 0.6 + clouds(rng, side, 7 / scale) * 0.36
    drift += clouds(rng, side, 16 / scale) * 0.15 + clouds(rng, side, 40 / scale) * 0.05
    lean = rng.choice((-0.8, 0.7))
    veins = np.abs(np.sin(np.float32(np.pi) * (2.3 / scale * (x + lean * y) + 1.25 * drift)))
    thin = np.abs(np.sin(np.float32(np.pi) * (2.9 / scale * (y - 0.4 * lean * x) + 2.0 * drift)))
    fade = np.clip(clouds(rng, side, 5 / scale) * 1.9 - 0.35, 0.05, 1.0)
    strong = np.clip(1.0 - veins / 0.085, 0.0, 1.0) * fade
    faint = np.clip(1.0 - thin / 0.06, 0.0, 1.0) * 0.55 * fade[::-1]
    mist = np.clip(1.0 - veins / 0.6, 0.0, 1.0) * 0.3
    both = stretch(np.maximum(strong, faint).astype(np.float32), size)
    haze = stretch((mist * clouds(rng, side, 6)).astype(np.float32), size)
    return (("blend", to_mask(haze - 0.5, 1.0)), ("accent", to_mask(both - 0.5, 1.0)))


def wood_grain(rng: Random, size: int, scale: float) -> Layers:
    """Long lines along the board that bend around a knot or two, with joints between planks."""
    x, y = plane(size)
    bend = clouds(rng, size, 2, 5 / scale) * 0.10
    for _ in range(2):
        knot_x, knot_y, push = rng.random(), rng.random(), rng.choice((-0.09, 0.09))
        far = ((x - knot_x) / (0.16 * scale)) ** 2 + ((y - knot_y) / (0.07 * scale)) ** 2
        bend = bend + push * np.exp(-far)
    rings = (y + bend) * (15 / scale)
    lines = np.abs(rings % 1.0 - 0.5) * 2 - 0.62 - 0.5 * (clouds(rng, size, 4, 22) - 0.5)
    fibers = clouds(rng, size, 6, 110 / scale) - 0.68
    board = ((y * (3 / scale) + 0.37) % 1.0).astype(np.float32)
    joint = 0.016 - np.abs(board - 0.5)
    return (
        ("shade", to_mask(lines.astype(np.float32), 2.2)),
        ("shade", to_mask(fibers, 3.0).point(lambda level: level * 0.7)),
        ("accent", to_mask(lines.astype(np.float32) - 0.24, 3.0).point(lambda v: v * 0.75)),
        ("deep", to_mask(joint, size * scale / 3)),
    )


def camouflage(rng: Random, size: int, scale: float) -> Layers:
    """Torn patches of three further tones."""
    cells = 6.2 / scale

    def patches(level: float) -> Field:
        rough = 0.26 * clouds(rng, size, cells * 2.6, cells * 2.0)
        return clouds(rng, size, cells * 0.8, cells) + rough - level

    sharp = size / cells
    return (
        ("light", to_mask(patches(0.68), sharp)),
        ("accent", to_mask(patches(0.70), sharp)),
        ("deep", to_mask(patches(0.76), sharp)),
    )
