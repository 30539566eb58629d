"""Close-ups of what a pattern lives on: fur, hide, cloth in folds, stone, wallpaper."""

from __future__ import annotations

from random import Random

import numpy as np
from PIL import Image, ImageFilter

from tools.demo.drawing.noise import Field, clouds
from tools.demo.drawing.patterns import draw_pattern
from tools.demo.drawing.scenes.stage import corner_light, relit


def _displaced(image: Image.Image, dx: Field, dy: Field) -> Image.Image:
    pixels = np.asarray(image)
    lines = np.arange(pixels.shape[0])
    rows = np.clip(lines[:, None] + dy, 0, len(lines) - 1).astype(int)
    columns = np.clip(lines[None, :] + dx, 0, len(lines) - 1).astype(int)
    return Image.fromarray(np.ascontiguousarray(pixels[rows, columns]))


def fur(rng: Random, size: int, pattern: str, color: str, accent: str, scale: float) -> Image.Image:
    """An animal's flank from near: the hairs fray the marks' edges and catch the light."""
    side = size * 2
    flat = draw_pattern(pattern, color, accent, side, rng.randrange(1000), scale=scale)
    hairs = clouds(rng, side, side / 3, side / 22) - 0.5
    curl = clouds(rng, side, 7) - 0.5
    frayed = _displaced(flat, hairs * side * 0.006, (hairs + 0.4 * curl) * side * 0.034)
    muscle = clouds(rng, side, 3)
    rise = np.gradient(muscle, axis=1) * side * -0.055 + np.gradient(muscle, axis=0) * side * -0.06
    strands = 1.0 + 0.62 * hairs + 0.25 * (clouds(rng, side, side / 2, side / 34) - 0.5)
    light = (corner_light(side) * strands * (1.0 + rise)).astype(np.float32)
    return relit(frayed, light).reduce(2)


def cloth(
    rng: Random, size: int, pattern: str, color: str, accent: str, scale: float
) -> Image.Image:
    """A length of cloth lying in soft folds."""
    side = size * 2
    flat = draw_pattern(pattern, color, accent, side, rng.randrange(1000), scale=scale)
    drape = clouds(rng, side, 3, 2) + 0.35 * clouds(rng, side, 6, 4)
    right, down = np.gradient(drape, axis=1) * side, np.gradient(drape, axis=0) * side
    bent = _displaced(flat, right * side * 0.008, down * side * 0.008)
    weave = 1.0 + 0.07 * (clouds(rng, side, side / 2) - 0.5)
    light = corner_light(side, 0.25) * (1.0 - 0.085 * right - 0.1 * down) * weave
    picture = relit(bent, np.clip(light, 0.3, 1.4).astype(np.float32))
    return picture.reduce(2)


def stone(
    rng: Random, size: int, pattern: str, color: str, accent: str, scale: float
) -> Image.Image:
    """A polished slab with the window's reflection lying over it."""
    side = size * 2
    flat = draw_pattern(pattern, color, accent, side, rng.randrange(1000), scale=scale)
    soft = flat.filter(ImageFilter.GaussianBlur(side / 900))
    line = (np.arange(side, dtype=np.float32) + 0.5) / side
    x, y = np.meshgrid(line, line)
    band = np.exp(-(((x + 0.5 * y - 0.55) / 0.16) ** 2)) * 0.05
    light = (corner_light(side, 0.22) - 0.04 + band).astype(np.float32)
    return relit(soft, light).reduce(2)


def wallpaper(
    rng: Random, size: int, pattern: str, color: str, accent: str, scale: float
) -> Image.Image:
    """A papered wall above a white skirting board and a strip of floor."""
    side = size * 2
    wall = draw_pattern(pattern, color, accent, side, rng.randrange(1000), scale=scale)
    top, bottom = round(side * 0.82), round(side * 0.90)
    wood = draw_pattern("wood grain", "tan", "brown", side, 3, scale=1.2)
    wall.paste(wood.crop((0, 0, side, side - bottom)), (0, bottom))
    wall.paste((240, 237, 230), (0, top, side, bottom))
    wall.paste((205, 200, 192), (0, top, side, top + round(side * 0.008)))
    wall.paste((150, 140, 130), (0, bottom - round(side * 0.006), side, bottom))
    return relit(wall, corner_light(side, 0.5)).reduce(2)
