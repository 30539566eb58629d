"""Printed motifs: dots, flowers, leaves, stars, hearts."""

from __future__ import annotations

import math
from random import Random

import numpy as np

from tools.demo.drawing.outlines import Points, ellipse
from tools.demo.drawing.patterns.fur import Layers
from tools.demo.drawing.patterns.stamps import Stamp, heart, places, star


def polka_dots(rng: Random, size: int, scale: float) -> Layers:
    """Even dots on a honeycomb."""
    sheet = Stamp(size)
    pitch = 0.115 * scale * rng.uniform(0.92, 1.1)
    for x, y in places(rng, pitch, 0.0):
        sheet.dot(x, y, pitch * 0.29)
    return (("accent", sheet.mask()),)


def stars(rng: Random, size: int, scale: float) -> Layers:
    """Five-pointed stars of two sizes, each turned its own way."""
    sheet = Stamp(size)
    pitch = 0.135 * scale
    for x, y in places(rng, pitch, 0.07):
        sheet.press(star(x, y, pitch * rng.choice((0.43, 0.36, 0.27)), rng.uniform(-0.4, 0.4)))
    return (("accent", sheet.mask()),)


def hearts(rng: Random, size: int, scale: float) -> Layers:
    """Upright hearts, slightly tilted."""
    sheet = Stamp(size)
    pitch = 0.13 * scale
    for x, y in places(rng, pitch, 0.05):
        sheet.press(heart(x, y, pitch * rng.choice((0.36, 0.32)), rng.uniform(-0.3, 0.3)))
    return (("accent", sheet.mask()),)


def _blade(x: float, y: float, length: float, width: float, angle: float) -> Points:
    t = np.linspace(0.0, 1.0, 10)
    side = width * np.sin(np.pi * t) * (1.25 - 0.5 * t)
    along = np.concatenate([t * length, (t * length)[::-1]])
    across = np.concatenate([side, -side[::-1]])
    cos, sin = math.cos(angle), math.sin(angle)
    return np.stack([x + along * cos - across * sin, y + along * sin + across * cos], axis=1)


def _flower(rng: Random) -> tuple[list[Points], list[Points], list[Points]]:
    # Leaves, petals and the petals' folds, of radius 1 around the origin.
    count, turn, first = rng.choice((5, 5, 6)), rng.random() * 6.28, rng.random() * 6.28
    angles = [turn + index * 2 * math.pi / count for index in range(count)]
    broad = 0.40 if count == 5 else 0.33
    petals = [
        ellipse(math.cos(a) * 0.56, math.sin(a) * 0.56, 0.47, broad, turn=math.degrees(a))[::3]
        for a in angles
    ]
    leaves = [_blade(0, 0, 1.62, 0.3, a) for a in (first, first + rng.uniform(1.6, 2.6))]
    return leaves, petals, [_blade(0, 0, 0.72, 0.10, a) for a in angles]


def floral(rng: Random, size: int, scale: float) -> Layers:
    """Open five- and six-petaled flowers with a golden heart, and leaves behind them."""
    sheets = Stamp(size), Stamp(size), Stamp(size)
    middles = Stamp(size)
    pitch = 0.18 * scale
    flowers = [_flower(rng) for _ in range(10)]
    for x, y in places(rng, pitch, 0.1):
        radius = pitch * rng.uniform(0.34, 0.43)
        for sheet, outlines in zip(sheets, rng.choice(flowers), strict=True):
            for outline in outlines:
                sheet.press(outline * radius + (x, y))
        middles.dot(x, y, radius * 0.24)
    leaves, petals, folds = (sheet.mask() for sheet in sheets)
    return (("leaf", leaves), ("accent", petals), ("pale", folds), ("heart", middles.mask()))


def _sprig(rng: Random) -> tuple[Points, list[Points]]:
    # A stem and its leaves, of length 0.88 with the middle at the origin.
    angle, length = rng.random() * 6.28, 0.88
    ahead = np.array([math.cos(angle), math.sin(angle)])
    stem = np.stack([-ahead, ahead]) * (length / 2)
    blades = []
    for step in (0.18, 0.42, 0.66):
        x, y = (stem[0] + ahead * length * step).tolist()
        reach = 0.40 - 0.18 * step
        blades += [_blade(x, y, reach, reach * 0.2, angle + side) for side in (-0.85, 0.85)]
    x, y = (stem[0] + ahead * length * 0.86).tolist()
    return stem, [*blades, _blade(x, y, 0.26, 0.055, angle)]


def leaves(rng: Random, size: int, scale: float) -> Layers:
    """Sprigs: paired leaves along a stem, each turned its own way."""
    sheet = Stamp(size)
    pitch = 0.22 * scale
    sprigs = [_sprig(rng) for _ in range(14)]
    for x, y in places(rng, pitch, 0.08):
        stem, blades = rng.choice(sprigs)
        sheet.line(stem * pitch + (x, y), pitch * 0.03)
        for blade in blades:
            sheet.press(blade * pitch + (x, y))
    return (("accent", sheet.mask()),)
