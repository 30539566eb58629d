"""T-shirt, dress, scarf, tie."""

from __future__ import annotations

from random import Random

import numpy as np

from tools.demo.drawing.outlines import Points, ellipse, flipped, mirrored, rounded, smooth
from tools.demo.drawing.part import Part, stroke


def t_shirt(rng: Random) -> tuple[Part, ...]:
    hem, sleeve = rng.uniform(0.86, 0.9), rng.uniform(-0.02, 0.03)
    neck = smooth([(0.40, 0.165), (0.44, 0.225), (0.5, 0.245)], closed=False)
    neck = np.concatenate([neck, flipped(neck)[::-1]])
    body = mirrored(
        rounded(
            [(0.5, 0.16), (0.60, 0.145), (0.71, 0.195), (0.735, 0.42), (0.725, hem), (0.5, hem)],
            [0.0, 0.0, 0.05, 0.05, 0.02, 0.0],
        )
    )
    arm = rounded(
        [
            (0.66, 0.165),
            (0.76, 0.215),
            (0.90, 0.40 + sleeve),
            (0.785, 0.485 + sleeve),
            (0.69, 0.38),
        ],
        [0.02, 0.06, 0.015, 0.015, 0.02],
    )
    cuff = np.array([(0.895, 0.402 + sleeve), (0.787, 0.48 + sleeve)])
    back = ellipse(0.5, 0.165, 0.096, 0.035)
    seam = np.array([(0.283, hem - 0.022), (0.717, hem - 0.022)])
    hole = np.concatenate([neck, [(0.60, 0.10), (0.40, 0.10)]])
    return (
        Part((back,), fill="color", form="flat", tone=0.62, lift=0),
        Part((arm,), form="soft", turn=38, lift=0.2),
        Part((flipped(arm),), form="soft", turn=-38, lift=0.2),
        Part((body,), form="folds", holes=(hole,), folds=2, depth=0.7, lift=0.5),
        stroke(neck, 0.024, "accent", depth=0.6),
        stroke(cuff, 0.006, "ink", lift=0.0, tone=1.0),
        stroke(flipped(cuff), 0.006, "ink", lift=0.0),
        stroke(seam, 0.004, "ink", lift=0.0),
    )


def dress(rng: Random) -> tuple[Part, ...]:
    hem, flare = rng.uniform(0.86, 0.92), rng.uniform(0.28, 0.33)
    waist = 0.42
    sway = np.linspace(0, np.pi, 30)
    right, left = 0.5 + flare, 0.5 - flare
    lower = np.stack(
        [0.5 + flare * np.cos(sway), hem + 0.035 * np.sin(sway) + 0.008 * np.cos(sway * 12)], axis=1
    )
    curve_r = smooth([(0.595, waist), (0.64, 0.56), (right, hem)], closed=False)
    curve_l = smooth([(left, hem), (0.36, 0.56), (0.405, waist)], closed=False)
    skirt = np.concatenate([curve_r, lower, curve_l])
    bodice = mirrored(
        np.concatenate(
            [
                smooth([(0.5, 0.235), (0.55, 0.22), (0.60, 0.165)], closed=False),
                smooth([(0.655, 0.30), (0.61, 0.36), (0.597, waist + 0.01)], closed=False),
            ]
        )
    )
    strap = np.array([(0.615, 0.20), (0.598, 0.085)])
    belt = rounded([(0.402, waist - 0.018), (0.598, waist - 0.018), (0.60, waist + 0.018),
                    (0.40, waist + 0.018)], 0.008)  # fmt: skip
    bow = smooth([(0.5, waist), (0.55, waist - 0.03), (0.56, waist + 0.03)])
    return (
        stroke(strap, 0.026),
        stroke(flipped(strap), 0.026),
        Part((skirt,), form="folds", folds=4, depth=0.95, lift=0.2),
        Part((bodice,), form="soft", depth=0.8, lift=0.3),
        Part((belt,), fill="accent", form="soft", lift=0.6),
        Part((bow, flipped(bow)), fill="accent", lift=0.5),
        Part((ellipse(0.5, waist, 0.014, 0.017),), fill="accent", tone=0.9),
    )


def _fringe(x0: float, x1: float, y: float, lean: float, rng: Random) -> tuple[Points, ...]:
    return tuple(
        np.array([(x, y), (x + lean + rng.uniform(-0.006, 0.006), y + 0.055)])
        for x in np.linspace(x0 + 0.008, x1 - 0.008, 11)
    )


def scarf(rng: Random) -> tuple[Part, ...]:
    long, short = rng.uniform(0.86, 0.89), rng.uniform(0.74, 0.79)
    behind = smooth([(0.30, 0.20), (0.36, 0.115), (0.5, 0.085), (0.64, 0.115), (0.70, 0.20),
                     (0.5, 0.29)])  # fmt: skip
    over = smooth([(0.255, 0.20), (0.31, 0.15), (0.385, 0.205), (0.5, 0.25), (0.625, 0.20),
                   (0.70, 0.145), (0.755, 0.21), (0.735, 0.32), (0.62, 0.405), (0.49, 0.425),
                   (0.35, 0.38), (0.27, 0.30)])  # fmt: skip
    tail = rounded([(0.51, 0.34), (0.69, 0.32), (0.745, short), (0.545, short)], 0.01)
    front = rounded([(0.29, 0.33), (0.52, 0.36), (0.50, long), (0.265, long)], 0.01)
    return (
        Part((behind,), form="soft", tone=0.72, lift=0),
        Part(_fringe(0.545, 0.745, short, 0.004, rng), fill="color", width=0.011, lift=0.2),
        Part((tail,), form="folds", folds=2, turn=-5, lift=0.3, tone=0.93),
        Part(_fringe(0.265, 0.50, long, -0.003, rng), fill="color", width=0.011, lift=0.2),
        Part((front,), form="folds", folds=2, turn=4, lift=0.8),
        Part((over,), form="soft", depth=1.0, lift=0.9, turn=8),
    )


def tie(rng: Random) -> tuple[Part, ...]:
    tip, wide = rng.uniform(0.90, 0.93), rng.uniform(0.098, 0.112)
    blade = rounded(
        [
            (0.465, 0.20),
            (0.535, 0.20),
            (0.5 + wide, tip - 0.11),
            (0.5, tip),
            (0.5 - wide, tip - 0.11),
        ],
        0.006,
    )
    tail = rounded([(0.48, 0.20), (0.55, 0.20), (0.585, 0.76), (0.545, 0.80), (0.50, 0.76)], 0.006)
    knot = rounded([(0.415, 0.07), (0.585, 0.07), (0.545, 0.215), (0.455, 0.215)],
                   [0.03, 0.03, 0.02, 0.02])  # fmt: skip
    return (
        Part((tail,), turn=-45, tone=0.8, lift=0.1),
        Part((blade,), turn=-45, lift=0.7, form="soft", depth=0.8),
        Part((knot,), turn=35, lift=0.9, form="soft"),
    )
