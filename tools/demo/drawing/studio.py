"""Puts a look before the camera: turns its kind's parts, lays the pattern on, lights, shadows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from tools.demo.drawing.canvas import SHADOW, Cutout, cut, lay, set_part, throw_shadow, wall
from tools.demo.drawing.kinds import KIND_SHAPES
from tools.demo.drawing.look import Look
from tools.demo.drawing.noise import dice
from tools.demo.drawing.outlines import flipped, turned
from tools.demo.drawing.palette import (
    BACKDROPS,
    COLORS,
    FINISHES,
    PLAIN_FINISH,
    RGB,
    Finish,
    mix,
    tone,
)
from tools.demo.drawing.part import Kind, Part
from tools.demo.drawing.patterns import draw_pattern

SWATCHES = 12
"""How many different cuts of one cloth there are; few, so that their masks are kept."""
_FIXED_FINISH = Finish(0.5, 0.0)


def _posed(kind: Kind, rng: Random) -> tuple[tuple[Part, ...], float]:
    parts = kind.sketch(rng)
    angle = rng.uniform(-kind.sway, kind.sway)
    scale = rng.uniform(0.96, 1.04)
    sink = 0.0 if kind.ground is None else (kind.ground - 0.5) * (1 - scale)
    shift = (rng.uniform(-0.015, 0.015), sink)
    mirror = kind.mirrors and rng.random() < 0.5

    def pose(part: Part) -> Part:
        def move(outlines: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
            if mirror:
                outlines = [flipped(points) for points in outlines]
            return tuple(turned(points, angle, scale, shift) for points in outlines)

        return replace(
            part,
            outlines=move(part.outlines),
            holes=move(part.holes),
            width=part.width * scale,
            turn=(-part.turn if mirror else part.turn) + angle,
        )

    return tuple(pose(part) for part in parts), angle


def wrapped(swatch: Image.Image, shape: Cutout, part: Part, ground: RGB) -> Image.Image:
    """The piece of the swatch that a part wears: turned with it, or bent around its form."""
    size = swatch.width
    wide, tall = shape.mask.size
    left, top, right, bottom = shape.mask.getbbox() or (0, 0, wide, tall)
    if part.form in ("round", "ball"):
        middle, half = (left + right) / 2, max((right - left) / 2, 1.0)
        center = shape.left + middle
        center = min(max(center, 1.58 * half), max(size - 1.58 * half, 1.58 * half))

        def source(x: float) -> float:
            u = min(max((x - middle) / half, -1.0), 1.0)
            return min(max(center + half * math.asin(u), 0.0), size)

        columns = [left + (right - left) * (1 - math.cos(math.pi * i / 14)) / 2 for i in range(15)]
        edges = [0, *(round(column) for column in columns[1:-1]), wide]
        mesh = []
        for x0, x1 in pairwise(edges):
            if x1 > x0:
                a, b = source(x0), source(x1)
                y0, y1 = shape.top, shape.top + tall
                mesh.append(((x0, 0, x1, tall), (a, y0, a, y1, b, y1, b, y0)))
        return swatch.transform((wide, tall), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
    if not part.turn:
        return swatch.crop(shape.box)
    cos, sin = math.cos(math.radians(part.turn)), math.sin(math.radians(part.turn))
    mid_x, mid_y = (left + right) / 2, (top + bottom) / 2
    reach_x = (abs(cos) * (right - left) + abs(sin) * (bottom - top)) / 2
    reach_y = (abs(sin) * (right - left) + abs(cos) * (bottom - top)) / 2
    at_x = min(max(shape.left + mid_x, reach_x), max(size - reach_x, size / 2))
    at_y = min(max(shape.top + mid_y, reach_y), max(size - reach_y, size / 2))
    data = (cos, sin, at_x - cos * mid_x - sin * mid_y, -sin, cos, at_y + sin * mid_x - cos * mid_y)
    return swatch.transform(
        (wide, tall), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR, fillcolor=ground
    )


def _blurred(mask: Image.Image, size: int, radius: float, level: float) -> Image.Image:
    step = max(1, size // 128)
    small = (mask.reduce(step) if step > 1 else mask).filter(
        ImageFilter.GaussianBlur(radius * size / step)
    )
    scaled = small.point([round(value * level) for value in range(256)])
    return scaled.resize((size, size), Image.Resampling.BILINEAR)


def _ground_shadow(canvas: Image.Image, outline: Image.Image, ground: float | None) -> None:
    size = canvas.width
    if ground is None:
        for shift, radius, level in ((0.030, 0.035, 0.30), (0.010, 0.010, 0.30)):
            moved = ImageChops.offset(outline, round(shift * size * 0.7), round(shift * size))
            lay(canvas, SHADOW, 0, 0, _blurred(moved, size, radius, level))
        return
    low = outline.crop((0, round((ground - 0.07) * size), size, size)).getbbox()
    if low is None:
        return
    left, right = low[0] / size, low[2] / size
    half, middle = (right - left) / 2, (left + right) / 2
    for drift, reach, height, radius, level in (
        (0.05, 1.12, 0.045, 0.030, 0.42),
        (0.01, 0.98, 0.020, 0.010, 0.55),
    ):
        angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        x = middle + drift * half + half * reach * np.cos(angles)
        y = ground - 0.008 + height * np.sin(angles)
        shape = cut(Part((np.stack([x, y], axis=1),)), size)
        if shape is not None:
            sheet = Image.new("L", (size, size), 0)
            sheet.paste(shape.mask, (shape.left, shape.top))
            lay(canvas, SHADOW, 0, 0, _blurred(sheet, size, radius, level))


def draw_product(
    look: Look, *, size: int = 512, seed: int, background: str | None = None
) -> Image.Image:
    """A studio picture of a product: RGB, size x size.

    The same arguments give the same bytes. Another seed gives another picture of a like product:
    small details, pose, cut of the cloth, backdrop. `background` names a color to tint the
    backdrop with. A material without a finish of its own gets a plain one. Raises KeyError for a
    kind, pattern or color that has no drawing.
    """
    kind = KIND_SHAPES[look.kind]
    color, accent = COLORS[look.color], COLORS[look.accent]
    rng = dice("product", look.kind, seed)
    backdrop = rng.choice(BACKDROPS)
    if background is not None:
        backdrop = mix((240, 238, 234), COLORS[background], 0.35)
    elif look.color == "white":
        backdrop = mix(backdrop, (150, 150, 160), 0.22)
    parts, _ = _posed(kind, rng)
    shift = rng.random()
    swatch = draw_pattern(
        look.pattern, look.color, look.accent, size, seed % SWATCHES, scale=kind.grain
    )
    finish = FINISHES.get(look.material, PLAIN_FINISH)
    canvas = wall(size, backdrop, kind.ground)
    pieces = [(part, shape) for part in parts if (shape := cut(part, size)) is not None]
    outline = Image.new("L", (size, size), 0)
    for _, shape in pieces:
        outline.paste(255, (shape.left, shape.top), shape.mask)
    _ground_shadow(canvas, outline, kind.ground)
    below = Image.new("L", (size, size), 0)
    for part, shape in pieces:
        if part.lift:
            throw_shadow(canvas, shape, below, size, part.lift)
        paint: Image.Image | RGB
        own = part.fill in ("pattern", "color", "accent")
        if part.fill == "pattern" and look.pattern != "plain":
            paint = wrapped(swatch, shape, part, color)
        elif part.fill in ("pattern", "color"):
            paint = color
        else:
            paint = accent if part.fill == "accent" else tone(part.fill)
        set_part(canvas, shape, part, paint, finish if own else _FIXED_FINISH, shift)
        below.paste(255, (shape.left, shape.top), shape.mask)
    return canvas
