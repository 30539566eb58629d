"""Pictures to the pixels that Visualized BGE was trained on, with Pillow and numpy alone.

The same numbers, bit for bit, as CLIP's torchvision pipeline: shorter side to the model's size,
bicubic, centre crop, CLIP's mean and deviation. torchvision itself is not used: it has no build
that works beside a CPU torch from the usual index.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from PIL import Image, ImageOps

from tools.embedding.base import FloatArray
from tools.media.images import to_rgb

PREPROCESSING_VERSION = 1
"""Part of the embedder's fingerprint: raise it when any picture would give other pixels."""

Order = Literal["rgb_first", "reference"]

MEAN = np.array((0.48145466, 0.4578275, 0.40821073), dtype=np.float32)
STD = np.array((0.26862954, 0.26130258, 0.27577711), dtype=np.float32)

LONGEST_TO_SHORTEST = 20
"""Thinner pictures are cropped before resizing: 5000 x 1 would become a million pixels wide."""


def pixels(image: Image.Image, size: int = 224, order: Order = "rgb_first") -> FloatArray:
    """The centre square of a picture, (3, size, size) float32, normalised with CLIP's numbers.

    `rgb_first` turns the picture as its EXIF says, lays transparency on white and converts to RGB
    before resizing. `reference` does what the published code does: no turning, resizing in the
    picture's own mode (a palette is not interpolated), alpha dropped. Opaque RGB and grey pictures
    without EXIF come out the same.
    """
    if order == "rgb_first":
        image = to_rgb(ImageOps.exif_transpose(image))
    square = _centre_crop(_resize_shorter_side(_not_too_thin(image), size), size).convert("RGB")
    values = np.asarray(square, dtype=np.float32) / np.float32(255)  # (size, size, 3), 0 to 1
    return np.ascontiguousarray(((values - MEAN) / STD).transpose(2, 0, 1))


def _not_too_thin(image: Image.Image) -> Image.Image:
    width, height = image.size
    limit = LONGEST_TO_SHORTEST * min(width, height)
    if max(width, height) <= limit:
        return image
    left, top = max(0, (width - limit) // 2), max(0, (height - limit) // 2)
    return image.crop((left, top, left + min(width, limit), top + min(height, limit)))


def _resize_shorter_side(image: Image.Image, size: int) -> Image.Image:
    width, height = image.size
    shorter, longer = min(width, height), max(width, height)
    resized = int(size * longer / shorter)  # truncated, as torchvision does
    target = (size, resized) if width <= height else (resized, size)
    return image if target == image.size else image.resize(target, Image.Resampling.BICUBIC)


def _centre_crop(image: Image.Image, size: int) -> Image.Image:
    width, height = image.size
    left, top = round((width - size) / 2.0), round((height - size) / 2.0)  # halves to even
    return image.crop((left, top, left + size, top + size))
