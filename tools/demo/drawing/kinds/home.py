"""Lamp, cushion, rug, curtain, blanket, chair."""

from __future__ import annotations

from random import Random

import numpy as np

from tools.demo.drawing.outlines import box, ellipse, flipped, mirrored, rounded, smooth, tub
from tools.demo.drawing.part import Part, stroke


def lamp(rng: Random) -> tuple[Part, ...]:
    narrow, wide = rng.uniform(0.12, 0.17), rng.uniform(0.27, 0.31)
    shade = tub(((0.5 - narrow, 0.13), (0.5 + narrow, 0.13)),
                ((0.5 - wide, 0.50), (0.5 + wide, 0.50)), 0.035)  # fmt: skip
    belly = rng.uniform(0.085, 0.125)
    half = smooth([(0.525, 0.53), (0.53, 0.57), (0.5 + belly, 0.67), (0.5 + belly * 0.9, 0.75),
                   (0.545, 0.83), (0.54, 0.85)], closed=False)  # fmt: skip
    foot = tub(((0.40, 0.85), (0.60, 0.85)), ((0.385, 0.885), (0.615, 0.885)), 0.016)
    return (
        Part((box(0.488, 0.46, 0.512, 0.56),), fill="gold", form="round"),
        Part((mirrored(half),), fill="accent", form="round"),
        Part((foot,), fill="gold", form="round", lift=0.2),
        Part((ellipse(0.5, 0.50, wide - 0.005, 0.034),), fill="paper", form="flat", tone=1.0),
        Part((shade,), form="round", depth=0.75, tone=1.08, lift=0.9),
        Part((ellipse(0.5, 0.13, narrow, 0.022),), fill="paper", form="flat", tone=0.85, lift=0),
    )


def cushion(rng: Random) -> tuple[Part, ...]:
    dip = rng.uniform(0.035, 0.05)
    a, b, m = 0.12, 0.88, 0.5
    outline = smooth(
        [(a, a), (0.30, a + dip * 0.8), (m, a + dip), (0.70, a + dip * 0.8), (b, a),
         (b - dip * 0.8, 0.30), (b - dip, m), (b - dip * 0.8, 0.70), (b, b),
         (0.70, b - dip * 0.8), (m, b - dip), (0.30, b - dip * 0.8), (a, b),
         (a + dip * 0.8, 0.70), (a + dip, m), (a + dip * 0.8, 0.30)]
    )  # fmt: skip
    loop = np.concatenate([outline, outline[:2]])
    return (
        Part((outline,), form="soft", depth=1.05),
        stroke(loop, 0.014, "accent", lift=0.2),
    )


def rug(rng: Random) -> tuple[Part, ...]:
    near, far = rng.uniform(0.435, 0.45), rng.uniform(0.30, 0.33)
    top, bottom = 0.30, 0.78
    cloth = rounded(
        [(0.5 - far, top), (0.5 + far, top), (0.5 + near, bottom), (0.5 - near, bottom)], 0.006
    )

    def at(side: float, depth: float) -> tuple[float, float]:
        return 0.5 + side * (far + (near - far) * depth), top + (bottom - top) * depth

    frame = rounded([at(-0.93, 0.06), at(0.93, 0.06), at(0.93, 0.93), at(-0.93, 0.93)], 0.004)
    inner = rounded([at(-0.89, 0.09), at(0.89, 0.09), at(0.89, 0.895), at(-0.89, 0.895)], 0.004)
    fringe = tuple(
        np.array([at(side, depth), at(side * 1.075, depth + 0.012)])
        for side in (-1.0, 1.0)
        for depth in np.linspace(0.015, 0.985, 30)
    )
    edge = np.array([at(-1, 1.012), at(1, 1.012)])
    return (
        Part(fringe, fill="paper", width=0.008),
        stroke(edge, 0.016, "color", tone=0.6),
        Part((cloth,), form="plate", depth=0.7),
        Part((frame,), fill="accent", holes=(inner,), form="flat", lift=0),
    )


