"""The picture being made: backdrop, shadows, and parts set onto it one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tools.demo.drawing.light import light
from tools.demo.drawing.noise import Field, dice, plane, stretch
from tools.demo.drawing.outlines import Points
from tools.demo.drawing.palette import RGB, Finish
from tools.demo.drawing.part import Part

OVERSAMPLE = 2
SHADOW: RGB = (46, 38, 44)


@dataclass(frozen=True, slots=True)
class Cutout:
    """A part's anti-aliased L mask and where its upper left corner lies, in pixels."""

    mask: Image.Image
    left: int
    top: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom on the picture, in pixels."""
        return (self.left, self.top, self.left + self.mask.width, self.top + self.mask.height)


def cut(part: Part, size: int) -> Cutout | None:
    """The part's mask on a picture of size x size pixels; None where it lies outside of it."""
    every = np.concatenate(part.outlines)
    pad = part.width / 2 + 0.03
    left, top = np.maximum(np.floor((every.min(axis=0) - pad) * size), 0).astype(int).tolist()
    right, bottom = np.minimum(np.ceil((every.max(axis=0) + pad) * size), size).astype(int).tolist()
    if right <= left or bottom <= top:
        return None
    sheet = Image.new("L", ((right - left) * OVERSAMPLE, (bottom - top) * OVERSAMPLE), 0)
    draw = ImageDraw.Draw(sheet)

    def place(points: Points) -> list[float]:
        pixels: list[float] = ((points * size - (left, top)) * OVERSAMPLE).ravel().tolist()
        return pixels

    for outline in part.outlines:
        if part.width:
            pen = max(1.0, part.width * size * OVERSAMPLE)
            dots = place(outline)
            draw.line(dots, fill=255, width=round(pen))
            # A disc on every point: round ends, and no cracks where segments meet.
            r = pen / 2 - 0.5
            for x, y in zip(dots[::2], dots[1::2], strict=True):
                draw.ellipse((x - r, y - r, x + r, y + r), fill=255)
        else:
            draw.polygon(place(outline), fill=255)
    for hole in part.holes:
        draw.polygon(place(hole), fill=0)
    return Cutout(sheet.reduce(OVERSAMPLE), left, top)


@lru_cache(maxsize=2)
def _dither(size: int) -> Field:
    """Less than half a step of noise, which keeps the wall's gradient from banding."""
    return np.random.Generator(np.random.PCG64(7)).random((size, size), dtype=np.float32)


@lru_cache(maxsize=64)
def _wall(size: int, tint: RGB, ground: float | None) -> Image.Image:
    x, y = plane(96)
    glow = 1.035 - 0.13 * ((x - 0.38) ** 2 + (y - 0.34) ** 2)
    if ground is not None:
        floor = 1 / (1 + np.exp(-(y - (ground - 0.1)) * 22))
        glow = glow - 0.055 * floor + 0.05 * floor * (y - ground)
    tone = np.clip(glow[..., None] * np.asarray(tint, np.float32), 0, 255).astype(np.float32)
    bands = (stretch(tone[..., band], size) + _dither(size) for band in range(3))
    return Image.merge("RGB", [_band(np.clip(band, 0, 255)) for band in bands])


def _band(levels: Field) -> Image.Image:
    return Image.fromarray(levels.astype(np.uint8))


def lay(canvas: Image.Image, color: RGB, left: int, top: int, mask: Image.Image) -> None:
    """Pastes a color through an L mask; where the mask is empty nothing is computed."""
    box = mask.getbbox()
    if box is not None:
        canvas.paste(color, (left + box[0], top + box[1]), mask.crop(box))


def wall(size: int, tint: RGB, ground: float | None) -> Image.Image:
    """A studio's backdrop, RGB; with a ground, the wall bends into a floor there."""
    return _wall(size, tint, ground).copy()


@lru_cache(maxsize=8)
def _grain(size: int) -> Field:
    rng = np.random.Generator(np.random.PCG64(dice("grain").getrandbits(63)))
    noise = rng.standard_normal((size, size), dtype=np.float32)
    soft = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1)) * np.float32(0.03)
    return soft.astype(np.float32)


def _small(mask: Image.Image, step: int) -> Image.Image:
    return mask.reduce(step) if step > 1 else mask


def throw_shadow(
    canvas: Image.Image, shape: Cutout, onto: Image.Image, size: int, strength: float
) -> None:
    """Darken what lies below a part, to its lower right, within the L mask `onto`."""
    step = max(1, size // 128)
    soft = _small(shape.mask, step).filter(ImageFilter.GaussianBlur(0.011 * size / step))
    wide = soft.resize(shape.mask.size, Image.Resampling.BILINEAR)
    offset = (shape.left + round(0.006 * size), shape.top + round(0.011 * size))
    box = (*offset, offset[0] + wide.width, offset[1] + wide.height)
    within = onto.crop(box)
    dark = Image.composite(wide, Image.new("L", wide.size, 0), within)
    dark = dark.point([round(level * 0.5 * strength) for level in range(256)])
    lay(canvas, SHADOW, *offset, dark)


def set_part(
    canvas: Image.Image,
    shape: Cutout,
    part: Part,
    paint: Image.Image | RGB,
    finish: Finish,
    shift: float,
) -> None:
    """Paste a part, lit; `paint` is a color or an RGB picture of the mask's size."""
    box = shape.mask.getbbox()
    if box is None:
        return
    size = canvas.width
    step = max(1, size // 128)
    lit = light(part, _small(shape.mask, step), size / step, finish.gloss, shift)
    left, top, right, bottom = shape.left + box[0], shape.top + box[1], *box[2:]

    def whole(field: Field) -> Field:
        wide = Image.fromarray(field).resize(shape.mask.size, Image.Resampling.BILINEAR)
        return np.asarray(wide.crop(box), np.float32)

    factor = whole(lit.factor)
    gleam = whole(lit.gleam) if lit.gleam.any() else None
    if finish.grain and not part.width:
        rows = slice(top, shape.top + bottom)
        factor = factor * (1 + finish.grain * _grain(size)[rows, left : shape.left + right])
    bands: Sequence[Field | np.float32]
    if isinstance(paint, Image.Image):
        bands = [np.asarray(band) for band in paint.crop(box).split()]
    else:
        bands = [np.float32(level) for level in paint]
    # Band by band: three numbers a pixel side by side would take numpy several times as long.
    shaded = []
    for band in bands:
        levels: Field = band * factor
        if gleam is not None:
            levels += (255.0 - levels) * gleam
        shaded.append(_band(np.minimum(levels, 255.0, out=levels)))
    canvas.paste(Image.merge("RGB", shaded), (left, top), shape.mask.crop(box))
