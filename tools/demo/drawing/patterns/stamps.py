"""Masks made of many small stamped shapes, supersampled and brought to size."""

from __future__ import annotations

import math
from random import Random

import numpy as np
from PIL import Image, ImageDraw

from tools.demo.drawing.outlines import Points

OVERSAMPLE = 2


class Stamp:
    """A sheet that outlines in the unit square are pressed on; `mask` gives it at its size."""

    def __init__(self, size: int) -> None:
        """An empty sheet of size x size pixels."""
        self._scale = size * OVERSAMPLE
        self._sheet = Image.new("L", (self._scale, self._scale), 0)
        self._draw = ImageDraw.Draw(self._sheet)

    def press(self, points: Points, level: int = 255) -> None:
        """Fill an outline; points outside of the unit square are cut off."""
        self._draw.polygon((points * self._scale).ravel().tolist(), fill=level)

    def line(self, points: Points, width: float, level: int = 255) -> None:
        """Draw along points with a round pen; width in units of the sheet."""
        pixels = max(1, round(width * self._scale))
        self._draw.line((points * self._scale).ravel().tolist(), level, pixels, joint="curve")

    def dot(self, x: float, y: float, radius: float, level: int = 255) -> None:
        """Fill a circle."""
        s = self._scale
        edge = ((x - radius) * s, (y - radius) * s, (x + radius) * s, (y + radius) * s)
        self._draw.ellipse(edge, fill=level)

    def mask(self) -> Image.Image:
        """The sheet at its size, as an L picture."""
        return self._sheet.reduce(OVERSAMPLE)


def places(rng: Random, pitch: float, jitter: float) -> list[tuple[float, float]]:
    """Centers on a shaken honeycomb that covers the unit square and a little beyond."""
    found = []
    rise = pitch * 0.866
    start_x, start_y = rng.random() * pitch, rng.random() * rise
    for row in range(-2, math.ceil(1 / rise) + 2):
        for column in range(-2, math.ceil(1 / pitch) + 2):
            x = start_x + (column + 0.5 * (row % 2)) * pitch + rng.uniform(-1, 1) * jitter * pitch
            y = start_y + row * rise + rng.uniform(-1, 1) * jitter * pitch
            found.append((x, y))
    return found


def blob(rng: Random, x: float, y: float, radius: float, wobble: float = 0.2) -> Points:
    """A roundish irregular outline."""
    angles = np.linspace(0.0, 2 * np.pi, 20, endpoint=False)
    radii = np.full(20, radius)
    for order in (2, 3, 4):
        push = rng.uniform(-1, 1) * wobble * radius / (order - 0.5)
        radii += push * np.cos(order * angles + rng.random() * 6.28)
    return np.stack([x + radii * np.cos(angles), y + radii * np.sin(angles)], axis=1)


def star(x: float, y: float, radius: float, turn: float) -> Points:
    """A five-pointed star; turn in radians."""
    angles = np.arange(10) * np.pi / 5 + turn - np.pi / 2
    radii = np.where(np.arange(10) % 2 == 0, radius, radius * 0.42)
    return np.stack([x + radii * np.cos(angles), y + radii * np.sin(angles)], axis=1)


def heart(x: float, y: float, radius: float, turn: float) -> Points:
    """A heart; turn in radians."""
    t = np.linspace(0.0, 2 * np.pi, 32, endpoint=False)
    u = 16 * np.sin(t) ** 3 / 16
    v = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 16
    cos, sin = math.cos(turn), math.sin(turn)
    return np.stack([x + radius * (u * cos - v * sin), y + radius * (u * sin + v * cos)], axis=1)
