"""What the towers embedder sees of a picture before anything is learnt of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from tools.embedding.towers.colors import color_shares
from tools.embedding.towers.efficientnet import EfficientNetLite0
from tools.media.images import to_rgb

SIZE = 192
"""Pixels of a side. 224 costs a sixth more time and finds no more."""
AT_ONCE = 4
"""Pictures that go through the tower together: the maps of 16 do not fit into a core's cache, and
take 1.3 times as long a picture."""
PREPROCESSING_VERSION = 1
"""Part of the embedder's fingerprint: raise it when a picture would give other features."""
CELLS, CELL = 5, 566
"""Four quarters and the middle; the numbers of each."""


@dataclass(frozen=True, slots=True)
class Features:
    """Of n pictures, float32."""

    cells: Tensor
    """(n, CELLS, CELL): means of stages 7 and 5, means and deviations of 3, 2 and of the colors."""
    pooled: Tensor
    """(n, 1280)."""
    logits: Tensor
    """(n, 1000), of ImageNet's classes."""
    colors: Tensor
    """(n, 170), see `color_shares`."""

    def __len__(self) -> int:
        return len(self.pooled)

    def parts(self) -> Mapping[str, Tensor]:
        """The four tensors by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def square(picture: Image.Image, size: int = SIZE) -> np.ndarray:
    """The whole picture as a square, (size, size, 3) uint8; its sides' ratio is given up."""
    small = to_rgb(picture).resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.asarray(small)


def pixels(pictures: Sequence[Image.Image], size: int = SIZE) -> Tensor:
    """(n, 3, size, size) RGB from 0 to 1."""
    stacked = np.stack([square(picture, size) for picture in pictures])
    return torch.from_numpy(stacked).permute(0, 3, 1, 2).float() / 255


def see(tower: EfficientNetLite0, rgb: Tensor) -> Features:
    """Features of (n, 3, size, size) RGB from 0 to 1."""
    parts = [_see(tower, few).parts() for few in torch.split(rgb, AT_ONCE)]
    return Features(**{name: torch.cat([part[name] for part in parts]) for name in parts[0]})


@torch.inference_mode()
def _see(tower: EfficientNetLite0, rgb: Tensor) -> Features:
    maps = tower((rgb * 255 - 127) / 128)
    stages = maps.stages
    means = (_cells(stages[6]), _cells(stages[4]), *_spread(stages[2]), *_spread(stages[1]))
    cells = torch.cat((*means, *_spread(F.avg_pool2d(rgb, 4))), -1)
    return Features(cells, maps.pooled, maps.logits, color_shares(rgb))


def _cells(maps: Tensor) -> Tensor:
    """(n, c, side, side) to (n, CELLS, c): means of the quarters and of the middle."""
    grid = F.adaptive_avg_pool2d(maps, 4)
    quarters = F.avg_pool2d(grid, 2).flatten(2)  # (n, c, 4)
    middle = grid[:, :, 1:3, 1:3].mean((2, 3))[..., None]
    return torch.cat((quarters, middle), 2).transpose(1, 2)


def _spread(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Means and standard deviations within the cells."""
    mean = F.adaptive_avg_pool2d(maps, 4)
    deviation = (F.adaptive_avg_pool2d(maps * maps, 4) - mean * mean).clamp(min=0).sqrt()
    return _cells(mean), _cells(deviation)
