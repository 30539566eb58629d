"""Woven and ruled patterns: stripes, plaid, checkerboard, chevron, waves."""

from __future__ import annotations

from random import Random

import numpy as np

from tools.demo.drawing.noise import Field, plane, to_mask
from tools.demo.drawing.patterns.fur import Layers


def _bars(line: Field, count: float, share: float, shift: float) -> Field:
    # Signed distance to the nearest bar's edge, in units of the picture; above 0 inside.
    place = (line * count + shift) % 1.0
    inside: Field = (share / 2 - np.abs(place - 0.5)) / count
    return inside


def stripes(rng: Random, size: int, scale: float) -> Layers:
    """Even level bars."""
    _, y = plane(size)
    count = rng.choice((8, 9, 10)) / scale
    return (("accent", to_mask(_bars(y, count, 0.46, rng.random()), size)),)


def plaid(rng: Random, size: int, scale: float) -> Layers:
    """Tartan: broad dark bands crossing, with thin light lines between them."""
    x, y = plane(size)
    count, right, down = 4.2 / scale, rng.random(), rng.random()
    layers = []
    broad_x = to_mask(_bars(x, count, 0.44, right), size).point(lambda level: level * 0.6)
    broad_y = to_mask(_bars(y, count, 0.44, down), size).point(lambda level: level * 0.6)
    thin = np.maximum(_bars(x, count, 0.07, right + 0.5), _bars(y, count, 0.07, down + 0.5))
    fine = np.maximum(_bars(x, count, 0.05, right), _bars(y, count, 0.05, down))
    layers.append(("accent", broad_x))
    layers.append(("accent", broad_y))
    layers.append(("light", to_mask(thin, size)))
    layers.append(("light", to_mask(fine, size).point(lambda level: level * 0.7)))
    return tuple(layers)  # type: ignore[arg-type]  # the words are roles


def checkerboard(rng: Random, size: int, scale: float) -> Layers:
    """Squares in turn."""
    x, y = plane(size)
    count, right, down = 4.6 / scale, rng.random(), rng.random()
    across, along = _bars(x, count, 0.5, right), _bars(y, count, 0.5, down)
    inside = np.sign(across) * np.sign(along) * np.minimum(np.abs(across), np.abs(along))
    return (("accent", to_mask(inside.astype(np.float32), size)),)


def chevron(rng: Random, size: int, scale: float) -> Layers:
    """Zigzag bars."""
    x, y = plane(size)
    count = 7.0 / scale
    zigzag = y + np.abs((x * count * 0.8 + rng.random()) % 1.0 - 0.5) * 1.25 / count
    return (("accent", to_mask(_bars(zigzag, count, 0.48, rng.random()), size * 0.8)),)


def waves(rng: Random, size: int, scale: float) -> Layers:
    """Level lines that swing like water, thick and thin in turn."""
    x, y = plane(size)
    count, shift = 7.5 / scale, rng.random()
    swing = y + 0.32 / count * np.sin(x * np.float32(2 * np.pi * count * 0.55) + 6.28 * shift)
    broad, thin = _bars(swing, count, 0.36, shift), _bars(swing, count, 0.1, shift + 0.5)
    return (("accent", to_mask(np.maximum(broad, thin), size)),)
