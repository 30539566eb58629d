"""Pictures to train on that nobody drew for the shop, with what stands in front of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from tools.demo.held_out import held_out_photo
from tools.demo.training.pictures import SIDE, Pixels
from tools.media.images import to_rgb


@dataclass(frozen=True)
class Sources:
    """Pictures whose front can be given another color.

    `pixels` (n, side, side, 3) and `masks` (n, side, side, 2): how much of a pixel is the body of
    the thing, and how much its second part; 0 to 255. `labels` are n words, "" for none.
    """

    pixels: Pixels
    masks: Pixels
    labels: list[str]

    def __len__(self) -> int:
        return len(self.pixels)


def training_photos(folder: Path) -> list[Path]:
    """The photos of every set that are not held out, in the order of their names."""
    found = sorted(folder.glob("*/*/*.jpg"), key=lambda path: path.stem)
    return [path for path in found if not held_out_photo(path)]


def read_photos(paths: Sequence[Path], *, fronts: bool = True) -> Sources:
    """Centre squares of these photos, what seems to stand in front, and their labels.

    Without `fronts` the masks are empty: finding them takes ten times as long as reading.
    """
    pixels = np.zeros((len(paths), SIDE, SIDE, 3), np.uint8)
    masks = np.zeros((len(paths), SIDE, SIDE, 2), np.uint8)
    for place, path in enumerate(paths):
        with Image.open(path) as photo:
            square = ImageOps.fit(to_rgb(ImageOps.exif_transpose(photo)), (SIDE, SIDE))
        pixels[place] = np.asarray(square)
        if fronts:
            masks[place, ..., 0] = front(square)
    return Sources(pixels, masks, [path.parent.name.replace("-", " ") for path in paths])


def front(picture: Image.Image) -> Pixels:
    """How much each pixel differs from the picture's rim, 0 to 255, (side, side).

    A garment on a floor, a thing on a table: what has none of the rim's colors is the thing. Far
    from perfect, and good enough to learn what "the same in blue" means.
    """
    pixels = np.asarray(picture.convert("LAB"), dtype=np.float32)
    side = len(pixels)
    band = side // 12
    rim = [pixels[:band], pixels[-band:], pixels[:, :band], pixels[:, -band:]]
    tones = [np.median(part.reshape(-1, 3), axis=0) for part in rim]
    apart = np.min([np.linalg.norm(pixels - tone, axis=-1) for tone in tones], axis=0)
    edge = max(12.0, float(np.percentile(apart, 70)) * 0.6)
    soft = np.clip((apart - edge) / edge * 255 + 128, 0, 255).astype(np.uint8)
    smooth = Image.fromarray(soft).filter(ImageFilter.MedianFilter(7))
    return np.asarray(smooth.filter(ImageFilter.GaussianBlur(1.5)))
