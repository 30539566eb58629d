"""Varying pictures as cameras do: crop, turn, light, blur, noise. On whole batches, in torch."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from tools.embedding.preprocess import MEAN, STD


def augment(pictures: Tensor, size: int, strength: float, generator: torch.Generator) -> Tensor:
    """(n, side, side, 3) uint8 to (n, 3, size, size) float32, normalised as the model wants.

    `strength` 0 only resizes; 1 crops down to half the area, turns by up to 20 degrees, and
    changes light, sharpness and noise. The hue stays: colors are what shoppers ask for.
    """
    x = pictures.permute(0, 3, 1, 2).float() / 255  # (n, 3, side, side)
    n = len(x)

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n, generator=generator)

    scale = uniform(1 - 0.3 * strength, 1 + 0.1 * strength)
    angle = uniform(-1, 1) * math.radians(20) * strength
    flip = torch.where(uniform(0, 1) < 0.5 * (strength > 0), -1.0, 1.0)
    shift = torch.stack([uniform(-1, 1), uniform(-1, 1)], 1) * (0.3 * strength)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    rows = torch.stack([cos * flip, -sin, shift[:, 0], sin * flip, cos, shift[:, 1]], 1)
    grid = F.affine_grid(rows.view(n, 2, 3), [n, 3, size, size], align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
    if strength > 0:
        light = uniform(1 - 0.35 * strength, 1 + 0.3 * strength).view(n, 1, 1, 1)
        contrast = uniform(1 - 0.3 * strength, 1 + 0.3 * strength).view(n, 1, 1, 1)
        tint = 1 + 0.06 * strength * (2 * torch.rand(n, 3, 1, 1, generator=generator) - 1)
        mean = x.mean((1, 2, 3), keepdim=True)
        x = ((x - mean) * contrast + mean) * light * tint
        soft = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
        x = torch.lerp(x, soft, uniform(0, strength).view(n, 1, 1, 1))
        x = x + 0.04 * strength * torch.randn(x.shape, generator=generator)
    x = x.clamp(0, 1)
    return (x - torch.from_numpy(MEAN).view(3, 1, 1)) / torch.from_numpy(STD).view(3, 1, 1)
