"""Varying pictures as cameras do: crop, turn, light, blur, noise. On whole batches, in torch."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from tools.embedding.visualized_bge.preprocess import MEAN, STD


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
    return _normalised(x.clamp(0, 1))


def vary(pictures: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """As `augment`, and stronger: what another person's photo of the same thing looks like.

    Two fifths to all of the picture, seen askew, in other light, softer or sharper, and in one of
    three before something else: a plain tone, or another picture of the batch out of focus.
    """
    x = pictures.permute(0, 3, 1, 2).float() / 255  # (n, 3, side, side)
    n = len(x)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(n, *shape, generator=generator)

    area, stretch = uniform(0.4, 1.0), uniform(-0.22, 0.22).exp()
    half = torch.stack([(area * stretch).sqrt(), (area / stretch).sqrt()], 1).clamp(max=1)
    middle = (1 - half) * uniform(-1, 1, 2)
    signs = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    jitter = uniform(-0.16, 0.16, 4, 2)
    corners = middle[:, None] + half[:, None] * (signs + jitter)  # (n, 4, 2), x before y
    flip = torch.where(uniform(0, 1) < 0.3, -1.0, 1.0)
    # Where something stands before another background it is smaller than the picture.
    small = uniform(0, 1) < 0.33
    reach = torch.where(small, uniform(1.05, 1.5), torch.ones(n))
    line = (torch.arange(size) + 0.5) / size * 2 - 1
    at_y, at_x = torch.meshgrid(line, line, indexing="ij")
    spots = torch.stack([at_x, at_y], -1).expand(n, -1, -1, -1) * reach.view(n, 1, 1, 1)
    inside = (spots.abs().amax(-1) <= 1).float().unsqueeze(1)  # (n, 1, size, size)
    spots = torch.stack([spots[..., 0] * flip.view(n, 1, 1), spots[..., 1]], -1)
    x = F.grid_sample(x, _seen_askew(spots, corners), padding_mode="border", align_corners=False)
    tone = uniform(0.2, 1.0, 3).view(n, 3, 1, 1).expand(-1, -1, size, size)
    other = F.avg_pool2d(x.roll(1, 0), 9, stride=1, padding=4)
    behind = torch.where(uniform(0, 1, 1, 1, 1) < 0.5, tone, other)
    x = torch.where(small.view(n, 1, 1, 1), x * inside + behind * (1 - inside), x)
    light, contrast = uniform(0.6, 1.4, 1, 1, 1), uniform(0.65, 1.35, 1, 1, 1)
    mean = x.mean((1, 2, 3), keepdim=True)
    x = ((x - mean) * contrast + mean) * light * (1 + 0.1 * uniform(-1, 1, 3, 1, 1))
    soft = F.avg_pool2d(F.pad(x, (2, 2, 2, 2), mode="replicate"), 5, stride=1)
    x = torch.lerp(x, soft, (uniform(-0.5, 1.0, 1, 1, 1)).clamp(min=0))
    x = x + uniform(0, 0.06, 1, 1, 1) * torch.randn(x.shape, generator=generator)
    return _normalised(x.clamp(0, 1))


def _seen_askew(spots: Tensor, corners: Tensor) -> Tensor:
    """Where each spot of the square [-1, 1]² lies when its corners are these four.

    The projective map of a square to a quadrangle, from its eight linear equations; `spots`
    (n, h, w, 2), `corners` (n, 4, 2) from the upper left one clockwise.
    """
    n = len(corners)
    square = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    u, v = square.expand(n, -1, -1).unbind(-1)  # (n, 4)
    x, y = corners.unbind(-1)
    one, zero = torch.ones_like(u), torch.zeros_like(u)
    rows_x = torch.stack([u, v, one, zero, zero, zero, -u * x, -v * x], -1)
    rows_y = torch.stack([zero, zero, zero, u, v, one, -u * y, -v * y], -1)
    solved = torch.linalg.solve(torch.cat([rows_x, rows_y], 1), torch.cat([x, y], 1))
    matrix = torch.cat([solved, torch.ones(n, 1)], 1).view(n, 3, 3)
    flat = torch.cat([spots, torch.ones_like(spots[..., :1])], -1).view(n, -1, 3)
    moved = flat @ matrix.transpose(1, 2)
    return (moved[..., :2] / moved[..., 2:]).view_as(spots)


def _normalised(x: Tensor) -> Tensor:
    return (x - torch.from_numpy(MEAN).view(3, 1, 1)) / torch.from_numpy(STD).view(3, 1, 1)
