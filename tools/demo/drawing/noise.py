"""Chance that can be repeated: generators from words and numbers, and smooth random fields."""

from __future__ import annotations

import hashlib
from random import Random
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field: TypeAlias = NDArray[np.floating[Any]]
"""(size, size) float32 unless a step in between widened it; rows are y from the top."""


def dice(*parts: object) -> Random:
    """A generator that is the same for the same parts, in every process."""
    text = "\x1f".join(str(part) for part in parts)
    return Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


def stretch(field: Field, size: int) -> Field:
    """The field brought to (size, size), smoothly."""
    image = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC), dtype=np.float32)


def clouds(rng: Random, size: int, cells: float, cells_y: float | None = None) -> Field:
    """Smooth noise of about `cells` bumps across, from 0 to 1 with a mean near 0.5."""
    across, down = max(2, round(cells)), max(2, round(cells if cells_y is None else cells_y))
    generator = np.random.Generator(np.random.PCG64(rng.getrandbits(63)))
    grid = generator.random((down + 2, across + 2), dtype=np.float32)
    box = (0.5, 0.5, across + 1.5, down + 1.5)
    image = Image.fromarray(grid).resize((size, size), Image.Resampling.BICUBIC, box=box)
    return np.clip(np.asarray(image, dtype=np.float32), 0.0, 1.0)


def plane(size: int) -> tuple[Field, Field]:
    """The x and y of every pixel's center, from 0 to 1."""
    line = (np.arange(size, dtype=np.float32) + 0.5) / size
    x, y = np.meshgrid(line, line)
    return x, y


def to_mask(field: Field, sharpness: float) -> Image.Image:
    """An anti-aliased L mask of where the field is above 0; `sharpness` is 1 / ramp width."""
    levels = np.clip(field * sharpness + 0.5, 0.0, 1.0) * 255.0
    return Image.fromarray(levels.astype(np.uint8))
