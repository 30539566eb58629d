"""Pictures to the tiles that Phi-3 Vision was trained on, with Pillow and torch alone.

The "HD transform" of the published `image_processing_phi3_v.py`: the picture is laid on as many
tiles of 336 x 336 as its shape and the number of crops allow, padded with white, and seen once
more as a whole. The same numbers as the published code, bit for bit. Not covered: turning by EXIF
and laying transparency on white, which is for whoever opens the picture; alpha is dropped here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from tools.errors import ModelError, PhotoError
from tools.phi3_vision.config import PUBLISHED_TILE, WHERE_TO_GET_IT, Tile, read_json

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
WHITE = (255, 255, 255)
MAX_CROPS = 1024
"""Bound on what a setting may ask for: this many crops take more tokens than the model reads."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a picture is laid on tiles."""

    tall: bool
    """Laid out on its side: everything below is that of the picture mirrored at its diagonal."""
    resized: tuple[int, int]
    """Width and height of the picture alone, pixels."""
    padded: tuple[int, int]
    """Width and height with the white above and below, pixels."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the padded picture, upright, pixels: multiples of a tile's side."""
        width, height = self.padded
        return (width, height) if self.tall else (height, width)


def layout(width: int, height: int, num_crops: int, tile: Tile = PUBLISHED_TILE) -> Layout:
    """The layout of a picture of this size on at most `num_crops` tiles.

    A picture so thin that nothing would be left of its shorter side keeps one pixel of it.
    """
    tall = width < height
    ratio = height / width if tall else width / height
    across = 1
    while (across + 1) * math.ceil((across + 1) / ratio) <= num_crops:
        across += 1
    resized_width = tile.side * across
    resized_height = max(1, int(resized_width / ratio))
    padded_height = tile.side * math.ceil(resized_height / tile.side)
    return Layout(tall, (resized_width, resized_height), (resized_width, padded_height))


def picture_tokens(size: tuple[int, int], tile: Tile = PUBLISHED_TILE) -> int:
    """Tokens that a padded picture of (height, width) pixels takes in the prompt.

    Its tiles and the whole as one more tile, one token at the end of every row, and one between
    the two.
    """
    rows, columns = size[0] // tile.side, size[1] // tile.side
    return (rows * columns + 1) * tile.tokens + 1 + (rows + 1) * tile.across


@dataclass(frozen=True, slots=True)
class PictureProcessor:
    """Pictures to tiles. `num_crops` is a choice between detail and tokens, not of the weights."""

    num_crops: int
    mean: tuple[float, float, float] = MEAN
    std: tuple[float, float, float] = STD
    tile: Tile = PUBLISHED_TILE

    def __post_init__(self) -> None:
        if not 1 <= self.num_crops <= MAX_CROPS:
            raise ValueError(f"num_crops must be from 1 to {MAX_CROPS}, not {self.num_crops}")

    def __call__(self, pictures: Sequence[Image.Image]) -> tuple[Tensor, list[tuple[int, int]]]:
        """Tiles, and the padded sizes (height, width) in pixels, in the order given.

        The tiles are (n, num_crops + 1, 3, side, side) float32, normalised: first the whole
        picture, then its tiles row by row, then zeros; `side` is that of a tile, 336 as published.
        Raises PhotoError for a picture without pixels.
        """
        side = self.tile.side
        values = torch.zeros((len(pictures), self.num_crops + 1, 3, side, side))
        sizes = []
        for out, picture in zip(values, pictures, strict=True):
            pixels = self._padded(picture)  # (3, height, width)
            height, width = pixels.shape[1:]
            tiles = pixels.reshape(3, height // side, side, width // side, side)
            tiles = tiles.permute(1, 3, 0, 2, 4).reshape(-1, 3, side, side)
            out[0] = F.interpolate(pixels[None], size=(side, side), mode="bicubic")[0]
            out[1 : 1 + len(tiles)] = tiles
            sizes.append((height, width))
        return values, sizes

    def _padded(self, picture: Image.Image) -> Tensor:
        """The picture on its tiles, (3, height, width) float32, normalised; the rest is white."""
        if 0 in picture.size:
            raise PhotoError("This picture has no pixels. Please send another one.")
        plan = layout(*picture.size, self.num_crops, self.tile)
        picture = picture.convert("RGB")
        if plan.tall:
            picture = picture.transpose(Image.Transpose.TRANSPOSE)
        picture = picture.resize(plan.resized, Image.Resampling.BILINEAR)
        missing = plan.padded[1] - plan.resized[1]
        above = missing // 2
        picture = ImageOps.expand(picture, (0, above, 0, missing - above), WHITE)
        if plan.tall:
            picture = picture.transpose(Image.Transpose.TRANSPOSE)
        pixels = torch.from_numpy(np.array(picture)).permute(2, 0, 1).contiguous().float() / 255
        mean, std = (torch.tensor(values)[:, None, None] for values in (self.mean, self.std))
        return (pixels - mean) / std


def read_picture_processor(
    path: Path, num_crops: int | None = None, tile: Tile = PUBLISHED_TILE
) -> PictureProcessor:
    """The processor of a `preprocessor_config.json`, with another number of crops if given.

    `tile` is that of the model's configuration.
    Raises ModelError for a file that is missing, damaged, or of another kind.
    """
    values = read_json(path)
    try:
        if values.get("num_img_tokens", tile.tokens) != tile.tokens:
            raise ValueError(f"num_img_tokens must be {tile.tokens}")
        mean = _three(values.get("image_mean", MEAN))
        std = _three(values.get("image_std", STD))
        crops = int(values["num_crops"]) if num_crops is None else num_crops
        return PictureProcessor(crops, mean, std, tile)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path} cannot be used ({error}). {WHERE_TO_GET_IT}") from error


def _three(values: Sequence[float]) -> tuple[float, float, float]:
    red, green, blue = values
    return float(red), float(green), float(blue)
