"""Portraits of animals, head and shoulders, in their coats."""

from __future__ import annotations

from random import Random

import numpy as np
from PIL import Image

from tools.demo.drawing.noise import clouds
from tools.demo.drawing.outlines import Corners, ellipse, flipped, mirrored, smooth
from tools.demo.drawing.palette import RGB
from tools.demo.drawing.part import Part, stroke
from tools.demo.drawing.patterns import draw_pattern
from tools.demo.drawing.scenes.stage import FUR, Stage, fade, relit

_SKY: tuple[RGB, RGB, RGB, RGB] = (
    (176, 206, 222), (236, 222, 186), (196, 176, 110), (150, 136, 78)
)  # fmt: skip


def _savanna(rng: Random, size: int) -> Image.Image:
    a, b, c, d = _SKY
    land = fade(size, [(0.0, a), (0.48, b), (0.52, c), (1.0, d)])
    ground = np.clip(np.linspace(-1, 1, size) * 4, 0, 1)[:, None]
    blades = (clouds(rng, size, size / 6, 9) - 0.5) * ground
    grass = 1.0 + 0.3 * blades
    return relit(land, grass.astype(np.float32))


def _half(knots: Corners) -> np.ndarray:
    return mirrored(smooth(knots, closed=False))


def _pair(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return points, flipped(points)


def _eyes(y: float, gap: float, radius: float, iris: str) -> tuple[Part, ...]:
    def at(dx: float, dy: float, rx: float, ry: float) -> tuple[np.ndarray, ...]:
        return (
            ellipse(0.5 - gap + dx, y + dy, rx, ry, turn=12),
            ellipse(0.5 + gap + dx, y + dy, rx, ry, turn=-12),
        )

    return (
        Part(at(0, 0, radius * 1.45, radius * 1.12), fill="ink", lift=0),
        Part(at(0, 0, radius * 1.1, radius * 0.92), fill=iris, lift=0),
        Part(at(0, 0, radius * 0.5, radius * 0.72), fill="black", form="flat", lift=0),
        Part(at(-radius * 0.3, -radius * 0.35, radius * 0.22, radius * 0.22), fill="white",
             form="flat", lift=0, tone=1.1),
    )  # fmt: skip


def _cat(rng: Random, size: int, pattern: str, color: str, iris: str) -> Image.Image:
    coat = draw_pattern(pattern, color, "black", size, rng.randrange(1000), scale=0.85)
    fine = draw_pattern(pattern, color, "black", size, rng.randrange(1000), scale=0.5)
    stage, face = Stage(_savanna(rng, size), coat), Stage(Image.new("RGB", (1, 1)), fine)
    face.picture = stage.picture
    body = _half([(0.5, 0.42), (0.70, 0.50), (0.90, 0.68), (1.0, 0.90), (1.02, 1.1), (0.5, 1.1)])
    chest = _half(
        [(0.5, 0.60), (0.60, 0.66), (0.615, 0.74), (0.565, 0.90), (0.53, 1.1), (0.5, 1.1)]
    )
    head = _half([(0.5, 0.16), (0.62, 0.175), (0.72, 0.25), (0.765, 0.39), (0.73, 0.53),
                  (0.64, 0.63), (0.56, 0.70), (0.5, 0.71)])  # fmt: skip
    ears = _pair(ellipse(0.70, 0.195, 0.095, 0.10))
    muzzle = _half([(0.5, 0.485), (0.56, 0.50), (0.62, 0.555), (0.61, 0.63), (0.55, 0.69),
                    (0.5, 0.695)])  # fmt: skip
    nose = smooth(
        [(0.445, 0.50), (0.5, 0.49), (0.555, 0.50), (0.53, 0.55), (0.5, 0.568), (0.47, 0.55)]
    )
    mouth = smooth([(0.5, 0.56), (0.5, 0.60), (0.54, 0.635), (0.58, 0.62)], closed=False)
    brows = _pair(ellipse(0.612, 0.338, 0.036, 0.014, turn=-14))
    whiskers = tuple(
        points
        for i in range(4)
        for points in _pair(
            smooth([(0.585, 0.585 + 0.022 * i), (0.70, 0.56 + 0.035 * i), (0.86, 0.53 + 0.065 * i)],
                   closed=False)
        )
    )  # fmt: skip
    freckles = tuple(
        point
        for i in range(3)
        for k in range(3)
        for point in _pair(ellipse(0.55 + 0.022 * k, 0.585 + 0.022 * i, 0.005, 0.005))
    )
    stage.put(Part((body,), form="soft", depth=0.9), finish=FUR)
    stage.put(Part((chest,), fill="paper", depth=0.35, lift=0, tone=0.95), finish=FUR)
    stage.put(Part(ears, fill="black", lift=0.3), finish=FUR)
    stage.put(Part(_pair(ellipse(0.695, 0.205, 0.062, 0.068)), fill="beige", lift=0), finish=FUR)
    face._below = stage._below
    face.put(Part((head,), form="soft", depth=0.9, lift=0.9), finish=FUR)
    stage.put(Part(brows, form="flat", fill="beige", lift=0, tone=1.05), finish=FUR)
    stage.put(*_eyes(0.395, 0.115, 0.036, iris))
    stage.put(Part((muzzle,), fill="paper", lift=0.4), finish=FUR)
    stage.put(Part((nose,), fill="pink", tone=0.75, lift=0.3))
    stage.put(Part(_pair(mouth), fill="ink", width=0.010, lift=0))
    stage.put(Part(freckles, fill="ink", lift=0, form="flat"))
    stage.put(Part(whiskers, fill="white", width=0.004, lift=0.2))
    return stage.picture


def leopard(rng: Random, size: int) -> Image.Image:
    """A leopard looking at you."""
    return _cat(rng, size, "leopard", "tan", "green")


def tiger(rng: Random, size: int) -> Image.Image:
    """A tiger looking at you."""
    return _cat(rng, size, "tiger", "orange", "gold")


def _hoofed(
    rng: Random, size: int, pattern: str, colors: tuple[str, str], muzzle_fill: str, scale: float
) -> Stage:
    coat = draw_pattern(pattern, *colors, size, rng.randrange(1000), scale=scale)
    stage = Stage(_savanna(rng, size), coat)
    body = _half([(0.5, 0.40), (0.64, 0.48), (0.78, 0.66), (0.86, 0.86), (0.88, 1.1), (0.5, 1.1)])
    ears = _pair(smooth([(0.62, 0.24), (0.68, 0.15), (0.76, 0.08), (0.775, 0.17), (0.70, 0.265)]))
    inner = _pair(
        smooth([(0.645, 0.235), (0.70, 0.165), (0.75, 0.12), (0.75, 0.175), (0.69, 0.245)])
    )
    head = _half([(0.5, 0.13), (0.61, 0.16), (0.675, 0.27), (0.655, 0.42), (0.625, 0.56),
                  (0.62, 0.67), (0.5, 0.74)])  # fmt: skip
    muzzle = _half(
        [(0.5, 0.58), (0.57, 0.59), (0.625, 0.66), (0.61, 0.755), (0.55, 0.80), (0.5, 0.805)]
    )
    stage.put(Part((body,), depth=0.9), finish=FUR)
    stage.put(Part(ears, turn=20), Part(inner, fill="ink", lift=0), finish=FUR)
    stage.put(Part((head,), depth=0.95, lift=0.9), finish=FUR)
    stage.put(*_eyes(0.345, 0.118, 0.030, "brown"))
    stage.put(Part((muzzle,), fill=muzzle_fill, lift=0.3), finish=FUR)
    stage.put(Part(_pair(ellipse(0.55, 0.685, 0.018, 0.028, turn=20)), fill="black", lift=0))
    mouth = smooth([(0.43, 0.765), (0.5, 0.775), (0.57, 0.765)], closed=False)
    stage.put(stroke(mouth, 0.008, "black", lift=0.0))
    return stage


def zebra(rng: Random, size: int) -> Image.Image:
    """A zebra looking at you, its mane upright."""
    stage = _hoofed(rng, size, "zebra", ("white", "black"), "ink", 0.62)
    spikes = np.linspace(-1.0, 1.0, 13)
    tips = np.stack([0.5 + 0.115 * spikes, 0.135 - 0.105 * np.sqrt(1 - 0.75 * spikes**2)], axis=1)
    notches = np.stack([0.5 + 0.085 * spikes, 0.165 - 0.075 * (1 - spikes**2)], axis=1)
    crest = np.stack([tips, notches], axis=1).reshape(-1, 2)
    mane = np.concatenate([crest, [(0.56, 0.21), (0.5, 0.285), (0.44, 0.21)]])
    stage.put(Part((mane,), fill="black", lift=0.4), finish=FUR)
    return stage.picture


def giraffe(rng: Random, size: int) -> Image.Image:
    """A giraffe looking at you, with its two horns."""
    stage = _hoofed(rng, size, "giraffe", ("beige", "brown"), "tan", 0.7)
    horns = _pair(np.array([(0.555, 0.17), (0.58, 0.055)]))
    stage.put(Part(horns, fill="tan", width=0.036, lift=0.4), finish=FUR)
    stage.put(Part(_pair(ellipse(0.582, 0.05, 0.028, 0.026)), fill="black", lift=0.2), finish=FUR)
    return stage.picture
