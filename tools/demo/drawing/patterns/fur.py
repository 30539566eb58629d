"""Coats of animals: leopard, zebra, tiger, giraffe, cow."""

from __future__ import annotations

from random import Random

import numpy as np
from PIL import Image

from tools.demo.drawing.noise import Field, clouds, plane, stretch, to_mask
from tools.demo.drawing.outlines import Points
from tools.demo.drawing.palette import Role
from tools.demo.drawing.patterns.stamps import Stamp, blob, places

Layers = tuple[tuple[Role, Image.Image], ...]
"""Inks and where they are printed, in printing order, on a ground of the main color."""


def _arc(rng: Random, start: float, span: float) -> Points:
    t = np.linspace(0.0, 1.0, 9)
    angles = start + span * t
    body = np.sqrt(np.sin(np.pi * np.clip(t, 0.04, 0.96)))
    thick = rng.uniform(0.42, 0.6) * body
    middle = 0.86 + 0.08 * np.sin(3 * angles + rng.random() * 6.28)
    angle = np.concatenate([angles, angles[::-1]])
    reach = np.concatenate([middle + thick / 2, (middle - thick / 2)[::-1]])
    return np.stack([reach * np.cos(angle) * 1.12, reach * np.sin(angle) * 0.95], axis=1)


def _rosette(rng: Random) -> tuple[Points, list[Points]]:
    # A heart and the arcs of its broken ring, of radius 1 around the origin.
    count, start = rng.choice((2, 3, 3, 3, 4)), rng.random() * 6.28
    step = 6.28 / count
    arcs = [
        _arc(rng, start + step * index, step * rng.uniform(0.66, 0.86)) for index in range(count)
    ]
    return blob(rng, 0, 0, 0.86, 0.15), arcs


def leopard(rng: Random, size: int, scale: float) -> Layers:
    """Rosettes: a darker heart inside a broken dark ring, small spots between them."""
    hearts, rings = Stamp(size), Stamp(size)
    pitch = 0.128 * scale
    rosettes = [_rosette(rng) for _ in range(16)]
    spots = [blob(rng, 0, 0, 1.0, 0.3) for _ in range(6)]
    for x, y in places(rng, pitch, 0.2):
        radius = pitch * rng.uniform(0.36, 0.46)
        heart, arcs = rng.choice(rosettes)
        hearts.press(heart * radius + (x, y))
        for arc in arcs:
            rings.press(arc * radius + (x, y))
    for x, y in places(rng, pitch, 0.2):
        if rng.random() < 0.3:
            rings.press(rng.choice(spots) * (pitch * rng.uniform(0.05, 0.09)) + (x, y))
    return (("umber", hearts.mask()), ("accent", rings.mask()))


def _bands(rng: Random, size: int, count: float, forks: int, sweep: float) -> Field:
    # The sine of a phase with a few vortices in it: each vortex ends one band between two
    # others, which is how real stripes fork.
    side = max(96, size // 2)
    x, y = plane(side)
    bend = clouds(rng, side, 3) - 0.5
    phase = count * (y + sweep * (x - 0.5) ** 2 + 0.15 * bend) + rng.random()
    for index in range(forks):
        angle = np.arctan2(y - rng.random(), x - rng.random())
        phase = phase + (1.0 if index % 2 else -1.0) * angle / np.float32(2 * np.pi)
    wave = np.sin(np.float32(2 * np.pi) * phase)
    return stretch(wave.astype(np.float32), size)


def zebra(rng: Random, size: int, scale: float) -> Layers:
    """Wide bending bands that fork and taper."""
    count = 9.0 / scale
    wave = _bands(rng, size, count, 6, rng.uniform(-0.5, 0.5))
    swell = clouds(rng, size, 5 / scale) - 0.5
    return (("accent", to_mask(wave + 0.04 + 0.7 * swell, size / count / 6.0)),)


def tiger(rng: Random, size: int, scale: float) -> Layers:
    """Narrow pointed strokes that begin and end, on a ground with pale clouds."""
    count = 7.5 / scale
    wave = _bands(rng, size, count, 9, rng.uniform(-0.8, 0.8))
    swell = clouds(rng, size, 6.0 / scale, 4.0 / scale)
    pale = clouds(rng, size, 3.5)
    return (
        ("light", to_mask(pale - 0.7, 1.6)),
        ("accent", to_mask(wave - 0.02 - 1.25 * swell, size / count / 6.0)),
    )


def giraffe(rng: Random, size: int, scale: float) -> Layers:
    """Polygons of the dark ink with narrow pale seams: cells around shaken points."""
    side = max(96, size // 2)
    x, y = plane(side)
    cells = max(4, round(6.5 / scale))
    generator = np.random.Generator(np.random.PCG64(rng.getrandbits(63)))
    shake = generator.random((cells + 2, cells + 2, 2), dtype=np.float32) * 0.8 + 0.1
    column, row = np.floor(x * cells).astype(int), np.floor(y * cells).astype(int)
    first = np.full((side, side), 9.0, np.float32)
    second = first.copy()
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            spot = shake[row + down + 1, column + right + 1]
            reach = np.hypot(
                column + right + spot[..., 0] - x * cells, row + down + spot[..., 1] - y * cells
            ).astype(np.float32)
            second = np.minimum(second, np.maximum(first, reach))
            first = np.minimum(first, reach)
    seam = stretch(second - first, size) - 0.15 - 0.08 * (clouds(rng, size, 24) - 0.5)
    return (("accent", to_mask(seam, size / cells / 2.5)),)


def cow(rng: Random, size: int, scale: float) -> Layers:
    """Few large patches with soft corners."""
    cells = 5.0 / scale
    patches = clouds(rng, size, cells) + 0.16 * clouds(rng, size, cells * 3) - 0.64
    return (("accent", to_mask(patches, size / cells)),)
