"""Made-up things to train on: a body of a few shapes, parts of other colors, light from above.

No shop sells them. They are there because a shop's things have shapes that no drawn kind has, and
"the same in white" is about the shape that stays.
"""

from __future__ import annotations

import math
from random import Random

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tools.demo.training.pictures import SIDE, Pixels
from tools.demo.training.sources import Sources

_SCALE = 2
"""Drawn larger and shrunk, for smooth edges."""
_BODY_LIGHT = 150
"""Brightness of a body before it gets its tone."""


def make_objects(count: int, seed: int) -> Sources:
    """`count` different things; the same seed gives the same ones."""
    pixels = np.zeros((count, SIDE, SIDE, 3), np.uint8)
    masks = np.zeros((count, SIDE, SIDE, 2), np.uint8)
    for place in range(count):
        pixels[place], masks[place] = _make(Random(seed * 1_000_003 + place))
    return Sources(pixels, masks, [""] * count)


def _make(rng: Random) -> tuple[Pixels, Pixels]:
    side = SIDE * _SCALE
    wide, high = rng.uniform(0.35, 0.95) * side, rng.uniform(0.35, 0.95) * side
    body = _union([_shape(rng, side, wide, high) for _ in range(rng.randint(1, 4))], side)
    if rng.random() < 0.35:  # a handle, a strap, a hole
        hole = _shape(rng, side, wide * 0.45, high * 0.45)
        body = ImageChops.subtract(body, hole)
    second = _parts(rng, side, wide, high, body, rng.randint(0, 3))
    fixed = _parts(rng, side, wide, high, body, rng.randint(0, 4))
    lines = _lines(rng, side, body)
    canvas = _backdrop(rng, side)
    shadow = ImageChops.offset(body, 0, int(side * 0.04)).filter(
        ImageFilter.GaussianBlur(side * rng.uniform(0.01, 0.05))
    )
    dark = Image.new("RGB", canvas.size, (70, 70, 74))
    canvas.paste(dark, mask=shadow.point(lambda value: int(value * 0.45)))
    canvas.paste(_lit(rng, side, body), mask=body)
    for part in (fixed, lines):
        ink = rng.choice(((30, 30, 32), (60, 62, 66), (190, 194, 200), (244, 244, 240)))
        canvas.paste(Image.new("RGB", canvas.size, ink), mask=part)
    first = ImageChops.subtract(
        ImageChops.subtract(ImageChops.subtract(body, second), fixed), lines
    )
    second = ImageChops.subtract(ImageChops.subtract(second, fixed), lines)
    small = [image.resize((SIDE, SIDE), Image.Resampling.BOX) for image in (canvas, first, second)]
    masks = np.stack([np.asarray(small[1]), np.asarray(small[2])], axis=-1)
    return np.asarray(small[0]), masks


def _shape(rng: Random, side: int, wide: float, high: float) -> Image.Image:
    """One outline around the middle: a box, an ellipse, or a polygon, turned a little."""
    mask = Image.new("L", (side, side))
    draw = ImageDraw.Draw(mask)
    x = side / 2 + rng.uniform(-0.18, 0.18) * wide
    y = side / 2 + rng.uniform(-0.25, 0.25) * high
    w, h = wide * rng.uniform(0.35, 1) / 2, high * rng.uniform(0.35, 1) / 2
    sort = rng.random()
    if sort < 0.4:
        draw.rounded_rectangle((x - w, y - h, x + w, y + h), rng.uniform(0, 0.9) * min(w, h), 255)
    elif sort < 0.6:
        draw.ellipse((x - w, y - h, x + w, y + h), 255)
    elif sort < 0.75:
        lean = rng.uniform(0.3, 1.0)
        draw.polygon(
            [(x - w, y + h), (x + w, y + h), (x + w * lean, y - h), (x - w * lean, y - h)], 255
        )
    else:
        corners = rng.randint(5, 9)
        turns = [2 * math.pi * (n + rng.uniform(-0.3, 0.3)) / corners for n in range(corners)]
        reach = [rng.uniform(0.55, 1) for _ in turns]
        draw.polygon(
            [
                (x + w * r * math.cos(t), y + h * r * math.sin(t))
                for t, r in zip(turns, reach, strict=True)
            ],
            255,
        )
    if rng.random() < 0.4:
        mask = mask.rotate(rng.uniform(-40, 40), Image.Resampling.BILINEAR)
    return mask


def _parts(
    rng: Random, side: int, wide: float, high: float, body: Image.Image, count: int
) -> Image.Image:
    """Shapes within the body."""
    shapes = [_shape(rng, side, wide * 0.45, high * 0.45) for _ in range(count)]
    return ImageChops.darker(_union(shapes, side), body)


def _lines(rng: Random, side: int, body: Image.Image) -> Image.Image:
    mask = Image.new("L", (side, side))
    draw = ImageDraw.Draw(mask)
    for _ in range(rng.randint(0, 4)):
        start = (rng.uniform(0.2, 0.8) * side, rng.uniform(0.2, 0.8) * side)
        turn, reach = rng.choice((0, math.pi / 2, rng.uniform(0, math.pi))), rng.uniform(0.1, 0.5)
        end = (start[0] + reach * side * math.cos(turn), start[1] + reach * side * math.sin(turn))
        draw.line((start, end), 255, rng.randint(2, 6))
    return ImageChops.darker(mask, body)


def _union(shapes: list[Image.Image], side: int) -> Image.Image:
    whole = Image.new("L", (side, side))
    for shape in shapes:
        whole = ImageChops.lighter(whole, shape)
    return whole


def _lit(rng: Random, side: int, body: Image.Image) -> Image.Image:
    """The body's light: brighter towards one side, darker at its rim, with grain."""
    turn = rng.uniform(0, 2 * math.pi)
    y, x = np.mgrid[0:side, 0:side] / side - 0.5
    light = _BODY_LIGHT * (1 + rng.uniform(0.1, 0.5) * (x * math.cos(turn) + y * math.sin(turn)))
    depth = np.asarray(body.filter(ImageFilter.GaussianBlur(side * 0.05)), dtype=np.float32) / 255
    light = light * (0.65 + 0.4 * depth)
    grain = np.random.default_rng(rng.randrange(1 << 30)).normal(0, rng.uniform(0, 8), light.shape)
    values = np.clip(light + grain, 0, 255).astype(np.uint8)
    return Image.merge("RGB", [Image.fromarray(values)] * 3)


def _backdrop(rng: Random, side: int) -> Image.Image:
    """White, or one light tone that fades downwards."""
    if rng.random() < 0.4:
        return Image.new("RGB", (side, side), (255, 255, 255))
    tone = np.array([rng.uniform(205, 250)] * 3) + np.array(
        [rng.uniform(-14, 14) for _ in range(3)]
    )
    fade = np.linspace(rng.uniform(0.92, 1.04), rng.uniform(0.85, 1.02), side)[:, None, None]
    rows = np.clip(tone * fade, 0, 255)
    return Image.fromarray(np.broadcast_to(rows, (side, side, 3)).astype(np.uint8))