def curtain(rng: Random) -> tuple[Part, ...]:
    tie_y, gap = rng.uniform(0.60, 0.66), rng.uniform(0.02, 0.05)
    right = np.concatenate(
        [
            np.array([(0.5 + gap, 0.155), (0.91, 0.155)]),
            smooth([(0.905, 0.4), (0.885, tie_y), (0.91, 0.93)], closed=False),
            smooth([(0.655, 0.93), (0.70, tie_y), (0.62, 0.42), (0.5 + gap, 0.155)], closed=False),
        ]
    )
    sash = rounded([(0.69, tie_y - 0.022), (0.892, tie_y - 0.03), (0.892, tie_y + 0.022),
                    (0.69, tie_y + 0.03)], 0.015)  # fmt: skip
    rings = tuple(ellipse(x, 0.142, 0.016, 0.021) for x in np.linspace(0.12, 0.88, 11))
    rod = np.array([(0.07, 0.125), (0.93, 0.125)])
    return (
        stroke(rod, 0.022, "gold"),
        Part((ellipse(0.06, 0.125, 0.027, 0.027), ellipse(0.94, 0.125, 0.027, 0.027)), fill="gold"),
        Part((right,), form="folds", folds=5, depth=1.05, lift=0.4),
        Part((flipped(right),), form="folds", folds=5, depth=1.05, lift=0.4),
        Part(rings, fill="gold", lift=0.3),
        Part((sash,), fill="accent", lift=0.6),
        Part((flipped(sash),), fill="accent", lift=0.6),
    )


def blanket(rng: Random) -> tuple[Part, ...]:
    narrow = rng.uniform(0.27, 0.30)
    parts: list[Part] = []
    for index in range(3):
        y, half = 0.725 - 0.105 * index, 0.375 - 0.006 * index + rng.uniform(-0.006, 0.006)
        fold = box(0.5 - half, y, 0.5 + half, y + 0.125, 0.06)
        crease = np.array([(0.5 - half + 0.03, y + 0.118), (0.5 + half - 0.02, y + 0.118)])
        parts.append(Part((fold,), depth=1.1, lift=0.8, tone=0.95))
        parts.append(stroke(crease, 0.005, "ink", lift=0.0))
    top = rounded([(0.5 - narrow, 0.33), (0.5 + narrow, 0.33), (0.862, 0.535), (0.138, 0.535)],
                  [0.05, 0.05, 0.05, 0.05])  # fmt: skip
    flap = rounded([(0.60, 0.328), (0.735, 0.328), (0.83, 0.52), (0.835, 0.70), (0.64, 0.70),
                    (0.64, 0.52)], [0.03, 0.03, 0.05, 0.01, 0.01, 0.05])  # fmt: skip
    fringe = tuple(
        np.array([(x, 0.695), (x + rng.uniform(-0.006, 0.006), 0.765)])
        for x in np.linspace(0.65, 0.826, 11)
    )
    return (
        *parts,
        Part((top,), depth=0.9, lift=0.4, tone=1.06),
        Part(fringe, fill="accent", width=0.0115, lift=0.5),
        Part((flap,), lift=1.0, turn=0.01, depth=0.9, tone=1.04),
        stroke(np.array([(0.643, 0.682), (0.832, 0.682)]), 0.016, "accent", lift=0.0),
    )


def chair(rng: Random) -> tuple[Part, ...]:
    top, round_ = rng.uniform(0.12, 0.15), rng.uniform(0.08, 0.14)
    back = box(0.235, top, 0.765, 0.64, round_)
    seat = rounded([(0.255, 0.535), (0.745, 0.535), (0.77, 0.665), (0.23, 0.665)], 0.04)
    apron = box(0.20, 0.655, 0.80, 0.755, 0.025)
    arm = rounded(
        [(0.735, 0.42), (0.855, 0.42), (0.865, 0.755), (0.76, 0.755)], [0.055, 0.055, 0.02, 0.02]
    )
    legs = (
        rounded([(0.19, 0.745), (0.245, 0.745), (0.215, 0.90), (0.188, 0.90)], 0.006),
        rounded([(0.81, 0.745), (0.755, 0.745), (0.785, 0.90), (0.812, 0.90)], 0.006),
    )
    hind = (
        rounded([(0.31, 0.745), (0.35, 0.745), (0.34, 0.865), (0.32, 0.865)], 0.006),
        rounded([(0.69, 0.745), (0.65, 0.745), (0.66, 0.865), (0.68, 0.865)], 0.006),
    )
    buttons = tuple(ellipse(x, y, 0.009, 0.009) for y in (0.27, 0.40) for x in (0.38, 0.5, 0.62))
    return (
        Part(hind, fill="timber", tone=0.7),
        Part(legs, fill="timber"),
        Part((back,), form="soft", lift=0.2),
        Part(buttons, fill="accent", lift=0.7),
        Part((apron,), form="soft", tone=0.9, lift=0.3),
        Part((seat,), form="soft", lift=0.9, tone=1.05),
        Part((arm,), form="soft", lift=0.7),
        Part((flipped(arm),), form="soft", lift=0.7),
    )
