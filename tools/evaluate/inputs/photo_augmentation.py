"""Strong photo augmentation with Pillow, from a seed: as if taken by another camera."""

from __future__ import annotations

import colorsys
import io
import math
from random import Random

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

AREAS = (0.5, 0.8)
"""Least and most of the picture that stays visible, as a share."""
_TILT = 0.12
"""How far a corner moves inwards, as a share of the side."""


def augment_photo(
    picture: Image.Image, seed: int, *, areas: tuple[float, float] = AREAS
) -> Image.Image:
    """A strong variation: a crop with a share of the area, tilted, in another light, compressed.

    Half of them lie on another background, which fills a fifth to a third of the picture; the
    others are blurred. RGB of another size; the same picture for the same seed.
    """
    rng = Random(seed)
    # Tilting cuts off half of _TILT at each side, on average.
    share = min(1.0, rng.uniform(*areas) / (1 - _TILT) ** 2)
    piece = _tilted(_cropped(picture.convert("RGB"), share, rng), rng)
    if rng.random() < 0.5:
        return _compressed(_lit(_laid(piece, rng), rng), rng.randint(35, 65))
    blurred = piece.filter(ImageFilter.GaussianBlur(rng.uniform(0.006, 0.012) * max(piece.size)))
    return _compressed(_lit(blurred, rng), rng.randint(35, 65))


def _cropped(picture: Image.Image, share: float, rng: Random) -> Image.Image:
    """A piece that has this share of the area, its sides in a ratio near the picture's."""
    stretch = math.sqrt(rng.uniform(max(0.8, share), min(1.25, 1 / share)))
    wide = min(picture.width, max(8, round(picture.width * math.sqrt(share) * stretch)))
    tall = min(picture.height, max(8, round(picture.height * math.sqrt(share) / stretch)))
    left = rng.randint(0, picture.width - wide)
    top = rng.randint(0, picture.height - tall)
    return picture.crop((left, top, left + wide, top + tall))


def _tilted(picture: Image.Image, rng: Random) -> Image.Image:
    """The picture in perspective, filled to its corners."""
    wide, tall = picture.size
    corners = [(0.0, 0.0), (wide, 0.0), (wide, tall), (0.0, tall)]
    inwards = [(1, 1), (-1, 1), (-1, -1), (1, -1)]
    seen = [
        (x + sx * wide * rng.uniform(0, _TILT), y + sy * tall * rng.uniform(0, _TILT))
        for (x, y), (sx, sy) in zip(corners, inwards, strict=True)
    ]
    numbers = _perspective(corners, seen)
    way, method = Image.Resampling.BICUBIC, Image.Transform.PERSPECTIVE
    return picture.transform(picture.size, method, numbers, way)


def _perspective(
    source: list[tuple[float, float]], target: list[tuple[float, float]]
) -> list[float]:
    """Pillow's eight numbers of the map that takes `source` to `target`, four points each."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    flat = [part for point in target for part in point]
    solved: list[float] = np.linalg.solve(np.array(rows), np.array(flat)).tolist()
    return solved


def _laid(picture: Image.Image, rng: Random) -> Image.Image:
    """The picture, turned a little, on another background of the same size."""
    ground = _background(picture.size, rng)
    turned = picture.convert("RGBA").rotate(
        rng.uniform(-12, 12), Image.Resampling.BICUBIC, expand=True
    )
    scale = math.sqrt(rng.uniform(0.67, 0.8) * picture.width * picture.height)
    scale /= math.sqrt(turned.width * turned.height)
    size = (
        min(picture.width, max(1, round(turned.width * scale))),
        min(picture.height, max(1, round(turned.height * scale))),
    )
    small = turned.resize(size, Image.Resampling.BICUBIC)
    free = (picture.width - size[0], picture.height - size[1])
    ground.paste(small, (rng.randint(0, free[0]), rng.randint(0, free[1])), small)
    return ground


def _background(size: tuple[int, int], rng: Random) -> Image.Image:
    """Two muted colors running into each other in any direction, grained like a wall or a table."""
    first, second = (
        np.array(colorsys.hsv_to_rgb(rng.random(), rng.uniform(0, 0.5), rng.uniform(0.2, 0.95)))
        for _ in range(2)
    )
    angle = rng.uniform(0, 2 * math.pi)
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    along = x / size[0] * math.cos(angle) + y / size[1] * math.sin(angle)
    along = (along - along.min()) / max(float(np.ptp(along)), 1e-9)
    grain = np.random.default_rng(rng.randrange(1 << 30)).normal(0, 6, (*along.shape, 1))
    pixels = 255 * (first + (second - first) * along[..., None]) + grain
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _lit(picture: Image.Image, rng: Random) -> Image.Image:
    """Brighter or darker, with more or less contrast, and with a cast of color."""
    picture = ImageEnhance.Brightness(picture).enhance(rng.uniform(0.7, 1.3))
    picture = ImageEnhance.Contrast(picture).enhance(rng.uniform(0.75, 1.25))
    cast = np.array([rng.uniform(0.92, 1.08) for _ in range(3)])
    pixels = np.asarray(picture, dtype=np.float64) * cast
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _compressed(picture: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")
