"""Colors of a picture and of words, as shares of 85 tones of CIE Lab.

The CNN forgets colors and class names never knew them, so they are a part of their own: shares of
all pixels, and of those that differ from the picture's rim, which is the thing in most of them.
Square roots of the shares are kept, so that a dot product is the Bhattacharyya coefficient.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

LEVELS, HUES, CHROMAS = (10, 30, 50, 70, 90), 8, (22, 55)
TONES = len(LEVELS) * (1 + HUES * len(CHROMAS))
SHARES = 2 * TONES
"""Numbers of a picture: all pixels, then the thing in front."""
SIDE = 40
"""Pixels of the picture that colors are counted in."""
_WIDTH = 180.0
"""Square of the distance over which a pixel is shared between tones, times two."""

_TO_XYZ = torch.tensor(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
) / torch.tensor([[0.9505], [1.0], [1.089]])


def _palette() -> Tensor:
    """(TONES, 3) Lab."""
    tones = []
    for light in LEVELS:
        tones.append((float(light), 0.0, 0.0))
        for hue in range(HUES):
            turn = hue * 2 * math.pi / HUES
            tones += [(light, c * math.cos(turn), c * math.sin(turn)) for c in CHROMAS]
    return torch.tensor(tones)


PALETTE = _palette()


def lab(rgb: Tensor) -> Tensor:
    """(..., 3) sRGB from 0 to 1 as CIE Lab under D65."""
    linear = torch.where(rgb > 0.04045, ((rgb + 0.055) / 1.055).clamp(min=0) ** 2.4, rgb / 12.92)
    f = (linear @ _TO_XYZ.T).clamp(min=1e-6)
    f = torch.where(f > 0.008856, f ** (1 / 3), 7.787 * f + 16 / 116)
    x, y, z = f.unbind(-1)
    return torch.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), -1)


def near_tones(tones: Tensor) -> Tensor:
    """(..., 3) Lab to (..., TONES): how much of each tone a color is; they add up to 1."""
    apart = torch.cdist(tones, PALETTE.expand(*tones.shape[:-2], -1, -1))
    return torch.softmax(-(apart**2) / _WIDTH, -1)


def color_shares(pictures: Tensor) -> Tensor:
    """(n, 3, side, side) RGB from 0 to 1 to (n, SHARES), square roots of shares."""
    tones = lab(F.adaptive_avg_pool2d(pictures, SIDE).permute(0, 2, 3, 1))  # (n, SIDE, SIDE, 3)
    rims = (tones[:, :3], tones[:, -3:], tones[:, :, :3], tones[:, :, -3:])
    middles = [rim.flatten(1, 2).median(1).values[:, None, None] for rim in rims]
    apart = torch.stack([(tones - middle).norm(dim=-1) for middle in middles]).amin(0)
    edge = (torch.quantile(apart.flatten(1), 0.7, dim=1) * 0.6).clamp(min=8)[:, None, None]
    front = torch.sigmoid((apart - edge) / edge * 4).flatten(1)  # (n, SIDE²)
    near = near_tones(tones.flatten(1, 2))
    of_front = (near * front[..., None]).sum(1) / front.sum(1, keepdim=True)
    return torch.cat((near.mean(1), of_front), 1).clamp(min=1e-6).sqrt()


def shares_of(colors: Sequence[tuple[int, int, int]]) -> Tensor:
    """(SHARES,) of a thing in these RGB colors, in equal parts; nothing is said of its ground.

    The first half is zero: a named color asks for the thing in front alone.
    """
    tones = lab(torch.tensor(colors).float() / 255)
    mean = near_tones(tones[None])[0].mean(0)
    return torch.cat((torch.zeros(TONES), mean.clamp(min=1e-6).sqrt()))
