"""Outlines of things as points: (n, 2) arrays of x, y in the unit square, y down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Points: TypeAlias = NDArray[np.float64]
Corners: TypeAlias = Sequence[tuple[float, float]]


def ellipse(cx: float, cy: float, rx: float, ry: float, *, turn: float = 0.0) -> Points:
    """An ellipse, turned clockwise by `turn` degrees."""
    angles = np.linspace(0.0, 2 * np.pi, 72, endpoint=False)
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    x, y = rx * np.cos(angles), ry * np.sin(angles)
    return np.stack([cx + x * cos - y * sin, cy + x * sin + y * cos], axis=1)


def rounded(corners: Corners, radius: float | Sequence[float]) -> Points:
    """A polygon with round corners; one radius for all, or one for each corner."""
    points = np.asarray(corners, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), (len(points),))
    steps = np.linspace(0.0, 1.0, 9)[:, None]
    pieces: list[Points] = []
    for index, corner in enumerate(points):
        before = points[index - 1] - corner
        after = points[(index + 1) % len(points)] - corner
        length_in, length_out = float(np.hypot(*before)), float(np.hypot(*after))
        start = corner + before / length_in * min(float(radii[index]), length_in / 2)
        end = corner + after / length_out * min(float(radii[index]), length_out / 2)
        pieces.append((1 - steps) ** 2 * start + 2 * steps * (1 - steps) * corner + steps**2 * end)
    return np.concatenate(pieces)


def box(x0: float, y0: float, x1: float, y1: float, radius: float = 0.0) -> Points:
    """An upright rectangle with round corners."""
    return rounded([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], radius)


def smooth(knots: Corners, *, closed: bool = True) -> Points:
    """A Catmull-Rom curve through the knots."""
    points = np.asarray(knots, dtype=np.float64)
    if closed:
        padded = np.concatenate([points[-1:], points, points[:2]])
    else:
        padded = np.concatenate([points[:1], points, points[-1:]])
    t = np.linspace(0.0, 1.0, 12, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        pieces.append(
            0.5
            * (
                2 * b
                + (c - a) * t
                + (2 * a - 5 * b + 4 * c - d) * t**2
                + (3 * b - a - 3 * c + d) * t**3
            )
        )
    curve = np.concatenate(pieces)
    return curve if closed else np.concatenate([curve, points[-1:]])


def mirrored(half: Points) -> Points:
    """The whole outline of a symmetric thing from its right half, top to bottom."""
    other = half[::-1].copy()
    other[:, 0] = 1.0 - other[:, 0]
    return np.concatenate([half, other])


def flipped(points: Points) -> Points:
    """The outline seen in a mirror that stands at x = 0.5."""
    other = points.copy()
    other[:, 0] = 1.0 - other[:, 0]
    return other


def tub(
    top: tuple[tuple[float, float], tuple[float, float]],
    bottom: tuple[tuple[float, float], tuple[float, float]],
    bulge: float,
) -> Points:
    """The side of a round vessel: top left/right, bottom left/right; both edges sag by bulge."""
    t = np.linspace(0.0, np.pi, 24)
    edges = []
    for ((left, y), (right, _)), sign in ((top, -1), (bottom, 1)):
        middle, half = (left + right) / 2, (right - left) / 2
        x = middle + sign * half * np.cos(t)
        edges.append(np.stack([x, y + bulge * np.sin(t)], axis=1))
    return np.concatenate(edges)


def turned(points: Points, degrees: float, scale: float, shift: tuple[float, float]) -> Points:
    """Points turned clockwise and scaled around the picture's middle, then moved."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    matrix = np.array([[cos, sin], [-sin, cos]]) * scale
    result: Points = (points - 0.5) @ matrix + 0.5 + np.asarray(shift)
    return result
