"""What scenes share: skies, floors in perspective, and parts set onto a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from tools.demo.drawing.canvas import Cutout, cut, set_part, throw_shadow
from tools.demo.drawing.noise import Field, plane, stretch
from tools.demo.drawing.palette import RGB, Finish, tone
from tools.demo.drawing.part import Part
from tools.demo.drawing.studio import wrapped

FUR = Finish(0.0, 1.0)
SMOOTH = Finish(0.6, 0.0)


def fade(size: int, stops: Sequence[tuple[float, RGB]]) -> Image.Image:
    """A picture whose rows go through the stops (height from 0 to 1, color)."""
    rows = (np.arange(size) + 0.5) / size
    heights = [height for height, _ in stops]
    bands = [np.interp(rows, heights, [color[band] for _, color in stops]) for band in range(3)]
    column = np.stack(bands, axis=1).astype(np.uint8)[:, None, :]
    return Image.fromarray(np.ascontiguousarray(np.repeat(column, size, axis=1)))


def relit(image: Image.Image, factor: Field) -> Image.Image:
    """The picture with each pixel's brightness multiplied; the factor is brought to its size."""
    wide = stretch(factor, image.width)[..., None]
    colors = np.asarray(image, dtype=np.float32) * wide
    return Image.fromarray(np.clip(colors, 0, 255).astype(np.uint8))


def corner_light(size: int, strength: float = 0.35) -> Field:
    """A factor that is brightest at the upper left and falls off towards the lower right."""
    x, y = plane(size)
    field: Field = 1.08 - strength * np.hypot(x - 0.36, y - 0.32) ** 1.6
    return field


def floor(swatch: Image.Image, size: int, start: float, horizon: float) -> Image.Image:
    """The swatch as a level surface that begins at height `start` and runs to the lower edge.

    Returns size x size; what lies above `start` is of no use.
    """
    big = size * 2
    sky, edge = horizon * big, start * big
    reach = swatch.width * (edge - sky) * 0.98
    k = swatch.width / big * (edge - sky) * 0.98
    middle = swatch.width / 2
    data = (
        -k / sky,
        -middle / sky,
        middle + k * big / 2 / sky,
        0.0,
        0.0,
        -reach / sky,
        0.0,
        -1 / sky,
    )
    # Coefficients are divided by -sky, so that the last one is 1 (Pillow's form).
    far = swatch.transform((big, big), Image.Transform.PERSPECTIVE, data, Image.Resampling.BICUBIC)
    return far.reduce(2)


class Stage:
    """A picture that parts are set onto, wearing one swatch."""

    def __init__(self, picture: Image.Image, swatch: Image.Image) -> None:
        """The picture is changed in place; the swatch has its size."""
        self.picture = picture
        self._swatch = swatch
        self._below = Image.new("L", picture.size, 0)

    def put(self, *parts: Part, finish: Finish = SMOOTH) -> None:
        """Set parts one after the other; a fill that is no pattern is a name of a tone."""
        size = self.picture.width
        for part in parts:
            shape: Cutout | None = cut(part, size)
            if shape is None:
                continue
            if part.lift:
                throw_shadow(self.picture, shape, self._below, size, part.lift)
            paint: Image.Image | RGB
            if part.fill == "pattern":
                paint = wrapped(self._swatch, shape, part, (128, 128, 128))
            else:
                paint = tone(part.fill)
            set_part(self.picture, shape, part, paint, finish, 0.3)
            self._below.paste(255, (shape.left, shape.top), shape.mask)
